"""Adsorbates and their orientations."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk, molecule
from ase.io import write

from azibflow.errors import StructureError
from azibflow.structures.molecules import TILT, adsorbate, orientations


@pytest.mark.parametrize(("name", "spin"), [("Zn", 1), ("H", 2), ("O", 3), ("OH", 2), ("H2O", 1), ("O2", 3)])
def test_ground_state_multiplicities(name, spin):
    assert adsorbate(name).info == {"charge": 0, "spin": spin, "label": name}


def test_water_has_its_geometry():
    water = adsorbate("H2O")
    assert water.get_distance(0, 1) == pytest.approx(0.969, abs=0.01)
    assert water.get_angle(1, 0, 2) == pytest.approx(104.0, abs=1)


def test_unknown_names_get_suggestions(tmp_path):
    with pytest.raises(StructureError, match=r"near names: .*CH3OH"):
        adsorbate("CH3OHH")
    with pytest.raises(StructureError, match="does not exist"):
        adsorbate(str(tmp_path / "additive.xyz"))


def test_molecule_files(tmp_path):
    write(tmp_path / "additive.xyz", molecule("CH3OH"))
    assert adsorbate(str(tmp_path / "additive.xyz")).info["label"] == "additive"
    write(tmp_path / "metal.cif", bulk("Cu"))
    with pytest.raises(StructureError, match="periodic"):
        adsorbate(str(tmp_path / "metal.cif"))


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("Zn", ["Zn"]),
        ("OH", ["O-down"]),
        ("H2O", ["O-down", "H-down", "H2-down", "flat"]),
        ("CO", ["O-down", "C-down", "flat"]),
        ("CO2", ["O-down", "flat"]),
        ("H2", ["H-down", "flat"]),
        ("CH4", ["H-down", "H3-down"]),
        ("NH3", ["N-down", "H-down", "H3-down"]),
        ("C6H6", ["H-down", "flat"]),
    ],
)
def test_distinct_orientations(name, labels):
    assert [orientation.label for orientation in orientations(adsorbate(name))] == labels


def test_what_is_down_is_down():
    turned = {orientation.label: orientation.atoms for orientation in orientations(adsorbate("H2O"))}
    lean = np.sin(np.radians(TILT))
    heights = {label: atoms.positions[:, 2] for label, atoms in turned.items()}
    assert heights["O-down"][0] == pytest.approx(0, abs=1e-9)
    assert min(heights["O-down"][1:]) > 0.5
    assert heights["H-down"].argmin() in (1, 2)
    assert max(heights["H2-down"][1:]) < 0.1 < heights["H2-down"][0]
    assert np.ptp(heights["flat"]) < 2 * 0.77 * lean
    for atoms in turned.values():
        assert atoms.get_distance(0, 1) == pytest.approx(0.969, abs=0.01)
        assert np.linalg.norm(atoms.positions[:, :2], axis=1).min() < 0.08 or heights["H2-down"][0] > 0


def test_the_lowest_atoms_are_above_the_origin():
    for orientation in orientations(adsorbate("CO")):
        atoms = orientation.atoms
        lowest = atoms[atoms.positions[:, 2] < atoms.positions[:, 2].min() + 0.3]
        assert lowest.get_center_of_mass() == pytest.approx([0, 0, 0], abs=0.05)


def test_no_orientation_is_a_symmetric_trap():
    upright = orientations(adsorbate("OH"))[0].atoms
    lateral = np.linalg.norm(upright.positions[1, :2])
    assert lateral == pytest.approx(upright.get_distance(0, 1) * np.sin(np.radians(TILT)), abs=1e-6)


def test_orientations_do_not_depend_on_how_the_molecule_was_turned():
    water = adsorbate("H2O")
    turned = water.copy()
    turned.rotate(37, (1, 2, 3))
    turned.positions += (1, 2, 3)
    for one, other in zip(orientations(water), orientations(turned), strict=True):
        assert one.label == other.label
        assert np.sort(one.atoms.positions[:, 2]) == pytest.approx(np.sort(other.atoms.positions[:, 2]), abs=0.2)
