"""Charge and multiplicity of structure files: read as stated, or refused; never 0 without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import write
from command_line import azibflow

from azibflow.errors import StructureError
from azibflow.structures.building import build
from azibflow.structures.files import read_structure, write_structure
from azibflow.structures.recipes import StructureRecipe

ZINC_WATER = "O 0 0 0\nH 0.76 0.58 0\nH -0.76 0.58 0\nZn 0 -1.9 0\n"
HYDROXIDE = """
  by hand

  2  1  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 O   0  {column}  0  0  0  0  0  0  0  0  0  0
    0.9700    0.0000    0.0000 H   0  0  0  0  0  0  0  0  0  0  0  0
  1  2  1  0
{properties}M  END
"""
VERSION_3000 = """
  by hand

  0  0  0     0  0            999 V3000
M  V30 BEGIN CTAB
M  V30 COUNTS 1 0 0 0 0
M  V30 BEGIN ATOM
M  V30 1 Zn 0 0 0 0 CHG=2
M  V30 END ATOM
M  V30 END CTAB
M  END
"""
GAUSSIAN_INPUT = """%chk=a.chk
#p B3LYP/6-31G*

zinc and water

2 1
Zn 0.0 0.0 0.0
O 0.0 0.0 2.0
H 0.76 0.0 2.58
H -0.76 0.0 2.58

"""
ORCA_OUTPUT = """
                                 *****************
                                 * O   R   C   A *
                                 *****************
---------------------------------
CARTESIAN COORDINATES (ANGSTROEM)
---------------------------------
  O      0.000000    0.000000    0.000000
  H      0.970000    0.000000    0.000000

 Number of atoms                             ...      2
 Total Charge           Charge          ....   -1
 Multiplicity           Mult            ....    1
 FINAL SINGLE POINT ENERGY       -75.0
                             ****ORCA TERMINATED NORMALLY****
