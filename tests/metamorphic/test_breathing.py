"""The ladder of an interface does not depend on where its cell begins or which vectors span it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from campaign_runs import the_result, written
from variants import Variant, as_it_is, scattered, translated

sys.path.insert(0, str(Path(__file__).parent.parent / "breathing"))

from toy import toy_host, toy_interface

from azibflow.analysis.breathing.limit import breathing_limit
from azibflow.workflows.breathing.results import BreathingResult

NOISE = 1e-5
"""eV; fmax 0.001 eV/angstrom in harmonic wells of 4 eV/angstrom^2 leaves 1e-7."""

COLUMNS = [{"breaks_at": 2, "returns": True}, {"breaks_at": 99, "returns": True}]
TOY = {"kind": "ase", "calculator": "toy:ToyInterface", "options": {"columns": COLUMNS}}


def other_vectors(atoms: Atoms) -> Atoms:
    """No atom moves, the second vector leans and the first two change places."""
    other = atoms.copy()
    other.set_cell(np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1]]) @ atoms.cell.array)
    return other


@pytest.fixture(scope="module")
def energies(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Variant], list[float]]:
    """Compute the binding energies of one and two zinc atoms."""

    @cache
    def compute(way: Variant) -> list[float]:
        host, sides = toy_host(2), toy_interface(2)
        host.set_tags([1 if i in sides.support else 2 for i in range(len(host))])
        settings = {"ions": 2, "anneal": {"steps": 0}, "search": {"sites": 8}}
        study = {"kind": "breathing", "system": "toy", "breathing": settings}
        folder = tmp_path_factory.mktemp("breathing")
        path = written(folder, {"toy": way(host)}, [study], calculator=TOY, relax={"fmax": 0.001})
        return [row.binding for row in breathing_limit(the_result(path, BreathingResult)).rows]

    return compute


@pytest.mark.parametrize("way", [translated, scattered, other_vectors])
def test_binding_energies_are_those_of_the_interface(way: Variant, energies: Callable[[Variant], list[float]]) -> None:
    assert len(energies(as_it_is)) == 3
    assert energies(way) == pytest.approx(energies(as_it_is), abs=NOISE)
