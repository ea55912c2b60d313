"""One question asked of many structures: of all by a cheap method, of the best ones again by better ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobflow import Flow, Response, job

from ...calculators.specs import AnyMethod, ChgnetSpec, CorrectedSpec, StudyCalculator, geometry_method
from ...errors import CalculationError, CapabilityError, StructureError
from ...structures.recipes import StructureRecipe
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.relaxation_jobs import CellPolicy
from ..common.results import Outcome, RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.work import light
from .questions import AnyQuestion, Asked, BarrierQuestion, Evidence, Question
from .results import Found, How, ScreeningResult, Stage, ranked

if TYPE_CHECKING:
    from jobflow import Job


FIRST: How = "anew"
"""How the first stage computes."""


class Screening(StudyLabel):
    """What all stages of one screening share; the label is that of the whole."""

    question: AnyQuestion
    stages: tuple[Stage, ...] = ()
    relax: RelaxSettings
    cell: CellPolicy | None

    def label(self, system: str, number: int, stage: int) -> StudyLabel:
        """Label the answer of one structure at one stage."""
        return StudyLabel(
            study=f"{self.study}: {system}", place=(*self.place, number, stage), literature=(), given=self.given
        )

    def result(
        self, system: str, label: StudyLabel, stage: int, how: How, found: Found, calculator: AnyMethod
    ) -> ScreeningResult:
        """Make the row of one structure at one stage."""
        from ...calculators.factory import record

        corrected = calculator.correct_with if isinstance(calculator, CorrectedSpec) else None
        return ScreeningResult(
            **label.model_dump(),
            screening=self.study,
            system=system,
            quantity=self.question.QUANTITY,
            unit=self.question.UNIT,
            ion=self.question.about,
            prefer=self.question.PREFER,
            stage=stage,
            how=how,
            found=found,
            calculator=record(geometry_method(calculator)),
            corrected_by=None if corrected is None else record(corrected),
        )


def screening_study(
    systems: Mapping[str, StructureRecipe],
    question: AnyQuestion | None = None,
    calculator: StudyCalculator = ChgnetSpec(),  # noqa: B008 - frozen
    *,
    stages: Sequence[Stage] = (),
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    cell: CellPolicy | None = None,
    folder: Path | None = None,
) -> list[ScreeningResult]:
    """Ask one question of many structures, and again of the best ones by better methods, without Jobflow.

    Args:
        systems: recipes by name.
        question: what is asked; the barrier of Zn when none.
        calculator: spec of the first method.
        stages: what comes after the first look at all.
        settings: convergence targets of the relaxations.
        cell: cell policy; chosen by the prototype when none.
        folder: where checkpoints go; none keeps no files.

    Returns:
        Every structure at every stage that looked at it, in this order; [`ranked`][] puts them in order.
    """
    asked = question or BarrierQuestion()
    name = f"{asked.QUANTITY} of {asked.about}" if asked.about else asked.QUANTITY
    screening = Screening(study=name, question=asked, stages=tuple(stages), relax=settings, cell=cell)
    numbers = {system: number for number, system in enumerate(systems)}
    results: list[ScreeningResult] = []
    evidence: dict[str, Evidence | str] = {}
    chosen, method, how = list(systems), calculator, FIRST
    for stage in range(len(stages) + 1):
        if stage:
            ahead, last = stages[stage - 1], [one for one in results if one.stage == stage - 1]
            best = [one.system for one in ranked([one for one in last if one.found.value is not None])][: ahead.best]
            chosen, how = [system for system in systems if system in best], ahead.how
            method = _method(method, ahead)
        for system in chosen:
            label = screening.label(system, numbers[system], stage)
            context = Asked(asked.study(system), label.place, method, settings, cell)
            evidence[system] = _evidence(
                asked, systems[system].named(system), context, how, evidence.get(system), folder
            )
            results.append(screening.result(system, label, stage, how, _found(asked, evidence[system]), method))
    return results


def _method(before: AnyMethod, ahead: Stage) -> AnyMethod:
    """Return what a stage computes with: its own method, or that of the stage before corrected by it."""
    if ahead.how == "anew":
        return ahead.calculator
    return CorrectedSpec(surrogate=geometry_method(before), correct_with=geometry_method(ahead.calculator))


def _evidence(
    question: Question,
    structure: StructureRecipe,
    asked: Asked,
    how: How,
    before: Evidence | str | None,
    folder: Path | None,
) -> Evidence | str:
    """Compute what an answer is read off, or return why it cannot be."""
    try:
        if how == "single points" and isinstance(asked.calculator, CorrectedSpec) and isinstance(before, Mapping):
            return question.corrected(before, asked.calculator, folder)
        return question.compute(structure, asked, folder)
    except (CalculationError, CapabilityError, StructureError) as error:
        return str(error)


def _found(question: Question, evidence: Evidence | str) -> Found:
    return Found(outcome=Outcome.FAILED, reason=evidence) if isinstance(evidence, str) else question.answer(evidence)


@job(output_schema=ScreeningResult)
def answer_job(
    screening: Screening,
    system: str,
    label: StudyLabel,
    stage: int,
    how: How,
    calculator: StudyCalculator,
    evidence: dict[str, Any],
) -> ScreeningResult:
    """Read the answer of one structure off what was computed for it, also where some of that failed."""
    found = screening.question.answer(evidence)
    return screening.result(system, label, stage, how, found, calculator)


@job(output_schema=ScreeningResult)
def left_out_job(
    screening: Screening, system: str, label: StudyLabel, calculator: StudyCalculator, reason: str
) -> ScreeningResult:
    """Make the row of a structure that cannot be computed at all."""
    found = Found(outcome=Outcome.FAILED, reason=reason)
    return screening.result(system, label, 0, "anew", found, calculator)


@job
def next_stage_job(
    screening: Screening,
    stage: int,
    calculator: StudyCalculator,
    recipes: dict[str, StructureRecipe],
    results: list[ScreeningResult | None],
    evidence: dict[str, dict[str, Any]],
) -> Response[list[ScreeningResult]]:
    """Choose the best structures and replace itself by what the next stage computes of them.

    Args:
        screening: question and stages.
        stage: number of the stage that comes, from 1.
        calculator: of the stage before.
        recipes: all structures, by name and in order.
        results: of the stage before; none where even its answer failed.
        evidence: what that stage has read its answers off, by structure; only where single points come.
    """
    ahead = screening.stages[stage - 1]
    there = [result for result in results if result is not None and result.found.value is not None]
    chosen = [result.system for result in ranked(there)][: ahead.best]
    if not chosen:
        return Response(output=[])
    kept = {name: recipe for name, recipe in recipes.items() if name in chosen}
    numbers = {name: number for number, name in enumerate(recipes)}
    method = _method(calculator, ahead)
    if isinstance(method, CorrectedSpec) and ahead.how == "single points":
        parts = [_corrected(screening, name, numbers[name], stage, method, evidence[name]) for name in kept]
    else:
        pool = SharedJobs()
        parts = [_anew(screening, recipe, numbers[name], name, stage, method, pool) for name, recipe in kept.items()]
        parts = [*(_Part([one], None) for one in pool.jobs), *parts]
    return Response(replace=_stage_flow(screening, stage, method, kept, parts))


@dataclass
class _Part:
    """The jobs of one structure, and its answer; shared jobs have none."""

    jobs: Sequence[Job | Flow]
    answer: Job | None
    system: str = ""
    evidence: Evidence = field(default_factory=dict)


def _anew(
    screening: Screening,
    recipe: StructureRecipe,
    number: int,
    name: str,
    stage: int,
    calculator: AnyMethod,
    pool: SharedJobs,
) -> _Part:
    label = screening.label(name, number, stage)
    by = "" if stage == 0 else f", by {geometry_method(calculator).in_words()}"
    asked = Asked(f"{screening.question.study(name)}{by}", label.place, calculator, screening.relax, screening.cell)
    flow, evidence = screening.question.flow(recipe.named(name), asked, pool)
    return _Part([flow], _answer(screening, name, label, stage, "anew", calculator, evidence), name, evidence)


def _corrected(
    screening: Screening,
    name: str,
    number: int,
    stage: int,
    method: CorrectedSpec,
    evidence: Evidence,
) -> _Part:
    jobs, corrected = screening.question.correction(evidence, method)
    label = screening.label(name, number, stage)
    return _Part(jobs, _answer(screening, name, label, stage, "single points", method, corrected), name, corrected)


def _answer(
    screening: Screening,
    system: str,
    label: StudyLabel,
    stage: int,
    how: How,
    calculator: AnyMethod,
    evidence: Evidence,
) -> Job:
    made = despite_failures(answer_job(screening, system, label, stage, how, calculator, dict(evidence)))
    made.name = f"{label.study}: {screening.question.QUANTITY}" + (f", stage {stage + 1}" if stage else "")
    return made


def _stage_flow(
    screening: Screening,
    stage: int,
    calculator: AnyMethod,
    recipes: Mapping[str, StructureRecipe],
    parts: Sequence[_Part],
) -> Flow:
    """Put the jobs of a stage together, and behind them the choice of the next."""
    jobs = [job for part in parts for job in (*part.jobs, part.answer) if job is not None]
    answers = [part.answer for part in parts if part.answer is not None]
    name = f"{screening.study}: stage {stage + 1}"
    if stage == len(screening.stages):
        return Flow(jobs, output=[answer.output for answer in answers], name=name)
    needed = screening.stages[stage].how == "single points"
    evidence = {part.system: dict(part.evidence) for part in parts if part.answer is not None}
    coming = despite_failures(
        next_stage_job(
            screening,
            stage + 1,
            calculator,
            dict(recipes),
            [answer.output for answer in answers],
            evidence if needed else {},
        )
    )
    coming.name = f"{screening.study}: choose the best {screening.stages[stage].best}"
    return Flow([*jobs, coming], output=coming.output, name=name)


@dataclass
class ScreeningMaker(StudyMaker):
    """One question asked of many structures, and again of the best ones by better methods.

    Steps: compute each structure by the first method; rank them; compute the best ones of each stage by its own method,
    anew or by single points. What fails stays in the ranking with its reason.

    Attributes:
        question: what is asked.
        stages: what comes after the first look at all.
        calculator: spec of the first method.
        settings: convergence targets of the relaxations.
        cell: cell policy; chosen by the prototype when none.
    """

    name: str = "screening"
    question: AnyQuestion = field(default_factory=BarrierQuestion)
    stages: tuple[Stage, ...] = ()
    calculator: StudyCalculator = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None

    def make(
        self,
        systems: Mapping[str, StructureRecipe],
        shared: SharedJobs | None = None,
        left_out: Mapping[str, str] | None = None,
    ) -> Flow:
        """Make the flow.

        Args:
            systems: recipes by name.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.
            left_out: why further structures cannot be computed, by name; they stay in the ranking.

        Returns:
            Flow whose output is the list of answers of its last stage, each a [`ScreeningResult`][].
        """
        pool = shared or SharedJobs()
        screening = Screening(
            **self.label(*systems.values()).model_dump(),
            question=self.question,
            stages=self.stages,
            relax=self.settings,
            cell=self.cell,
        )
        parts = [
            _anew(screening, recipe, number, name, 0, self.calculator, pool)
            for number, (name, recipe) in enumerate(systems.items())
        ]
        stage = _stage_flow(screening, 0, self.calculator, systems, parts)
        refused = [
            self._refused(screening, name, len(systems) + number, reason)
            for number, (name, reason) in enumerate((left_out or {}).items())
        ]
        own = [*refused, stage]
        return Flow([*(pool.jobs if shared is None else ()), *own], output=stage.output, name=self.name)

    def _refused(self, screening: Screening, name: str, number: int, reason: str) -> Job:
        made = light(left_out_job(screening, name, screening.label(name, number, 0), self.calculator, reason))
        made.name = f"{screening.study}: {name}, left out"
        return made
