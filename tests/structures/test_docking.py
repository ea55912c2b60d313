"""Starting geometries of pairs: in contact, never through each other, as many as asked for, charges added."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.constraints import FixAtoms
from ase.data.vdw_alvarez import vdw_radii
from hypothesis import given, settings
from hypothesis import strategies as st

from azibflow.structures.clusters import cluster
from azibflow.structures.connectivity import molecules_in
from azibflow.structures.docking import CONTACT, DIRECTIONS, FACES, docked

H2O = molecule("H2O")


def closest(complexed: Atoms, hosts: int) -> float:
    """Return the smallest distance between the two molecules, in units of the sum of van der Waals radii."""
    host, guest = complexed[:hosts], complexed[hosts:]
    apart = np.linalg.norm(host.positions[:, None] - guest.positions[None], axis=2)
    return float((apart / (vdw_radii[host.numbers][:, None] + vdw_radii[guest.numbers][None])).min())


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [("NMP", "[Zn(H2O)2]2+", DIRECTIONS * FACES), ("NMP", "Zn2+", DIRECTIONS), ("Zn2+", "OTf-", DIRECTIONS * FACES)],
)
def test_every_complex_touches_and_none_overlaps(first, second, count):
    host, guest = cluster(first), cluster(second)
    complexes = docked(host, guest)
    assert len(complexes) == count
    for complexed in complexes:
        assert closest(complexed, len(host)) == pytest.approx(CONTACT, abs=1e-9)
        assert complexed.get_chemical_symbols() == host.get_chemical_symbols() + guest.get_chemical_symbols()
        np.testing.assert_array_equal(complexed.positions[: len(host)], host.positions)


@given(
    turn=st.floats(0, 360),
    axis=st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1),
    shift=st.tuples(*[st.floats(-20, 20)] * 3),
)
@settings(max_examples=15, deadline=None)
def test_contact_and_shape_hold_wherever_the_two_come_from(turn, axis, shift):
    host, guest = molecule("C6H6"), molecule("CH3OH")
    guest.rotate(turn, axis)
    guest.positions += shift
    for complexed in docked(host, guest)[::7]:
        assert closest(complexed, len(host)) == pytest.approx(CONTACT, abs=1e-9)
        np.testing.assert_allclose(complexed[len(host) :].get_all_distances(), guest.get_all_distances(), atol=1e-9)


def test_a_metal_ion_comes_as_near_as_a_long_metal_oxygen_contact():
    distances = [complexed.get_distance(0, 3) for complexed in docked(H2O, cluster("Zn2+"))]
    assert 2.0 < min(distances) < 3.0


def test_all_sides_are_tried_and_no_two_complexes_are_alike():
    atom = Atoms("Zn", positions=[(1.0, 2.0, 3.0)])
    towards = np.array([complexed.positions[1] - atom.positions[0] for complexed in docked(atom, Atoms("O"))])
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    assert np.linalg.norm(towards.mean(axis=0)) < 0.1
    cosines = towards @ towards.T - 2 * np.eye(DIRECTIONS)
    # Twelve points on a sphere are at best 63.4 degrees apart.
    assert np.degrees(np.arccos(cosines.max())) > 35
    tables = np.array([np.sort(complexed.get_all_distances(), axis=None) for complexed in docked(H2O, H2O)])
    for number, table in enumerate(tables):
        assert np.abs(tables[:number] - table).max(axis=1, initial=0).min(initial=1.0) > 1e-3


def test_two_calls_agree():
    for one, other in zip(docked(H2O, cluster("NMP")), docked(H2O, cluster("NMP")), strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)
        assert one.info == other.info


@pytest.mark.parametrize(
    ("first", "second", "charge", "spin"),
    [
        ("[Zn(H2O)2]2+", "OTf-", 1, 1),
        ("SO42-", "Zn2+", 0, 1),
        ("[VO(H2O)5]2+", "OTf-", 1, 2),
        ("graphitic N flake", "[VO(H2O)5]2+", 2, 3),
        ("graphitic N flake", "Zn2+", 2, 2),
    ],
)
def test_charges_add_and_unpaired_electrons_stay_unpaired(first, second, charge, spin):
    complexed = docked(cluster(first), cluster(second))[0]
    assert complexed.info == {"charge": charge, "spin": spin, "label": f"{first} + {second}"}
    electrons = int(complexed.numbers.sum()) - charge
    assert (electrons - spin) % 2 == 1


def test_multiplicity_that_nobody_stated_is_the_lowest():
    assert docked(molecule("OH"), H2O)[0].info["spin"] == 2
    assert docked(H2O, H2O)[0].info == {"charge": 0, "spin": 1, "label": "host + guest"}


def test_parts_stay_whole_and_come_back_apart():
    whole = docked(cluster("NMP"), H2O)
    assert all([len(part) for part in molecules_in(complexed)] == [16, 3] for complexed in whole)


def test_inputs_are_left_alone_and_constraints_do_not_travel():
    host, guest = cluster("NMP"), H2O.copy()
    host.set_constraint(FixAtoms([0]))
    before = guest.positions.copy()
    assert docked(host, guest)[0].constraints == []
    np.testing.assert_array_equal(guest.positions, before)
    assert len(host) == 16
    assert len(host.constraints) == 1
