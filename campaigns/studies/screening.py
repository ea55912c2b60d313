"""Screenings: one question asked of many structures, and again of the best ones by better methods."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ...structures.molecules import is_known
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import MOLECULE, Use
from ...workflows.screening.flow import ScreeningMaker
from ...workflows.screening.questions import QUESTIONS, AdsorptionQuestion, AnyQuestion, Question
from ...workflows.screening.results import Stage
from .base import BulkStudy
from .keys import Calculator, Name, Names
from .solids import host_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from ...calculators.specs import AnyMethod
    from .base import Task
    from .context import Context


class StageOfCampaign(Stage):
    """One more look at the best structures, its calculator written as anywhere in a campaign."""

    calculator: Calculator = Field(description="the better method")


def _question(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


def problem_of_stage(stage: Stage, question: Question) -> str | None:
    """Say why a stage cannot answer a question, and what to do instead; none when it can."""
    if stage.how == "single points" and not question.CORRECTABLE:
        return f"single points cannot correct the {question.QUANTITY}; let the stage compute it anew"
    if stage.how == "single points" and len(stage.calculator.methods()) > 1:
        return "single points are by one method; name it alone"
    return None


class ScreeningStudy(BulkStudy):
    """One question asked of many structures, and again of the best ones by better methods."""

    CORRECTABLE = True

    kind: Literal["screening"] = Field(description="a ranking of many structures")
    system: Names = Field(description="names of the structures among the systems")
    question: Annotated[AnyQuestion, BeforeValidator(_question)] = Field(
        description=f"what is asked of each: {', '.join(str(one.model_fields['kind'].default) for one in QUESTIONS)}; "
        "a word, or a mapping with its settings"
    )
    then: list[StageOfCampaign] = Field(
        default_factory=list, description="better methods for the best structures, one after the other"
    )
    left_out: dict[Name, str] = Field(
        default_factory=dict, description="why further structures cannot be computed, by name; they stay in the ranking"
    )

    @model_validator(mode="after")
    def _single_points_of_what_has_them(self) -> Self:
        for stage in self.then:
            if (problem := problem_of_stage(stage, self.question)) is not None:
                raise ValueError(f"then: {problem}")
        return self

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return self.system

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        own = [(name, self.question.USE) for name in self.system]
        return [*own, *((name, MOLECULE) for name in self._molecules)]

    @property
    def _molecules(self) -> list[str]:
        named = self.question.adsorbate if isinstance(self.question, AdsorptionQuestion) else None
        return [named] if isinstance(named, str) and not is_known(named) else []

    @property
    def title(self) -> str:
        """Name of the study."""
        about = f" of {self.question.about}" if self.question.about else ""
        return self.name or f"{self.question.QUANTITY}{about}"

    @property
    def methods(self) -> list[AnyMethod]:
        """The better methods."""
        return [stage.calculator for stage in self.then]

    def problem_with(self, calculator: AnyMethod) -> str | None:
        """Say why a calculator cannot compute the study."""
        for method in (calculator, *self.methods):
            if len(method.methods()) > 1 and not self.question.CORRECTABLE:
                return f"a {self.question.QUANTITY} is computed by one method; give it a calculator that is one"
        return None

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of all structures and stages."""
        question = self.question
        if isinstance(question, AdsorptionQuestion) and isinstance(question.adsorbate, str):
            question = question.model_copy(update={"adsorbate": context.adsorbate(question.adsorbate)})
        maker = ScreeningMaker(
            name=self.title,
            question=question,
            stages=tuple(self.then),
            calculator=context.calculator,
            settings=context.relax,
            cell=self.cell,
            literature=self.literature,
            place=(context.number,),
        )
        recipes = {name: context.recipe(name) for name in self.system}
        return [maker.make(recipes, context.shared.of(SharedJobs), self.left_out)]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build what is relaxed first; what follows from that is found in the run."""
        for name in self.system:
            with context.system(name) as recipe:
                yield from host_tasks(name, recipe, self.cell)

    def anchored(self, folder: Path) -> Self:
        """Make the paths of the files of all calculators absolute."""
        then = [one.model_copy(update={"calculator": one.calculator.anchored(folder)}) for one in self.then]
        return super().anchored(folder).model_copy(update={"then": then})

    def pinned(self) -> Self:
        """Give the model files of all calculators their hashes."""
        then = [one.model_copy(update={"calculator": one.calculator.pinned()}) for one in self.then]
        return super().pinned().model_copy(update={"then": then})
