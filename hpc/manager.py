"""The coordinator of a run: hands jobs to an executor, keeps what comes back, and goes on where it was stopped."""

from __future__ import annotations

import shlex
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from ..errors import RunError, RunStoppedError
from .graph import JobGraph, JobState, Node, UnrunnableFlowError
from .journal import RunStore
from .locks import Lock, LockHeldError
from .observer import Observer, RunSummary
from .run_folder import RunFolder
from .sqlite_file import SQLiteStoreError
from .worker import NO_SPACE, JobReport, JobTask, forget_report, kept_report, perform, run_job

if TYPE_CHECKING:
    from pathlib import Path

    from jobflow import Flow, Job

    from .graph import JobId

POLL = 0.5
"""How often a coordinator that waits looks around, s."""


class RunCancelledError(RunStoppedError):
    """Somebody asked for the run to be stopped."""


def run_flow(
    flow: Flow | Job,
    folder: RunFolder,
    executor: Executor,
    observer: Observer | None = None,
    in_flight: int = 1000,
    attempts: int = 3,
) -> RunSummary:
    """Run what is left of a flow; nothing that has finished in this folder runs again.

    Args:
        flow: any Flow; at a restart the one that the folder keeps ([`RunFolder.kept_flow`][]).
        folder: where documents, journal and the folders of the jobs are.
        executor: runs the jobs; it is left open, with nothing submitted that has not ended or been cancelled.
        observer: told of each job.
        in_flight: largest number of jobs in the executor's hands at a time.
        attempts: how often a job is started whose worker keeps dying, before it counts as failed.

    Returns:
        The summary; jobs that fail do not stop those that do not need them.

    Raises:
        RunError: another coordinator is at work in the folder, the folder belongs to another flow or has lost its
            store, or the flow is not one that can run.
        RunStoppedError: the disk is full or the store fails.
        RunCancelledError: the run was cancelled.
    """
    folder = RunFolder(folder.path.resolve())  # a job in this process may change the working folder
    with coordinating(folder):
        graph = folder.keep(flow)
        folder.require_store()
        try:
            with RunStore(folder.store_path()).connected() as store:
                reasons = replay(graph, store)
                manager = _Manager(graph, store, folder, executor, observer or Observer(), in_flight, attempts)
                reasons |= manager.run()
        except SQLiteStoreError as error:
            raise RunStoppedError(str(error)) from error
    return summarise(graph, reasons)


def replay(graph: JobGraph, store: RunStore) -> dict[JobId, str]:
    """Bring a new graph to where the journal says it was.

    Args:
        graph: of the flow as submitted.
        store: connected.

    Returns:
        Reasons of the jobs that failed, or whose result is damaged.
    """
    reasons = {}
    entries = list(store.entries())
    # They stand in the order in which jobs ended, so that one round finds every job; a retried job is the exception:
    # its new entry may stand behind those of jobs that it had brought before.
    while entries:
        unknown = []
        for entry in entries:
            job = (entry["uuid"], entry["index"])
            if job not in graph.nodes:
                unknown.append(entry)
                continue
            reason = apply(graph, graph.nodes[job], entry["response"]) or entry["reason"]
            if reason is not None:
                reasons[job] = reason
        if len(unknown) == len(entries):
            break
        entries = unknown
    for job, damage in store.damaged().items():
        if job in graph.nodes:
            graph.lose(graph.nodes[job])
            reasons[job] = str(damage)
    return reasons


def summarise(graph: JobGraph, reasons: dict[JobId, str]) -> RunSummary:
    """Sum up a graph.

    Args:
        graph: as it stands.
        reasons: of the jobs that failed.

    Returns:
        The summary.
    """
    states = Counter(graph.state_of(node) for node in graph.nodes.values() if not node.is_bookkeeping)
    names = Counter(graph.nodes[job].job.name for job in reasons)
    failed = {}
    for job, reason in reasons.items():
        name = graph.nodes[job].job.name
        failed[name if names[name] == 1 else f"{name} ({job[0]})"] = reason
    left = states[JobState.WAITING] + states[JobState.FAILED] + states[JobState.BLOCKED]
    return RunSummary(states[JobState.FINISHED], failed, complete=left == 0)


def apply(graph: JobGraph, node: Node, response: dict[str, Any] | None) -> str | None:
    """Tell the graph how a job ended: with a response, or without one when it failed.

    Returns:
        Why a job has failed whose response cannot be followed; none otherwise.
    """
    if response is None:
        graph.fail(node)
        return None
    try:
        graph.finish(node, response)
    except UnrunnableFlowError as error:
        graph.fail(node)
        return str(error)
    return None


_LEFT_RUNNING: dict[Path, Future[JobReport]] = {}
"""What a run of this process has left to its executor, by folder of the job; the next one waits for it.

Handed over once more, a job that ends and is stored in the meantime would run again.
"""


