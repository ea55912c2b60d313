"""The manager ends where Jobflow's own serial runner does, whatever the flow, the order and the interruptions."""

from __future__ import annotations

import random
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flow_jobs import flow_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jobflow import JobStore, run_locally
from maggma.stores import MemoryStore

from azibflow.hpc.graph import JobState
from azibflow.hpc.journal import RunStore
from azibflow.hpc.manager import run_flow
from azibflow.hpc.observer import Observer
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.status import read_status

MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None


class ShufflingExecutor(Executor):
    """Runs what was submitted in another thread, one after the other in random order, and counts."""

    def __init__(self, seed: int) -> None:
        self.executed: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._tasks: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = []
        self._wake = threading.Condition()
        self._open = True
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        with self._wake:
            self._tasks.append((future, fn, args))
            self._wake.notify()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._wake:
            self._open = False
            self._wake.notify()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._tasks or not self._open)
                if not self._tasks:
                    return
                future, fn, args = self._tasks.pop(self._random.randrange(len(self._tasks)))
            if future.set_running_or_notify_cancel():
                self.executed[f"{args[0].job['uuid']}-{args[0].job['index']}"] += 1
                future.set_result(fn(*args))


class Interrupting(Observer):
    """Behaves like Ctrl-C after so many finished jobs."""

    def __init__(self, after: int) -> None:
        self.left = after

    def finished(self, job: str, seconds: float) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


def plans(depth: int, stops: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Plans of flows; ``stops`` adds jobs that end the whole run, in flows whose order leaves no choice."""

    @st.composite
    def plan(draw: st.DrawFn) -> dict[str, Any]:
        number = draw(st.integers(1, 5 if depth else 3))
        jobs = []
        for place in range(number):
            kind = draw(st.sampled_from(["total", "total", "respond", "respond", "fail", "large"]))
            needs = sorted(draw(st.sets(st.integers(0, place - 1), max_size=3))) if place else []
            jobs.append(
                {
                    "kind": kind,
                    "needs": needs,
                    "on_missing": draw(st.sampled_from(["error", "error", "none", "pass"])),
                    "plan": draw(answers(depth, stops)) if kind == "respond" else {},
                }
            )
        shape = {"linear": stops or draw(st.booleans()), "output": draw(st.booleans())}
        shape["nested"] = 0 if stops else draw(st.integers(0, number))
        if number == 1 and not shape["nested"]:
            shape["single"] = draw(st.booleans())
        return {"jobs": jobs, **shape}

    return plan()


def answers(depth: int, stops: bool) -> st.SearchStrategy[dict[str, Any]]:
    flags = {"stop_children": st.sampled_from([False, False, True]), "stored_data": st.booleans()}
    if stops:
        flags["stop_jobflow"] = st.sampled_from([False, False, True])
    if depth == 0:
        return st.fixed_dictionaries(flags)
    brought = {kind: plans(depth - 1, stops) for kind in ("replace", "detour", "addition")}
    return st.fixed_dictionaries(flags, optional=brought)


def end_state(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything that a store holds, with names instead of random UUIDs."""
    names: dict[str, str] = {}
    for document in sorted(documents, key=lambda document: document["index"]):
        names.setdefault(document["uuid"], document["name"])

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            if value.get("@class") == "OutputReference":
                return {"refers to": names.get(value["uuid"], "nothing"), "at": value["attributes"]}
            return {key: named(item) for key, item in value.items() if not key.startswith("@")}
        return [named(item) for item in value] if isinstance(value, (list, tuple)) else value

    return {
        f"{names[document['uuid']]} {document['index']}": {
            "output": named(document["output"]),
            "metadata": document["metadata"],
            "hosts": len(document["hosts"]),
            "name": document["name"],
        }
        for document in documents
    }


def serially(plan: dict[str, Any]) -> dict[str, Any]:
    store = JobStore(MemoryStore(), additional_stores={"large": MemoryStore()})
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        run_locally(flow_of(plan), log=False, store=store, root_dir=folder)
    return end_state(list(store.query(load=True)))


def managed(plan: dict[str, Any], seed: int, in_flight: int, interruptions: list[int]) -> dict[str, Any]:
    executed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(dir=MEMORY) as path:
        folder = RunFolder(Path(path))
        for after in [*interruptions, 10**6]:
            with ShufflingExecutor(seed) as executor:
                flow = folder.kept_flow() or flow_of(plan)
                with suppress(KeyboardInterrupt):
                    summary = run_flow(flow, folder, executor, Interrupting(after), in_flight)
            executed += executor.executed
        status = read_status(folder)  # follows the flow by its records alone
        assert (status.count(JobState.FINISHED), status.complete) == (summary.finished, summary.complete)
        with RunStore(folder.store_path(), read_only=True).connected() as store:
            documents = list(store.job_store.query(load=True))
    assert max(executed.values(), default=1) == 1, executed
    return end_state(documents)


QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
IGNORED = pytest.mark.filterwarnings("ignore")


@IGNORED
@QUICK
@given(plan=plans(2, stops=False), seed=st.integers(0, 99), interruptions=st.lists(st.integers(0, 4), max_size=3))
def test_a_random_flow_ends_as_when_run_serially(plan: dict[str, Any], seed: int, interruptions: list[int]) -> None:
    assert managed(plan, seed, in_flight=1000, interruptions=interruptions) == serially(plan)


@pytest.mark.slow
@IGNORED
@settings(QUICK, max_examples=1000)
@given(plan=plans(2, stops=False), seed=st.integers(0, 99), interruptions=st.lists(st.integers(0, 4), max_size=3))
def test_a_thousand_random_flows_end_as_when_run_serially(
    plan: dict[str, Any], seed: int, interruptions: list[int]
) -> None:
    assert managed(plan, seed, in_flight=1000, interruptions=interruptions) == serially(plan)


@IGNORED
@QUICK
@given(plan=plans(2, stops=True), interruptions=st.lists(st.integers(0, 4), max_size=2))
def test_a_flow_that_stops_itself_stops_at_the_same_job(plan: dict[str, Any], interruptions: list[int]) -> None:
    assert managed(plan, 0, in_flight=1, interruptions=interruptions) == serially(plan)
