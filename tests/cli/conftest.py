"""The command line as a function, and runs without processes of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


class InThisProcess(Executor):
    """Runs jobs one after the other here: starting a process takes a second.

    Not in a thread: what a job prints goes to its log, and so would what the run says meanwhile.
    """

    def __init__(self, workers: int, threads: int | None = None, images_at_once: int = 1) -> None:
        pass

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a job before anything else goes on."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let `azibflow run` and `resume` start no processes."""
    monkeypatch.setattr("azibflow.hpc.processes.ProcessExecutor", InThisProcess)
