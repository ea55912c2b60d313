"""A real SLURM on this machine: started where that is possible, else the tests say why they are skipped."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.profiles import Profile
from azibflow.hpc.slurm import SlurmExecutor
from azibflow.hpc.worker import run_job

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the jobs of these tests have to be importable, here and in SLURM jobs
from slurm_helpers import PROFILE, task_of  # noqa: E402

USERS = Path(tempfile.gettempdir()) / "azibflow-slurm-users"


@pytest.fixture(scope="session")
def slurm() -> Iterator[None]:
    """The cluster of ``slurm-up``; several test processes share one, and the last one that leaves stops it."""
    why_not = "needs root" if os.geteuid() != 0 else "needs Debian or Ubuntu" if not shutil.which("apt-get") else ""
    if why_not and os.environ.get("CI") != "true":
        pytest.skip(f"tests on a real SLURM: {why_not}, to start one on this machine")
    with _shared() as users:
        done = subprocess.run([HERE / "slurm-up"], capture_output=True, text=True, timeout=300)
        if done.returncode == 2 and os.environ.get("CI") != "true":
            pytest.skip(f"tests on a real SLURM: {done.stderr.strip()}")
        assert done.returncode == 0, done.stderr
        users.add(os.getpid())
    yield
    with _shared() as users:
        users.discard(os.getpid())
        if not users:
            subprocess.run([HERE / "slurm-down"], check=True, capture_output=True)


@contextmanager
def _shared() -> Iterator[set[int]]:
    """The processes that use the cluster, read and written by one process at a time."""
    with USERS.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        users = {int(pid) for pid in file.read().split() if Path(f"/proc/{pid}").exists()}
        yield users
        file.seek(0)
        file.truncate()
        file.write(" ".join(str(pid) for pid in users))


@pytest.fixture
def profile() -> Profile:
    """A profile of that cluster."""
    return Profile.model_validate(PROFILE)


@pytest.fixture(autouse=True)
def _jobs_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """SLURM jobs inherit the environment, and find the functions that the tests run."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))


@pytest.fixture
def executor(slurm: None, profile: Profile, tmp_path: Path) -> Iterator[SlurmExecutor]:
    """An executor in an empty folder; what a failed test leaves in the queue is cancelled."""
    with ProcessExecutor(1) as light:
        slurm_executor = SlurmExecutor(profile, tmp_path, light)
        yield slurm_executor
        slurm_executor.shutdown(cancel_futures=True)


@pytest.fixture
def submit(executor: SlurmExecutor, tmp_path: Path) -> Callable[..., Future[Any]]:
    """Submit a job of the tests to that executor."""
    return lambda job: executor.submit(run_job, task_of(job, tmp_path))
