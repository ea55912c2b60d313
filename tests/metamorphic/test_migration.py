"""A barrier is that of the crystal, however the crystal is written down."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from campaign_runs import MORSE, the_result, written
from variants import CRYSTAL, Variant, as_it_is, one_by_one

from azibflow.workflows.common.results import Outcome
from azibflow.workflows.migration.results import MigrationResult

NOISE = 5e-4
"""eV. The optimisers take the same steps whatever the order and orientation of the atoms, and find the same energies up
to rounding; where a step is taken otherwise, fmax 0.02 eV/angstrom is 2e-4 eV of a well of 1 eV/angstrom^2."""


def zinc() -> Atoms:
    """A close-packed crystal of a screw axis, at the minimum of the potential."""
    return bulk("Zn", "hcp", a=2.40, c=3.92)


def once_repeated(atoms: Atoms) -> Atoms:
    return atoms.repeat((1, 2, 1))


def repeated(atoms: Atoms) -> Atoms:
    return atoms.repeat((2, 2, 2))


SUPERCELLS = {once_repeated: (2, 1, 2), repeated: (1, 1, 1)}
"""Repeats that make the same supercell; (2, 2, 2) of all others."""


@pytest.fixture(scope="module")
def hop(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Variant], MigrationResult]:
    """Compute the hop of hydrogen between the octahedra of zinc that is written in some way."""

    @cache
    def compute(way: Variant) -> MigrationResult:
        study = {
            "kind": "migration",
            "system": "zinc",
            "ion": "H",
            "hops": {"direction": "c", "supercell": SUPERCELLS.get(way, (2, 2, 2))},
            "band": {"images": 3, "fmax": 0.02},
        }
        folder = tmp_path_factory.mktemp("hop")
        path = written(folder, {"zinc": way(zinc())}, [study], calculator=MORSE, relax={"fmax": 0.02})
        return the_result(path, MigrationResult)

    return compute


def test_the_hop_has_a_barrier(hop: Callable[[Variant], MigrationResult]) -> None:
    found = hop(as_it_is)
    assert (found.outcome, found.saddle_kind, found.n_atoms) == (Outcome.OK, "climbing image", 17)
    assert found.barrier_forward == pytest.approx(0.63, abs=0.01)


@pytest.mark.parametrize("way", [*one_by_one(CRYSTAL), once_repeated, pytest.param(repeated, marks=pytest.mark.slow)])
def test_the_barrier_is_that_of_the_crystal(way: Variant, hop: Callable[[Variant], MigrationResult]) -> None:
    expected, found = hop(as_it_is), hop(way)
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
