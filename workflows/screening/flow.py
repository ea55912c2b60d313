"""One question asked of many structures: of all by a cheap method, of the best ones again by better ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jobflow import Flow, Response, job

from ...calculators.specs import AnyMethod, ChgnetSpec, CorrectedSpec, StudyCalculator, geometry_method
from ...structures.recipes import StructureRecipe
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.relaxation_jobs import CellPolicy
from ..common.results import Outcome, RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.work import light
from .questions import AnyQuestion, Asked, BarrierQuestion, Evidence
from .results import Found, How, ScreeningResult, Stage, ranked

if TYPE_CHECKING:
    from jobflow import Job


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
    method: AnyMethod = ahead.calculator
    if ahead.how == "single points":
        pair = CorrectedSpec(surrogate=geometry_method(calculator), correct_with=geometry_method(ahead.calculator))
        parts = [_corrected(screening, name, numbers[name], stage, pair, evidence[name]) for name in kept]
        method = pair
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
    asked = Asked(f"{label.study}{by}", label.place, calculator, screening.relax, screening.cell)
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
