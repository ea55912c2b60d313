"""Bonds, first shells, separate molecules, and what a relaxation changed."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from hypothesis import given
from hypothesis import strategies as st

from azibflow.structures.clusters import cluster
from azibflow.structures.connectivity import (
    COORDINATION_RADIUS,
    covalent_bonds,
    describe_change,
    first_shell,
    molecules_in,
)


@pytest.mark.parametrize(
    ("name", "bonds"), [("H2O", 2), ("CH4", 4), ("C2H6", 7), ("C6H6", 12), ("CH3OH", 5), ("O2", 1), ("SO2", 2)]
)
def test_bonds_are_those_of_the_formula(name, bonds):
    assert len(covalent_bonds(molecule(name))) == bonds


def test_hydrogen_bonds_and_metal_bonds_are_no_covalent_bonds():
    hydrate = cluster("[Zn(H2O)6]2+.12H2O")
    bonds = covalent_bonds(hydrate)
    assert len(bonds) == 2 * 18
    assert all(hydrate.symbols[[i, j]].get_chemical_formula() == "HO" for i, j in bonds)


def test_a_bond_is_written_once_low_index_first():
    assert covalent_bonds(molecule("H2O")) == {(0, 1), (0, 2)}


@pytest.mark.parametrize("waters", [1, 2, 3, 4, 5, 6])
def test_first_shell_counts_oxygen_alone(waters):
    hydrate = cluster(f"[Zn(H2O){waters}]2+")
    shell = first_shell(hydrate, 0)
    assert sorted(shell) == list(range(1, 1 + 3 * waters, 3))
    distances = hydrate.get_distances(0, shell)
    assert list(distances) == sorted(distances)


def test_the_shell_ends_at_its_radius():
    for distance, members in ((COORDINATION_RADIUS - 0.01, 1), (COORDINATION_RADIUS + 0.01, 0)):
        pair = Atoms("ZnO", positions=[(0, 0, 0), (0, 0, distance)])
        assert len(first_shell(pair, 0)) == members


def test_nothing_but_donors_is_in_a_shell():
    angles = np.radians(60 * np.arange(6))
    around = 2.4 * np.column_stack([np.cos(angles), np.sin(angles), np.zeros(6)])
    atoms = Atoms("ZnCNOFSClH", positions=[(0, 0, 0), *around, (0, 0, 1.6)])
    assert set(atoms.symbols[first_shell(atoms, 0)]) == {"N", "O", "F", "S", "Cl"}


def test_sulfur_without_a_lone_pair_is_no_donor_however_near():
    sulfate = cluster("SO42-")
    middle = (sulfate.positions[1] + sulfate.positions[2]) / np.linalg.norm(sulfate.positions[1] + sulfate.positions[2])
    bidentate = sulfate + Atoms("Zn", positions=[2.5 * middle])
    assert bidentate.get_distance(0, 5) < COORDINATION_RADIUS
    assert sorted(first_shell(bidentate, 5)) == [1, 2]
    thiol = molecule("SH2") + Atoms("Zn", positions=[(0, 0, 2.5)])
    assert thiol.symbols[first_shell(thiol, 3)].get_chemical_formula() == "S"


def test_molecules_of_a_hydrate_are_the_ion_and_each_water():
    hydrate = cluster("[Zn(H2O)4]2+")
    assert molecules_in(hydrate) == [[0], *([3 * n + 1, 3 * n + 2, 3 * n + 3] for n in range(4))]


@given(order=st.permutations(range(13)))
def test_molecules_do_not_depend_on_the_order_of_atoms(order):
    hydrate = cluster("[Zn(H2O)4]2+")
    shuffled = molecules_in(hydrate[order])
    found = {frozenset(order[i] for i in group) for group in shuffled}
    assert found == {frozenset(group) for group in molecules_in(hydrate)}
    assert [group[0] for group in shuffled] == sorted(group[0] for group in shuffled)
    assert sorted(i for group in shuffled for i in group) == list(range(13))


def test_a_long_chain_is_one_molecule_however_its_atoms_are_ordered():
    chain = Atoms("C7", positions=[(1.5 * place, 0, 0) for place in (6, 0, 3, 1, 5, 2, 4)])
    assert molecules_in(chain) == [list(range(7))]


def test_a_proton_that_moved_is_named():
    before = molecule("H2O") + molecule("NH3")
    before.positions[3:] += (0, 0, 5.0)
    after = before.copy()
    after.positions[1] = after.positions[3] + (0, 0, -1.0)
    assert describe_change(before, after) == "O0-H1 broke, H1-N3 formed"


def test_what_only_shook_did_not_change():
    before = cluster("NMP")
    after = before.copy()
    after.rattle(0.05, seed=1)
    assert describe_change(before, after) == ""
    assert describe_change(after, before) == ""


def test_waters_may_leave_an_ion_without_a_bond_being_broken():
    before = cluster("[Zn(H2O)2]2+")
    after = before.copy()
    after.positions[4:] *= 3.0
    after.positions[4:] += before.positions[4] - after.positions[4] + (0, 0, -2.0)
    after.positions[5:] = after.positions[4] + before.positions[5:] - before.positions[4]
    assert len(first_shell(after, 0)) == 1
    assert describe_change(before, after) == ""
