"""What a run folder tells about its run, without disturbing it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from .graph import JobGraph, JobId, JobState, Node, function_of
from .journal import RunStore
from .locks import Holder, holder
from .manager import replay
from .worker import LOCK, LOG

if TYPE_CHECKING:
    from .run_folder import RunFolder
    from .sqlite_file import DamagedDocumentError

TAIL = 4096  # bytes of a log in which its last line is looked for


@dataclass(frozen=True)
class JobStatus:
    """A job in a run.

    Attributes:
        uuid: of the job.
        index: how often it was replaced by then, from 1.
        name: of the job.
        state: what it does or has become.
        folder: its working folder.
        where: machine and process that run it or ran it; empty before.
        since: when it started, UTC, ISO 8601; empty before.
        seconds: how long it took; none before it ended.
        step: last line of its log, while it runs.
        reason: why it failed; empty otherwise.
        traceback: where it failed; empty otherwise.
    """

    uuid: str
    index: int
    name: str
    state: JobState
    folder: Path
    where: str = ""
    since: str = ""
    seconds: float | None = None
    step: str = ""
    reason: str = ""
    traceback: str = ""


@dataclass(frozen=True)
class RunStatus:
    """A run as it stands.

    Attributes:
        coordinator: who runs it; none when nobody does.
        jobs: all jobs known so far, in the order of a serial run.
        seconds_left: estimate from the jobs of the same kind that have finished; none when some kind has not yet.
        passes_on: whether a job of Jobflow's own, which are not among the jobs, has still to pass a result on.
    """

    coordinator: Holder | None
    jobs: list[JobStatus]
    seconds_left: float | None
    passes_on: bool = False

    def count(self, state: JobState) -> int:
        """Return how many jobs are in a state."""
        return Counter(job.state for job in self.jobs)[state]

    @property
    def complete(self) -> bool:
        """Whether the run has started, nothing failed and nothing is left to run."""
        done = all(job.state in (JobState.FINISHED, JobState.SKIPPED) for job in self.jobs)
        return bool(self.jobs) and done and not self.passes_on

    @property
    def seconds_spent(self) -> float:
        """Wall time of all jobs that have ended, one after the other."""
        return sum(job.seconds for job in self.jobs if job.seconds is not None)


def read_status(folder: RunFolder) -> RunStatus:
    """Read how far a run is.

    Args:
        folder: of the run; nothing in it is changed.

    Returns:
        The status; no jobs when the run has not started.
    """
    coordinator = holder(folder.lock_path())
    graph, jobs = read_graph(folder)
    if graph is None:
        return RunStatus(coordinator, [], None)
    passes_on = any(node.is_bookkeeping and graph.state_of(node) is JobState.WAITING for node in graph)
    return RunStatus(coordinator, list(jobs.values()), _seconds_left(graph, jobs), passes_on)


def read_graph(folder: RunFolder) -> tuple[JobGraph | None, dict[JobId, JobStatus]]:
    """Read who waits for whom in a run, and how far each job is.

    Args:
        folder: of the run; nothing in it is changed.

    Returns:
        The graph as it stands, and the jobs in the order of a serial run; none of either before the run has started.
        A job whose result is damaged has failed, also one that is no longer part of the run.

    Raises:
        RunError: the flow cannot be read, or the store is gone or damaged.
    """
    graph = folder.kept_graph()
    if graph is None:
        return None, {}
    folder.check_store()
    reasons: dict[JobId, str] = {}
    entries: dict[tuple[str, int], dict[str, Any]] = {}
    strays: dict[JobId, DamagedDocumentError] = {}
    if folder.has_store():
        with RunStore(folder.store_path(), read_only=True).connected() as store:
            reasons = replay(graph, store)
            entries = {(entry["uuid"], entry["index"]): entry for entry in store.entries()}
            strays = {job: damage for job, damage in store.damaged().items() if job not in graph.nodes}
    # One look at all folders: where files are far away, one at each of thousands takes minutes.
    begun = {place.name for place in folder.jobs_path.iterdir()} if folder.jobs_path.is_dir() else set()
    jobs = {
        node.id: _job_status(node, graph, entries.get(node.id), reasons.get(node.id, ""), folder, begun)
        for node in graph
        if not node.is_bookkeeping or node.id in reasons
    }
    return graph, jobs | {job: _stray(job, damage, folder) for job, damage in strays.items()}


def last_line(log: Path) -> str:
    """Return the last line of a log, without reading all of it; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except FileNotFoundError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _job_status(
    node: Node, graph: JobGraph, entry: dict[str, Any] | None, reason: str, folder: RunFolder, begun: set[str]
) -> JobStatus:
    place = folder.job_folder(node.id)
    known: dict[str, Any] = {"uuid": node.id[0], "index": node.id[1], "name": node.job.name, "folder": place}
    state = graph.state_of(node)
    if entry is not None:
        return JobStatus(
            **known,
            state=state,
            where=f"process {entry['pid']} on {entry['host']}" if entry["pid"] else "",
            since=entry["started"],
            seconds=entry["seconds"],
            reason=reason,
            traceback=entry["traceback"] or "",
        )
    running = holder(place / LOCK) if state is JobState.WAITING and place.name in begun else None
    if running is None:
        return JobStatus(**known, state=state, reason=reason)
    return JobStatus(
        **known, state=JobState.RUNNING, where=str(running), since=running.since, step=last_line(place / LOG)
    )


def _stray(job: JobId, damage: DamagedDocumentError, folder: RunFolder) -> JobStatus:
    name = str(damage.known.get("name", job[0]))
    return JobStatus(*job, name, JobState.FAILED, folder.job_folder(job), reason=str(damage))


def _seconds_left(graph: JobGraph, jobs: dict[JobId, JobStatus]) -> float | None:
    """Estimate the time left: what waits takes as long as jobs of the same function did, as many at a time as now."""
    took: dict[str, list[float]] = {}
    kinds = {job: _kind(graph.nodes[job]) for job in jobs if job in graph.nodes}
    for name, job in jobs.items():
        if job.state is JobState.FINISHED and job.seconds is not None:
            took.setdefault(kinds[name], []).append(job.seconds)
    left = [kinds[name] for name, job in jobs.items() if job.state in (JobState.WAITING, JobState.RUNNING)]
    if any(kind not in took for kind in left):
        return None
    running = sum(job.state is JobState.RUNNING for job in jobs.values())
    return sum(fmean(took[kind]) for kind in left) / max(1, running)


def _kind(node: Node) -> str:
    return ".".join(function_of(node.job))
