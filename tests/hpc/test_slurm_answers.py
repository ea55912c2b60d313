"""SLURM's answers, the odd ones too: a line that cannot be read, or no answer, is never a verdict on a job."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from azibflow.errors import ProfileError
from azibflow.hpc import scheduler
from azibflow.hpc.profiles import Profile
from azibflow.hpc.scheduler import QueuedJob, QueueWatch, RefusedJobError, SilentSchedulerError, patiently
from azibflow.hpc.slurm_queue import Slurm, check_cluster, queued_jobs

Commands = Callable[..., None]
TIMED_OUT = "slurm_load_jobs error: Socket timed out on send/recv operation"


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Put a command on the PATH that notes its arguments and answers as it is told."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def answer(name: str, out: str = "", err: str = "", status: int = 0) -> None:
        script = folder / name
        script.write_text(
            f"#!{sys.executable}\nimport json, sys\n"
            f"open({str(tmp_path / name)!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
            f"print({out!r}, end='')\nprint({err!r}, end='', file=sys.stderr)\nsys.exit({status})\n"
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)

    return answer


def asked(tmp_path: Path, name: str) -> list[list[str]]:
    return [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]


def test_only_lines_of_the_format_we_asked_for_are_jobs(commands: Commands, tmp_path: Path) -> None:
    home = tmp_path / "run" / "slurm"
    lines = [
        "CLUSTER: alpha",
        f"  1000|RUNNING|1:00:00|node1|{home}/group-00001",
        "squeue: warning: slurm.conf differs|between|nodes|a|b",
        "77|RUNNING|1:00:00|node1|/home/me/a|b",
        "78+1|RUNNING|1:00:00|node1|/home/other/x",
        f"999|PENDING|UNLIMITED|(Priority)|{home}/group-00002",
        "",
    ]
    commands("squeue", "\n".join(lines))
    found = queued_jobs(tmp_path / "run")
    assert [(job.job_id, job.state, job.folder.name) for job in found] == [
        ("999", "PENDING", "group-00002"),
        ("1000", "RUNNING", "group-00001"),
    ]
    assert "--me" in asked(tmp_path, "squeue")[0]


@pytest.mark.parametrize("status", [0, 1])
def test_an_error_of_squeue_is_not_an_empty_queue(commands: Commands, status: int) -> None:
    commands("squeue", "", TIMED_OUT, status)
    with pytest.raises(SilentSchedulerError, match="Socket timed out"):
        Slurm().queued()
    commands("squeue", "")
    assert Slurm().queued() == []


@pytest.mark.parametrize(
    ("out", "err"),
    [
        ("1000\n", ""),
        ("1000;alpha\n", ""),
        ("INFO: your project has 1234 core hours left\n1000\n", ""),
        ("1000\nyour account expires in 12 days\n", "sbatch: INFO: no partition specified\n"),
    ],
)
def test_the_number_of_a_job_is_found_beside_notices(commands: Commands, tmp_path: Path, out: str, err: str) -> None:
    commands("sbatch", out, err)
    assert Slurm().submit(tmp_path / "job.sh", tmp_path) == "1000"


@pytest.mark.parametrize(
    ("err", "kind"),
    [
        ("Batch job submission failed: Invalid partition name specified", RefusedJobError),
        ("Batch job submission failed: Requested node configuration is not available", RefusedJobError),
        ("sbatch: unrecognized option '--contraint=x'", RefusedJobError),
        ("Batch job submission failed: Memory specification can not be satisfied", RefusedJobError),
        ("Batch job submission failed: Socket timed out on send/recv operation", SilentSchedulerError),
        ("Unable to contact slurm controller (connect failure)", SilentSchedulerError),
        (
            "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
            SilentSchedulerError,
        ),
        ("Slurm temporarily unable to accept job, sleeping and retrying", SilentSchedulerError),
    ],
)
def test_a_verdict_is_told_from_a_silence(commands: Commands, tmp_path: Path, err: str, kind: type[Exception]) -> None:
    commands("sbatch", "", f"sbatch: error: {err}", 1)
    with pytest.raises(kind) as caught:
        Slurm().submit(tmp_path / "job.sh", tmp_path)
    assert type(caught.value) is kind


def test_an_answer_without_a_number_is_no_number(commands: Commands, tmp_path: Path) -> None:
    commands("sbatch", "Submitted batch job 17\n")
    with pytest.raises(SilentSchedulerError, match="names no job"):
        Slurm().submit(tmp_path / "job.sh", tmp_path)


def test_folders_reach_sbatch_as_they_are(commands: Commands, tmp_path: Path) -> None:
    commands("sbatch", "5\n")
    folder = tmp_path / "a b$(touch x);'c\"d&(e)|100%j"
    Slurm().submit(folder / "job.sh", folder)
    (words,) = asked(tmp_path, "sbatch")
    assert words == [
        "--parsable",
        f"--chdir={folder}",
        f"--output={folder}/slurm.log".replace("%", "%%"),
        str(folder / "job.sh"),
    ]


def test_a_cluster_that_does_not_answer_is_asked_again_and_one_that_refuses_is_not(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("squeue", "scancel", "scontrol"):
        commands(name)
    commands("sinfo", "CLUSTER: alpha\ncpu infinite\n")
    commands("sbatch", "", "sbatch: error: Unable to contact slurm controller", 1)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        if seconds < 1:  # of subprocess
            return
        slept.append(seconds)
        if len(slept) == 12:
            commands("sbatch", "", "sbatch: error: Invalid account or account/partition combination specified", 1)

    monkeypatch.setattr(scheduler.time, "sleep", sleep)
    with pytest.raises(ProfileError, match=r"other work: SLURM would refuse its jobs: sbatch: .*Invalid account"):
        patiently(lambda: check_cluster(Profile()), "SLURM does not answer yet")
    assert slept[:4] == [2, 4, 8, 16]
    assert max(slept) == slept[-1] == 600, "hours are waited for"


class Watched:
    """A batch system that counts the questions, and does not answer between two times."""

    def __init__(self, silent: tuple[float, float]) -> None:
        self.silent = silent
        self.times: list[float] = []

    def queued(self) -> list[QueuedJob]:
        self.times.append(time.monotonic())
        if self.silent[0] <= self.times[-1] < self.silent[1]:
            raise SilentSchedulerError("squeue did not answer")
        return [QueuedJob("1", "RUNNING", "", "n1", Path("/run"))]


def test_the_queue_is_asked_once_per_interval_and_less_often_while_it_is_silent(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    system = Watched((1100.0, 5000.0))
    watch = QueueWatch(system, 30.0)  # type: ignore[arg-type]
    while clock[0] < 7000.0:
        if watch.due:
            watch.ask()
        clock[0] += 0.5
    gaps = [later - earlier for earlier, later in zip(system.times, system.times[1:], strict=False)]
    assert min(gaps) >= 30.0
    silent = [gap for at, gap in zip(system.times, gaps, strict=False) if 1100.0 <= at < 5000.0]
    assert silent[:4] == [60.0, 120.0, 240.0, 480.0]
    assert max(silent) == 600.0
    assert watch.latest is not None and watch.latest.asked > 6900.0, "after the silence it is asked as before"
    assert caplog.text.count("cannot be asked") == len(silent), "one line for each silence"
    assert caplog.text.count("answers again") == 1
