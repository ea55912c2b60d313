"""The command line as a function, and runs without processes of their own."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))


class InThisProcess(ThreadPoolExecutor):
    """Runs jobs one after the other here: starting a process takes a second."""

    def __init__(self, workers: int, threads: int | None = None, images_at_once: int = 1) -> None:
        super().__init__(1)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let `azibflow run` and `resume` start no processes."""
    monkeypatch.setattr("azibflow.hpc.processes.ProcessExecutor", InThisProcess)
