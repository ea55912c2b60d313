"""What the executor asks of a batch system, and how patiently: a cluster is slow, shared, and restarted now and then.

SLURM is one implementation ([`Slurm`][azibflow.hpc.slurm_queue.Slurm]); another batch system is one file more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from ..errors import RunError

if TYPE_CHECKING:
    from .profiles import Profile, Resources

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 600.0
"""Longest pause between two questions to a batch system that does not answer, s."""


class SilentSchedulerError(RunError):
    """The batch system did not answer, or not so that it can be read: nothing is known, and it is asked again."""


class RefusedJobError(RunError):
    """The batch system has judged a job: asking again would not help."""


@dataclass(frozen=True)
class QueuedJob:
    """A batch job that waits or runs.

    Attributes:
        job_id: its number.
        state: word of the batch system for its state, such as PENDING or RUNNING.
        time_left: what is left of its walltime, as the batch system writes it.
        where: node it runs on, or why it waits, in parentheses.
        folder: its working folder.
    """

    job_id: str
    state: str
    time_left: str
    where: str
    folder: Path


class Scheduler(Protocol):
    """A batch system."""

    def script(self, profile: Profile, resources: Resources, name: str, command: str) -> str:
        """Write the script of a job that requeues itself before its walltime ends.

        Args:
            profile: the machine.
            resources: of the job.
            name: of the job.
            command: what it runs, quoted for a shell.
        """
        ...

    def submit(self, script: Path, folder: Path) -> str:
        """Put a job into the queue.

        Args:
            script: file of its script.
            folder: its working folder, in which its output goes.

        Returns:
            Its number.

        Raises:
            RefusedJobError: the job cannot run here.
            SilentSchedulerError: nothing is known; it may be in the queue all the same.
        """
        ...

    def queued(self) -> list[QueuedJob]:
        """Return all jobs of this user that wait or run, in one question.

        Raises:
            SilentSchedulerError: nothing is known.
        """
        ...

    def cancel(self, job_ids: Iterable[str]) -> None:
        """Take jobs out of the queue.

        Raises:
            SilentSchedulerError: nothing is known.
        """
        ...

    def ending(self, job_id: str) -> str:
        """Say how a job ended, as long as the batch system remembers it; empty when it has forgotten."""
        ...


@dataclass(frozen=True)
class Queue:
    """An answer to the question what is in the queue.

    Attributes:
        asked: when, on the monotonic clock, s: what was submitted later is not in it.
        by_id: the jobs by number.
        by_folder: the same by working folder.
    """

    asked: float
    by_id: dict[str, QueuedJob]
    by_folder: dict[Path, QueuedJob]


class QueueWatch:
    """What is in the queue: asked at most once per interval whatever the number of jobs, and patiently.

    Args:
        scheduler: whom to ask.
        interval: least time between two questions, s.
    """

    def __init__(self, scheduler: Scheduler, interval: float) -> None:
        self._scheduler = scheduler
        self._interval = interval
        self._next = 0.0
        self._silences = 0
        self.latest: Queue | None = None

    @property
    def due(self) -> bool:
        """Whether it may be asked again."""
        return time.monotonic() >= self._next

    def ask(self) -> None:
        """Ask; when there is no answer, the latest one stays and the next question is put off."""
        asked = time.monotonic()
        try:
            jobs = self._scheduler.queued()
        except SilentSchedulerError as error:
            self._silences += 1
            pause = _pause(self._interval, self._silences)
            logger.warning("the queue cannot be asked: %s; jobs go on, next question in %.0f s", error, pause)
            self._next = time.monotonic() + pause
            return
        if self._silences:
            logger.warning("the queue answers again")
        self._silences = 0
        self._next = asked + self._interval
        self.latest = Queue(asked, {job.job_id: job for job in jobs}, {job.folder: job for job in jobs})


Answer = TypeVar("Answer")


def patiently(ask: Callable[[], Answer], what: str) -> Answer:
    """Ask a batch system until it answers, with growing pauses and a line for each.

    Args:
        ask: raises [`SilentSchedulerError`][] as long as nothing is known.
        what: is asked, in a few words.
    """
    silences = 0
    while True:
        try:
            return ask()
        except SilentSchedulerError as error:
            silences += 1
            pause = _pause(1.0, silences)
            logger.warning("%s: %s; asking again in %.0f s", what, error, pause)
            time.sleep(pause)


def _pause(first: float, silences: int) -> float:
    return min(first * 2.0 ** min(silences, 20), LONGEST_PAUSE)
