"""Two files as the ends of one hop: known pairings, whatever order, origin and last digits they have."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.constraints import FixAtoms
from ase.geometry import get_distances

from azibflow.errors import StructureError
from azibflow.structures.endpoints import _distances, pair_endpoints
from azibflow.structures.hops import distinct_hops, hop_endpoints

A = 4.05
ALUMINIUM = bulk("Al", cubic=True, a=A).repeat(3)
COPPER = bulk("Cu", cubic=True, a=3.61)


def vacancy_pair(distance: float) -> tuple[Atoms, Atoms]:
    """Return a perfect cell without one atom, and without another at some distance from it."""
    first = 5
    distances = ALUMINIUM.get_distances(first, range(len(ALUMINIUM)), mic=True)
    last = int(np.flatnonzero(np.isclose(distances, distance))[-1])
    initial, final = ALUMINIUM.copy(), ALUMINIUM.copy()
    del initial[first]
    del final[last]
    return initial, final


def shaken(atoms: Atoms, seed: int, amplitude: float = 0.1) -> Atoms:
    """Return a copy with its atoms a little off their places, as relaxation puts them."""
    copy = atoms.copy()
    copy.positions += np.random.default_rng(seed).normal(0, amplitude, copy.positions.shape)
    return copy


def hydrogen_hop() -> tuple[Atoms, Atoms]:
    hop = distinct_hops(COPPER, "H", max_distance=2.6)[1]
    return hop_endpoints(COPPER, "H", hop, (2, 2, 2))


@pytest.mark.parametrize("distance", [A / np.sqrt(2), A, A * np.sqrt(1.5), A * np.sqrt(2)])
@pytest.mark.parametrize("amplitude", [0.0, 0.1])
def test_a_vacancy_pair_is_one_atom_that_hops(distance: float, amplitude: float) -> None:
    # the last distance has an atom halfway, through which a straight chain of two would go
    initial, final = vacancy_pair(distance)
    pair = pair_endpoints(shaken(initial, 1, amplitude), shaken(final, 2, amplitude))
    assert np.count_nonzero(pair.lengths > 1.0) == 1
    assert pair.lengths.max() == pytest.approx(distance, abs=4 * amplitude + 1e-6)
    assert "reordered" in pair.pairing
    assert "1 atom moves more than 1 angstrom" in pair.pairing


def test_any_order_of_the_second_file_is_brought_into_that_of_the_first() -> None:
    initial, final = hydrogen_hop()
    final.set_tags(range(len(final)))
    final.set_initial_magnetic_moments(np.linspace(0, 1, len(final)))
    shuffled = final[np.random.default_rng(3).permutation(len(final))]
    shuffled.wrap()
    pair = pair_endpoints(initial, shuffled)
    assert (pair.final.numbers == initial.numbers).all()
    assert pair.final.positions == pytest.approx(final.positions, abs=1e-6)
    assert list(pair.final.get_tags()) == list(range(len(final)))
    assert pair.final.get_initial_magnetic_moments() == pytest.approx(np.linspace(0, 1, len(final)))
    assert pair_endpoints(initial, final).pairing == "atoms as given"


def test_two_far_atoms_listed_the_other_way_round_do_not_change_places() -> None:
    initial, final = hydrogen_hop()
    swapped = final[[7, *range(1, 7), 0, *range(8, len(final))]]
    pair = pair_endpoints(initial, swapped)
    assert pair.final.positions == pytest.approx(final.positions, abs=1e-6)
    assert pair.pairing.startswith("atoms of the second endpoint reordered: 2 atoms")
    given = pair_endpoints(initial, swapped, pairing="as-given")
    assert np.count_nonzero(given.lengths > 1.0) == 3
    assert "the pairing of least movement differs in 2" in given.pairing


def test_an_exchange_of_two_like_atoms_has_a_key() -> None:
    atoms = COPPER.repeat((2, 2, 2))
    exchanged = atoms.copy()
    exchanged.positions[[0, 1]] = exchanged.positions[[1, 0]]
    with pytest.raises(StructureError, match=r"one structure.*pairing: as-given"):
        pair_endpoints(atoms, exchanged)
    pair = pair_endpoints(atoms, exchanged, pairing="as-given")
    assert np.sort(pair.lengths)[-3:] == pytest.approx([0, 3.61 / np.sqrt(2), 3.61 / np.sqrt(2)], abs=1e-9)


def test_as_given_holds_within_each_element() -> None:
    initial, final = hydrogen_hop()
    other_elements_first = final[[len(final) - 1, *range(len(final) - 1)]]
    pair = pair_endpoints(initial, other_elements_first, pairing="as-given")
    assert pair.final.positions == pytest.approx(final.positions, abs=1e-6)


@pytest.mark.parametrize("shift", [(0.4, -0.3, 0.5), (0.0, 0.02, 0.0)])
def test_a_shift_of_the_whole_is_taken_back(shift: tuple[float, float, float]) -> None:
    initial, final = vacancy_pair(A / np.sqrt(2))
    moved = final[np.random.default_rng(4).permutation(len(final))]
    moved.positions += shift
    moved.wrap()
    pair = pair_endpoints(initial, moved)
    assert np.sort(pair.lengths)[-2:] == pytest.approx([0, A / np.sqrt(2)], abs=1e-9)
    assert f"shifted back by {np.linalg.norm(shift):.3f} angstrom" in pair.pairing


def test_a_lone_mover_is_no_shift_of_the_whole() -> None:
    initial = Atoms("HZn", positions=[(0, 0, 0), (3, 3, 3)], cell=[9, 9, 9], pbc=True)
    final = initial.copy()
    final.positions[1, 0] += 3
    assert pair_endpoints(initial, final).lengths == pytest.approx([0, 3])


def test_fixed_atoms_follow_the_pairing_and_set_the_origin() -> None:
    initial, final = hydrogen_hop()
    final = shaken(final, 5, 0.05)
    bottom = [3, 8, 20]
    final.positions[bottom] = initial.positions[bottom]
    for structure in (initial, final):
        structure.set_constraint(FixAtoms(bottom))
    shuffled = final[np.random.default_rng(6).permutation(len(final))]
    shuffled.set_positions(shuffled.positions + np.array([0.1, 0.2, 0.3]), apply_constraint=False)
    pair = pair_endpoints(initial, shuffled)
    assert sorted(pair.final.constraints[0].index) == bottom
    assert pair.lengths[bottom] == pytest.approx([0, 0, 0], abs=1e-9)
    assert pair.final.positions == pytest.approx(final.positions, abs=1e-9)


NAMES = ("before (a.vasp)", "after (b.vasp)")


def test_cells_that_differ_in_their_last_digits_become_one() -> None:
    initial, final = hydrogen_hop()
    stretched = final.copy()
    stretched.set_cell(final.cell.array + np.diag([8e-4, 0, 0]), scale_atoms=True)
    pair = pair_endpoints(initial, stretched)
    assert (pair.final.cell.array == initial.cell.array).all()
    assert pair.final.positions == pytest.approx(final.positions, abs=1e-6)
    assert "scaled by up to 0.0008 angstrom to the cell of the first" in pair.pairing


def spoiled(final: Atoms, change: str) -> Atoms:
    copy = final.copy()
    if change == "composition":
        del copy[-1]
    elif change == "cell":
        copy.set_cell(final.cell.array + np.diag([2e-3, 0, 0]), scale_atoms=True)
    elif change == "charge":
        copy.info["charge"] = 2
    elif change == "multiplicity":
        copy.info["spin"] = 3
    elif change == "fixed":
        copy.set_constraint(FixAtoms([1, 2]))
    return copy


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("composition", "differ in composition: HCu32 and Cu32"),
        ("cell", "differ in their cells, by up to 0.0020 angstrom"),
        ("charge", "differ in charge: 0 and 2"),
        ("multiplicity", "differ in multiplicity: None and 3"),
        ("fixed", "different constraints .*: 0 fixed atoms; .*: 2 fixed atoms"),
    ],
)
def test_what_does_not_belong_together_is_refused_by_name(change: str, message: str) -> None:
    initial, final = hydrogen_hop()
    with pytest.raises(StructureError, match=message) as caught:
        pair_endpoints(initial, spoiled(final, change), names=NAMES)
    assert all(name in str(caught.value) for name in NAMES)


def test_a_fixed_atom_that_moves_is_refused() -> None:
    initial, final = hydrogen_hop()
    last = len(initial) - 1
    for structure in (initial, final):
        structure.set_constraint(FixAtoms([last]))
    with pytest.raises(StructureError, match=rf"atom {last} \(H\) is fixed but moves 1.8"):
        pair_endpoints(initial, final)


def test_distances_in_a_skewed_cell_are_those_of_ase() -> None:
    cell = np.array([[6.0, 0, 0], [5.5, 3.0, 0], [-4.0, 2.6, 4.0]])
    points = np.random.default_rng(8).uniform(-9, 9, (40, 3))
    _, expected = get_distances(points[:20], points[20:], cell=cell, pbc=True)
    assert _distances(points[:20], points[20:], cell) == pytest.approx(expected, abs=1e-9)
