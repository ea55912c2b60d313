"""Protons beside the ions: the lowest state of every number of ions takes up hydrogen, one atom after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Response, job
from pydantic import BaseModel, Field

from ...structures.documents import StructureDocument
from ...structures.protonation import basic_oxygens, with_proton
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.references import ReferenceEnergy
from ..common.relaxation_jobs import RelaxationResult, relax_job, relax_structure
from ..common.results import Outcome
from ..common.work import computing
from .correcting import best_record
from .hosts import convergence
from .ladder import collect_breathing
from .proton_results import Protonation, ProtonRecord
from .results import BreathingResult, HostState, lowest_host
from .search import State
from .tasks import BreathingTask, Ladder

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Job

PROTON = "H"


class ProtonLadder(BaseModel):
    """A number of ions with more and more hydrogen."""

    n: int = Field(description="ions in the cell")
    structure: StructureDocument = Field(description="lowest state so far, which the next hydrogen atom is put into")
    film: tuple[int, ...] = Field(description="atoms of the film, whose oxygens take hydrogen")
    records: list[ProtonRecord] = Field(default_factory=list, description="one per number of hydrogen atoms")


def proton_ladders(result: BreathingResult) -> list[ProtonLadder]:
    """Return where hydrogen is put into: the lowest state of the host and of every number of ions that has one."""
    film = result.interface.film
    return [ProtonLadder(n=n, structure=structure, film=film) for n, structure in _lowest_states(result).items()]


def proton_starts(ladder: ProtonLadder, task: BreathingTask) -> dict[str, Atoms]:
    """Put one more hydrogen atom on each of the most basic oxygens of a film.

    Args:
        ladder: what is there.
        task: on how many, and up to how many hydrogen atoms.

    Returns:
        Structures, not relaxed, by the oxygen; none when there are enough, or the last did not get anywhere.
    """
    settings, last = task.settings.protons, ladder.records[-1:]
    if len(ladder.records) == settings.most or any(record.structure is None for record in last):
        return {}
    atoms = ladder.structure.to_atoms()
    return {f"O{i}": with_proton(atoms, i) for i in basic_oxygens(atoms, ladder.film)[: settings.starts]}


def with_one_more(ladder: ProtonLadder, relaxed: dict[str, RelaxationResult | None]) -> ProtonLadder:
    """Note the lowest state with one hydrogen atom more.

    Args:
        ladder: what was there.
        relaxed: by the oxygen that it was put on; none where the job failed.
    """
    found = {name: State.of(one) for name, one in relaxed.items() if one is not None}
    m = len(ladder.records) + 1
    if not found:
        why = "every relaxation failed; the run's log says why"
        failed = ProtonRecord(n=ladder.n, m=m, outcome=Outcome.FAILED, reason=why, starts=len(relaxed))
        return ladder.model_copy(update={"records": [*ladder.records, failed]})
    oxygen = min(found, key=lambda name: found[name].order)
    best = found[oxygen]
    outcome, reason = convergence(best)
    record = ProtonRecord(
        n=ladder.n,
        m=m,
        outcome=outcome,
        reason=reason,
        energy=best.energy,
        fmax=best.fmax,
        oxygen=oxygen,
        starts=len(relaxed),
        force_calls=sum(state.force_calls for state in found.values()),
        structure=best.structure,
        trust=best.trust,
    )
    return ladder.model_copy(update={"records": [*ladder.records, record], "structure": best.structure})


def with_protons(
    result: BreathingResult, ladders: Sequence[ProtonLadder | None], reference: ReferenceEnergy, task: BreathingTask
) -> BreathingResult:
    """Add to a study what hydrogen has been put in.

    Args:
        result: the study without it.
        ladders: one for every number of ions; none where a job failed.
        reference: of hydrogen.
        task: the study.
    """
    records = [record for ladder in ladders if ladder is not None for record in ladder.records]
    protons = Protonation(reference=reference, ph=task.settings.protons.ph, records=records)
    return result.model_copy(update={"protons": protons})


def protonate(
    result: BreathingResult, reference: ReferenceEnergy, task: BreathingTask, folder: Path | None = None
) -> BreathingResult:
    """Put hydrogen beside the ions without Jobflow.

    Args:
        result: the study without it.
        reference: of hydrogen.
        task: the study.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The study with it; a relaxation that failed is left out, as in the flow.
    """
    ladders = []
    for ladder in proton_ladders(result):
        while starts := proton_starts(ladder, task):
            relax = partial(
                relax_structure,
                calculator=task.calculator,
                settings=task.relax,
                cell=task.settings.cell,
                folder=folder,
            )
            relaxed = {
                name: attempted(_name(ladder, task, f"H on {name}"), partial(relax, atoms))
                for name, atoms in starts.items()
            }
            ladder = with_one_more(ladder, relaxed)
        ladders.append(ladder)
    return with_protons(result, ladders, reference, task)


def protonation_flow(result: BreathingResult, reference: ReferenceEnergy, task: BreathingTask) -> Flow:
    """Return the jobs that put hydrogen beside the ions; the output is the study with it."""
    parts = [part for ladder in proton_ladders(result) if (part := _one_more(ladder, task))]
    ends = [part[-1].output for part in parts]
    collect = despite_failures(collect_protons_job(result, ends, reference, task))
    collect.name = f"{task.label.study}: collect"
    return Flow([*(job for part in parts for job in part), collect], output=collect.output, name=task.label.study)


@job
def protons_job(
    ladders: list[Ladder | None],
    states: list[HostState],
    reference: ReferenceEnergy,
    hydrogen: ReferenceEnergy,
    task: BreathingTask,
) -> Response[BreathingResult]:
    """Gather all searches, and replace itself by what puts hydrogen beside the ions."""
    result = collect_breathing(ladders, states, reference, task)
    return Response(replace=protonation_flow(result, hydrogen, task))


@job
def next_proton_job(
    ladder: ProtonLadder, relaxed: dict[str, RelaxationResult | None], task: BreathingTask
) -> Response[ProtonLadder]:
    """Note the lowest state with one hydrogen atom more, and replace itself by the next relaxations."""
    ladder = with_one_more(ladder, relaxed)
    jobs = _one_more(ladder, task)
    if not jobs:
        return Response(output=ladder)
    return Response(replace=Flow(jobs, output=jobs[-1].output))


@job(output_schema=BreathingResult)
def collect_protons_job(
    result: BreathingResult, ladders: list[ProtonLadder | None], reference: ReferenceEnergy, task: BreathingTask
) -> BreathingResult:
    """Add to a study what hydrogen has been put in."""
    return with_protons(result, ladders, reference, task)


def _one_more(ladder: ProtonLadder, task: BreathingTask) -> list[Job]:
    """Make the relaxations with one hydrogen atom more, and last what notes the lowest; none at the end."""
    relaxed, jobs = {}, []
    for name, atoms in proton_starts(ladder, task).items():
        start = StructureDocument.from_atoms(atoms)
        relaxing = computing(relax_job(start, task.calculator, task.relax, task.settings.cell), task.calculator)
        relaxing.name = _name(ladder, task, f"H on {name}")
        relaxed[name] = relaxing.output
        jobs.append(relaxing)
    if not jobs:
        return []
    following = despite_failures(next_proton_job(ladder, relaxed, task))
    following.name = _name(ladder, task, "lowest")
    return [*jobs, following]


def _name(ladder: ProtonLadder, task: BreathingTask, what: str) -> str:
    return f"{task.label.study}, n = {ladder.n}, {len(ladder.records) + 1} H: {what}"


def _lowest_states(result: BreathingResult) -> dict[int, StructureDocument]:
    """Return the lowest structure of every number of ions that has a result, of the host first."""
    states = {0: lowest_host(result).structure}
    for n in sorted({record.n for record in result.records}):
        best = best_record(record for record in result.records if record.n == n)
        if best is not None and best.outcome is Outcome.OK and best.structure is not None:
            states[n] = best.structure
    return states