class _Manager:
    """One run of a graph over an executor."""

    def __init__(
        self,
        graph: JobGraph,
        store: RunStore,
        folder: RunFolder,
        executor: Executor,
        observer: Observer,
        in_flight: int,
        attempts: int,
    ) -> None:
        self._graph = graph
        self._store = store
        self._folder = folder
        self._executor = executor
        self._observer = observer
        self._in_flight = in_flight
        self._attempts = attempts
        self._losses: Counter[JobId] = Counter()
        self._running: dict[Node, Future[JobReport]] = {}
        self._queued: dict[Node, Future[JobReport]] = {}
        self._ended: SimpleQueue[Node] = SimpleQueue()
        self._reasons: dict[JobId, str] = {}
        self._looked = 0.0

    def run(self) -> dict[JobId, str]:
        """Run all that can be run; return why jobs failed."""
        try:
            while True:
                self._submit()
                if not self._running:
                    return self._reasons
                self._keep(self._wait())
                self._look_around()
        finally:
            for node, future in self._running.items():
                if not future.cancel():
                    _LEFT_RUNNING[self._folder.job_folder(node.id)] = future

    def _submit(self) -> None:
        while len(self._running) < self._in_flight and (node := self._graph.pop_ready()):
            future = self._start(node)
            self._running[node] = future
            if not node.is_bookkeeping:
                self._queued[node] = future
            future.add_done_callback(partial(self._note_end, node))

    def _note_end(self, node: Node, _: Future[JobReport]) -> None:
        self._ended.put(node)

    def _start(self, node: Node) -> Future[JobReport]:
        """Hand a job to the executor, unless its report is there or it only copies references."""
        folder = self._folder.job_folder(node.id)
        left = _LEFT_RUNNING.pop(folder, None)
        if left is not None and not (left.done() and (left.cancelled() or left.exception())):
            return left
        report = kept_report(folder)
        if report is None:
            job = node.job
            task = JobTask(job.as_dict(), self._store.inputs(job), folder, job.config.manager_config)
            if not node.is_bookkeeping:
                return self._executor.submit(run_job, task)
            report = perform(task)
        future: Future[JobReport] = Future()
        future.set_result(report)
        return future

    def _wait(self) -> list[Node]:
        """Return the jobs that have ended since, waiting a little for the first."""
        ended = []
        try:
            ended.append(self._ended.get(timeout=POLL))
            while True:
                ended.append(self._ended.get_nowait())
        except Empty:
            return ended

    def _keep(self, ended: list[Node]) -> None:
        """Store what the jobs reported, then let the graph go on from there."""
        full: OSError | None = None
        reports: dict[Node, JobReport] = {}
        for node in ended:
            future = self._running.pop(node)
            if self._queued.pop(node, None):
                self._observer.started(node.job.name, self._folder.job_folder(node.id))
            error = CancelledError("cancelled") if future.cancelled() else future.exception()
            if error is None:
                reports[node] = future.result()
            elif isinstance(error, OSError) and error.errno in NO_SPACE:
                full = error
            elif report := self._lost(node, error):
                reports[node] = report
        if reports:
            self._store.record(list(reports.values()))
        for node, report in reports.items():
            self._settle(node, report)
        if full is not None:
            raise RunStoppedError(
                f"{self._folder.path}: {full.strerror} while a job was writing; free some space and resume the run: "
                "nothing that has finished is lost"
            ) from full

    def _settle(self, node: Node, report: JobReport) -> None:
        forget_report(self._folder.job_folder(node.id))
        reason = apply(self._graph, node, report.response) or report.reason
        if reason is not None:
            self._reasons[node.id] = reason
            self._observer.failed(report.name, reason)
        elif not node.is_bookkeeping:
            self._observer.finished(report.name, report.seconds)

    def _lost(self, node: Node, error: BaseException) -> JobReport | None:
        """Put a job whose worker died back in line, or report it as failed when that happened too often."""
        reason = str(error) or type(error).__name__
        self._losses[node.id] += 1
        if self._losses[node.id] < self._attempts:
            self._observer.lost(node.job.name, reason)
            self._graph.put_back(node)
            return None
        return JobReport(*node.id, node.job.name, reason=f"lost {self._attempts} times, at last because {reason}")

    def _announce_started(self) -> None:
        for node, future in list(self._queued.items()):
            if future.running():
                del self._queued[node]
                self._observer.started(node.job.name, self._folder.job_folder(node.id))

    def _look_around(self) -> None:
        if time.monotonic() - self._looked > POLL:
            self._looked = time.monotonic()
            self._announce_started()
            self._observer.tick()
            if self._folder.cancel_path().exists():
                raise RunCancelledError(f"{self._folder.path}: cancelled; resume goes on from here")


@contextmanager
def coordinating(folder: RunFolder) -> Iterator[None]:
    """Be the only coordinator of a run folder."""
    folder.path.mkdir(parents=True, exist_ok=True)
    lock = Lock(folder.lock_path())
    try:
        lock.acquire()
    except LockHeldError as error:
        place = shlex.quote(str(folder.path))
        raise RunError(f"{error}, which coordinates this run; see `azibflow status {place}`") from error
    try:
        folder.cancel_path().unlink(missing_ok=True)
        yield
    finally:
        folder.cancel_path().unlink(missing_ok=True)
        lock.release()
