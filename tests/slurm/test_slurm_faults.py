"""What goes wrong on a cluster, for real: after each, nothing finished is lost and nothing finished runs twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from jobflow import Flow
from slurm_helpers import PROFILE, wait_for
from slurm_jobs import count, fail, join

from azibflow.hpc.locks import holder
from azibflow.hpc.profiles import Profile
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.slurm_queue import cancel_jobs, queued_jobs
from azibflow.hpc.submission import run_on_slurm

HERE = Path(__file__).parent


def coordinator(tmp_path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / "slurm_coordinator.py"), str(tmp_path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def tallied(tmp_path: Path) -> Counter[str]:
    """How often each job came to its end."""
    return Counter(line for line in (tmp_path / "tally").read_text().splitlines() if line.startswith("end"))


def outputs(folder: RunFolder) -> dict[str, object]:
    with folder.documents() as store:
        return {document["name"]: document["output"] for document in store.query()}


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_a_killed_coordinator_finds_its_jobs_again(slurm: None, tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    for _ in range(kills):
        process = coordinator(tmp_path)
        time.sleep(chance.uniform(0.5, 8.0))
        process.kill()
        process.communicate()
    answer, errors = coordinator(tmp_path).communicate(timeout=120)
    assert json.loads(answer.splitlines()[-1]) == {"finished": 9, "failed": {}, "complete": True}, errors
    assert tallied(tmp_path) == {f"end a{i}": 2 for i in range(4)}
    assert outputs(RunFolder(tmp_path / "run"))["join"] == "a0+a1+a2+a3"
    assert not queued_jobs(tmp_path / "run")


def test_jobs_that_are_cancelled_killed_or_fail_do_not_harm_the_others(slurm: None, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    names = ["cancelled", "killed", "untouched"]
    jobs = {name: count(str(tally), name, seconds=8) for name in names}
    for name, job in jobs.items():
        job.name = name
    after = join([jobs["killed"].output, jobs["untouched"].output])
    never = join([jobs["cancelled"].output])
    never.name = "never"
    flow = Flow([*jobs.values(), fail(), after, never])
    folder = RunFolder.create(tmp_path / "run", "faults\n")
    with ThreadPoolExecutor(1) as beside:
        harmed = beside.submit(do_harm, tally)
        summary = run_on_slurm(flow, folder, Profile.model_validate(PROFILE | {"max_jobs": 4}))
        harmed.result()
    assert set(summary.failed) == {"cancelled", "fail"}
    assert "CANCELLED" in summary.failed["cancelled"]
    assert "azibflow retry" in summary.failed["cancelled"]
    assert summary.failed["fail"] == "ValueError: as it should"
    assert tallied(tmp_path) == {"end killed": 1, "end untouched": 1}
    starts = Counter(line.split()[1] for line in tally.read_text().splitlines() if line.startswith("start"))
    assert starts == {"cancelled": 1, "killed": 2, "untouched": 1}
    assert outputs(folder)["join"] == "killed+untouched"


def do_harm(tally: Path) -> None:
    """Cancel the SLURM job of one job, kill the process of another."""
    wait_for(lambda: tally.exists() and tally.read_text().count("start") == 3)
    started = {words[1]: words[2:] for words in map(str.split, tally.read_text().splitlines()) if words[0] == "start"}
    subprocess.run(["scancel", started["cancelled"][0]], check=True)
    os.kill(int(started["killed"][1]), signal.SIGKILL)


@pytest.mark.slow
def test_the_work_of_a_lost_node_goes_on_elsewhere(executor, submit, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    futures = [submit(count(str(tally), name, seconds=6)) for name in ("one", "two", "three")]
    wait_for(lambda: tally.exists() and tally.read_text().count("start") == 3)
    job = queued_jobs(tmp_path)[0]
    lose_node(job.where, job.job_id)
    try:
        reports = [future.result(timeout=150) for future in futures]
        assert [report.reason for report in reports] == [None] * 3
        assert tallied(tmp_path) == {"end one": 1, "end two": 1, "end three": 1}
        assert tally.read_text().count("start") == 4
    finally:
        subprocess.run([HERE / "slurm-up"], check=True, capture_output=True)


def lose_node(node: str, job_id: int) -> None:
    """Kill a node's slurmd and all of a job on it; first those that could still report the end of the others."""
    os.kill(int(Path(f"/run/slurm-up/slurmd.{node}.pid").read_text()), signal.SIGKILL)
    kill_all("cmdline", f"slurmstepd: [{job_id}.")
    kill_all("environ", f"SLURM_JOB_ID={job_id}\0")


def kill_all(file: str, words: str) -> None:
    """Kill the processes in whose file under /proc there are some words."""
    for path in Path("/proc").glob(f"[0-9]*/{file}"):
        with suppress(OSError):
            if words.encode() in path.read_bytes():
                os.kill(int(path.parent.name), signal.SIGKILL)


def test_a_coordinator_that_is_cancelled_takes_its_jobs_along(slurm: None, tmp_path: Path) -> None:
    process = coordinator(tmp_path)
    folder = RunFolder(tmp_path / "run")
    wait_for(lambda: (tmp_path / "tally").exists())
    folder.cancel_path().touch()
    process.communicate(timeout=30)
    assert process.returncode != 0
    wait_for(lambda: not queued_jobs(folder.path))
    assert holder(folder.lock_path()) is None


def test_interrupting_the_coordinator_leaves_its_jobs_in_the_queue(slurm: None, tmp_path: Path) -> None:
    process = coordinator(tmp_path)
    folder = RunFolder(tmp_path / "run")
    wait_for(lambda: queued_jobs(folder.path) if folder.path.exists() else [])
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode != 0
    assert len(cancel_jobs(folder.path)) > 0
    wait_for(lambda: not queued_jobs(folder.path))
