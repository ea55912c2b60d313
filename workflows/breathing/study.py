"""A breathing study from its relaxed host on, without Jobflow, and the result that all its searches make."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from ..common.attempts import attempted
from ..common.references import ReferenceEnergy
from ..common.relaxation_jobs import RelaxationResult
from .annealing import anneal_structure
from .hosts import host_states, interface_of
from .ladder import climb
from .results import BreathingResult, HostState, LadderEnd
from .tasks import BreathingTask, Ladder


def searched(
    built: RelaxationResult, reference: ReferenceEnergy, task: BreathingTask, folder: Path | None = None
) -> BreathingResult:
    """Anneal a relaxed host, load and empty it, without Jobflow.

    Args:
        built: the host, relaxed as it was built.
        reference: of the ion.
        task: the study.
        folder: where checkpoints go; none keeps no files.
    """
    chosen, start = task.settings, built.structure.to_atoms()
    annealed = [
        attempted(
            f"annealing with seed {seed}",
            partial(anneal_structure, start, task.calculator, task.relax, chosen.anneal, seed, folder=folder),
        )
        for seed in range(chosen.seeds if chosen.anneal.steps else 0)
    ]
    states = host_states(built, annealed, chosen.criteria, chosen.film)
    ladders = [climb(seed, states[0], task, folder) for seed in range(chosen.seeds)]
    return collect_breathing(ladders, states, reference, task)


def collect_breathing(
    ladders: Sequence[Ladder | None], states: Sequence[HostState], reference: ReferenceEnergy, task: BreathingTask
) -> BreathingResult:
    """Gather all searches.

    Args:
        ladders: one per seed; none where a job failed.
        states: of the host, lowest first.
        reference: of the ion.
        task: the study.

    Returns:
        The result; the limit follows from it by arithmetic.
    """
    found = [ladder for ladder in ladders if ladder is not None]
    hosts = {host.structure.sha256(): host for host in [*states, *(host for one in found for host in one.hosts)]}
    farthest = max(found, key=lambda ladder: max((r.n for r in ladder.records), default=0), default=None)
    return BreathingResult(
        **task.label.model_dump(),
        host_name=task.host_name,
        ion=task.ion,
        charge=task.settings.charge,
        interface=interface_of(states[0].structure.to_atoms(), task.settings.film),
        criteria=task.settings.criteria,
        reference=reference,
        hosts=list(hosts.values()),
        records=[one for ladder in found for one in ladder.records],
        asked=task.settings.ions,
        end=LadderEnd.NO_RESULT if farthest is None else farthest.end,
        calculator=reference.calculator,
        tried=task.tried,
        candidate=task.candidate,
    )
