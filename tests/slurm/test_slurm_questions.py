"""What a run of two hundred jobs asks of SLURM, counted by commands that stand before SLURM's own on the PATH."""

from __future__ import annotations

import os
import shutil
import time
from itertools import pairwise
from pathlib import Path

import pytest
from slurm_helpers import task_of, wait_for
from slurm_jobs import count

from azibflow.hpc.profiles import Profile
from azibflow.hpc.slurm import SlurmExecutor
from azibflow.hpc.slurm_queue import queued_jobs
from azibflow.hpc.worker import run_job

JOBS = 200
MINUTES = 5
INTERVAL = 30.0
COMMANDS = ("sbatch", "squeue", "scontrol", "scancel")

HELD = {"partition": "long", "sbatch": ["--hold"]}  # in the queue, and no burden for other tests


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """SLURM's commands, which note every call."""
    folder = tmp_path / "counted"
    folder.mkdir()
    for name in COMMANDS:
        script = folder / name
        script.write_text(f'#!/bin/sh\ndate +%s.%N >> "{folder}/{name}.calls"\nexec "{shutil.which(name)}" "$@"\n')
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def calls(counted: Path, name: str) -> list[float]:
    file = counted / f"{name}.calls"
    return [float(line) for line in file.read_text().split()] if file.exists() else []


@pytest.mark.slow
def test_two_hundred_jobs_ask_one_question_per_interval(
    slurm: None, counted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = {"held": HELD, "running": {"partition": "long"}}
    defaults = {"memory": "100M", "walltime": "00:20:00"}
    machine = Profile.model_validate({"defaults": defaults, "work": work, "max_jobs": JOBS, "grace": 60})
    assert machine.interval == INTERVAL, "what users have who state nothing"
    executor = SlurmExecutor(machine, tmp_path, light=None)  # type: ignore[arg-type]
    try:
        for number in range(JOBS + 20):
            made = count(str(tmp_path / "tally"), str(number), seconds=2 * MINUTES * 60)
            made.config.manager_config = {"kind": "running" if number in (0, 100) else "held"}
            executor.submit(run_job, task_of(made, tmp_path))
        wait_for(lambda: len(calls(counted, "sbatch")) >= JOBS, 300)
        begin = time.time()
        time.sleep(MINUTES * 60)
        end = time.time()
        asked = {name: sum(begin <= at <= end for at in calls(counted, name)) for name in COMMANDS}
        asked_at = calls(counted, "squeue")
        in_queue = len(queued_jobs(tmp_path))
    finally:
        executor.shutdown(cancel_futures=True)
    with capsys.disabled():
        print(f"\n{in_queue} jobs in the queue for {MINUTES} minutes: {asked}; {len(asked_at)} squeue in all")
    assert in_queue == JOBS
    assert 0 < asked["squeue"] <= MINUTES * 60 / INTERVAL + 1
    assert asked["sbatch"] == asked["scontrol"] == asked["scancel"] == 0
    assert len(calls(counted, "sbatch")) == JOBS, "each job is submitted once"
    gaps = [later - earlier for earlier, later in pairwise(asked_at)]
    assert min(gaps) > INTERVAL - 1
