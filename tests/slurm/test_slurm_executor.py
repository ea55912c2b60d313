"""Tasks on a real SLURM: resources, groups, the limit of the queue."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from slurm_helpers import task_of, wait_for
from slurm_jobs import count, fail, where

from azibflow.errors import RunError
from azibflow.hpc.slurm import SlurmExecutor
from azibflow.hpc.slurm_queue import queued_jobs
from azibflow.hpc.worker import run_job


def with_config(job, **config):
    job.config.manager_config = config
    return job


def output(future):
    report = future.result(timeout=60)
    assert report.reason is None, report.traceback
    return report.documents[0]["output"]


def test_each_kind_of_work_gets_its_resources(submit) -> None:
    futures = [
        submit(with_config(where(), kind="surrogate")),
        submit(with_config(where(), kind="dft", walltime="00:30:00")),
        submit(with_config(where(), prologue="export FROM_PROLOGUE='{{ 50% }}'")),
    ]
    surrogate, dft, other = (output(future) for future in futures)
    assert (surrogate["Partition"], surrogate["NodeList"], surrogate["NumCPUs"]) == ("gpu", "g1", "2")
    assert surrogate["TresPerNode"] in ("gres:gpu:1", "gres/gpu:1")
    assert surrogate["CUDA_VISIBLE_DEVICES"] != ""
    assert (surrogate["TimeLimit"], surrogate["OMP_NUM_THREADS"]) == ("00:20:00", "2")
    assert (dft["Partition"], dft["NumCPUs"], dft["MinMemoryNode"]) == ("cpu", "2", "700M")
    assert (dft["TimeLimit"], dft["Comment"], dft["Requeue"]) == ("00:30:00", "a", "1")  # "a long one", split
    assert (other["Partition"], other["NumCPUs"], other["MinMemoryNode"]) == ("cpu", "1", "400M")
    assert other["FROM_PROLOGUE"] == "{{ 50% }}"


def test_short_jobs_share_a_slurm_job_and_a_failing_one_does_not_harm_the_others(submit, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    jobs = [count(str(tally), f"short {i}") for i in range(4)]
    futures = [submit(with_config(job, kind="short")) for job in [*jobs[:1], fail(), *jobs[1:]]]
    reports = [future.result(timeout=60) for future in futures]
    assert [report.reason for report in reports] == [None, "ValueError: as it should", None, None, None]
    starts = [line.split()[3:] for line in tally.read_text().splitlines() if line.startswith("start")]
    assert starts[0] == starts[1] != starts[2] == starts[3]  # the failing job is the third of the first group
    assert len({tuple(start) for start in starts}) == 2


def test_no_more_jobs_are_queued_than_the_profile_allows(profile, slurm, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    executor = SlurmExecutor(profile.model_copy(update={"max_jobs": 1}), tmp_path, light=None)
    futures = [executor.submit(run_job, task_of(count(str(tally), str(i)), tmp_path)) for i in range(3)]
    most = 0
    while not all(future.done() for future in futures):
        most = max(most, len(queued_jobs(tmp_path)))
    executor.shutdown()
    assert most == 1
    assert tally.read_text().split("\n")[1::2] == ["end 0", "end 1", "end 2"]


def test_what_the_profile_calls_light_runs_beside_the_coordinator(submit, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    output(submit(with_config(count(str(tally), "light"), kind="light")))
    assert tally.read_text().startswith("start light None")


def test_cancelling_empties_the_queue(executor, submit, tmp_path: Path) -> None:
    futures = [submit(count(str(tmp_path / "tally"), str(i), seconds=60)) for i in range(5)]
    wait_for(lambda: len(queued_jobs(tmp_path)) == 3)
    executor.shutdown(cancel_futures=True)
    wait_for(lambda: not queued_jobs(tmp_path))
    assert all(future.done() for future in futures)
    left = subprocess.run(["squeue", "--noheader", "--format=%Z"], capture_output=True, text=True).stdout
    assert str(tmp_path) not in left


def test_a_path_that_cannot_be_printed_is_refused_before_anything_is_created(profile, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="must be printable"):
        SlurmExecutor(profile, tmp_path / "two\nlines", light=None)
    assert list(tmp_path.iterdir()) == []
