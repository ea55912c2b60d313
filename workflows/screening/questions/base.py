"""What every question of a screening has: how it is computed of one structure, and how its answer is read off."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from jobflow import Flow
from pydantic import BaseModel, ConfigDict

from ....calculators.specs import AnyMethod, CorrectedSpec
from ...common.corrections import correct_job
from ...common.relaxation_jobs import CellPolicy
from ...common.results import Outcome, RelaxSettings
from ...common.shared_jobs import SharedJobs
from ...common.uses import Use
from ...common.work import light
from ..results import Found, Preferred

if TYPE_CHECKING:
    from jobflow import Job

    from ....structures.recipes import StructureRecipe
    from ...common.single_points import Correctable

Evidence = Mapping[str, Any]
"""Outputs of jobs that an answer is read off, by name; of jobs that are still to come, references to them."""


@dataclass(frozen=True)
class Asked:
    """How one structure is computed at one stage of a screening.

    Attributes:
        name: of the study that computes it, in tables and progress.
        place: of that study, for the order of tables.
        calculator: of the stage.
        relax: when relaxations end.
        cell: cell policy; chosen by the prototype when none.
    """

    name: str
    place: tuple[int, ...]
    calculator: AnyMethod
    relax: RelaxSettings
    cell: CellPolicy | None


class Question(BaseModel):
    """What is asked of every structure."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    QUANTITY: ClassVar[str]
    UNIT: ClassVar[str]
    PREFER: ClassVar[Preferred]
    USE: ClassVar[Use]
    """What is done with each structure."""

    CORRECTABLE: ClassVar[bool] = False
    """Whether a better method can correct the answer by single points, and an ensemble judge it."""

    kind: str

    @property
    def about(self) -> str:
        """The ion or adsorbate that it is about; empty for none."""
        return ""

    @abstractmethod
    def study(self, system: str) -> str:
        """Name the study that computes a structure, in tables and progress."""

    @abstractmethod
    def flow(self, structure: StructureRecipe, asked: Asked, pool: SharedJobs) -> tuple[Flow, Evidence]:
        """Make the flow that computes what the answer needs.

        Args:
            structure: recipe of the structure.
            asked: how it is computed.
            pool: jobs that the structures share; the caller puts them into its own flow.

        Returns:
            The flow, and what the answer is read off.
        """

    @abstractmethod
    def compute(self, structure: StructureRecipe, asked: Asked, folder: Path | None = None) -> Evidence:
        """Compute without Jobflow what the answer is read off.

        Args:
            structure: recipe of the structure.
            asked: how it is computed.
            folder: where checkpoints go; none keeps no files.

        Raises:
            StructureError: the structure is none for the question.
            CalculationError: a calculation failed.
        """

    @abstractmethod
    def answer(self, evidence: Evidence) -> Found:
        """Read the answer off outputs; those of failed jobs are none."""

    def correction(self, evidence: Evidence, calculator: CorrectedSpec) -> tuple[list[Job], Evidence]:
        """Make the jobs that correct what a stage has found, and say what the answer is read off then.

        Args:
            evidence: outputs of that stage.
            calculator: its method, and the one that corrects it.
        """
        raise NotImplementedError(f"single points cannot correct the {self.QUANTITY}")

    def corrected(self, evidence: Evidence, calculator: CorrectedSpec, folder: Path | None = None) -> Evidence:
        """Correct without Jobflow what a stage has found.

        Args:
            evidence: what [`compute`][] gave.
            calculator: its method, and the one that corrects it.
            folder: where an SCF keeps its orbitals; none keeps no files.
        """
        raise NotImplementedError(f"single points cannot correct the {self.QUANTITY}")


def corrections(results: Sequence[Correctable], calculator: CorrectedSpec) -> list[Job]:
    """Make the jobs that correct results that are there."""
    jobs = []
    for result in results:
        job = light(correct_job(result, calculator))
        job.name = f"{result.study}: correction"
        jobs.append(job)
    return jobs


def nothing(reasons: Sequence[tuple[str, Outcome, str]], none: str) -> dict[str, Any]:
    """Say why there is no answer.

    Args:
        reasons: what was computed, how it ended and why.
        none: what there is none of, in words.
    """
    bad = [one for one in reasons if one[1] is not Outcome.OK]
    if not bad:
        return {"outcome": Outcome.FAILED, "reason": none}
    told = "; ".join(f"{name}: {outcome}, {why}" if why else f"{name}: {outcome}" for name, outcome, why in bad)
    outcomes = {outcome for _, outcome, _ in bad}
    return {"outcome": outcomes.pop() if len(outcomes) == 1 else Outcome.FAILED, "reason": f"{none}: {told}"}
