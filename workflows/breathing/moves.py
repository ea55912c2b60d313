"""Moves that look for a lower state of a loaded host: an ion goes elsewhere, or everything is heated for a moment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jobflow import job

from ...calculators.factory import make_calculator
from ...structures.insertion_sites import insertion_sites
from ..common.relaxation_jobs import MOMENTS, RelaxationResult, relax_structure
from .annealing import AnnealSettings, anneal_structure
from .hosts import convergence, empty_host
from .results import BreathingRecord
from .search import Candidate, State, ranked_by_energy, sketched, with_ion

if TYPE_CHECKING:
    from ase import Atoms

    from .tasks import BreathingTask

ELSEWHERE = 1.5
"""An ion that is put back nearer than this to where it was has not moved, angstrom."""


def moved(state: State, host_size: int, number: int, seed: int, task: BreathingTask, folder: Path | None) -> State:
    """Make one move from a state and relax it.

    Args:
        state: the lowest so far.
        host_size: atoms of the host; ions come after them.
        number: of the move; even ones heat, odd ones take an ion elsewhere, the least bound first. A host without ions
            is only heated.
        seed: of velocities and sites.
        task: the study.
        folder: where the checkpoint goes; none keeps no files.

    Returns:
        The state reached, which may be the one that was left.

    Raises:
        CapabilityError: the calculator cannot treat these atoms.
    """
    atoms = state.structure.to_atoms()
    if number % 2 == 0 or len(atoms) == host_size:
        return _heated(atoms, seed, task, folder)
    return _with_an_ion_elsewhere(atoms, host_size, number // 2, seed, task, folder)


def hand_back(
    record: BreathingRecord, below: float, host_size: int, task: BreathingTask, folder: Path | None
) -> BreathingRecord | None:
    """Take out the ion that is bound least: what n ions know of n - 1.

    Args:
        record: the lowest state with at least two ions.
        below: energy that the state with one ion less has to lie below to be of use, eV.
        host_size: atoms of the host; ions come after them.
        task: the study.
        folder: where the checkpoints go; none keeps no files.

    Returns:
        The record of the lower state, emptied too, its bonds not yet followed; none where it is not lower.
    """
    assert record.structure is not None  # only states that were found are handed back
    left, calls = _removed(record.structure.to_atoms(), host_size, task)
    relaxed = _relaxed(left[0][1], task, folder)
    state = State.of(relaxed)
    if not state.converged or state.energy >= below:
        return None
    outcome, reason = convergence(state)
    lower = BreathingRecord(
        n=record.n - 1,
        seed=record.seed,
        outcome=outcome,
        reason=reason,
        energy=state.energy,
        fmax=state.fmax,
        force_calls=calls + state.force_calls,
        structure=state.structure,
        trust=state.trust,
        moments=state.moments,
    )
    return lower.model_copy(update={"emptied": empty_host(lower, host_size, task, folder)})


def _heated(atoms: Atoms, seed: int, task: BreathingTask, folder: Path | None) -> State:
    explore = task.settings.explore
    heat = AnnealSettings(temperature=explore.temperature, steps=explore.steps)
    return State.of(anneal_structure(atoms, task.calculator, task.relax, heat, seed, folder=folder))


def _with_an_ion_elsewhere(
    atoms: Atoms, host_size: int, which: int, seed: int, task: BreathingTask, folder: Path | None
) -> State:
    explore = task.settings.explore
    left, calls = _removed(atoms, host_size, task)
    ion, rest = left[which % len(left)]
    places = insertion_sites(rest, task.ion, explore.sites, seed)
    places = places[_distances(atoms, ion, places) > ELSEWHERE] if len(places) else places
    if not len(places):
        return _heated(atoms, seed, task, folder)
    tried = ranked_by_energy([with_ion(rest, task.ion, place) for place in places], task.calculator)
    sketches = sketched(tried[: explore.sketched], task.calculator, task.settings.search.sketch_steps)
    calls += len(tried) + sum(sketch.force_calls for sketch in sketches)
    best = sketches[0].structure.to_atoms()
    relaxed = _relaxed(best, task, folder)
    return _counted(State.of(relaxed), calls)


def _relaxed(atoms: Atoms, task: BreathingTask, folder: Path | None) -> RelaxationResult:
    return relax_structure(atoms, task.calculator, task.relax, cell=task.settings.cell, folder=folder, atomic=MOMENTS)


def _removed(atoms: Atoms, host_size: int, task: BreathingTask) -> tuple[list[tuple[int, Atoms]], int]:
    """Return each ion with what is left without it, the one first that costs least, and the evaluations that took."""
    computer = make_calculator(task.calculator)
    found = []
    for ion in range(host_size, len(atoms)):
        rest = atoms[[i for i in range(len(atoms)) if i != ion]]
        rest.info = dict(atoms.info)
        probe = rest.copy()
        probe.calc = computer
        found.append((round(float(probe.get_potential_energy()), 6), ion, rest))
    found.sort(key=lambda one: one[:2])
    return [(ion, rest) for _, ion, rest in found], len(found)


def _distances(atoms: Atoms, ion: int, places: np.ndarray) -> np.ndarray:
    from ase.geometry import find_mic

    _, lengths = find_mic(places - atoms.positions[ion], atoms.cell, atoms.pbc)
    return np.asarray(lengths)


def _counted(state: State, calls: int) -> State:
    return state.model_copy(update={"force_calls": state.force_calls + calls})


@job(output_schema=Candidate)
def move_job(state: State, host_size: int, number: int, seed: int, task: BreathingTask) -> Candidate:
    """Make one move from a state in the job's folder."""
    return Candidate(parent=0, state=moved(state, host_size, number, seed, task, Path.cwd()))


@job
def hand_back_job(record: BreathingRecord, below: float, host_size: int, task: BreathingTask) -> BreathingRecord | None:
    """Take out the ion that is bound least, in the job's folder."""
    return hand_back(record, below, host_size, task, Path.cwd())
