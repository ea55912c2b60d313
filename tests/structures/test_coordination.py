"""Neighbours counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule

from azibflow.structures.coordination import bond_lengths, bond_weights, coordination_number, neighbour_distances

A = 4.05


def test_shells_of_fcc():
    distances = neighbour_distances(bulk("Al", a=A), 0, count=18)
    assert distances == pytest.approx([A / np.sqrt(2)] * 12 + [A] * 6)


def test_the_same_atom_counted_from_the_end_and_in_a_supercell():
    crystal = bulk("Al", a=A, cubic=True).repeat(2)
    assert neighbour_distances(crystal, -1, count=8) == pytest.approx([A / np.sqrt(2)] * 8)


def test_a_molecule_has_only_so_many_neighbours():
    water = molecule("H2O")
    assert neighbour_distances(water, 0) == pytest.approx([0.969, 0.969], abs=0.01)
    assert len(neighbour_distances(Atoms("Zn"), 0)) == 0


@pytest.mark.parametrize(
    ("crystal", "number"),
    [
        (bulk("ZnO", "wurtzite", a=3.25, c=5.207), 4),
        (bulk("MgO", "rocksalt", a=4.21), 6),
        (bulk("ZnS", "zincblende", a=5.41), 4),
        (bulk("Cu", a=3.61), 12),
    ],
)
def test_coordination_of_the_cation(crystal, number):
    assert coordination_number(crystal, 0) == number


def test_only_anions_coordinate_where_there_are_any():
    # the zinc ions of this pair are bonded by distance, but it is the oxygens that count
    atoms = Atoms("ZnZnOO", positions=[(0, 0, 0), (2.5, 0, 0), (-1.9, 0, 0), (0, 2.0, 0)])
    assert bond_lengths(atoms, 0) == pytest.approx([1.9, 2.0])
    assert coordination_number(atoms[:2], 0) == 1


def test_bonds_end_at_the_stated_cutoff():
    edge = 1.3 * (1.22 + 0.66)
    for factor, number in ((0.999, 1), (1.001, 0)):
        assert coordination_number(Atoms("ZnO", positions=[(0, 0, 0), (factor * edge, 0, 0)]), 0) == number


def octahedron(short: float, long: float) -> Atoms:
    """Return zinc with four oxygen atoms in a square and two on the axis."""
    return Atoms(
        "ZnO6",
        positions=[(0, 0, 0), *(s * np.array(way) for way in np.diag([short, short, long]) for s in (1, -1))],
    )


@pytest.mark.parametrize(("long", "number"), [(2.0, 6), (2.15, 6), (2.25, 6), (2.35, 4), (2.42, 4), (2.6, 4)])
def test_a_four_plus_two_site_has_four_neighbours(long, number):
    atoms = octahedron(2.0, long)
    assert coordination_number(atoms, 0) == number
    assert len(bond_lengths(atoms, 0)) == (6 if long < 2.44 else 4)


def test_the_far_half_of_the_neighbours_in_zinc_counts():
    assert coordination_number(bulk("Zn", "hcp", a=2.665, c=4.947), 0) == 12


def test_effective_coordination_of_equal_bonds_is_their_number():
    assert bond_weights(np.full(6, 2.1)) == pytest.approx(np.ones(6))
    weights = bond_weights(np.array([1.93] * 4 + [2.27] * 2))
    mean = (weights * [1.93, 1.93, 1.93, 1.93, 2.27, 2.27]).sum() / weights.sum()
    assert weights[0] == pytest.approx(np.exp(1 - (1.93 / mean) ** 6), abs=1e-6)
