"""Neighbours counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule

from azibflow.structures.coordination import bond_lengths, coordination_number, neighbour_distances

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
