"""What all makers of studies share: a name, a place, a label, and how their flows are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jobflow import Flow, Maker

from .corrections import correction_jobs
from .results import StudyLabel

if TYPE_CHECKING:
    from jobflow import Job
    from pydantic import BaseModel

    from ...calculators.specs import AnyMethod


@dataclass
class StudyMaker(Maker):
    """Makes the flow of one study.

    A kind of study is a subclass with what it is asked for as further fields: two makers that differ in any of them, or
    in the systems they are given, make two studies.

    Attributes:
        name: name of the flow, of its jobs and of the study in tables.
        literature: keys of published values that tables put beside the result.
        place: place of the study in its campaign, for the order of tables.
    """

    name: str = "study"
    literature: list[str] = field(default_factory=list, kw_only=True)
    place: tuple[int, ...] = field(default=(), kw_only=True)

    def label(self, *systems: BaseModel | None) -> StudyLabel:
        """Return what results need to know of the study.

        Args:
            systems: the recipes it is made for, in order.
        """
        return StudyLabel.of(self, *systems)

    def named(self, job: Job, what: str) -> Job:
        """Name a job of the study.

        Args:
            job: changed in place.
            what: it does, in a few words.

        Returns:
            The job.
        """
        job.name = f"{self.name}: {what}"
        return job

    def correction(self, result: Job, calculator: AnyMethod) -> list[Job]:
        """Make the job that corrects a result by a better method; none where the calculator names no such method."""
        return [self.named(job, "correction") for job in correction_jobs(result, calculator)]

    def flow(self, own: Sequence[Job], made: Sequence[Job] = (), output: Any = None) -> Flow:
        """Put the jobs of the study together.

        Args:
            own: jobs that belong to it alone.
            made: jobs that it shares with others and nobody else puts into a flow.
            output: of the flow; that of the last job when none.
        """
        return Flow([*made, *own], output=own[-1].output if output is None else output, name=self.name)
