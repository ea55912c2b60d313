"""Adsorbates and their orientations."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import write
from scipy.optimize import linear_sum_assignment

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


def apart(one: Atoms, other: Atoms) -> float:
    """Largest distance between like atoms paired in the nearest way, angstrom."""
    distances = np.linalg.norm(one.positions[:, None] - other.positions, axis=2)
    distances[one.numbers[:, None] != other.numbers] = 100.0
    return float(distances[linear_sum_assignment(distances)].max())


def written_otherwise(atoms: Atoms, seed: int) -> Atoms:
    """Turned, moved, in another order, with six digits."""
    generator = np.random.default_rng(seed)
    other = atoms[generator.permutation(len(atoms))]
    other.rotate(generator.uniform(0, 360), generator.normal(size=3))
    other.positions = np.round(other.positions + generator.normal(size=3), 6)
    return other


ACHIRAL = ["H2O", "CO2", "NH3", "CH3OH", "C2H4", "HCOOH", "CH3CN", "CH4", "C6H6", "CH3CH2OH", "C2H6SO", "bicyclobutane"]


@pytest.mark.parametrize("name", [*ACHIRAL, "NMP", "N2H4"])
def test_starts_do_not_depend_on_how_a_molecule_is_written(name):
    expected = orientations(adsorbate(name))
    for seed in range(3):
        found = orientations(written_otherwise(adsorbate(name), seed))
        for one, other in zip(expected, found, strict=True):
            assert one.label == other.label
            assert apart(one.atoms, other.atoms) < 1e-3


@pytest.mark.parametrize("name", ACHIRAL)
def test_a_mirror_image_that_is_the_same_molecule_has_the_same_starts(name):
    image = written_otherwise(adsorbate(name), 1)
    image.positions *= (1, 1, -1)
    for one, other in zip(orientations(adsorbate(name)), orientations(image), strict=True):
        assert one.label == other.label
        assert apart(one.atoms, other.atoms) < 1e-3


def test_the_other_hand_of_a_molecule_stays_the_other_hand():
    one, image = adsorbate("N2H4"), adsorbate("N2H4")
    image.positions *= (1, 1, -1)
    for left, right in zip(orientations(one), orientations(image), strict=True):
        assert handedness(left.atoms) == pytest.approx(handedness(one), abs=1e-6)
        assert handedness(right.atoms) == pytest.approx(-handedness(one), abs=1e-6)


def handedness(hydrazine: Atoms) -> float:
    """Sine of the dihedral between one hydrogen of each end, the nearest two of another end."""
    (n1, n2), hydrogens = (hydrazine.positions[hydrazine.numbers == z] for z in (7, 1))
    ends = [[h for h in hydrogens if np.linalg.norm(h - n) < 1.3] for n in (n1, n2)]
    first, second = min(((a, b) for a in ends[0] for b in ends[1]), key=lambda pair: np.linalg.norm(pair[0] - pair[1]))
    return float(np.linalg.det([first - n1, n2 - n1, second - n2]))


def test_water_leans_about_an_axis_of_its_own():
    """Its starts as they have always been: oxygen down, the plane of the molecule 17 degrees from the lean axis."""
    down = orientations(adsorbate("H2O"))[0].atoms
    assert down.positions == pytest.approx(np.array([[0, 0, 0], [0.016, 0.711, 0.658], [0.015, -0.81, 0.53]]), abs=1e-3)
