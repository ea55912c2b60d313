"""Bonds followed by identity: two distances instead of one, images, order and wrapping of atoms."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from ase import Atoms
from ase.neighborlist import neighbor_list
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from azibflow.errors import StructureError
from azibflow.structures.bond_criteria import BondCriteria, BondLimits
from azibflow.structures.bonds import Bond, Interface, follow_bonds, followed
from azibflow.structures.prototypes import PROTOTYPES, prototype

V_O = BondCriteria(pairs={"V-O": BondLimits(formed=2.2, broken=2.6)})
LONG_CONTACTS = {
    *(("alpha-V2O5", 2.79), ("H2V3O8", 2.68), ("Ti3C2(OH)2", 2.56), ("delta-ZnV2O5", 2.47)),
    *(("alpha-quartz", 3.06), ("alpha-cristobalite", 3.07), ("VPO4F", 3.26), ("1T-VSe2", 3.36)),
    *((f"graphene-{metal}-N4", 2.56) for metal in ("Co", "Fe", "Cu")),
    *(("Zn4SO4(OH)6.4H2O", 2.43), *(("K0.25MnO2.0.75H2O-stand-in", round(d, 2)) for d in np.arange(2.8, 3.4, 0.01))),
}
"""Contacts that lie between the two distances: long bonds of one oxide, hydrogen, next neighbours (carbon beside N of a
metal), water about K."""


def pair(distance: float, symbols: str = "VO") -> Atoms:
    return Atoms(symbols, positions=[(0, 0, 0), (0, 0, distance)])


def present(distances, criteria=V_O) -> list[bool]:
    """Tell for each structure of a sequence whether its only possible bond is there."""
    return [bool(state.intact + state.new) for state in follow_bonds([pair(d) for d in distances], criteria)]


def expected(distances) -> list[bool]:
    """The same from the rule itself."""
    bonded, found = False, []
    for distance in distances:
        bonded = distance < 2.2 or (bonded and distance <= 2.6)
        found.append(bonded)
    return found


@pytest.mark.parametrize(
    ("one", "other", "formed", "broken"),
    [("V", "O", 1.2 * 2.19, 1.4 * 2.19), ("C", "O", 1.2 * 1.42, 1.4 * 1.42), ("Zn", "Zn", 2.928, 3.416)],
)
def test_default_distances_are_multiples_of_the_radii(one, other, formed, broken):
    limits = BondCriteria().limits(one, other)
    assert (limits.formed, limits.broken) == (pytest.approx(formed), pytest.approx(broken))


@pytest.mark.parametrize("name", ["V-O", "O-V"])
def test_a_pair_has_its_own_distances_in_either_order(name):
    criteria = BondCriteria(pairs={name: BondLimits(formed=2.0, broken=2.1)})
    assert criteria.limits("V", "O") == criteria.limits("O", "V") == BondLimits(formed=2.0, broken=2.1)
    assert criteria.limits("C", "O") == BondCriteria().limits("C", "O")
    assert criteria == BondCriteria.model_validate_json(criteria.model_dump_json())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"formed": 1.4, "broken": 1.4}, "flicker"),
        ({"pairs": {"V-O": {"formed": 2.6, "broken": 2.2}}}, "flicker"),
        ({"pairs": {"VO": {"formed": 2.2, "broken": 2.6}}}, "no pair of elements"),
        ({"pairs": {"V-Xx": {"formed": 2.2, "broken": 2.6}}}, "no pair of elements"),
        ({"pairs": {k: {"formed": 2.2, "broken": 2.6} for k in ("V-O", "O-V")}}, "twice"),
    ],
)
def test_criteria_that_make_no_sense_are_refused(fields, message):
    with pytest.raises(ValidationError, match=message):
        BondCriteria(**fields)


@pytest.mark.parametrize("name", sorted(PROTOTYPES))
def test_no_prototype_has_a_distance_between_formed_and_broken(name):
    atoms, criteria = prototype(name), BondCriteria()
    first, second, distances = neighbor_list("ijd", atoms, 4.5)
    symbols = np.array(atoms.symbols)
    for one, other, distance in set(zip(symbols[first], symbols[second], distances.round(6), strict=True)):
        limits = criteria.limits(one, other)
        between = criteria.bonds(one, other) and limits.formed <= distance <= limits.broken
        assert not between or (name, round(float(distance), 2)) in LONG_CONTACTS, (one, other, distance)


def test_a_bond_that_oscillates_about_the_edge_keeps_its_state():
    about_formed = [2.0, 2.19, 2.21, 2.19, 2.21]
    about_broken = [2.0, 2.59, 2.61, 2.59, 2.61, 2.59]
    assert present(about_formed) == [True] * 5
    assert present(about_broken) == [True, True, False, False, False, False]
    assert present([2.4, 2.3, 2.21, 2.19, 2.4]) == [False, False, False, True, True]


LENGTHS = st.floats(1.5, 3.5).map(lambda length: round(length, 6))


@given(st.lists(LENGTHS, min_size=1, max_size=30))
@example([2.0, 2.6])
@example([2.2, 2.6])
def test_every_sequence_follows_the_rule(distances):
    assert present(distances) == expected(distances)


@given(st.lists(st.floats(1.6, 3.4), min_size=1, max_size=20), st.lists(st.floats(1.6, 3.4), max_size=20))
def test_stretched_and_brought_back_a_bond_breaks_once_and_forms_once(out, back):
    path = [1.5, *sorted(out), 3.5, *sorted(back, reverse=True), 1.5]
    states = present(path)
    assert Counter(pairwise(states))[True, False] == 1
    assert Counter(pairwise(states))[False, True] == 1
    last = follow_bonds([pair(d) for d in path], V_O)[-1]
    assert last.unchanged and last.reformed == last.intact and len(last.intact) == 1


def test_broken_reformed_and_new_are_against_the_first_structure():
    near, far = (0, 0, 2.0), (0, 0, 3.0)
    sequence = [
        Atoms("VOO", positions=[(0, 0, 0), one, np.negative(other)])
        for one, other in ((near, far), (far, near), (near, near))
    ]
    bond, other = (Bond(first=0, second=i, symbols=("V", "O")) for i in (1, 2))
    host, swapped, both = follow_bonds(sequence, V_O)
    assert (host.intact, host.broken, host.new) == ((bond,), (), ())
    assert (swapped.intact, swapped.broken, swapped.new) == ((), (bond,), (other,))
    assert (both.intact, both.broken, both.new, both.reformed) == ((bond,), (), (other,), (bond,))
    assert not both.unchanged
    assert bond.label == "V0-O1"


def test_metals_are_bonded_only_when_their_pair_is_named():
    metals = Atoms("VTi", positions=[(0, 0, 0), (0, 0, 2.6)])
    assert follow_bonds([metals])[0].intact == ()
    named = BondCriteria(pairs={"V-Ti": BondLimits(formed=2.7, broken=3.0)})
    assert len(follow_bonds([metals], named)[0].intact) == 1


def test_bonds_to_several_images_of_one_atom_all_count():
    sheet = prototype("Ti3C2O2")
    for repeats in ((1, 1, 1), (2, 3, 1)):
        (state,) = follow_bonds([sheet.repeat(repeats)])
        kinds = Counter("-".join(sorted(bond.symbols)) for bond in state.intact)
        assert kinds == {"C-Ti": 12 * np.prod(repeats), "O-Ti": 6 * np.prod(repeats)}


def test_a_bond_to_another_image_is_another_bond():
    chain = Atoms("VO", positions=[(0, 0, 0), (1.8, 0, 0)], cell=(4.4, 9, 9), pbc=True)
    over = chain.copy()
    over.positions[1, 0] = 2.7
    first, second = follow_bonds([chain, over], BondCriteria(pairs={"V-O": BondLimits(formed=2.0, broken=2.3)}))
    assert len(first.intact) == 1 and second.broken == first.intact
    (new,) = second.new
    assert new.offset == (-1, 0, 0)


def crystal() -> Atoms:
    atoms = prototype("alpha-V2O5")
    atoms.rattle(0.02, seed=3)
    return atoms


@given(
    shift=st.tuples(*[st.floats(-1.5, 1.5)] * 3),
    cells=st.lists(st.tuples(*[st.integers(-2, 2)] * 3), min_size=14, max_size=14),
)
def test_shifts_of_everything_and_jumps_by_whole_cells_change_nothing(shift, cells):
    before = crystal()
    after = before.copy()
    after.rattle(0.02, seed=5)
    after.positions += (np.array(cells) + shift) @ before.cell.array
    assert follow_bonds([before, after, before])[1].unchanged
    after.wrap()
    assert follow_bonds([before, after])[1].unchanged


@given(order=st.permutations(range(14)))
def test_order_of_atoms_renames_bonds_and_nothing_else(order):
    before = crystal()
    after = before.copy()
    after.positions[0] += (0, 0, 2.0)
    place = {old: new for new, old in enumerate(order)}
    plain = follow_bonds([before, after])[1]
    shuffled = follow_bonds([before[order], after[order]])[1]
    assert plain.broken
    for field in ("intact", "broken", "new"):
        renamed = Counter(frozenset((place[b.first], place[b.second])) for b in getattr(plain, field))
        assert renamed == Counter(frozenset((b.first, b.second)) for b in getattr(shuffled, field))


def test_atoms_after_the_host_are_nobody_s_bond():
    host = pair(2.0)
    loaded = host + Atoms("ZnO", positions=[(0, 1.5, 0), (1.5, 0, 0)])
    assert follow_bonds([host, loaded], V_O)[1].unchanged


@pytest.mark.parametrize("other", [Atoms("OV", positions=[(0, 0, 0), (0, 0, 2)]), Atoms("V")])
def test_another_host_is_refused(other):
    with pytest.raises(StructureError, match="does not begin with the atoms of the host"):
        follow_bonds([pair(2.0), other])


def sandwich(height: float) -> Atoms:
    """Two graphene-like carbons, a V=O with its oxygen down."""
    places = [(0, 0, 0), (1.42, 0, 0), (0, 0, height), (0, 0, height + 1.6)]
    return Atoms("C2OV", positions=places, cell=(8, 8, 20), pbc=True)


SIDES = Interface(film=(2, 3), support=(0, 1))


def test_only_bonds_between_the_sides_are_of_the_interface():
    (bond,) = follow_bonds([sandwich(1.45)], interface=SIDES)[0].intact
    assert bond.label == "C0-O2"
    assert len(follow_bonds([sandwich(1.45)])[0].intact) == 3


def test_the_bonds_that_count_are_those_of_the_interface_or_all_where_it_has_none():
    assert followed(sandwich(1.45), SIDES) == SIDES
    assert followed(sandwich(2.5), SIDES) is None
    assert followed(sandwich(1.45), Interface(film=(0, 1, 2, 3), support=())) is None


@pytest.mark.parametrize(
    ("film", "support", "message"),
    [((0, 1), (1, 2), "share atoms"), ((0,), (-1,), "negative"), ((), (0,), "at least 1")],
)
def test_sides_are_two(film, support, message):
    with pytest.raises(ValidationError, match=message):
        Interface(film=film, support=support)


def test_an_interface_of_another_host_is_refused():
    with pytest.raises(StructureError, match="atom 3; the host has 2 atoms"):
        follow_bonds([pair(2.0)], interface=SIDES)
