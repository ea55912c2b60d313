"""Run a Flow on this machine, one job after the other, and report what happens as it happens."""

from __future__ import annotations

import logging
import re
import time
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from .run_folder import RunFolder

_STARTING = re.compile(r"Starting job - (?P<name>.*) \([0-9a-f-]{36}(, \d+)?\)$")
_FINISHED = re.compile(r"Finished job - (?P<name>.*) \([0-9a-f-]{36}(, \d+)?\)$")
_BOOKKEEPING = "store_inputs"  # Jobflow's own job, which copies the output of a replaced one
_FAILED = re.compile(r"(?P<name>.*?) failed with exception:\n(?P<traceback>.*)", re.DOTALL)


class Observer(Protocol):
    """What is told of a run while it goes on."""

    def started(self, job: str) -> None:
        """Take note of a job that starts."""

    def finished(self, job: str, seconds: float) -> None:
        """Take note of a job that finished."""

    def failed(self, job: str, reason: str) -> None:
        """Take note of a job that failed."""


@dataclass
class RunSummary:
    """How a run ended.

    Attributes:
        finished: number of jobs that finished.
        failed: reason by name of the job, for those that failed.
        complete: whether every job of the flow ran.
    """

    finished: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    complete: bool = False


def run_flow(flow: Flow, folder: RunFolder, observer: Observer) -> RunSummary:
    """Run a flow with Jobflow's own ``run_locally``; documents go to the folder's store as jobs finish.

    Args:
        flow: any Flow.
        folder: run folder; the working folder of every job.
        observer: told of each job.

    Returns:
        The summary; jobs that fail do not stop the others.
    """
    from jobflow import run_locally

    summary = RunSummary()
    with _listening(folder, observer, summary), warnings.catch_warnings():
        # Jobflow 0.4 changes folders with a function that monty has deprecated.
        warnings.filterwarnings("ignore", category=FutureWarning, message="cd is deprecated")
        responses = run_locally(flow, log=False, store=folder.job_store(), root_dir=folder.path)
    summary.complete = not summary.failed and set(flow.job_uuids) <= set(responses)
    return summary


class _LogFile(logging.FileHandler):
    """A log that cannot be written, on a full disk say, must not bury the message about what failed."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Lose the line."""

    def close(self) -> None:
        with suppress(OSError):
            super().close()


class _JobLog(logging.Handler):
    """Translates Jobflow's log, the only thing that ``run_locally`` tells, into calls of the observer."""

    def __init__(self, observer: Observer, summary: RunSummary) -> None:
        super().__init__()
        self._observer = observer
        self._summary = summary
        self._since = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if match := _STARTING.match(message):
            self._since = time.monotonic()
            self._observer.started(match["name"])
        elif match := _FINISHED.match(message):
            if match["name"] != _BOOKKEEPING:
                self._summary.finished += 1
                self._observer.finished(match["name"], time.monotonic() - self._since)
        elif match := _FAILED.match(message):
            reason = match["traceback"].strip().rsplit("\n", 1)[-1]
            self._summary.failed[match["name"]] = reason
            self._observer.failed(match["name"], reason)


@contextmanager
def _listening(folder: RunFolder, observer: Observer, summary: RunSummary) -> Iterator[None]:
    """Send Jobflow's log to the observer and to the folder's log file for the time of a run."""
    logger = logging.getLogger("jobflow")
    level, propagate = logger.level, logger.propagate
    to_file = _LogFile(folder.log_path(), encoding="utf-8")
    to_file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    handlers = [to_file, _JobLog(observer, summary)]
    for handler in handlers:
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
        to_file.close()
        logger.setLevel(level)
        logger.propagate = propagate
