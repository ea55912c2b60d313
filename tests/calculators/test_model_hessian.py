"""The curvature of bonds against force constants that are known, and steps that it is made for."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc100
from ase.constraints import FixAtoms

from azibflow.calculators.image_hessians import ImageHessians
from azibflow.calculators.model_hessian import SOFTEST, model_hessian


def stretch(symbols: str, length: float, **options: object) -> float:
    """Curvature along a bond, both atoms moving against each other, eV/angstrom^2."""
    pair = Atoms(symbols, positions=[[0, 0, 0], [0, 0, length]], **options)
    apart = np.array([0, 0, -1, 0, 0, 1])
    return float(apart @ model_hessian(pair) @ apart) / 4


@pytest.mark.parametrize(
    ("bond", "length", "measured"),
    # harmonic force constants of the free molecules, from omega_e and reduced masses in the NIST Chemistry WebBook
    [("N2", 1.098, 143.2), ("CO", 1.128, 118.7), ("O2", 1.208, 73.5), ("HCl", 1.275, 32.2)],
)
def test_stretches_of_molecules_within_a_factor_of_two_and_a_half(bond: str, length: float, measured: float) -> None:
    assert measured / 2.5 < stretch(bond, length) < measured * 2.5


def test_a_bond_softens_as_it_lengthens_and_reaches_across_a_boundary() -> None:
    lengths = [1.6, 1.8, 2.0, 2.4]
    constants = [stretch("VO", length) for length in lengths]
    assert constants == sorted(constants, reverse=True)
    assert constants[0] > 25 > constants[2] > 5
    across = Atoms("VO", positions=[[0, 0, 0.2], [0, 0, 7.6]], cell=[8, 8, 9], pbc=True)
    apart = np.array([0, 0, 1, 0, 0, -1])
    assert float(apart @ model_hessian(across) @ apart) / 4 == pytest.approx(stretch("VO", 1.6))


def test_it_is_symmetric_and_no_motion_is_softer_than_allowed() -> None:
    atoms = bulk("Cu", cubic=True) * (2, 1, 1)
    atoms.rattle(0.1, seed=1)
    hessian = model_hessian(atoms)
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-9)
    assert np.linalg.eigvalsh(hessian).min() == pytest.approx(SOFTEST)


def test_fixed_atoms_move_with_none() -> None:
    pair = Atoms("VO", positions=[[0, 0, 0], [0, 0, 1.6]])
    pair.set_constraint(FixAtoms([0]))
    hessian = model_hessian(pair)
    np.testing.assert_array_equal(hessian[:3, 3:], 0.0)
    # the free atom still hangs on the fixed one
    assert hessian[5, 5] == pytest.approx(stretch("VO", 1.6), rel=0.1)


def test_an_image_learns_the_curvature_along_its_move_and_one_that_rests_nothing() -> None:
    atoms = fcc100("Al", size=(2, 2, 2), vacuum=4.0)
    hessians = ImageHessians([atoms, atoms])
    before = hessians.step(1, np.ones(24))
    places = np.tile(atoms.positions.ravel(), (2, 1))
    forces = np.ones((2, 24))
    hessians.learn(places, forces)
    move = 0.02 * np.sin(np.arange(24.0))
    change = 11.0 * move
    hessians.learn(places + np.array([move, 0 * move]), forces - np.array([change, 0 * change]))
    # the secant: a change of forces that was seen is a move that was made
    np.testing.assert_allclose(hessians.step(0, change), move, atol=1e-9)
    np.testing.assert_array_equal(hessians.step(1, np.ones(24)), before)


def test_forces_that_grow_along_a_move_leave_the_hessian_positive_definite() -> None:
    atoms = fcc100("Al", size=(2, 2, 2), vacuum=4.0)
    hessians = ImageHessians([atoms])
    places, forces = atoms.positions.reshape(1, -1), np.full((1, 24), 0.1)
    move = 0.05 * np.cos(np.arange(24.0))
    hessians.learn(places, forces)
    hessians.learn(places + move, forces + 2.0 * move)
    assert hessians.left_open(0, move) > 0
    # no flatter than 1 eV/angstrom^2, but for rounding
    assert np.abs(hessians.step(0, move)).max() <= np.abs(move).max() * (1 + 1e-12)


def test_what_a_force_leaves_open_is_that_of_a_parabola() -> None:
    pair = Atoms("ZnO", positions=[[0, 0, 0], [0, 0, 9]])  # too far apart for a bond: the least curvature everywhere
    forces = np.array([0.3, 0, 0, 0, 0, -0.6])
    assert ImageHessians([pair]).left_open(0, forces) == pytest.approx((0.09 + 0.36) / (2 * SOFTEST))
