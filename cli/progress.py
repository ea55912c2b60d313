"""What a person sees while a run goes on: a live line in a terminal, plain lines in a batch log."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import click

from ..hpc.observer import Observer


class RunDisplay(Observer):
    """Reports jobs as they start, go on and end.

    Args:
        title: name of the run.
        planned: number of jobs that are known beforehand; others may come up on the way.
    """

    def __init__(self, title: str, planned: int) -> None:
        self._title = title
        self._planned = planned
        self._done = 0
        self._running: dict[str, Path] = {}
        self._since = time.monotonic()
        self._live = sys.stderr.isatty()

    def __enter__(self) -> Self:
        self._echo(f"{self._title}: {self._planned} jobs planned\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._clear()
        ending = "stopped" if kind else "ended"
        self._echo(f"{self._title}: {ending} after {self._elapsed()}, {self._done} jobs finished\n")

    def started(self, job: str, folder: Path) -> None:
        """Show the job among those that run now."""
        self._running[job] = folder

    def finished(self, job: str, seconds: float) -> None:
        """Print one line for a finished job."""
        self._done += 1
        self._running.pop(job, None)
        self._line(f"done    {job} ({seconds:.1f} s)")

    def failed(self, job: str, reason: str) -> None:
        """Print one line for a failed job."""
        self._running.pop(job, None)
        self._line(f"FAILED  {job}: {reason}")

    def lost(self, job: str, reason: str) -> None:
        """Print one line for a job that will be tried again."""
        self._running.pop(job, None)
        self._line(f"again   {job}: {reason}")

    def tick(self) -> None:
        """Show how far the running jobs are; only in a terminal, where the line can be written over."""
        if not self._live:
            return
        from ..hpc.status import last_line
        from ..hpc.worker import LOG

        self._clear()
        room = max(20, (shutil.get_terminal_size().columns - 10) // max(1, len(self._running)) - 3)
        parts = [f"{job}: {_words(last_line(folder / LOG))}"[:room] for job, folder in self._running.items()]
        line = f"[{self._elapsed()}] {' | '.join(parts)}"
        self._echo(line[: shutil.get_terminal_size().columns - 1])

    def _line(self, text: str) -> None:
        self._clear()
        self._echo(f"[{self._elapsed()}] {text}\n")

    def _clear(self) -> None:
        if self._live:
            self._echo("\r\033[K")

    def _echo(self, text: str) -> None:
        """Print; a run does not end because nobody reads its progress any more (a closed pipe, a full disk)."""
        with contextlib.suppress(OSError):
            click.echo(text, nl=False, err=True)

    def _elapsed(self) -> str:
        return clock(time.monotonic() - self._since)


def clock(seconds: float) -> str:
    """Write a time span as minutes and seconds, with hours when there are any."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:d}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:d}:{rest:02d}"


def _words(log_line: str) -> str:
    """Return a log line without its date and time."""
    parts = log_line.split(" ", 2)
    return parts[2] if len(parts) == 3 and parts[0][:2] == "20" else log_line
