"""Images side by side: the numbers and the journal of one after the other, and failures that are told."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, fcc100, molecule
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms

from azibflow.calculators.bands import minimum_energy_path
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.relaxation import relax
from azibflow.calculators.side_by_side import processes_for_images
from azibflow.calculators.specs import AseSpec, ChgnetSpec, PyscfSpec
from azibflow.errors import CalculationError, RunError
from azibflow.hpc.processes import IMAGES_VARIABLE, ProcessExecutor, lend_processes
from azibflow.room import room

sys.path.insert(0, str(Path(__file__).parent))  # calculators of these tests have to be importable in other processes
from watched_potentials import Complaining, Killed, Remembering


@pytest.fixture(scope="module")
def hop() -> tuple[Atoms, Atoms]:
    """Gold between two hollows of Al(100)."""
    slab = fcc100("Al", size=(2, 2, 2))
    add_adsorbate(slab, "Au", 1.7, "hollow")
    slab.center(axis=2, vacuum=4.0)
    slab.set_constraint(FixAtoms([atom.index for atom in slab if atom.tag > 1]))
    initial = relax(slab, EMT(), fmax=0.01).atoms
    final = initial.copy()
    final.positions[-1, 0] += final.cell[0, 0] / 2
    return initial, relax(final, EMT(), fmax=0.01).atoms


@pytest.fixture(scope="module")
def processes() -> Iterator[list[ProcessExecutor]]:
    with ProcessExecutor(1, 1) as one, ProcessExecutor(1, 1) as two, ProcessExecutor(1, 1) as three:
        yield [one, two, three]


def test_two_at_a_time_give_the_numbers_and_the_journal_of_one_after_the_other(
    hop: tuple[Atoms, Atoms], processes: list[ProcessExecutor], tmp_path: Path
) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    expected = minimum_energy_path(*hop, Remembering, max_steps=6, checkpoint=alone)
    band = minimum_energy_path(*hop, Remembering, max_steps=6, checkpoint=together, executors=processes[:2])
    np.testing.assert_allclose(band.energies, expected.energies, rtol=0, atol=1e-9)
    assert band.phases == expected.phases
    assert together.read_bytes() == alone.read_bytes()


@pytest.mark.slow
def test_densities_stay_with_their_images(processes: list[ProcessExecutor]) -> None:
    """Ammonia turns inside out; the density of an image is the guess for its next geometry."""
    factory = partial(make_calculator, PyscfSpec(functional="hf", basis="sto-3g", dispersion=None))
    pyramid = molecule("NH3")
    initial = relax(pyramid, factory(), fmax=0.05).atoms
    final = initial.copy()
    final.positions[1:, 2] = 2 * initial.positions[0, 2] - initial.positions[1:, 2]
    band = partial(minimum_energy_path, initial, final, factory, images=3, max_steps=4)
    np.testing.assert_allclose(band(executors=processes[:2]).energies, band().energies, rtol=0, atol=1e-9)


@pytest.mark.parametrize("recorded", [1, 4, 9])
def test_a_band_that_was_killed_goes_on_with_another_number_at_a_time(
    hop: tuple[Atoms, Atoms], processes: list[ProcessExecutor], tmp_path: Path, recorded: int
) -> None:
    """A kill leaves any number of evaluations of a step, and half a line."""
    path = tmp_path / "band"
    band = partial(minimum_energy_path, *hop, EMT, images=4, max_steps=4, checkpoint=path)
    expected = band()
    whole = path.read_text().splitlines(keepends=True)
    for executors in (processes[:2], processes):
        path.write_text("".join(whole[: recorded + 1]) + '{"positions": [[')
        again = band(executors=executors)
        assert (again.replayed, again.force_calls) == (recorded, expected.force_calls)
        np.testing.assert_allclose(again.energies, expected.energies, rtol=0, atol=1e-9)
        assert len(path.read_text().splitlines()) == len(whole)


def test_a_process_that_dies_is_the_failure_of_the_band(hop: tuple[Atoms, Atoms]) -> None:
    with (
        pytest.raises(RunError, match=r"image 1 of the band: the worker process was killed by SIGKILL"),
        ProcessExecutor(1, 1) as one,
        ProcessExecutor(1, 1) as two,
    ):
        minimum_energy_path(*hop, Killed, executors=[one, two])


def test_a_calculator_that_fails_is_told_with_what_it_printed(
    hop: tuple[Atoms, Atoms], processes: list[ProcessExecutor], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CalculationError, match="TwoWordsError: no convergence"):
        minimum_energy_path(*hop, Complaining, executors=processes[:2])
    printed = capsys.readouterr().out
    assert printed.startswith("about to fail\nTraceback")
    assert "in calculate" in printed


def test_a_calculator_warns_in_the_log_of_the_job(
    hop: tuple[Atoms, Atoms], processes: list[ProcessExecutor], caplog: pytest.LogCaptureFixture
) -> None:
    spec = AseSpec(calculator="watched_potentials:Complaining")  # a code that cannot compute the contract's example
    with pytest.raises(CalculationError):
        minimum_energy_path(*hop, partial(make_calculator, spec), executors=processes[:1])
    assert "was not checked before its first use" in caplog.text


def test_codes_write_into_the_folders_of_one_after_the_other(
    hop: tuple[Atoms, Atoms], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that an image finds its own wave function again, with any number at a time."""
    factory = partial(make_calculator, AseSpec(calculator="watched_potentials:Writing", elements=("Al", "Au")))
    monkeypatch.chdir(tmp_path)
    with ProcessExecutor(1, 1) as one, ProcessExecutor(1, 1) as two:
        minimum_energy_path(*hop, factory, max_steps=0, executors=[one, two])
    together = {path.parent.name: path.read_text() for path in tmp_path.glob("*/*")}
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"writing-{number}" for number in range(1, 8)]
    minimum_energy_path(*hop, factory, max_steps=0)
    assert {path.parent.name: path.read_text() for path in tmp_path.glob("*/*")} == together


@contextmanager
def three(most: int) -> Iterator[Sequence[Executor]]:
    yield [ProcessExecutor(1, 1) for _ in range(min(3, most))]


def test_what_runs_on_a_gpu_stays_in_one_process() -> None:
    with room(three):
        with processes_for_images(ChgnetSpec(device="cuda"), 5) as lent:
            assert len(lent) == 0
        with processes_for_images(ChgnetSpec(device="cpu"), 5) as lent:
            assert len(lent) == 3
        with processes_for_images(AseSpec(calculator="ase.calculators.emt:EMT"), 2) as lent:
            assert len(lent) == 2
    with processes_for_images(ChgnetSpec(device="cpu"), 5) as lent:
        assert len(lent) == 0, "nobody has lent any"


@pytest.mark.parametrize(
    ("at_once", "most", "threads", "expected"), [(2, 5, "4", ["2"] * 2), (3, 2, "7", ["3"] * 2), (1, 5, "4", [])]
)
def test_images_share_the_threads_of_their_job(
    monkeypatch: pytest.MonkeyPatch, at_once: int, most: int, threads: str, expected: list[str]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    monkeypatch.setenv(IMAGES_VARIABLE, str(at_once))
    with lend_processes(most) as lent:
        found = [executor.submit(os.getenv, "OMP_NUM_THREADS") for executor in lent]
        inner = [executor.submit(os.getenv, IMAGES_VARIABLE) for executor in lent]
        assert [future.result() for future in found] == expected
        assert {future.result() for future in inner} <= {"1"}
