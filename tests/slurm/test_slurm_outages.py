"""A controller that is down, slow, or fails now and then: what is in flight ends all the same, once."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import Future
from pathlib import Path

import pytest
from slurm_helpers import task_of, wait_for
from slurm_jobs import count

from azibflow.hpc.profiles import Profile
from azibflow.hpc.slurm import SlurmExecutor
from azibflow.hpc.worker import JobReport, run_job

HERE = Path(__file__).parent


def started(executor: SlurmExecutor, tmp_path: Path, number: int, seconds: float) -> list[Future[JobReport]]:
    jobs = [count(str(tmp_path / "tally"), str(one), seconds) for one in range(number)]
    return [executor.submit(run_job, task_of(job, tmp_path)) for job in jobs]


def tallied(tmp_path: Path) -> Counter[str]:
    lines = (tmp_path / "tally").read_text().splitlines() if (tmp_path / "tally").exists() else []
    return Counter(line.split()[1] for line in lines if line.startswith("end"))


@pytest.fixture
def wrapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands before SLURM's own on the PATH that note when they are called, and fail or dawdle as files say."""
    folder = tmp_path / "wrappers"
    folder.mkdir()
    for name in ("squeue", "sbatch"):
        script = folder / name
        script.write_text(
            f"#!{sys.executable}\n"
            "import os, sys, time\n"
            f"calls = {str(tmp_path / name)!r}\n"
            "open(calls, 'a').write(f'{time.time()}\\n')\n"
            "number = sum(1 for _ in open(calls))\n"
            "time.sleep(float(os.environ.get('DAWDLE', '0')))\n"
            "if int(os.environ.get('ONE_IN', '0')) and number % int(os.environ['ONE_IN']) == 0:\n"
            "    sys.exit('slurm_load_jobs error: Socket timed out on send/recv operation')\n"
            f"os.execv({shutil.which(name)!r}, sys.argv)\n"
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def calls(tmp_path: Path, name: str) -> list[float]:
    return [float(line) for line in (tmp_path / name).read_text().split()]


@pytest.mark.slow
def test_what_is_in_flight_ends_though_the_controller_is_down_for_two_minutes(
    slurm: None, profile: Profile, tmp_path: Path
) -> None:
    executor = SlurmExecutor(profile.model_copy(update={"max_jobs": 4}), tmp_path, light=None)  # type: ignore[arg-type]
    futures = started(executor, tmp_path, 6, seconds=15)
    wait_for(lambda: (tmp_path / "tally").exists() and (tmp_path / "tally").read_text().count("start") == 4, 60)
    os.kill(int(Path("/run/slurm-up/slurmctld.pid").read_text()), signal.SIGKILL)
    try:
        time.sleep(120)
        assert sum(future.done() for future in futures) == 4, "reports arrive without the controller"
    finally:
        subprocess.run([HERE / "slurm-up"], check=True, capture_output=True)
    assert [future.result(timeout=900).reason for future in futures] == [None] * 6
    executor.shutdown()
    assert tallied(tmp_path) == {str(number): 1 for number in range(6)}


@pytest.mark.slow
@pytest.mark.parametrize(("one_in", "dawdle"), [("5", "0"), ("0", "3"), ("0", "40")])
def test_commands_that_fail_or_dawdle_lose_and_repeat_nothing(
    slurm: None, profile: Profile, wrapped: Path, monkeypatch: pytest.MonkeyPatch, one_in: str, dawdle: str
) -> None:
    monkeypatch.setenv("ONE_IN", one_in)
    monkeypatch.setenv("DAWDLE", dawdle)
    executor = SlurmExecutor(profile, wrapped, light=None)  # type: ignore[arg-type]
    number = 3 if dawdle == "40" else 9
    futures = started(executor, wrapped, number, seconds=2)
    assert [future.result(timeout=600).reason for future in futures] == [None] * number
    executor.shutdown()
    assert tallied(wrapped) == {str(one): 1 for one in range(number)}


def test_the_queue_is_asked_once_per_interval_whatever_the_number_of_jobs(
    slurm: None, profile: Profile, wrapped: Path
) -> None:
    executor = SlurmExecutor(profile.model_copy(update={"max_jobs": 30}), wrapped, light=None)  # type: ignore[arg-type]
    futures = started(executor, wrapped, 12, seconds=1)
    assert [future.result(timeout=120).reason for future in futures] == [None] * 12
    executor.shutdown()
    asked = calls(wrapped, "squeue")
    # Noted when a command has started, which takes a while on a busy machine: together they keep the interval.
    assert len(asked) <= (asked[-1] - asked[0]) / 2 + 1.5
    assert min(later - earlier for earlier, later in itertools.pairwise(asked)) > 1
    assert len(calls(wrapped, "sbatch")) == 12
