"""What a person sees while a run goes on: a live line in a terminal, plain lines in a batch log."""

from __future__ import annotations

import logging
import shutil
import sys
import time
from types import TracebackType
from typing import Self

import click


class RunDisplay:
    """Reports jobs as they start, go on and end; an :class:`azibflow.hpc.local.Observer`.

    Args:
        title: name of the run.
        planned: number of calculations that the run is expected to make.
    """

    def __init__(self, title: str, planned: int) -> None:
        self._title = title
        self._planned = planned
        self._done = 0
        self._job = ""
        self._since = time.monotonic()
        self._live = sys.stderr.isatty()
        self._steps = _StepListener(self)

    def __enter__(self) -> Self:
        click.echo(f"{self._title}: {self._planned} calculations planned", err=True)
        logger = logging.getLogger("azibflow")
        logger.addHandler(self._steps)
        logger.setLevel(logging.INFO)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        logging.getLogger("azibflow").removeHandler(self._steps)
        self._clear()
        ending = "stopped" if kind else "ended"
        click.echo(f"{self._title}: {ending} after {self._elapsed()}, {self._done} jobs finished", err=True)

    def started(self, job: str) -> None:
        """Show the job that runs now."""
        self._job = job
        self.step("")

    def finished(self, job: str, seconds: float) -> None:
        """Print one line for a finished job."""
        self._done += 1
        self._line(f"done    {job} ({seconds:.1f} s)")

    def failed(self, job: str, reason: str) -> None:
        """Print one line for a failed job."""
        self._line(f"FAILED  {job}: {reason}")

    def step(self, words: str) -> None:
        """Show how far the running job is; only in a terminal, where the line can be written over."""
        if self._live:
            self._clear()
            click.echo(
                f"[{self._elapsed()}] {self._job} {words}"[: shutil.get_terminal_size().columns - 1], nl=False, err=True
            )

    def _line(self, text: str) -> None:
        self._clear()
        click.echo(f"[{self._elapsed()}] {text}", err=True)

    def _clear(self) -> None:
        if self._live:
            click.echo("\r\033[K", nl=False, err=True)

    def _elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._since), 60)
        return f"{minutes:d}:{seconds:02d}"


class _StepListener(logging.Handler):
    """Hands what calculations log about their steps to the display."""

    def __init__(self, display: RunDisplay) -> None:
        super().__init__(logging.INFO)
        self._display = display

    def emit(self, record: logging.LogRecord) -> None:
        self._display.step(record.getMessage())
