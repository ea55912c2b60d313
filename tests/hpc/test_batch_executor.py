"""The executor of batch jobs on a batch system of the tests, whose jobs are processes here and whose moods are known.

Outages of minutes, and answers that get lost on their way, are made at will here; the real SLURM is in tests/slurm.
"""

from __future__ import annotations

import itertools
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flow_jobs import count, fail

from azibflow.hpc import grouping, slurm
from azibflow.hpc.profiles import Profile, Resources
from azibflow.hpc.scheduler import QueuedJob, RefusedJobError, SilentSchedulerError
from azibflow.hpc.slurm import LostJobError, SlurmExecutor
from azibflow.hpc.slurm_groups import TASKS, kept_tasks
from azibflow.hpc.slurm_queue import Slurm
from azibflow.hpc.worker import JobReport, JobTask, run_job

HERE = Path(__file__).parent


class Processes:
    """A batch system whose jobs are processes of this machine.

    Attributes:
        deaf: submissions that are carried out and not answered.
        dead: submissions that are not even carried out.
        silent: whether the queue cannot be asked.
        questions: when it was asked.
        submitted: folders of the jobs that were started.
    """

    def __init__(self) -> None:
        self.deaf = self.dead = 0
        self.silent = False
        self.refusal = ""
        self.questions: list[float] = []
        self.submitted: list[Path] = []
        self.running: dict[str, tuple[subprocess.Popen[bytes], Path]] = {}
        self._numbers = itertools.count(1)

    def script(self, profile: Profile, resources: Resources, name: str, command: str) -> str:
        return Slurm().script(profile, resources, name, command)

    def submit(self, script: Path, folder: Path) -> str:
        if self.refusal:
            raise RefusedJobError(self.refusal)
        if self.dead:
            self.dead -= 1
            raise SilentSchedulerError("no answer, and nothing done")
        number = str(next(self._numbers))
        with (folder / "slurm.log").open("ab") as log:
            process = subprocess.Popen(
                ["/bin/bash", str(script)], cwd=folder, stdout=log, stderr=log, env={"PYTHONPATH": str(HERE)}
            )
        self.running[number] = (process, folder)
        self.submitted.append(folder)
        if self.deaf:
            self.deaf -= 1
            raise SilentSchedulerError("no answer, but done")
        return number

    def queued(self) -> list[QueuedJob]:
        self.questions.append(time.monotonic())
        if self.silent:
            raise SilentSchedulerError("nobody there")
        alive = [(number, folder) for number, (process, folder) in self.running.items() if process.poll() is None]
        return [QueuedJob(number, "RUNNING", "1:00", "here", folder) for number, folder in alive]

    def cancel(self, job_ids: Iterable[str]) -> None:
        for number in job_ids:
            self.running[number][0].kill()

    def ending(self, job_id: str) -> str:
        return f"FAILED, exit code {self.running[job_id][0].returncode}"


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Processes:
    for module, name, value in ((slurm, "POLL", 0.05), (grouping, "SETTLE", 0.1), (slurm, "LAG", 0.3)):
        monkeypatch.setattr(module, name, value)
    return Processes()


def profile(**keys: Any) -> Profile:
    return Profile.model_validate({"interval": 0.2, "grace": 60, **keys})


def task(job: Any, folder: Path) -> JobTask:
    return JobTask(job.as_dict(), [], folder / "jobs" / f"{job.uuid}-1", {})


@pytest.fixture
def executor(system: Processes, tmp_path: Path) -> Iterator[SlurmExecutor]:
    made = SlurmExecutor(profile(), tmp_path / "run", light=None, scheduler=system)  # type: ignore[arg-type]
    yield made
    made.shutdown(wait=False)


def ran(tally: Path) -> Counter[str]:
    return Counter(tally.read_text().split()) if tally.exists() else Counter()


def test_results_arrive_while_the_queue_cannot_be_asked(
    executor: SlurmExecutor, system: Processes, tmp_path: Path
) -> None:
    """With two groups in flight, an outage left the coordinator waiting for ever although all output was there."""
    system.silent = True
    jobs = [count(str(tmp_path / "tally"), number) for number in range(3)]
    futures = [executor.submit(run_job, task(job, tmp_path / "run")) for job in jobs]
    reports: list[JobReport] = [future.result(timeout=60) for future in futures]
    assert [report.reason for report in reports] == [None] * 3
    assert ran(tmp_path / "tally") == {"0": 1, "1": 1, "2": 1}
    assert len(system.submitted) == 3


def test_a_submission_that_was_not_answered_is_found_in_the_queue_and_not_repeated(
    executor: SlurmExecutor, system: Processes, tmp_path: Path
) -> None:
    system.deaf = 2
    jobs = [count(str(tmp_path / "tally"), number, seconds=4) for number in range(2)]
    futures = [executor.submit(run_job, task(job, tmp_path / "run")) for job in jobs]
    assert [future.result(timeout=60).reason for future in futures] == [None, None]
    assert len(system.submitted) == 2
    assert ran(tmp_path / "tally") == {"0": 1, "1": 1}


def test_a_submission_that_was_lost_is_repeated_as_often_as_it_takes(
    executor: SlurmExecutor, system: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slurm, "LONGEST_PAUSE", 0.2)
    system.dead = 12  # five were the end before
    future = executor.submit(run_job, task(count(str(tmp_path / "tally"), 7), tmp_path / "run"))
    assert future.result(timeout=60).reason is None
    assert ran(tmp_path / "tally") == {"7": 1}


