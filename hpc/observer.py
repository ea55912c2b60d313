"""What is told of a run while it goes on, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


class Observer:
    """Is told of a run while it goes on; this one takes note of nothing."""

    def started(self, job: str, folder: Path) -> None:
        """Take note of a job that starts, and of the folder where it keeps its log."""

    def finished(self, job: str, seconds: float) -> None:
        """Take note of a job that finished."""

    def failed(self, job: str, reason: str) -> None:
        """Take note of a job that failed."""

    def lost(self, job: str, reason: str) -> None:
        """Take note of a job whose worker died; it will be tried again."""

    def tick(self) -> None:
        """Be called about twice a second."""


@dataclass(frozen=True)
class RunSummary:
    """How a run ended.

    Attributes:
        finished: number of jobs that have finished, in earlier runs of the same folder too.
        failed: reason by name of the job, for those that failed.
        complete: whether nothing failed and nothing is left to run.
    """

    finished: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    complete: bool = False
