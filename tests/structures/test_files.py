"""Structures from and to files: what is read back, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.constraints import FixAtoms
from ase.io import write

from azibflow.errors import StructureError
from azibflow.structures.files import check_structure, read_structure, write_structure


@pytest.mark.parametrize(
    "name", ["zno.cif", "POSCAR", "zno.vasp", "zno.extxyz", "zno.xyz", "zno.json", "zno.traj", "zno.xsf"]
)
def test_a_crystal_survives_every_format(tmp_path, name):
    atoms = bulk("ZnO", "wurtzite", a=3.25, c=5.207)
    write_structure(atoms, tmp_path / name)
    again = read_structure(tmp_path / name)
    assert again.get_chemical_formula() == "O2Zn2"
    assert again.pbc.all()
    assert again.cell.cellpar() == pytest.approx(atoms.cell.cellpar(), abs=1e-3)
    nearest = [a.get_all_distances(mic=True)[0, 1] for a in (atoms, again)]
    assert nearest[0] == pytest.approx(nearest[1], abs=1e-3)
    assert again.info == {"charge": 0, "label": name.split(".")[0]}
    assert again.calc is None


def test_charge_spin_and_fixed_atoms_survive_extended_xyz(tmp_path):
    ion = molecule("H2O")
    ion.info.update(charge=2, spin=3)
    ion.set_constraint(FixAtoms([1]))
    write_structure(ion, tmp_path / "ion.xyz")
    again = read_structure(tmp_path / "ion.xyz")
    assert again.info == {"charge": 2, "spin": 3, "label": "ion"}
    assert not again.pbc.any()
    assert again.constraints[0].index.tolist() == [1]


def test_a_charge_is_never_dropped_silently(tmp_path):
    atoms = bulk("Zn")
    atoms.info["charge"] = 2
    with pytest.raises(StructureError, match=r"no place for the charge \+2"):
        write_structure(atoms, tmp_path / "zn.cif")
    assert list(tmp_path.iterdir()) == []


def test_the_last_frame_is_read(tmp_path):
    frames = [bulk("Cu", a=a) for a in (3.5, 3.6, 3.7)]
    write(tmp_path / "run.extxyz", frames)
    assert read_structure(tmp_path / "run.extxyz").cell.volume == pytest.approx(3.7**3 / 4)


def test_unreadable_files_are_named(tmp_path):
    with pytest.raises(StructureError, match="does not exist"):
        read_structure(tmp_path / "nothing.cif")
    broken = tmp_path / "broken.cif"
    broken.write_text("data_x\n_cell_length_a 3\n")
    with pytest.raises(StructureError, match=r"broken\.cif: it lists no atoms"):
        read_structure(broken)
    unknown = tmp_path / "unknown.xyz"
    unknown.write_text("1\n\nQq 0 0 0\n")
    with pytest.raises(StructureError, match=r"unknown\.xyz: 'Qq' is no element"):
        read_structure(unknown)
    half = tmp_path / "half.extxyz"
    half.write_text("1\ncharge=0.5\nH 0 0 0\n")
    with pytest.raises(StructureError, match=r"charge is .*0\.5, not an integer"):
        read_structure(half)


def test_partly_occupied_sites_are_refused(tmp_path):
    alloy = bulk("Cu", cubic=True)
    write(tmp_path / "alloy.cif", alloy)
    text = (tmp_path / "alloy.cif").read_text().replace("1.0000", "0.5000")
    (tmp_path / "alloy.cif").write_text(text)
    with pytest.raises(StructureError, match="partly occupied"):
        read_structure(tmp_path / "alloy.cif")


def test_overlapping_atoms_are_named_with_their_distance(tmp_path):
    atoms = Atoms("ZnOH", positions=[(0, 0, 0), (2, 0, 0), (2, 0.3, 0)])
    write(tmp_path / "bad.xyz", atoms)
    with pytest.raises(StructureError, match=r"O \(atom 1\) and H \(atom 2\) overlap: they are 0\.300 angstrom"):
        read_structure(tmp_path / "bad.xyz")


def test_overlap_is_found_across_the_cell_boundary_and_with_the_own_image():
    across = Atoms("ZnZn", scaled_positions=[(0.01, 0, 0), (0.99, 0, 0)], cell=[10, 10, 10], pbc=True)
    with pytest.raises(StructureError, match=r"0\.200 angstrom"):
        check_structure(across, "across", periodic=True)
    thin = Atoms("Zn", cell=[1.0, 10, 10], pbc=True)
    with pytest.raises(StructureError, match="its periodic image"):
        check_structure(thin, "thin", periodic=True)
    check_structure(molecule("H2"), "H2", periodic=False)


@pytest.mark.parametrize(
    ("atoms", "message"),
    [
        (Atoms(), "no atoms"),
        (Atoms("X"), "atom 0 is of no known element"),
        (Atoms("H", positions=[(np.nan, 0, 0)]), "not a finite number"),
        (Atoms("H"), "three independent vectors"),
        (Atoms("H", cell=[5, 5, 0.1], pbc=True), "0.1 angstrom thick along c"),
    ],
)
def test_nonsense_is_refused(atoms, message):
    with pytest.raises(StructureError, match=message):
        check_structure(atoms, "this", periodic=True)


def test_unknown_suffix_and_missing_folder(tmp_path):
    with pytest.raises(StructureError, match=r"cannot tell the format .* \.cif"):
        write_structure(bulk("Cu"), tmp_path / "cu.foo")
    with pytest.raises(StructureError, match="cannot be written"):
        write_structure(bulk("Cu"), tmp_path / "nowhere" / "cu.cif")


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "water.vasp"
    path.write_text("precious")
    with pytest.raises(StructureError, match="cannot be written"):
        write_structure(molecule("H2O"), path)
    assert path.read_text() == "precious"
    assert [p.name for p in tmp_path.iterdir()] == ["water.vasp"]
