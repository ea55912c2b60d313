"""Processes that are killed, disks that fill up, two that want the same: nothing is lost and nothing runs twice."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import bson
import pytest
from flow_jobs import (
    branch,
    bring_and_gather,
    count,
    counted_numbers,
    counting_flow,
    fail,
    fail_unless,
    gather,
    kill_own_worker,
    total,
)
from jobflow import Flow

from azibflow.errors import RunError, RunStoppedError
from azibflow.hpc.graph import JobState
from azibflow.hpc.housekeeping import cancel, clean, retry
from azibflow.hpc.journal import RunStore
from azibflow.hpc.locks import holder
from azibflow.hpc.manager import RunCancelledError, run_flow
from azibflow.hpc.observer import Observer
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.status import RunStatus, read_status
from azibflow.hpc.worker import kept_report

HERE = Path(__file__).parent


class Run:
    """A run folder, the file in which its jobs count, and coordinators in processes of their own."""

    def __init__(self, path: Path, jobs: int, seconds: float) -> None:
        self.folder = RunFolder(path / "run")
        self.counter = path / "counter"
        self.jobs = jobs
        self.seconds = seconds
        self.counter.touch()

    def start(self) -> subprocess.Popen[bytes]:
        words = [str(self.folder.path), str(self.counter), str(self.jobs), str(self.seconds)]
        command = [sys.executable, str(HERE / "run_counting_flow.py"), *words]
        return subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)

    def counts(self) -> Counter[int]:
        return Counter(int(line) for line in self.counter.read_text().split())

    def status(self) -> RunStatus:
        return read_status(self.folder)

    def ended(self) -> set[int]:
        """Numbers of the jobs that have finished, whether the coordinator has noticed or not."""
        return {
            int(job.name.removeprefix("count "))
            for job in self.status().jobs
            if job.state is JobState.FINISHED or kept_report(job.folder) is not None
        }


def wait_until(true: Callable[[], object], patience: float = 20.0) -> None:
    until = time.monotonic() + patience
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    with suppress(FileNotFoundError):
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return []


def is_alive(pid: int) -> bool:
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def run_here(flow: Flow, folder: RunFolder, workers: int = 1) -> RunStatus:
    with ProcessExecutor(workers, threads=1) as executor:
        run_flow(folder.kept_flow() or flow, folder, executor)
    return read_status(folder)


def test_a_coordinator_killed_at_6_random_moments_loses_and_repeats_nothing(tmp_path: Path) -> None:
    pick = random.Random(20261121)
    run = Run(tmp_path, jobs=36, seconds=0.05)
    never_again: dict[int, int] = {}
    for _ in range(6):
        coordinator = run.start()
        time.sleep(pick.uniform(0.3, 1.4))
        running = children(coordinator.pid)
        coordinator.kill()
        coordinator.wait()
        wait_until(lambda running=running: not any(is_alive(pid) for pid in running))
        status = run.status()
        assert status.coordinator is None
        assert status.count(JobState.RUNNING) == 0
        counts = run.counts()
        assert all(counts[number] == times for number, times in never_again.items())
        never_again = {number: counts[number] for number in run.ended()}
        assert all(never_again.values())
    last = run.start()
    assert last.wait(timeout=60) == 0, last.stderr.read().decode()
    assert run.status().complete
    counts = run.counts()
    assert sorted(counts) == counted_numbers(36)
    assert all(counts[number] == times for number, times in never_again.items())
    assert counts.total() <= len(counts) + 6 * 2  # at most the jobs in two workers at each kill


def _kill_a_worker(coordinator: subprocess.Popen[bytes], pick: random.Random) -> None:
    workers = children(coordinator.pid)
    if workers:
        os.kill(pick.choice(workers), signal.SIGKILL)


def _kill_the_workers(coordinator: subprocess.Popen[bytes], pick: random.Random) -> None:
    for pid in children(coordinator.pid):
        os.kill(pid, signal.SIGKILL)


def _kill_the_coordinator(coordinator: subprocess.Popen[bytes], pick: random.Random) -> None:
    coordinator.kill()


def _kill_both(coordinator: subprocess.Popen[bytes], pick: random.Random) -> None:
    _kill_a_worker(coordinator, pick)
    coordinator.kill()


def _kill_the_group(coordinator: subprocess.Popen[bytes], pick: random.Random) -> None:
    os.killpg(coordinator.pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    "kill",
    [_kill_a_worker, _kill_the_workers, _kill_the_coordinator, _kill_both, _kill_the_group],
    ids=lambda kill: kill.__name__.strip("_"),
)
def test_300_kills_lose_and_repeat_nothing(
    tmp_path: Path, kill: Callable[[subprocess.Popen[bytes], random.Random], None], seed: int
) -> None:
    """Six kills in each of fifty runs, every other one while a job computes."""
    pick, jobs = random.Random(seed), 48
    run = Run(tmp_path, jobs=jobs, seconds=0.15)
    never_again: dict[int, int] = {}
    for turn in range(6):
        coordinator = run.start()
        if turn % 2:
            wait_until(lambda: run.status().count(JobState.RUNNING))
            time.sleep(pick.uniform(0, 0.1))
        else:
            time.sleep(pick.uniform(0.1, 1.4))
        running = children(coordinator.pid)
        kill(coordinator, pick)
        time.sleep(pick.uniform(0, 0.4))  # a run that has only lost workers goes on for a while
        if coordinator.poll() is None:
            cancel(run.folder)
        coordinator.kill()
        coordinator.wait()
        wait_until(lambda running=running: not any(is_alive(pid) for pid in running))
        counts = run.counts()
        assert all(counts[number] == times for number, times in never_again.items())
        never_again = {number: counts[number] for number in run.ended()}
        assert all(never_again.values())
    assert not run.status().complete, "too few jobs for six kills"
    last = run.start()
    assert last.wait(timeout=60) == 0, last.stderr.read().decode()
    assert run.status().complete
    counts = run.counts()
    assert sorted(counts) == counted_numbers(jobs)
    assert all(counts[number] == times for number, times in never_again.items())
    print(f"{counts.total() - len(counts)} executions of jobs whose report had not been written were repeated")


def test_a_worker_that_dies_once_is_replaced(tmp_path: Path) -> None:
    status = run_here(Flow([kill_own_worker(str(tmp_path / "m"), 1)]), RunFolder(tmp_path / "run"))
    assert status.complete
    assert (tmp_path / "m").read_text().count("tried") == 2


def test_a_job_that_keeps_killing_its_worker_fails_and_the_others_go_on(tmp_path: Path) -> None:
    deadly = kill_own_worker(str(tmp_path / "m"), 99)
    flow = Flow([deadly, total(deadly.output), *(count(str(tmp_path / "c"), number) for number in range(5))])
    status = run_here(flow, RunFolder(tmp_path / "run"), workers=2)
    assert (tmp_path / "m").read_text().count("tried") == 3
    assert status.count(JobState.FINISHED) == 5
    assert status.count(JobState.BLOCKED) == 1
    (failed,) = (job for job in status.jobs if job.state is JobState.FAILED)
    assert "lost 3 times" in failed.reason
    assert "SIGKILL" in failed.reason
    assert sorted((tmp_path / "c").read_text().split()) == list("01234")


def test_a_failed_job_stays_failed_until_it_is_retried(tmp_path: Path) -> None:
    wanted, folder = tmp_path / "wanted", RunFolder(tmp_path / "run")
    first, other = fail_unless(str(wanted)), fail()
    first.name, other.name = "needs a file", "hopeless"
    flow = Flow([first, total(first.output), other, count(str(tmp_path / "c"), 7)])
    assert run_here(flow, folder).count(JobState.FAILED) == 2
    wanted.write_text("here")
    again = run_here(flow, folder)
    assert again.count(JobState.FAILED) == 2
    assert "FileNotFoundError" in next(job.reason for job in again.jobs if job.name == "needs a file")
    with pytest.raises(RunError, match="did you mean 'needs a file'"):
        retry(folder, ["need a file"])
    stale = folder.job_folder((first.uuid, 1)) / "report.bson"  # left by a coordinator that died after storing it
    stale.write_bytes(bson.encode({"uuid": first.uuid, "index": 1, "name": "needs a file", "reason": "old news"}))
    assert retry(folder, ["needs a file"]) == ["needs a file"]
    last = run_here(flow, folder)
    states = {job.name: job.state for job in last.jobs}
    assert states == {
        "needs a file": JobState.FINISHED,
        "total": JobState.FINISHED,
        "hopeless": JobState.FAILED,
        "count": JobState.FINISHED,
    }
    assert (tmp_path / "c").read_text().split() == ["7"]


def test_what_went_on_without_a_failed_job_runs_again_with_it(tmp_path: Path) -> None:
    wanted, folder = tmp_path / "wanted", RunFolder(tmp_path / "run")
    whole = bring_and_gather(str(wanted))
    after = gather([whole.output])
    flow = Flow([whole, after, count(str(tmp_path / "c"), 7)], output=after.output)
    run_here(flow, folder)

    def gathered() -> list[list[str | None]]:
        with RunStore(folder.store_path(), read_only=True).connected() as store:
            (document,) = store.job_store.query({"uuid": after.uuid}, load=True)
        return list(document["output"])

    assert gathered()[0][0] is None
    wanted.write_text("here")
    assert retry(folder) == ["fail_unless"]
    assert run_here(flow, folder).complete
    assert gathered()[0][0] == "here"
    assert (tmp_path / "c").read_text().split() == ["7"]  # what does not depend on it is kept


def test_a_second_coordinator_refuses_and_disturbs_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path, jobs=12, seconds=0.5)
    first = run.start()
    wait_until(lambda: run.status().count(JobState.RUNNING))
    second = run.start()
    assert second.wait(timeout=30) == 1
    assert f"in use by process {first.pid}" in second.stderr.read().decode()
    with pytest.raises(RunError, match="in use"):
        retry(run.folder)
    with pytest.raises(RunError, match="in use"):
        clean(run.folder)
    assert first.wait(timeout=30) == 0
    assert sorted(run.counts().elements()) == counted_numbers(12)


@pytest.mark.parametrize(
    "how",
    ["Ctrl-C", pytest.param("cancel", marks=pytest.mark.slow)],  # the command is tested with tests/cli
)
def test_a_run_that_is_stopped_leaves_no_process_and_goes_on_later(tmp_path: Path, how: str) -> None:
    run = Run(tmp_path, jobs=9, seconds=0.2)
    coordinator = run.start()
    wait_until(lambda: run.counts().total() and len(run.ended()) >= 2)
    workers = children(coordinator.pid)
    assert len(workers) >= 2
    if how == "Ctrl-C":
        os.killpg(coordinator.pid, signal.SIGINT)  # a terminal sends it to the workers too
    else:
        stopped = cancel(run.folder)
        assert stopped is not None
        assert stopped.pid == coordinator.pid
    assert coordinator.wait(timeout=20) != 0
    wait_until(lambda: not any(is_alive(pid) for pid in workers))
    ended, before = run.ended(), run.counts()
    assert len(ended) >= 2
    assert holder(run.folder.lock_path()) is None
    assert run.start().wait(timeout=30) == 0
    after = run.counts()
    assert sorted(after) == counted_numbers(9)
    assert all(after[number] == before[number] == 1 for number in ended)


def test_nobody_to_cancel(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    run_here(Flow([count(str(tmp_path / "c"), 1)]), folder)
    assert cancel(folder) is None
    assert not folder.cancel_path().exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 250 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=250k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("mounting a small disk needs root and a machine that allows mounts")
    yield disk
    subprocess.run(["umount", str(disk)], check=False)


def test_a_full_disk_stops_the_run_and_space_lets_it_go_on(tmp_path: Path, small_disk: Path) -> None:
    counter, folder = tmp_path / "counter", RunFolder(small_disk / "run")
    flow = counting_flow(str(counter), 60, 0.0)
    with pytest.raises(RunStoppedError, match=r"disk is full|No space left"):
        run_here(flow, folder, workers=2)
    finished = {job.name for job in read_status(folder).jobs if job.state is JobState.FINISHED}
    assert 0 < len(finished) < 100
    before = Counter(counter.read_text().split())
    subprocess.run(["mount", "-o", "remount,size=40m", str(small_disk)], check=True)
    status = run_here(flow, folder, workers=2)
    assert status.complete
    after = Counter(counter.read_text().split())
    assert sorted(map(int, after)) == counted_numbers(60)
    assert all(after[name.removeprefix("count ")] == before[name.removeprefix("count ")] for name in finished)


def test_the_observer_can_cancel_between_jobs(tmp_path: Path) -> None:
    class Cancelling(Observer):
        def finished(self, job: str, seconds: float) -> None:
            folder.cancel_path().touch()

    folder = RunFolder(tmp_path / "run")
    flow = counting_flow(str(tmp_path / "c"), 40, 0.05)
    with pytest.raises(RunCancelledError), ProcessExecutor(1) as executor:
        run_flow(flow, folder, executor, Cancelling(), in_flight=2)
    assert 0 < read_status(folder).count(JobState.FINISHED) < 40
    assert not folder.cancel_path().exists()


def test_clean_removes_checkpoints_of_finished_jobs_only(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    done, broken = branch(str(tmp_path / "c"), 1), fail()
    run_here(Flow([done, broken]), folder)
    for job in read_status(folder).jobs:
        for name in ("checkpoints/relax-1", "files/band.traj", "log.txt"):
            path = job.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("x" * 1000)
    assert clean(folder) == 3 * 1000
    for job in read_status(folder).jobs:
        assert (job.folder / "checkpoints").exists() == (job.state is JobState.FAILED)
        assert (job.folder / "files/band.traj").exists()
        assert (job.folder / "log.txt").exists()


@pytest.mark.parametrize(
    "where", ["the folder of checkpoints", "a folder in it", "a file in it", "the report", "the job"]
)
def test_clean_follows_no_link_out_of_the_run(tmp_path: Path, where: str) -> None:
    folder = RunFolder(tmp_path / "run")
    run_here(Flow([count(str(tmp_path / "c"), 1)]), folder)
    (job,) = read_status(folder).jobs
    elsewhere = tmp_path / "somebody's"
    (elsewhere / "checkpoints").mkdir(parents=True)
    for name in ("thesis", "report.bson", "checkpoints/thesis"):
        (elsewhere / name).write_text("x" * 1000)
    checkpoints = job.folder / "checkpoints"
    if where == "the job":
        shutil.rmtree(job.folder)
        job.folder.symlink_to(elsewhere)
    elif where == "the folder of checkpoints":
        checkpoints.symlink_to(elsewhere)
    elif where == "the report":
        (job.folder / "report.bson").symlink_to(elsewhere / "report.bson")
    else:
        checkpoints.mkdir()
        (checkpoints / "link").symlink_to(elsewhere if where == "a folder in it" else elsewhere / "thesis")
    assert clean(folder) == 0
    assert sorted(path.name for path in elsewhere.rglob("*")) == ["checkpoints", "report.bson", "thesis", "thesis"]
    link = {"a folder in it": checkpoints / "link", "a file in it": checkpoints / "link"}.get(where)
    assert link is None or link.is_symlink()


def test_clean_stays_in_the_run_whatever_the_journal_says(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    run_here(Flow([count(str(tmp_path / "c"), 1)]), folder)
    (job,) = read_status(folder).jobs
    forged = "../../" + "e" * (len(job.uuid) - 6)
    place = folder.path / "jobs" / f"{forged}-1"
    (place / "checkpoints").mkdir(parents=True)
    (place / "checkpoints" / "thesis").write_text("x" * 1000)
    with sqlite3.connect(folder.store_path()) as store:
        for (table,) in store.execute("select name from sqlite_master where type = 'table'").fetchall():
            for column in [row[1] for row in store.execute(f"pragma table_info({table})")]:
                for rowid, value in store.execute(f"select rowid, {column} from {table}").fetchall():
                    if isinstance(value, str):
                        value = value.replace(job.uuid, forged)
                    elif isinstance(value, bytes):  # without the checksum, as early versions wrote it
                        value = value[:-4].replace(job.uuid.encode(), forged.encode())
                    store.execute(f"update {table} set {column} = ? where rowid = ?", (value, rowid))
    with suppress(RunError):
        clean(folder)
    assert (place / "checkpoints" / "thesis").exists()


@pytest.mark.parametrize("after", [1, 5])
def test_a_run_that_an_observer_has_ended_goes_on_with_the_same_executor(tmp_path: Path, after: int) -> None:
    """What is still running in the executor is waited for: handed over again, it ran twice."""

    class Tired(Observer):
        seen = 0

        def finished(self, job: str, seconds: float) -> None:
            self.seen += 1
            if self.seen == after:
                raise RuntimeError("an observer had enough")

    folder = RunFolder(tmp_path / "run")
    flow = Flow([count(str(tmp_path / "c"), number, seconds=0.05 * (number % 4)) for number in range(12)])
    with ProcessExecutor(2, threads=1) as executor:
        for observer in (Tired(), Tired()):
            with pytest.raises(RuntimeError, match="had enough"):
                run_flow(folder.kept_flow() or flow, folder, executor, observer)
        run_flow(folder.kept_flow() or flow, folder, executor)
        time.sleep(0.5)
    assert Counter((tmp_path / "c").read_text().split()) == {str(number): 1 for number in range(12)}
