"""The barrier between two given structures is theirs, however the two are written down."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from campaign_runs import MORSE, computed, written
from variants import CRYSTAL, as_it_is, scattered

from azibflow.structures.hops import distinct_hops, hop_endpoints
from azibflow.workflows.barriers import MigrationResult
from azibflow.workflows.results import Outcome

NOISE = 5e-4
"""eV; as for hops in a crystal."""

Pair = tuple[Atoms, Atoms]


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


WAYS = {
    variant.__name__: lambda pair, variant=variant: (variant(pair[0]), variant(pair[1]))
    for variant in (as_it_is, *CRYSTAL)
} | {way.__name__: way for way in (swapped, second_wrapped_alone, second_shuffled_alone, second_shifted_alone)}


@pytest.fixture(scope="module")
def hops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MigrationResult]:
    pairs = {name: way(endpoints()) for name, way in WAYS.items()}
    systems = {f"{name}-{side}": pair[side] for name, pair in pairs.items() for side in (0, 1)}
    studies = [
        {
            "kind": "migration",
            "name": name,
            "endpoints": [f"{name}-0", f"{name}-1"],
            "ion": "H",
            "band": {"images": 3, "fmax": 0.02},
        }
        for name in pairs
    ]
    path = written(tmp_path_factory.mktemp("endpoints"), systems, studies, calculator=MORSE, relax={"fmax": 0.02})
    return {name: result for name, (result,) in computed(path, MigrationResult).items()}


def test_the_hop_goes_uphill(hops: dict[str, MigrationResult]) -> None:
    hop = hops["as_it_is"]
    assert (hop.outcome, hop.saddle_kind) == (Outcome.OK, "climbing image")
    assert hop.reaction_energy > 20 * NOISE
    assert hop.barrier_forward - hop.barrier_backward == pytest.approx(hop.reaction_energy, abs=1e-9)


@pytest.mark.parametrize("way", [name for name in WAYS if name not in ("as_it_is", "swapped")])
def test_the_barrier_is_that_of_the_two_structures(way: str, hops: dict[str, MigrationResult]) -> None:
    expected, found = hops["as_it_is"], hops[way]
    assert (found.outcome, found.saddle_kind, found.ion) == (Outcome.OK, "climbing image", "H")
    assert found.barrier_forward == pytest.approx(expected.barrier_forward, abs=NOISE)
    assert found.reaction_energy == pytest.approx(expected.reaction_energy, abs=NOISE)
    assert found.hop_distance == pytest.approx(expected.hop_distance, abs=0.01)
    assert found.path_length == pytest.approx(expected.path_length, abs=0.02)
    assert found.host_displacement == pytest.approx(expected.host_displacement, abs=0.01)
    assert found.coordination_initial == expected.coordination_initial
    assert found.coordination_saddle == expected.coordination_saddle


def test_the_way_back_is_the_same_way(hops: dict[str, MigrationResult]) -> None:
    there, back = hops["as_it_is"], hops["swapped"]
    assert back.outcome is Outcome.OK
    assert back.barrier_forward == pytest.approx(there.barrier_backward, abs=NOISE)
    assert back.barrier_backward == pytest.approx(there.barrier_forward, abs=NOISE)
    assert back.reaction_energy == pytest.approx(-there.reaction_energy, abs=NOISE)
    assert back.coordination_saddle == there.coordination_saddle
