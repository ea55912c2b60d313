"""Small things that the tests on SLURM share."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from azibflow.hpc.worker import JobTask


def task_of(job: Any, folder: Path) -> JobTask:
    return JobTask(job.as_dict(), [], folder / "jobs" / f"{job.uuid}-1", job.config.manager_config)


def wait_for(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Return what a condition returns as soon as it is true of something."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return answer


PROFILE = {
    "defaults": {"partition": "cpu", "memory": "400M", "walltime": "00:10:00"},
    "work": {
        "surrogate": {"partition": "gpu", "gpus": 1, "cpus": 2, "walltime": "00:20:00"},
        "dft": {"cpus": 2, "memory": "700M", "sbatch": ["--comment=a long one"]},
        "short": {"group": 3},
    },
    "max_jobs": 3,
    "interval": 2,
    "grace": 60,
}
