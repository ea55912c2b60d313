"""A barrier is that of the crystal, however the crystal is written down."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from campaign_runs import MORSE, computed, written
from variants import CRYSTAL, as_it_is

from azibflow.workflows.barriers import MigrationResult
from azibflow.workflows.results import Outcome

NOISE = 5e-4
"""eV. The optimisers take the same steps whatever the order and orientation of the atoms, and find the same energies up
to rounding; where a step is taken otherwise, fmax 0.02 eV/angstrom is 2e-4 eV of a well of 1 eV/angstrom^2."""

SUPERCELLS = {"repeated": (2, 1, 2), "whole": (1, 1, 1)}
"""Repeats that make the same supercell; (2, 2, 2) of all others."""


def zinc() -> Atoms:
    """A close-packed crystal of a screw axis, at the minimum of the potential."""
    return bulk("Zn", "hcp", a=2.40, c=3.92)


@pytest.fixture(scope="module")
def hops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MigrationResult]:
    """Hydrogen between the octahedra of zinc, all ways to write zinc in one campaign."""
    hosts = {variant.__name__: variant(zinc()) for variant in (as_it_is, *CRYSTAL)}
    hosts |= {"repeated": zinc().repeat((1, 2, 1)), "whole": zinc().repeat((2, 2, 2))}
    studies = [
        {
            "kind": "migration",
            "name": name,
            "system": name,
            "ion": "H",
            "hops": {"direction": "c", "supercell": SUPERCELLS.get(name, (2, 2, 2))},
            "band": {"images": 3, "fmax": 0.02},
        }
        for name in hosts
    ]
    path = written(tmp_path_factory.mktemp("hops"), hosts, studies, calculator=MORSE, relax={"fmax": 0.02})
    return {name: result for name, (result,) in computed(path, MigrationResult).items()}


def test_the_hop_has_a_barrier(hops: dict[str, MigrationResult]) -> None:
    hop = hops["as_it_is"]
    assert (hop.outcome, hop.saddle_kind, hop.n_atoms) == (Outcome.OK, "climbing image", 17)
    assert hop.barrier_forward == pytest.approx(0.63, abs=0.01)


@pytest.mark.parametrize("way", [*(variant.__name__ for variant in CRYSTAL), "repeated", "whole"])
def test_the_barrier_is_that_of_the_crystal(way: str, hops: dict[str, MigrationResult]) -> None:
    expected, found = hops["as_it_is"], hops[way]
    assert (found.outcome, found.saddle_kind, found.final_endpoint) == (Outcome.OK, "climbing image", "symmetry")
    assert found.barrier_forward == pytest.approx(expected.barrier_forward, abs=NOISE)
    assert found.barrier_backward == pytest.approx(expected.barrier_backward, abs=NOISE)
    assert found.reaction_energy == pytest.approx(0.0, abs=1e-6)
    assert found.hop_distance == pytest.approx(expected.hop_distance, abs=0.01)
    assert found.path_length == pytest.approx(expected.path_length, abs=0.02)
    assert found.host_displacement == pytest.approx(expected.host_displacement, abs=0.01)
    assert found.coordination_initial == expected.coordination_initial
    assert found.coordination_saddle == expected.coordination_saddle
    energies = [[point.energy for point in result.path] for result in (expected, found)]
    assert np.allclose(*energies, atol=NOISE)