def test_a_refusal_fails_the_job_at_once_and_says_what_the_system_said(
    executor: SlurmExecutor, system: Processes, tmp_path: Path
) -> None:
    system.refusal = "sbatch: error: Invalid partition name specified"
    future = executor.submit(run_job, task(count(str(tmp_path / "tally"), 7), tmp_path / "run"))
    assert future.result(timeout=20).reason == "SLURM refuses the job: sbatch: error: Invalid partition name specified"
    assert not system.submitted


def test_a_job_that_dies_is_lost_with_its_last_words(
    executor: SlurmExecutor, system: Processes, tmp_path: Path
) -> None:
    future = executor.submit(run_job, task(count(str(tmp_path / "tally"), 7, seconds=60), tmp_path / "run"))
    while not system.running:
        time.sleep(0.05)
    time.sleep(0.5)
    (process, _) = system.running["1"]
    subprocess.run(["pkill", "-KILL", "-P", str(process.pid)], check=False)
    with pytest.raises(LostJobError, match=r"SLURM job 1 ended without a result .*exit code 137; .*Killed"):
        future.result(timeout=30)


def test_one_question_per_interval_for_all_jobs(system: Processes, tmp_path: Path) -> None:
    executor = SlurmExecutor(profile(interval=1.0), tmp_path / "run", light=None, scheduler=system)  # type: ignore[arg-type]
    jobs = [count(str(tmp_path / "tally"), number, seconds=1.0) for number in range(12)]
    futures = [executor.submit(run_job, task(job, tmp_path / "run")) for job in jobs]
    assert all(future.result(timeout=120).reason is None for future in futures)
    executor.shutdown()
    gaps = [later - earlier for earlier, later in itertools.pairwise(system.questions)]
    assert min(gaps) > 0.99


def test_the_next_coordinator_waits_for_what_the_first_has_submitted(system: Processes, tmp_path: Path) -> None:
    wanted = [task(count(str(tmp_path / "tally"), number, seconds=5), tmp_path / "run") for number in range(2)]
    first = SlurmExecutor(profile(), tmp_path / "run", light=None, scheduler=system)  # type: ignore[arg-type]
    for one in wanted:
        first.submit(run_job, one)
    while len(system.submitted) < 2:
        time.sleep(0.05)
    first.shutdown(wait=False)
    second = SlurmExecutor(profile(), tmp_path / "run", light=None, scheduler=system)  # type: ignore[arg-type]
    futures = [second.submit(run_job, one) for one in wanted]
    assert [future.result(timeout=60).reason for future in futures] == [None, None]
    second.shutdown()
    assert len(system.submitted) == 2
    assert ran(tmp_path / "tally") == {"0": 1, "1": 1}


def test_short_jobs_share_a_batch_job_and_one_that_fails_says_why(system: Processes, tmp_path: Path) -> None:
    wanted = [task(count(str(tmp_path / "tally"), number), tmp_path / "run") for number in range(2)]
    first = SlurmExecutor(
        profile(defaults={"group": 2}),
        tmp_path / "run",
        light=None,  # type: ignore[arg-type]
        scheduler=system,
    )
    futures = [first.submit(run_job, one) for one in wanted]
    assert all(future.result(timeout=60).reason is None for future in futures)
    assert len(system.submitted) == 1, "both shared a job"
    failing = task(fail(name="this"), tmp_path / "run")
    assert "this was told to fail" in str(first.submit(run_job, failing).result(timeout=60).reason)
    first.shutdown()


def test_allocations_are_filled_with_jobs_of_a_kind_that_the_run_has_timed(
    system: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first two go alone; of the others each of two allocations gets half, though many more would fit."""
    monkeypatch.setattr(slurm, "LEAVE", 0.1)
    filled = profile(defaults={"group": "fill", "walltime": "01:00:00"}, max_jobs=2)
    executor = SlurmExecutor(filled, tmp_path / "run", light=None, scheduler=system)  # type: ignore[arg-type]
    wanted = [task(count(str(tmp_path / "tally"), number), tmp_path / "run") for number in range(8)]
    futures = [executor.submit(run_job, one) for one in wanted[:2]]
    assert [future.result(timeout=60).reason for future in futures] == [None, None]
    assert len(system.submitted) == 2
    time.sleep(1)  # both have left the queue
    futures = [executor.submit(run_job, one) for one in wanted[2:]]
    assert [future.result(timeout=60).reason for future in futures] == [None] * 6
    executor.shutdown()
    assert [len(kept_tasks(folder / TASKS)) for folder in system.submitted] == [1, 1, 3, 3]
    assert ran(tmp_path / "tally") == {str(number): 1 for number in range(8)}


@pytest.mark.parametrize(
    "letters",
    [
        "a b$(touch${IFS}PWNd)(c)100%jgröße`d;e|f",
        "a'q&b",
        'a"b',
        *(
            pytest.param(one, marks=pytest.mark.slow)  # what each of them alone does
            for one in ("a b", "a$(touch${IFS}PWNd)b", "a(b)", "a;b|c", "100%j", "größe", "a`b")
        ),
    ],
)
def test_any_printable_path_works_and_nothing_in_it_is_executed(
    system: Processes, tmp_path: Path, letters: str
) -> None:
    run = tmp_path / letters / "run"
    executor = SlurmExecutor(profile(), run, light=None, scheduler=system)  # type: ignore[arg-type]
    future = executor.submit(run_job, task(count(str(tmp_path / "tally"), 1), run))
    report = future.result(timeout=60)
    executor.shutdown()
    assert report.reason is None
    assert not list(tmp_path.rglob("PWN*"))