"""


def zinc_water(folder: Path, comment: str) -> Path:
    path = folder / "zinc.xyz"
    path.write_text(f"4\n{comment}\n{ZINC_WATER}")
    return path


@pytest.mark.parametrize(
    ("comment", "charge", "spin"),
    [
        ("", 0, None),
        ("water, no net charge", 0, None),
        ("neutral: charge 0", 0, None),
        ("low spin, discharged", 0, None),
        ("Zn2+ and water", 0, None),
        ("charge=2 spin=1", 2, 1),
        ('Properties=species:S:1:pos:R:3 Charge=2 pbc="F F F"', 2, None),
        ("CHARGE=+2 Spin=1", 2, 1),
        ("total_charge=2 multiplicity=3", 2, 3),
        ("net_charge=-1 mult=2", -1, 2),
        ("charge=2 total_charge=2", 2, None),
        ("charge = 2", 2, None),
        ('charge="2" spin=[1]', 2, 1),
        ("spin_polarized=T charge_density=rho.cube charge=2", 2, None),
    ],
)
def test_what_a_comment_states_is_read_and_its_other_words_are_not(
    tmp_path: Path, comment: str, charge: int, spin: int | None
) -> None:
    info = read_structure(zinc_water(tmp_path, comment)).info
    assert (info["charge"], info.get("spin")) == (charge, spin)


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("Coordinates from ORCA-job zn E -1854.1 charge 2 mult 1", "'charge 2' in the comment line is not read"),
        ("charge: +2", r"'charge: \+2' in the comment line is not read"),
        ("a charge of 2", "'charge of 2' in the comment line is not read"),
        ("the ion's charge=2", "'charge=2' in the comment line is not read"),
        ("net charge = 2 e, spin 1", "'spin 1' in the comment line is not read"),
        ("total_charge=2 total_spin=1", "total_spin=1 is not read"),
        ("ion_charge=2", "ion_charge=2 is not read"),
        ("charge=2 total_charge=1", "two values of the charge"),
        ("charge=two", "charge is two, not an integer"),
        ("charge=1.5", "not an integer"),
        ("charge=nan", "not an integer"),
        ("charge=1e30", r"charge \+1e\+30, but the atoms have only 40 electrons"),
        ("charge=41", "only 40 electrons"),
        ("charge=2 spin=0", "multiplicity 0 .* is impossible for 38 electrons"),
        ("charge=2 spin=-3", "multiplicity -3 .* is impossible"),
        ("charge=2 spin=2", "multiplicity 2 .* is impossible for 38 electrons .* possible are 1, 3, 5"),
        ("charge=2 spin=41", "multiplicity 41 .* is impossible"),
    ],
)
def test_what_is_stated_otherwise_is_refused(
    tmp_path: Path, comment: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = zinc_water(tmp_path, comment)
    with pytest.raises(StructureError, match=f"zinc.xyz: .*{words}"):
        read_structure(path)
    assert azibflow("build", path) != 0
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "zinc.xyz" in error


@pytest.mark.parametrize("ending", ["mol", "sdf", "SDF"])
@pytest.mark.parametrize(
    ("column", "properties", "charge", "spin"),
    [
        (0, "M  CHG  1   1  -1\n", -1, None),
        (5, "", -1, None),  # 4 minus the charge, as before V2000 had properties
        (0, "M  RAD  1   1   2\n", 0, 2),
        (0, "M  CHG  1   1   1\nM  RAD  1   1   3\n", 1, 3),
        (0, "M  CHG  1   1   1\nM  RAD  1   1   1\n", 1, None),
        (0, "", 0, None),
    ],
)
def test_charges_and_radicals_of_molfiles(
    tmp_path: Path, ending: str, column: int, properties: str, charge: int, spin: int | None
) -> None:
    path = tmp_path / f"oh.{ending}"
    path.write_text(HYDROXIDE.format(column=column, properties=properties) + "$$$$\n" * (ending != "mol"))
    atoms = read_structure(path)
    assert (atoms.info["charge"], atoms.info.get("spin")) == (charge, spin)
    assert atoms.get_chemical_symbols() == ["O", "H"]
    assert atoms.get_distance(0, 1) == pytest.approx(0.97)


def test_a_charge_of_a_molfile_reaches_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "oh.sdf"
    path.write_text(HYDROXIDE.format(column=0, properties="M  CHG  1   1  -1\n"))
    assert azibflow("build", path) == 0
    assert "HO, 2 atoms, charge -1, multiplicity 1" in capsys.readouterr().out


def test_molfiles_of_version_3000_are_read(tmp_path: Path) -> None:
    (tmp_path / "zn.mol").write_text(VERSION_3000)
    atoms = read_structure(tmp_path / "zn.mol")
    assert (atoms.get_chemical_formula(), atoms.info["charge"]) == ("Zn", 2)


def test_drawings_and_several_molecules_are_refused(tmp_path: Path) -> None:
    record = HYDROXIDE.format(column=0, properties="")
    (tmp_path / "flat.sdf").write_text(record.replace("  by hand", "  drawn by hand     2D"))
    with pytest.raises(StructureError, match=r"drawing \(2D\)"):
        read_structure(tmp_path / "flat.sdf")
    (tmp_path / "two.sdf").write_text(2 * (record + "$$$$\n"))
    with pytest.raises(StructureError, match="holds 2 molecules"):
        read_structure(tmp_path / "two.sdf")


@pytest.mark.parametrize(("written", "charge"), [("2+", 2), ("1-", -1), ("+2", 2), ("  ", 0)])
def test_charges_of_pdb_files(tmp_path: Path, written: str, charge: int) -> None:
    row = "HETATM    1 ZN    ZN A   1       0.000   0.000   0.000  1.00  0.00          ZN"
    (tmp_path / "zn.pdb").write_text(f"{row}{written}\nEND\n")
    assert read_structure(tmp_path / "zn.pdb").info["charge"] == charge


def test_an_unreadable_charge_of_a_pdb_file_is_refused(tmp_path: Path) -> None:
    row = "HETATM    1 ZN    ZN A   1       0.000   0.000   0.000  1.00  0.00          ZNaa"
    (tmp_path / "zn.pdb").write_text(f"{row}\nEND\n")
    with pytest.raises(StructureError, match="'aa' in columns 79-80"):
        read_structure(tmp_path / "zn.pdb")


def test_input_and_output_of_programs(tmp_path: Path) -> None:
    (tmp_path / "zn.com").write_text(GAUSSIAN_INPUT)
    atoms = read_structure(tmp_path / "zn.com")
    assert (atoms.get_chemical_formula(), atoms.info["charge"], atoms.info["spin"]) == ("H2OZn", 2, 1)
    (tmp_path / "oh.out").write_text(ORCA_OUTPUT)
    atoms = read_structure(tmp_path / "oh.out")
    assert (atoms.get_chemical_formula(), atoms.info["charge"], atoms.info["spin"]) == ("HO", -1, 1)


def test_formats_whose_charge_is_not_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "zn.nwi").write_text("charge 2\ngeometry units angstrom\nZn 0.0 0.0 0.0\nend\n")
    with pytest.raises(StructureError, match="charge and multiplicity of nwchem-in files are not read"):
        read_structure(tmp_path / "zn.nwi")


@pytest.mark.parametrize("name", ["zn.json", "zn.traj", "zn.extxyz"])
def test_charges_of_atoms_without_a_total_are_refused(tmp_path: Path, name: str) -> None:
    ion = Atoms("Zn", charges=[2.0])
    write(tmp_path / name, ion)
    with pytest.raises(StructureError, match=r"charges of its atoms add up to \+2\.00, but no total charge"):
        read_structure(tmp_path / name)


def test_formats_without_a_place_refuse_what_they_would_lose(tmp_path: Path) -> None:
    oxygen = molecule("O2")
    oxygen.info["spin"] = 3
    with pytest.raises(StructureError, match="no place for the multiplicity 3"):
        write_structure(oxygen, tmp_path / "oxygen.pdb")
    slab = bulk("Zn")
    slab.pbc = (True, True, False)
    for name in ("slab.cif", "slab.vasp"):
        with pytest.raises(StructureError, match="no place for a direction that is not periodic"):
            write_structure(slab, tmp_path / name)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"charge": int(1e30)}, r"H2O: charge \+1e\+30"),
        ({"spin": 2}, "H2O: multiplicity 2 .* is impossible for 10 electrons"),
        ({"charge": 1, "spin": 1}, r"H2O: multiplicity 1 .* is impossible for 9 electrons \(charge \+1\)"),
        ({"charge": -11}, "H2O: charge -11"),
    ],
)
def test_recipes_are_held_to_the_same(tmp_path: Path, fields: dict[str, int], words: str) -> None:
    with pytest.raises(StructureError, match=words):
        build(StructureRecipe(molecule="H2O", **fields))
    recipe = tmp_path / "water.yaml"
    recipe.write_text("molecule: H2O\n" + "".join(f"{key}: {value}\n" for key, value in fields.items()))
    assert azibflow("build", recipe) != 0


def test_a_multiplicity_of_the_cell_is_not_taken_for_that_of_a_supercell(tmp_path: Path) -> None:
    path = tmp_path / "na.extxyz"
    write(path, Atoms("Na", cell=[4, 4, 4], pbc=True, info={"spin": 2}))
    with pytest.raises(StructureError, match="states spin 2 for one cell; state spin for the supercell"):
        build(StructureRecipe(file=path, supercell=(2, 1, 1)))
    assert build(StructureRecipe(file=path, supercell=(2, 1, 1), spin=3)).info["spin"] == 3
