"""The easiest way through a crystal: by hand on toy lattices, and on real hosts."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.spacegroup import crystal
from hypothesis import given, settings
from hypothesis import strategies as st

from azibflow.structures.hops import distinct_hops
from azibflow.structures.percolation import BASIN, Step, bottlenecks, percolating_hops
from azibflow.structures.prototypes import prototype

ORTHORHOMBIC = Atoms("Ar", cell=[4.0, 5.0, 6.0], pbc=True)


def barriers(host: Atoms, steps: list[Step]) -> dict[str, float]:
    """Return the barrier of each axis."""
    return {axis: found.barrier for axis, found in bottlenecks(host, steps).items()}


def test_hops_to_the_next_cell_run_along_their_own_axis_alone():
    """Hops between images of a site lead along the axis they are parallel to."""
    along_a = Step((0.5, 0.5, 0.5), (1.5, 0.5, 0.5), 0.3, 0.3)
    along_b = Step((0.5, 0.5, 0.5), (0.5, 1.5, 0.5), 0.7, 0.7)

    assert barriers(ORTHORHOMBIC, [along_a, along_b]) == pytest.approx({"a": 0.3, "b": 0.7})


def test_a_way_of_two_hops_has_the_higher_saddle_above_the_lower_site():
    """0.2 up to a site at 0.1, then 0.4 from there: 0.5 above the lower site, forwards and backwards."""
    into = Step((0.0, 0.5, 0.5), (0.5, 0.5, 0.5), 0.2, 0.1)
    on = Step((0.5, 0.5, 0.5), (1.0, 0.5, 0.5), 0.4, 0.5)

    found = bottlenecks(Atoms("Ar", positions=[[0.4, 0.2, 0.1]], cell=[4, 5, 6], pbc=True), [into, on])

    assert found["a"].barrier == pytest.approx(0.5)
    assert found["a"].step == 1
    assert set(found) == {"a"}


def test_a_detour_over_lower_saddles_is_the_way():
    """The direct hop costs 0.9; two hops around it cost 0.4 and 0.6."""
    host = Atoms("Ar", positions=[[0.4, 0.2, 0.1]], cell=[4, 5, 6], pbc=True)
    direct = Step((0.0, 0.5, 0.5), (1.0, 0.5, 0.5), 0.9, 0.9)
    around = Step((0.0, 0.5, 0.5), (0.5, 0.7, 0.5), 0.4, 0.2)
    back = Step((0.5, 0.7, 0.5), (1.0, 0.5, 0.5), 0.4, 0.6)

    assert barriers(host, [direct, around, back]) == pytest.approx({"a": 0.6})


def test_a_dead_end_leads_nowhere():
    """Forth and back is no way on."""
    assert bottlenecks(ORTHORHOMBIC, [Step((0.1, 0.2, 0.3), (0.4, 0.2, 0.3), 0.1, 0.1)]) == {}
    assert bottlenecks(ORTHORHOMBIC, []) == {}


def test_a_diagonal_leads_along_both_axes():
    """A hop to the cell at (1, 1, 0) runs along a and along b."""
    assert set(barriers(ORTHORHOMBIC, [Step((0.0, 0.0, 0.5), (1.0, 1.0, 0.5), 0.3, 0.3)])) == {"a", "b"}


def test_symmetry_makes_one_hop_a_way_in_all_directions():
    """In a cube a hop along a is one along b and c."""
    cube = Atoms("Ar", cell=[4.0] * 3, pbc=True)

    assert barriers(cube, [Step((0.5, 0.5, 0.5), (1.5, 0.5, 0.5), 0.3, 0.3)]) == pytest.approx(
        {"a": 0.3, "b": 0.3, "c": 0.3}
    )


def test_sites_that_wait_lower_elsewhere_in_the_network_count():
    """A channel at 0.3 with saddles of 0.2 is entered from sites at 0: the way costs 0.5."""
    host = Atoms("Ar", positions=[[0.4, 0.2, 0.1]], cell=[4, 5, 6], pbc=True)
    channel = Step((0.5, 0.5, 0.5), (1.5, 0.5, 0.5), 0.2, 0.2)
    side = Step((0.5, 0.5, 0.5), (0.5, 0.9, 0.5), 0.6, 0.9)

    assert barriers(host, [channel, side])["a"] == pytest.approx(0.5)


@settings(max_examples=30)
@given(st.lists(st.floats(0.05, 2.0), min_size=3, max_size=3), st.floats(-0.5, 0.5))
def test_the_bottleneck_does_not_depend_on_the_order_or_sense_of_steps(saddles: list[float], site: float):
    """Steps given backwards and in another order are the same network."""
    host = Atoms("Ar", positions=[[0.4, 0.2, 0.1]], cell=[4, 5, 6], pbc=True)
    top, places = 0.5, [(0.0, 0.5, 0.5), (0.5, 0.6, 0.4)]
    steps = [
        Step(places[0], places[1], top + saddles[0], top + saddles[0] - site),
        Step(places[1], (1.0, 0.5, 0.5), top + saddles[1] - site, top + saddles[1]),
        Step(places[0], (1.0, 0.5, 0.5), top + saddles[2], top + saddles[2]),
    ]
    backwards = [Step(step.final, step.initial, step.backward, step.forward) for step in reversed(steps)]
    expected = min(max(saddles[0], saddles[1]), saddles[2]) + top - min(0.0, site)

    assert barriers(host, steps)["a"] == pytest.approx(expected)
    assert barriers(host, backwards)["a"] == pytest.approx(expected)


def test_the_tetrahedra_of_an_empty_spinel_need_the_octahedra_between_them():
    """From 8a an ion gets to every 8a through 16c: one distinct hop, a quarter of the body diagonal of an octant."""
    spinel = crystal(
        ["Ti", "S"],
        [(0.5, 0.5, 0.5), (0.2624, 0.2624, 0.2624)],
        spacegroup=227,
        setting=2,
        cellpar=[9.8, 9.8, 9.8, 90, 90, 90],
    )
    hops = percolating_hops(spinel, "Zn", distinct_hops(spinel, "Zn", max_distance=5.0))

    assert [round(hop.distance, 2) for hop in hops] == [2.12]
    assert {axis: round(found.barrier, 2) for axis, found in _lengths(spinel, hops).items()} == {
        "a": 2.12,
        "b": 2.12,
        "c": 2.12,
    }


def test_between_layers_no_hop_of_modest_length_leads_on():
    """Zn in the gap of MoS2 runs along a and b, from octahedra to octahedra through tetrahedra."""
    host = prototype("2H-MoS2")
    hops = percolating_hops(host, "Zn", distinct_hops(host, "Zn", max_distance=5.0))

    assert [hop.label for hop in hops] == ["S6 to S4, 1.91 A"]
    assert set(_lengths(host, hops)) == {"a", "b"}


def test_the_tunnel_of_a_layered_oxide_is_found():
    """In V2O5 the widest way is that along b, which the papers compute; one hop is all that may be taken."""
    host = prototype("alpha-V2O5")
    hops = distinct_hops(host, "Zn", max_distance=5.0, apart=BASIN)

    assert [hop.label for hop in percolating_hops(host, "Zn", hops, most=1)] == ["O8 to O8 along b, 3.56 A"]
    assert set(_lengths(host, percolating_hops(host, "Zn", hops))) == {"a", "b", "c"}


def test_hops_within_a_cage_are_none():
    """Places less than 1.5 angstrom apart are one site, as two in H2V3O8 that are 1.03 angstrom apart."""
    host = prototype("H2V3O8")

    assert round(min(hop.distance for hop in distinct_hops(host, "Zn")), 2) == 1.03
    assert min(hop.distance for hop in distinct_hops(host, "Zn", apart=BASIN)) > BASIN


def test_where_nothing_leads_on_no_hop_is_chosen():
    """A dead end is no way, however short its hop."""
    host = Atoms("Ar", positions=[[0.4, 0.2, 0.1]], cell=[4, 5, 6], pbc=True)
    dead_end = distinct_hops(host, "He", sites=[(0.4, 0.5, 0.5), (0.6, 0.5, 0.5)], max_distance=0.9 * 4)

    assert percolating_hops(host, "He", [hop for hop in dead_end if hop.distance < 1.5]) == []


def _lengths(host, hops):
    return bottlenecks(host, [Step(hop.initial, hop.final, hop.distance, hop.distance) for hop in hops])


def test_the_first_step_of_equal_saddles_is_named():
    """Which hop is called the bottleneck does not depend on the order of edges."""
    steps = [Step((0.5, 0.5, 0.5), (1.5, 0.5, 0.5), 0.3, 0.3), Step((0.5, 0.5, 0.5), (2.5, 0.5, 0.5), 0.3, 0.3)]

    assert bottlenecks(ORTHORHOMBIC, steps)["a"].step == 0
    assert np.isclose(bottlenecks(ORTHORHOMBIC, steps)["a"].barrier, 0.3)
