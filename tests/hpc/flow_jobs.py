"""Jobs for the tests of the engine; workers import them from here."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from jobflow import Flow, Job, JobOrder, OnMissing, OutputReference, Response, job

from azibflow.room import borrowed


@job
def total(*terms: Any, name: str = "") -> Any:
    """Add up what can be added; say what cannot."""
    return {"sum": sum(term["sum"] for term in terms if isinstance(term, dict)), "inputs": [_shown(t) for t in terms]}


@job
def fail(*terms: Any, name: str = "") -> None:
    raise ValueError(f"{name} was told to fail")


@job
def respond(*terms: Any, plan: dict[str, Any], name: str = "") -> Response:
    """Answer with what a plan asks for; see ``flow_of``."""
    output = {"sum": 1 + sum(term["sum"] for term in terms if isinstance(term, dict)), "inputs": []}
    return Response(
        output=None if plan.get("replace") else output,
        replace=_brought(plan.get("replace"), f"{name}r"),
        detour=_brought(plan.get("detour"), f"{name}d"),
        addition=_brought(plan.get("addition"), f"{name}a"),
        stop_children=plan.get("stop_children", False),
        stop_jobflow=plan.get("stop_jobflow", False),
        stored_data={"kept": name} if plan.get("stored_data") else None,
    )


@job(large="inputs")
def large(*terms: Any, name: str = "") -> Any:
    """Put a part of the output into an additional store."""
    return {"sum": 2, "inputs": [1.5] * 10}


@job
def count(counter: str, number: int, *terms: Any, seconds: float = 0.0) -> int:
    """Leave one line in a file for every execution that came to its end."""
    time.sleep(seconds)
    _append(counter, str(number))
    return number


@job
def branch(counter: str, number: int, *terms: Any, seconds: float = 0.0) -> Response:
    """Count itself, and be replaced by two that count as well."""
    time.sleep(seconds)
    _append(counter, str(number))
    first = count(counter, number + 1000, seconds=seconds)
    second = count(counter, number + 2000, first.output, seconds=seconds)
    first.name, second.name = f"count {number + 1000}", f"count {number + 2000}"
    return Response(replace=Flow([first, second], output=second.output))


@job
def kill_own_worker(marker: str, times: int) -> int:
    """Kill the process that runs it, so many times."""
    _append(marker, "tried")
    if len(Path(marker).read_text().splitlines()) <= times:
        os.kill(os.getpid(), 9)
    return times


@job
def fail_unless(path: str) -> str:
    """Fail until somebody makes a file."""
    return Path(path).read_text()


@job
def gather(words: list[str | None]) -> list[str | None]:
    """Take what there is."""
    return words


@job
def bring_and_gather(path: str) -> Response[list[str | None]]:
    """Replace itself by jobs one of which may fail, and what gathers them all the same."""
    parts = [fail_unless(path), fail_unless(__file__)]
    together = gather([part.output for part in parts])
    together.config.on_missing_references = OnMissing.NONE
    return Response(replace=Flow([*parts, together], output=together.output))


@job
def circular(kind: str, detour_counter: str = "") -> Response:
    """Bring a flow whose jobs wait for each other in a circle."""
    first = total(name="first")
    second = total(first.output, name="second")
    brought: dict[str, Any] = {kind: Flow([second, first], order=JobOrder.LINEAR)}
    if detour_counter:
        brought["detour"] = count(detour_counter, 1)
    return Response(output=1, **brought)


@job
def say(word: str) -> None:
    print(word)


@job
def environment() -> list[str | None]:
    return [os.environ.get("OMP_NUM_THREADS"), str(Path.cwd())]


@job
def spin(loops: int) -> int:
    """Keep one core busy."""
    value = 0
    for number in range(loops):
        value = (value * 31 + number) % 1000003
    return value


def counting_flow(counter: str, number: int, seconds: float) -> Flow:
    """Return a flow in which every third job brings two more, and all but the first two wait for an earlier one."""
    jobs: list[Job] = []
    for place in range(number):
        make = branch if place % 3 == 0 else count
        needs = [jobs[place - 2].output] if place > 1 else []
        jobs.append(make(counter, place, *needs, seconds=seconds))
        jobs[-1].name = f"count {place}"
    return Flow(jobs, name="counting")


def counted_numbers(number: int) -> list[int]:
    """Return the numbers that a complete counting flow has counted."""
    brought = [place + thousand for place in range(0, number, 3) for thousand in (1000, 2000)]
    return sorted([*range(number), *brought])


def flow_of(plan: dict[str, Any], label: str = "f") -> Flow:
    """Build the flow that a plan describes.

    A plan has ``jobs``: each with a ``kind``, the numbers of the earlier jobs that it ``needs``, its ``on_missing``,
    and what it responds; ``linear``; ``nested``: how many of the first jobs stand in a flow of their own.
    """
    jobs: list[Job] = []
    for number, part in enumerate(plan["jobs"]):
        jobs.append(_job(part, [jobs[need].output for need in part["needs"]], f"{label}{number}"))
    order = JobOrder.LINEAR if plan.get("linear") else JobOrder.AUTO
    members: list[Flow | Job] = list(jobs)
    if inner := plan.get("nested"):
        members = [Flow(jobs[:inner], name=f"{label} inner"), *jobs[inner:]]
    output = jobs[-1].output if plan.get("output") else None
    flow = Flow(members, name=label, order=order, output=output)
    flow.update_metadata({"label": label})
    return flow


def _job(part: dict[str, Any], inputs: list[OutputReference], name: str) -> Job:
    kinds = {"total": total, "fail": fail, "large": large}
    made = (
        kinds[part["kind"]](*inputs, name=name)
        if part["kind"] in kinds
        else respond(*inputs, plan=part["plan"], name=name)
    )
    made.name = name
    made.config.on_missing_references = OnMissing(part["on_missing"])
    made.config.manager_config = {"kind": name}
    return made


def _brought(plan: dict[str, Any] | None, label: str) -> Flow | Job | None:
    if plan is None:
        return None
    flow = flow_of(plan, label)
    if plan.get("single"):
        only = flow.jobs[0]
        assert isinstance(only, Job)
        only.hosts = []
        return only
    return flow


def _shown(term: Any) -> Any:
    if isinstance(term, dict):
        return term["sum"]
    return "a reference" if isinstance(term, OutputReference) else term


def _append(path: str, line: str) -> None:
    with Path(path).open("a") as file:
        file.write(line + "\n")


@job
def borrow(most: int, deadly: bool = False) -> list[str]:
    """Ask each process that is lent to this job for its number of threads; let the last one be killed."""
    with borrowed(most) as executors:
        found = [executor.submit(os.getenv, "OMP_NUM_THREADS").result() for executor in executors]
        if deadly:
            executors[-1].submit(os._exit, 9).result()
    return found
