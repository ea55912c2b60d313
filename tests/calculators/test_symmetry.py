import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from azibflow.calculators.symmetry_number import symmetry_number

KNOWN = {
    "H2O": 2,
    "NH3": 3,
    "CH4": 12,
    "C6H6": 12,
    "C2H4": 4,
    "C2H6": 6,
    "BF3": 6,
    "CH3OH": 1,
    "CO2": 2,
    "HCN": 1,
    "C2H2": 2,
    "H2": 2,
    "LiH": 1,
    "H": 1,
}


@pytest.mark.parametrize(("name", "number"), KNOWN.items())
def test_point_groups(name, number):
    assert symmetry_number(molecule(name)) == number


def test_a_hexaaqua_ion_of_th_symmetry():
    axes = np.vstack([np.eye(3), -np.eye(3)])
    # Each water in a plane of two axes: z with x, x with y, y with z.
    sideways = np.vstack([np.eye(3)[[2, 0, 1]]] * 2)
    places = [np.zeros((1, 3)), 2.1 * axes, 2.7 * axes + 0.78 * sideways, 2.7 * axes - 0.78 * sideways]
    assert symmetry_number(Atoms("ZnO6H12", positions=np.vstack(places))) == 12


def test_mirror_images_and_inversion_are_no_rotations():
    chiral = Atoms("CHFClBr", positions=[[0, 0, 0], [1, 1, 1], [-1, -1, 1], [-1, 1, -1], [1, -1, -1]])
    assert symmetry_number(chiral) == 1
    # C2h with its axis, and the same with a third kind of atom, which leaves the inversion (Ci) alone.
    trans = Atoms("N2F2", positions=[[0.6, 0, 0], [-0.6, 0, 0], [1.1, 1.2, 0], [-1.1, -1.2, 0]])
    assert symmetry_number(trans) == 2
    centred = trans + Atoms("Cl2", positions=[[0.5, 0.4, 1.6], [-0.5, -0.4, -1.6]])
    assert symmetry_number(centred) == 1


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(set(KNOWN) - {"H"})),
    seed=st.integers(0, 10**6),
    noise=st.sampled_from([0.0, 0.001, 0.005]),
)
def test_orientation_order_and_small_distortions_do_not_matter(name, seed, noise):
    random = np.random.default_rng(seed)
    atoms = molecule(name)[random.permutation(len(molecule(name))).tolist()]
    atoms.positions = Rotation.random(rng=random).apply(atoms.positions) + 3.0
    atoms.positions += noise * random.normal(size=atoms.positions.shape)
    assert symmetry_number(atoms) == KNOWN[name]


def test_a_molecule_near_the_tolerance_has_the_number_of_a_group():
    angles = np.arange(6) * np.pi / 3
    ring = 1.4 * np.array([np.cos(angles), np.sin(angles), 0 * angles]).T
    found = set()
    for seed in range(60):
        # About as far from a hexagon as the tolerance allows: each rotation by itself passes or not by chance.
        noise = 0.02 * np.random.default_rng(seed).normal(size=(6, 3))
        found.add(symmetry_number(Atoms("H6", positions=ring + noise)))
    assert {1, 12} < found <= {1, 2, 3, 4, 6, 12}


def test_a_distortion_beyond_the_tolerance_counts():
    atoms = molecule("NH3")
    atoms.positions[1, :2] *= 1.2
    assert symmetry_number(atoms) == 1
