"""The barrier between two given structures is theirs, however the two are written down."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from campaign_runs import MORSE, the_result, written
from variants import CRYSTAL, Variant, as_it_is, one_by_one, scattered

from azibflow.structures.hops import distinct_hops, hop_endpoints
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.migration.results import MigrationResult

NOISE = 5e-4
"""eV; as for hops in a crystal."""

Pair = tuple[Atoms, Atoms]
Way = Callable[[Pair], Pair]


def endpoints() -> Pair:
    """Hydrogen in two octahedra of zinc, one of them beside an atom of copper: a hop uphill."""
    host = bulk("Zn", "hcp", a=2.40, c=3.92)
    (hop,) = distinct_hops(host, "H", direction="c", max_distance=3.0)
    first, last = hop_endpoints(host, "H", hop, (2, 2, 2))
    nearest = int(first.get_distances(-1, range(16), mic=True).argmin())
    for structure in (first, last):
        structure.symbols[nearest] = "Cu"
    return first, last


def swapped(pair: Pair) -> Pair:
    return pair[1], pair[0]


def second_wrapped_alone(pair: Pair) -> Pair:
    return pair[0], scattered(pair[1])


def second_shuffled_alone(pair: Pair) -> Pair:
    return pair[0], pair[1][np.random.default_rng(5).permutation(len(pair[1]))]


def second_shifted_alone(pair: Pair) -> Pair:
    """As two relaxations leave two structures: their origins differ."""
    last = pair[1].copy()
    last.positions += (0.4, -0.3, 0.2)
    return pair[0], last


def both(way: Variant) -> Way:
    """Write both structures in the same way."""

    def write(pair: Pair) -> Pair:
        return way(pair[0]), way(pair[1])

    return write


SAME_WAYS = {way.__name__: both(way) for way in (as_it_is, *CRYSTAL)}
OWN_WAYS = {way.__name__: way for way in (swapped, second_wrapped_alone, second_shuffled_alone, second_shifted_alone)}
WAYS = SAME_WAYS | OWN_WAYS


@pytest.fixture(scope="module")
def hop(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], MigrationResult]:
    """Compute the hop between the two structures that are written in some way."""

    @cache
    def compute(way: str) -> MigrationResult:
        first, last = WAYS[way](endpoints())
        study = {"kind": "migration", "endpoints": ["first", "last"], "ion": "H", "band": {"images": 3, "fmax": 0.02}}
        folder = tmp_path_factory.mktemp("endpoints")
        path = written(folder, {"first": first, "last": last}, [study], calculator=MORSE, relax={"fmax": 0.02})
        return the_result(path, MigrationResult)

    return compute


def test_the_hop_goes_uphill(hop: Callable[[str], MigrationResult]) -> None:
    found = hop("as_it_is")
    assert (found.outcome, found.saddle_kind) == (Outcome.OK, "climbing image")
    assert found.reaction_energy > 20 * NOISE
    assert found.barrier_forward - found.barrier_backward == pytest.approx(found.reaction_energy, abs=1e-9)


@pytest.mark.parametrize(
    "way",
    [
        *(pytest.param(way.values[0].__name__, marks=way.marks) for way in one_by_one(CRYSTAL)),
        "second_wrapped_alone",
        "second_shuffled_alone",
        "second_shifted_alone",
    ],
)
def test_the_barrier_is_that_of_the_two_structures(way: str, hop: Callable[[str], MigrationResult]) -> None:
    expected, found = hop("as_it_is"), hop(way)
    assert (found.outcome, found.saddle_kind, found.ion) == (Outcome.OK, "climbing image", "H")
    assert found.barrier_forward == pytest.approx(expected.barrier_forward, abs=NOISE)
    assert found.reaction_energy == pytest.approx(expected.reaction_energy, abs=NOISE)
    assert found.hop_distance == pytest.approx(expected.hop_distance, abs=0.01)
    assert found.path_length == pytest.approx(expected.path_length, abs=0.02)
    assert found.host_displacement == pytest.approx(expected.host_displacement, abs=0.01)
    assert found.coordination_initial == expected.coordination_initial
    assert found.coordination_saddle == expected.coordination_saddle


def test_the_way_back_is_the_same_way(hop: Callable[[str], MigrationResult]) -> None:
    there, back = hop("as_it_is"), hop("swapped")
    assert back.outcome is Outcome.OK
    assert back.barrier_forward == pytest.approx(there.barrier_backward, abs=NOISE)
    assert back.barrier_backward == pytest.approx(there.barrier_forward, abs=NOISE)
    assert back.reaction_energy == pytest.approx(-there.reaction_energy, abs=NOISE)
    assert back.coordination_saddle == there.coordination_saddle
