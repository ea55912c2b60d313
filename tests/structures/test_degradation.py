"""Plated metal and metal atoms without anions, on structures whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms

from azibflow.structures.bond_criteria import BondCriteria, BondLimits
from azibflow.structures.degradation import CoordinationCriteria, coordination_losses, ion_contacts
from azibflow.structures.prototypes import prototype


@pytest.mark.parametrize(("name", "contacts"), [("Zn", 6), ("ZnO", 0)])
def test_twelve_neighbours_in_the_metal_none_in_the_oxide(name, contacts):
    crystal = prototype(name).repeat((2, 2, 2))
    zinc = int((crystal.symbols == "Zn").sum())
    assert len(ion_contacts(crystal, "Zn", 0)) == contacts * zinc


def test_only_contacts_of_inserted_ions_count():
    atoms = Atoms("ZnZnOZn", positions=[(0, 0, 0), (2.6, 0, 0), (0, 0, 2.0), (0, 2.7, 0)])
    assert [bond.label for bond in ion_contacts(atoms, "Zn", 3)] == ["Zn0-Zn3"]
    assert len(ion_contacts(atoms, "Zn", 0)) == 2
    assert ion_contacts(atoms[:3], "Zn", 3) == ()
    assert ion_contacts(atoms[[2]], "Zn", 1) == ()


def test_the_distance_is_that_of_the_criteria():
    dimer = Atoms("ZnZn", positions=[(0, 0, 0), (0, 0, 2.8)])
    assert len(ion_contacts(dimer, "Zn", 0)) == 1
    assert ion_contacts(dimer, "Zn", 0, BondCriteria(pairs={"Zn-Zn": BondLimits(formed=2.7, broken=2.9)})) == ()


def octahedron(taken: int = 0, height: float = 0.0) -> Atoms:
    """VO6 whose first oxygens are taken far away."""
    corners = 1.95 * np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)])
    corners[:taken] *= 2
    return Atoms("VO6", positions=np.vstack([[(0, 0, height)], corners]))


@pytest.mark.parametrize(("taken", "lost"), [(0, []), (1, []), (2, ["V0: CN 6 to 4"]), (6, ["V0: CN 6 to 0"])])
def test_two_anions_lost_at_one_metal_are_too_many(taken, lost):
    assert [loss.label for loss in coordination_losses(octahedron(), octahedron(taken))] == lost


def test_one_lost_is_too_many_where_too_few_are_left():
    host, after = (octahedron(3 + taken)[[0, 6, 5, 4, 3, 2, 1]] for taken in (0, 1))
    assert [loss.label for loss in coordination_losses(host, after)] == ["V0: CN 3 to 2"]
    assert coordination_losses(host, host) == []
    assert coordination_losses(host, after, limits=CoordinationCriteria(fewest=2)) == []


def test_anions_gained_make_up_for_those_lost():
    swapped = octahedron(2)
    host = octahedron() + Atoms("O2", positions=[(5, 0, 0), (-5, 0, 0)])
    after = swapped + Atoms("O2", positions=[(1.95, 0, 0), (-1.95, 0, 0)])
    assert coordination_losses(host, after) == []


def test_bonds_to_the_support_are_not_the_film_s():
    host, after = octahedron(), octahedron(2)
    assert coordination_losses(host, after, among=[0, 3, 4, 5, 6]) == []
    assert len(coordination_losses(host, after, among=[0, 1, 2, 3, 4])) == 1


def test_inserted_ions_and_carbides_count_for_nothing():
    carbide = Atoms("TiC2", positions=[(0, 0, 0), (2.1, 0, 0), (-2.1, 0, 0)])
    apart = carbide.copy()
    apart.positions[1:] *= 2
    assert coordination_losses(carbide, apart) == []
    assert coordination_losses(octahedron(), octahedron(2) + Atoms("O", positions=[(1.9, 0, 0)]))[0].after == 4
