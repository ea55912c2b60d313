"""What readers of structure files drop or guess without a word: here it is read right, or refused in one line."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.constraints import FixAtoms, FixCartesian
from ase.io import write
from command_line import azibflow

from azibflow.errors import StructureError
from azibflow.structures.files import read_structure, write_structure

CELL = """data_x
_cell_length_a 4.25
_cell_length_b 4.25
_cell_length_c 4.25
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
"""
IDENTITY = "loop_\n_symmetry_equiv_pos_as_xyz\n'x,y,z'\n"
SITES = """loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
"""
ROCK_SALT = [
    ("Zn", 0, 0, 0), ("Zn", 0.5, 0.5, 0), ("Zn", 0.5, 0, 0.5), ("Zn", 0, 0.5, 0.5),
    ("O", 0.5, 0, 0), ("O", 0, 0.5, 0), ("O", 0, 0, 0.5), ("O", 0.5, 0.5, 0.5),
]  # fmt: skip
WATER_PDB = """HETATM    1  O   HOH A   1       0.000   0.000   0.000  1.00  0.00           O
HETATM    2  H1  HOH A   1       0.760   0.580   0.000  1.00  0.00           H
HETATM    3  H2  HOH A   1      -0.760   0.580   0.000  1.00  0.00           H
"""
CUBIC = "CRYST1   10.000   10.000   10.000  90.00  90.00  90.00"
POSCAR = """zinc oxide
1.0
4.25 0 0
0 4.25 0
0 0 4.25
Zn O
4 4
Direct
""" + "".join(f"{x} {y} {z}\n" for _, x, y, z in ROCK_SALT)


def rock_salt(occupancy: str = "1", symbol: str = "Zn") -> str:
    """Write the sites of ZnO; the symbol is that of the first site."""
    rows = [f"{s}{n} {s} {x} {y} {z} {occupancy}\n" for n, (s, x, y, z) in enumerate(ROCK_SALT)]
    return CELL + IDENTITY + SITES + rows[0].replace(" Zn ", f" {symbol} ") + "".join(rows[1:])


def read(folder: Path, name: str, text: str | bytes) -> Atoms:
    """Write a file and read it."""
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return read_structure(folder / name)


@pytest.mark.parametrize("occupancy", [".", "?", "1", "1.0", "1.000(2)", "0.9995"])
def test_an_occupancy_that_is_not_stated_is_one(tmp_path: Path, occupancy: str) -> None:
    assert read(tmp_path, "x.cif", rock_salt(occupancy)).get_chemical_formula() == "O4Zn4"


@pytest.mark.parametrize("occupancy", ["0.5", "0", "0.95(1)", "2", "full"])
def test_any_other_occupancy_is_refused(tmp_path: Path, occupancy: str) -> None:
    with pytest.raises(StructureError, match=r"x\.cif: Zn0 is partly occupied"):
        read(tmp_path, "x.cif", rock_salt(occupancy))


@pytest.mark.parametrize("occupancy", ["1", "."])
@pytest.mark.parametrize("place", ["0 0 0", "1 0 0", "1.0001 0 -1"])
def test_two_elements_on_one_place_are_refused(
    tmp_path: Path, occupancy: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StructureError, match=r"x\.cif: Ni1 stands on the place of another atom, of Zn"):
        read(tmp_path, "x.cif", rock_salt(occupancy) + f"Ni1 Ni {place} {occupancy}\n")
    assert azibflow("build", tmp_path / "x.cif") != 0
    assert "Ni1 stands on the place" in capsys.readouterr().err


def test_two_elements_on_one_place_by_symmetry_are_refused(tmp_path: Path) -> None:
    inversion = IDENTITY + "'-x,-y,-z'\n"
    text = CELL + inversion + SITES + "Cu1 Cu 0.2 0.2 0.2 1\nNi1 Ni 0.8 0.8 0.8 1\n"
    with pytest.raises(StructureError, match="Ni1 stands on the place of another atom, of Cu"):
        read(tmp_path, "x.cif", text)
    assert read(tmp_path, "y.cif", text.replace("Ni", "Cu")).get_chemical_formula() == "Cu2"  # listed twice, one orbit


def test_an_atom_listed_with_all_its_images_counts_once(tmp_path: Path) -> None:
    operations = IDENTITY + "'x+1/2,y+1/2,z'\n'x+1/2,y,z+1/2'\n'x,y+1/2,z+1/2'\n"
    assert read(tmp_path, "x.cif", rock_salt().replace(IDENTITY, operations)).get_chemical_formula() == "O4Zn4"


def test_a_byte_order_mark_and_other_encodings_are_read(tmp_path: Path) -> None:
    for name, text in (("x.cif", rock_salt()), ("POSCAR", POSCAR)):
        for encoding in ("utf-8-sig", "utf-16", "latin-1"):
            for ends in ("\n", "\r\n", "\r"):
                data = text.replace("\n", ends).encode(encoding)
                assert read(tmp_path, name, data).get_chemical_formula() == "O4Zn4"
    accented = rock_salt().replace("data_x", "data_x\n_publ_author_name 'M\u00fcller'")
    assert len(read(tmp_path, "x.cif", accented.encode("latin-1"))) == 8


@pytest.mark.parametrize("name", ["x.cif", "POSCAR", "x.xyz", "x.pdb", "x.sdf", "x.xsf"])
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE html><html>404</html>", "is a saved web page, not a structure"),
        (b"\n  <HTML lang='en'>\n<body></body></HTML>", "is a saved web page"),
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"\x00\x01\x02data_x", "this is no text"),
    ],
)
def test_what_is_no_structure_is_said_in_words(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    with pytest.raises(StructureError, match=f"{name}: .*{words}"):
        read(tmp_path, name, data)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("O4 O 0.5 0 0 1\n", "O4 O 0.5 0 0\n", "Wrong number|incomplete row"),
        ("data_x", "data_a\n_cell_length_a 3\ndata_x", None),
        ("Zn0 Zn 0 0 0 1", "Zn0 Zn ? ? ? 1", "Zn0 has no numbers for coordinates"),
        ("'x,y,z'\n", "'x,y'\n", "'x,y' is no symmetry operation"),
        ("'x,y,z'\n", "'x,x,z'\n", "are no rotations"),
        (
            "data_x\n",
            "data_x\n_symmetry_Int_Tables_number 225\n",
            "number 225, but the only symmetry operation is x,y,z",
        ),
        (IDENTITY, "_space_group_name_Hall '-P 2ybc'\n", "leaves the setting"),
        (IDENTITY, "_space_group_name_H-M_alt 'P 21/n'\n_space_group_IT_number 14\n", "P 21/n leaves the setting"),
        ("_cell_length_c 4.25\n", "", "there is no cell"),
        ("data_x\n", "", "no line data_"),
        (
            IDENTITY,
            "_symmetry_space_group_name_H-M 'F d -3 m'\n_symmetry_Int_Tables_number 227\n",
            "F d -3 m leaves the setting",
        ),
        (IDENTITY, "_symmetry_Int_Tables_number 1\n", None),
        (IDENTITY, "_chemical_formula_sum 'Zn4 O4 H8'\n" + IDENTITY, "formula Zn4 O4 H8 has H"),
        (IDENTITY, "_chemical_formula_sum 'Zn4 O4'\n" + IDENTITY, None),
    ],
)
def test_what_a_cif_says_is_held_against_its_atoms(tmp_path: Path, old: str, new: str, words: str | None) -> None:
    text = rock_salt()
    assert old in text
    if words is None:
        assert read(tmp_path, "x.cif", text.replace(old, new)).get_chemical_formula() == "O4Zn4"
    else:
        with pytest.raises(StructureError, match=words):
            read(tmp_path, "x.cif", text.replace(old, new))


def test_several_structures_in_one_cif_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StructureError, match=r"holds 2 structures \(x, y\); keep one"):
        read(tmp_path, "x.cif", rock_salt() + "\n" + rock_salt().replace("data_x", "data_y"))


@pytest.mark.parametrize(
    ("symbol", "found"),
    [
        ("Zn2+", "Zn"),
        ("ZN", "Zn"),
        ("zn", "Zn"),
        ("CU", "Cu"),
        ("Cu1+", "Cu"),
        ("D", "deuterium"),
        ("Wat", "no element"),
    ],
)
def test_elements_of_a_cif_are_elements(tmp_path: Path, symbol: str, found: str) -> None:
    text = rock_salt(symbol=symbol)
    if found in ("Zn", "Cu"):
        assert read(tmp_path, "x.cif", text).symbols[0] == found
    else:
        with pytest.raises(StructureError, match=found):
            read(tmp_path, "x.cif", text)


@pytest.mark.parametrize(
    ("label", "found"), [("Zn1", "Zn"), ("OW1", "O"), ("O1", "O"), ("CU1", "may mean Cu or C"), ("Q1", "no element")]
)
def test_labels_that_may_mean_two_elements_are_refused(tmp_path: Path, label: str, found: str) -> None:
    text = CELL + IDENTITY + SITES.replace("_atom_site_type_symbol\n", "") + f"{label} 0 0 0 1\n"
    if len(found) < 3:
        assert read(tmp_path, "x.cif", text).get_chemical_symbols() == [found]
    else:
        with pytest.raises(StructureError, match=found):
            read(tmp_path, "x.cif", text)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  O   HOH", "  O  AHOH", r"atom 1 \(O\) has alternate places \(A\)"),
        ("1.00  0.00           O", "0.50  0.00           O", "partly occupied"),
        ("           O\n", "\n", None),
        ("  O   HOH", " CA   HOH", None),
        (WATER_PDB[12:77], " CA " + WATER_PDB[16:66], "CA may be one or C in a place"),
        ("           O", "           D", "deuterium"),
        ("           O", "          Qq", "is no element"),
        ("HETATM    1", f"{CUBIC} P 21 21 21    4\nHETATM    1", "space group 'P 21 21 21' makes more atoms"),
        ("HETATM    1", "ORIGX1      0.000000 -1.000000  0.000000        0.00000\nHETATM    1", "ORIGX"),
        ("HETATM    1", "ORIGX1      1.000000  0.000000  0.000000        0.00000\nHETATM    1", None),
    ],
)  # fmt: skip
def test_pdb_files_that_would_be_read_as_something_else(tmp_path: Path, old: str, new: str, words: str | None) -> None:
    assert old in WATER_PDB
    text = WATER_PDB.replace(old, new, 1)
    if words is None:
        assert read(tmp_path, "w.pdb", text).get_chemical_formula() == "H2O"
    else:
        with pytest.raises(StructureError, match=words):
            read(tmp_path, "w.pdb", text)


def test_the_unit_cube_of_a_pdb_file_is_no_cell(tmp_path: Path) -> None:
    cube = CUBIC.replace("10.000", " 1.000") + " P 1           1\n"
    atoms = read(tmp_path, "w.pdb", cube + WATER_PDB)
    assert not atoms.pbc.any()
    assert atoms.cell.rank == 0
    box = read(tmp_path, "b.pdb", CUBIC + "\n" + WATER_PDB)
    assert box.pbc.all()
    assert box.cell.lengths().tolist() == [10, 10, 10]


def test_of_several_frames_the_last_is_read_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path / "run.xyz", [bulk("Cu", a=a) for a in (3.5, 3.6, 3.7)])
    write(tmp_path / "run.traj", [bulk("Cu", a=a) for a in (3.5, 3.6, 3.7)])
    models = "".join(f"MODEL {n}\n{WATER_PDB.replace('0.580', f'0.5{n}0')}ENDMDL\n" for n in (6, 7, 8))
    (tmp_path / "run.pdb").write_text(models + "END\n")
    for name in ("run.xyz", "run.traj", "run.pdb"):
        with caplog.at_level(logging.WARNING):
            atoms = read_structure(tmp_path / name)
        assert f"{name} holds 3 structures; the last is read" in caplog.text
        if name == "run.pdb":
            assert atoms.positions[1, 1] == 0.58
        else:
            assert atoms.cell.volume == pytest.approx(3.7**3 / 4)
    caplog.clear()
    write(tmp_path / "one.xyz", bulk("Cu"))
    read_structure(tmp_path / "one.xyz")
    assert not caplog.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("100000000\n\nH 0 0 0\n", "line 1 says 100000000 atoms; only 1 lines of atoms follow"),
        (
            "2\n\nH 0 0 0\nH 0 0 0.74\nH 0 0 5\n",
            r"after 1 structure\(s\) line 5 should be a number of atoms, not 'H 0 0 5'",
        ),
        ("2\n\nH 0 0 0\nH 0 0 0.74\n\n1\n\nH 0 0 0\n", "line 5 should be a number of atoms"),
        ("-1\n\nH 0 0 0\n", "should be a number of atoms"),
        ("1\n\nH 0 0 1_0\n", "underscore"),
        ("1\n\nH 0 0 inf\n", "'inf', not a number"),
        ("1\n\nD 0 0 0\n", "'D' is deuterium"),
        ("1\n\nZn2+ 0 0 0\n", r"'Zn2\+' is no element"),
        ('1\nlattice="5 0 0 0 5 0 0 0 5"\nH 0 0 0\n', "writes lattice=; the key is Lattice="),
        ('1\nH\'s box Lattice="5 0 0 0 5 0 0 0 5"\nH 0 0 0\n', "lattice in the comment line cannot be read"),
        ('1\nLattice="1e308 0 0 0 1e308 0 0 0 1e308"\nH 0 0 0\n', "cell vector of 1e\\+308 angstrom"),
        ('1\nLattice="5 0 0 0 5 0 0 0 0"\nH 0 0 0\n', "three independent vectors"),
    ],
)
def test_xyz_files_that_would_be_read_as_something_else(tmp_path: Path, text: str, words: str) -> None:
    start = time.monotonic()
    with pytest.raises(StructureError, match=rf"x\.xyz.*{words}") as error:
        read(tmp_path, "x.xyz", text)
    assert "\n" not in str(error.value)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Zn O\n4 4\n", "4 4\n", "no line of elements .* line 1 is 'zinc oxide'"),
        ("zinc oxide\n1.0", "Zn O\n1.0", None),
        ("Zn O\n", "Zn O S\n", "line 6 names 'Zn O S', but there are 2 number"),
        ("Zn O\n", "Zn_pv/6a2f O_s\n", None),
        ("4 4\n", "4 3\n", "7 atoms are stated; more lines of coordinates follow"),
        ("4 4\n", "4 5\n", "9 atoms are stated; fewer lines"),
        ("4 4\n", "4 4 ! atoms\n", None),
        ("Direct\n", "", "line 8 should say Direct or Cartesian"),
        ("Direct\n", "direct lattice\n", None),
        ("Direct\n", "Selective dynamics\nDirect\n", "selective dynamics needs T or F"),
        ("0.5 0.5 0.5\n", "0.5 0.5 0.5 O\n\n0 0 0\n" + "0.1 0 0\n" * 7, None),  # velocities
        ("\n1.0\n", f"\n-{4.25**3}\n", None),  # the volume
        ("\n1.0\n", "\n1.0 1.0 1.0\n", None),
        ("\n1.0\n", "\n0\n", "three independent vectors"),
        ("4.25 0 0\n", "1e308 0 0\n", "cell vector of 1e\\+308 angstrom"),
        ("4.25 0 0\n", "4.25 0 zero\n", "'zero', not a number"),
    ],
)
def test_poscar_files(tmp_path: Path, old: str, new: str, words: str | None) -> None:
    assert old in POSCAR
    text = POSCAR.replace(old, new, 1)
    if words is None:
        atoms = read(tmp_path, "POSCAR", text if "Zn O\n1.0" not in text else text.replace("Zn O\n4", "4"))
        assert atoms.get_chemical_symbols() == ["Zn"] * 4 + ["O"] * 4
        assert atoms.cell.volume == pytest.approx(4.25**3)
        assert np.allclose(atoms.get_scaled_positions(), [row[1:] for row in ROCK_SALT])
    else:
        with pytest.raises(StructureError, match=f"POSCAR: .*{words}"):
            read(tmp_path, "POSCAR", text)


def selective(flags: str) -> str:
    """Write selective dynamics into the POSCAR, these flags at the last atom."""
    head, *rows = POSCAR.partition("Direct\n")[0], *POSCAR.partition("Direct\n")[2].splitlines()
    marked = [f"{row} T T T" for row in rows[:-1]] + [f"{rows[-1]} {flags}"]
    return f"{head}Selective dynamics\nDirect\n" + "\n".join(marked) + "\n"


def test_selective_dynamics_fixes_atoms_whole_or_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert read(tmp_path, "POSCAR", selective("F F F")).constraints[0].index.tolist() == [7]
    assert not read(tmp_path, "POSCAR", selective("T T T")).constraints
    for flags in ("f f f", ".FALSE. .FALSE. .FALSE.", "F"):
        with pytest.raises(StructureError, match="needs T or F for each of three directions"):
            read(tmp_path, "POSCAR", selective(flags))
    (tmp_path / "partly.vasp").write_text(selective("F F T"))
    (tmp_path / "campaign.yaml").write_text(
        "name: partly\nsystems: {i: {file: partly.vasp}}\nstudies: [{kind: surface, system: i, facets: [(100)]}]\n"
    )
    assert azibflow("run", "--dry-run", tmp_path / "campaign.yaml") != 0
    error = capsys.readouterr().err
    assert "partly.vasp: atom 7 is fixed in some directions only (selective dynamics such as F F T" in error
    assert error.count("\n") == 1


def test_masks_of_extended_xyz_are_the_same(tmp_path: Path) -> None:
    water = molecule("H2O")
    water.set_constraint([FixCartesian(0, mask=[True] * 3), FixCartesian(1, mask=[False] * 3)])
    write(tmp_path / "water.extxyz", water)
    assert read_structure(tmp_path / "water.extxyz").constraints[0].index.tolist() == [0]
    water.set_constraint(FixCartesian(0, mask=[True, False, False]))
    write(tmp_path / "water.extxyz", water)
    with pytest.raises(StructureError, match=r"water\.extxyz: atom 0 is fixed in some directions only"):
        read_structure(tmp_path / "water.extxyz")


@pytest.mark.parametrize(
    "name", ["x.cif", "POSCAR", "x.vasp", "x.extxyz", "x.xyz", "x.xsf", "x.json", "x.traj", "x.pdb"]
)
@pytest.mark.parametrize("fixed", [[], [1, 3]])
@pytest.mark.parametrize("pbc", [(True, True, True), (True, True, False), (False, False, False)])
def test_what_is_written_comes_back_or_is_refused(
    tmp_path: Path, name: str, fixed: list[int], pbc: tuple[bool]
) -> None:
    atoms = bulk("ZnO", "wurtzite", a=3.25, c=5.207)
    atoms.positions += (0.3, -0.4, 0.2)  # outside the cell, as relaxed atoms are
    if not any(pbc):
        atoms.cell = None
    atoms.pbc = pbc
    if fixed:
        atoms.set_constraint(FixAtoms(fixed))
    path = tmp_path / name
    try:
        write_structure(atoms, path)
    except StructureError as error:
        assert name in str(error)
        assert fixed or not all(pbc)
        assert not list(tmp_path.iterdir())
        return
    again = read_structure(path)
    assert again.get_chemical_symbols() == atoms.get_chemical_symbols()
    assert again.pbc.tolist() == list(pbc)
    assert again.cell.cellpar() == pytest.approx(atoms.cell.cellpar(), abs=1e-3)
    assert again.get_all_distances(mic=any(pbc)) == pytest.approx(atoms.get_all_distances(mic=any(pbc)), abs=2e-3)
    assert [i for constraint in again.constraints for i in constraint.index] == fixed
