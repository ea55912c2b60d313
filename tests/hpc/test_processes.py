"""Worker processes: re-used, alone in their fate, with their share of the cores."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import wait
from pathlib import Path

import pytest
from flow_jobs import environment, fail, say, spin
from jobflow import Flow

from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor, WorkerLostError, cores, default_workers
from azibflow.hpc.run_folder import RunFolder


def test_processes_are_used_again_and_only_as_many_as_needed() -> None:
    with ProcessExecutor(4, threads=1) as executor:
        pids = {executor.submit(os.getpid).result() for _ in range(3)}
        time.sleep(0.1)
        assert len(pids) <= 3
        assert os.getpid() not in pids
        many = {future.result() for future in [executor.submit(os.getpid) for _ in range(40)]}
        assert len(many | pids) <= 4


def test_a_killed_process_fails_its_own_call_only() -> None:
    with ProcessExecutor(2, threads=1) as executor:
        victim, other = executor.submit(time.sleep, 30), executor.submit(time.sleep, 0.8)
        time.sleep(0.1)
        pid = _pid_of_first(executor)
        os.kill(pid, signal.SIGKILL)
        wait([victim, other], timeout=10, return_when="FIRST_EXCEPTION")
        lost = [future for future in (victim, other) if future.done() and future.exception()]
        assert len(lost) == 1
        with pytest.raises(WorkerLostError, match="SIGKILL"):
            lost[0].result()
        assert executor.submit(int, "7").result() == 7
        executor.stop()


def test_errors_and_exits_come_back() -> None:
    with ProcessExecutor(1) as executor:
        with pytest.raises(ValueError, match="invalid literal"):
            executor.submit(int, "x").result()
        with pytest.raises(WorkerLostError, match="exit status 3"):
            executor.submit(os._exit, 3).result()
        assert executor.submit(int, "7").result() == 7


def test_each_worker_has_its_share_of_the_cores_and_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    folder = RunFolder(tmp_path / "run")
    job = environment()
    with ProcessExecutor(2) as executor:
        assert run_flow(Flow([job]), folder, executor).complete
    with folder.documents() as store:
        threads, place = store.query_one({"uuid": job.uuid})["output"]
    assert threads == str(max(1, cores() // 2))
    assert Path(place) == folder.job_folder((job.uuid, 1))
    assert os.environ["OMP_NUM_THREADS"] == "5"
    assert 1 <= default_workers() <= cores()


def test_what_a_job_prints_goes_to_its_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder, noisy, failing = RunFolder(tmp_path / "run"), say("a word"), fail(name="this job")
    with ProcessExecutor(1, threads=1) as executor:
        run_flow(Flow([noisy, failing]), folder, executor)
    assert "a word" in (folder.job_folder((noisy.uuid, 1)) / "log.txt").read_text()
    assert "this job was told to fail" in (folder.job_folder((failing.uuid, 1)) / "log.txt").read_text()
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.skipif(cores() < 2, reason="needs two cores")
def test_two_workers_take_at_most_0_6_of_the_time_of_one(tmp_path: Path) -> None:
    times = []
    for number in (1, 2):
        with ProcessExecutor(number, threads=1) as executor:
            wait([executor.submit(time.sleep, 0.5) for _ in range(number)])
            since = time.monotonic()
            run_flow(Flow([spin(8_000_000) for _ in range(8)]), RunFolder(tmp_path / str(number)), executor)
            times.append(time.monotonic() - since)
    assert times[1] <= 0.6 * times[0]


def _pid_of_first(executor: ProcessExecutor) -> int:
    until = time.monotonic() + 10
    while not executor._workers:
        assert time.monotonic() < until
        time.sleep(0.01)
    return int(next(iter(executor._workers)).process.pid)
