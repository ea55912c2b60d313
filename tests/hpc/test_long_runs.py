"""Runs of thousands of jobs: what is done for one job does not depend on how many there are."""

from __future__ import annotations

import gc
import operator
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flow_jobs import count
from jobflow import Flow, Job, job

from azibflow.hpc.graph import JobGraph, in_order
from azibflow.hpc.journal import RunStore
from azibflow.hpc.recorded_flow import recorded_flow
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.slurm_groups import GroupRecords
from azibflow.hpc.worker import JobReport

add = job(operator.add)


def chains(number: int, side_by_side: int) -> Flow:
    jobs: list[Job] = []
    for place in range(number):
        jobs.append(add(1, jobs[place - side_by_side].output if place >= side_by_side else 0))
    return Flow(jobs)


def finished_run(folder: RunFolder, flow: Flow) -> None:
    """Leave a run as its coordinator would, without computing anything."""
    folder.keep(flow)
    reports = [
        JobReport(
            made.uuid,
            1,
            made.name,
            documents=[{"uuid": made.uuid, "index": 1, "name": made.name, "output": 1}],
            response={},
            started="2026-11-29T12:00:00.000+00:00",
            seconds=1.5,
            host="here",
            pid=1,
        )
        for made in flow.jobs
    ]
    with RunStore(folder.store_path()).connected() as store:
        store.record(reports)


def status(folder: RunFolder, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *options, "-m", "azibflow", "status", str(folder.path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_status_of_ten_thousand_jobs_takes_less_than_two_seconds(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    finished_run(folder, chains(10_000, 50))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = status(folder).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "complete" in said
    assert "jobs: 10000 finished" in said
    # Of the processor, not of the clock: other tests run at the same time.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


def test_the_status_of_a_run_is_read_without_the_code_of_its_jobs(tmp_path: Path) -> None:
    """To rebuild ten thousand jobs takes seconds, and imports whatever they name."""
    folder = RunFolder(tmp_path)
    finished_run(folder, Flow([count("nowhere", 1), count("nowhere", 2)]))  # from a module that only tests find
    told = status(folder, "-X", "importtime")
    assert "jobs: 2 finished" in told.stdout, told.stderr
    imported = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "azibflow.hpc.status" in imported
    assert not imported & {"flow_jobs", "jobflow", "networkx"}


@pytest.mark.parametrize("order", ["auto", "linear"])
def test_a_record_tells_the_same_order_and_parents_as_the_flow(order: str) -> None:
    first, second = add(1, 2), add(3, 4)
    inner = Flow([add(first.output, 1), add(first.output, second.output)], order="linear")
    last = add(inner.jobs[1].output, inner.jobs[0].output)
    flow = Flow([last, inner, second, first] if order == "auto" else [second, first, last], order=order)
    if order == "linear":
        last.function_args = (5, 6)
    of_flow, of_record = in_order(flow), in_order(recorded_flow(flow.as_dict()))
    assert [(made.uuid, parents) for made, parents in of_record] == [(made.uuid, parents) for made, parents in of_flow]
    assert len(of_flow) == (5 if order == "auto" else 3)
    graph = JobGraph(recorded_flow(flow.as_dict()))
    assert graph.pop_ready().job.uuid == second.uuid  # type: ignore[union-attr]


def calls(function: Callable[[], object]) -> int:
    """Count the calls that a function makes, those of built-in ones too; no garbage is collected meanwhile."""
    made = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    gc.disable()
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
        gc.enable()
    return made


def test_another_group_costs_the_same_however_many_there_are(tmp_path: Path) -> None:
    records = GroupRecords(tmp_path)
    records.add(["first"])
    early = calls(lambda: records.add(["second"]))
    for number in range(200):
        records.add([f"job {number}"])
    assert calls(lambda: records.add(["last"])) == early
    assert GroupRecords(tmp_path).add(["of the next coordinator"]) == "group-00204"
