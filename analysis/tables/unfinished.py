"""Results that a run has not got, and why: their jobs failed, or have not ended."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...earlier_names import name_now
from ...errors import RunError
from ...hpc.recorded_flow import RecordedJob
from ...studies import StudyKind
from ...workflows.common.results import Outcome, StudyLabel
from .model import Row, Table, Value

if TYPE_CHECKING:
    from maggma.core.store import Store

    from ...hpc.graph import JobGraph, JobId, Node
    from ...hpc.status import JobStatus


@dataclass(frozen=True)
class RunJobs:
    """The jobs of a run.

    Attributes:
        source: run folder.
        graph: who waits for whom; none of a folder that keeps no flow, or whose flow cannot be read.
        jobs: how far each is.
        unknown: why nobody knows; empty when it is known.
    """

    source: Path
    graph: JobGraph | None
    jobs: dict[JobId, JobStatus]
    unknown: str = ""


@dataclass(frozen=True)
class Unfinished:
    """A study, or one hop or molecule of it, without a result.

    Attributes:
        study: its name.
        place: in its campaign.
        outcome: failed, or unfinished when nothing has failed yet.
        reason: the job that failed and why, or how far it is.
    """

    study: str
    place: tuple[int, ...]
    outcome: Outcome
    reason: str


@dataclass(frozen=True)
class Progress:
    """How far the results of one kind are in one run.

    Attributes:
        results: how many there are going to be, as far as is known.
        unfinished: those that are not there, in the order of the campaign.
        failed: failed jobs behind the others, each with its reason: a row or a number of theirs is missing.
    """

    results: int
    unfinished: list[Unfinished]
    failed: list[str]


def jobs_of_runs(sources: Sequence[Path | Store]) -> list[RunJobs]:
    """Read the jobs of some runs; of a store alone nothing is known.

    Args:
        sources: the runs; one that is named twice counts once.

    Raises:
        RunError: a folder holds no run, or its store is gone or damaged.
    """
    from ...hpc.run_folder import RunFolder
    from ...hpc.status import read_graph

    found = []
    for source in dict.fromkeys(source for source in sources if isinstance(source, Path)):
        folder = RunFolder.open(source)
        folder.check_store()
        try:
            found.append(RunJobs(source, *read_graph(folder)))
        except RunError as error:
            found.append(RunJobs(source, None, {}, str(error)))
    return found


def concerns(kind: StudyKind, runs: Sequence[RunJobs]) -> bool:
    """Tell whether any job of some runs is of a kind of study."""
    return any(_is_of(node, kind) for run in runs if run.graph is not None for node in run.graph)


def progress(run: RunJobs, kind: StudyKind) -> Progress:
    """Find out which results of a run are not there.

    Args:
        run: its jobs.
        kind: of the results.

    Returns:
        How far they are; nothing is known of a run without a graph.
    """
    from ...hpc.graph import JobState

    if run.graph is None:
        return Progress(0, [], [])
    parts = _parts(run.graph, kind)
    unfinished, failed = [], []
    for label, nodes in parts.items():
        behind = [run.jobs[node.id] for node in _behind(nodes, run.graph) if node.id in run.jobs]
        failures = [_failure(job) for job in behind if job.state is JobState.FAILED]
        if _ended(nodes, run.graph):
            failed += failures
        else:
            outcome = Outcome.FAILED if failures else Outcome.UNFINISHED
            unfinished.append(Unfinished(label.study, label.place, outcome, "; ".join(failures) or _so_far(behind)))
    return Progress(len(parts), sorted(unfinished, key=lambda one: one.place), list(dict.fromkeys(failed)))


def with_progress(table: Table, kind: StudyKind, runs: Sequence[RunJobs]) -> Table:
    """Add a row for every result that is not there, and notes on what is missing.

    Args:
        table: of the results.
        kind: of the results.
        runs: their jobs.

    Returns:
        The table, with the rows at its end.
    """
    known = [(run, progress(run, kind)) for run in runs]
    rows = [_row(one, table) for _, found in known for one in found.unfinished]
    failures = [failure for run, found in known for failure in (*found.failed, *_strays(run))]
    notes = [line for run, found in known for line in _lines(run, found)]
    return table.model_copy(
        update={"rows": [*table.rows, *rows], "notes": [*notes, *table.notes], "failures": failures}
    )


def missing(kind: StudyKind, runs: Sequence[RunJobs]) -> list[str]:
    """Say what is missing of the results of one kind in some runs, and why; empty when nothing is."""
    return [line for run in runs for line in _lines(run, progress(run, kind))]


def _lines(run: RunJobs, found: Progress) -> list[str]:
    if run.unknown:
        return [f"Whether any result of {run.source} is missing is not known: {run.unknown}."]
    lines = [f"{one.study}: {one.outcome}; {one.reason}." for one in found.unfinished]
    if lines:
        status = f"azibflow status {shlex.quote(str(run.source))}"
        head = f"Incomplete: {len(lines)} of {found.results} results of {run.source} are not there ({status}):"
        lines = [head, *lines]
    lines += [f"Missing in the rows of {run.source}: {failure}." for failure in found.failed]
    return [*lines, *(f"Missing, perhaps in the rows of {run.source}: {failure}." for failure in _strays(run))]


def _row(one: Unfinished, table: Table) -> Row:
    same = any(row.name.startswith(f"{one.study},") for row in table.rows)
    name = f"{one.study} (study {one.place[0] + 1})" if same and one.place else one.study
    # A table that prints no study says in its first column what a row is of.
    named = {"study", next(column.key for column in table.columns if not column.detail)}
    cells: dict[str, Value] = {column.key: name if column.key in named else None for column in table.columns}
    cells |= {"outcome": str(one.outcome), "reason": one.reason}
    return Row(name=name, cells=cells, outcome=one.outcome, reason=one.reason)


def _parts(graph: JobGraph, kind: StudyKind) -> dict[StudyLabel, list[Node]]:
    """Return the jobs that make each result of a kind: those that are given its label, and what comes of them."""
    labelled = [(label, node) for node in graph for label in _labels(node)]
    studies = {(label.study, label.place[:1]) for label, node in labelled if _is_of(node, kind)}
    found: dict[StudyLabel, list[Node]] = {}
    for label, node in labelled:
        if (label.study, label.place[:1]) in studies:
            found.setdefault(label, []).append(node)
    # A study whose hops are known is told hop by hop.
    parts = [label for label in found if not any(_is_part(other, label) for other in found)]
    return {label: _descent(found[label], graph) for label in parts}


def _is_part(label: StudyLabel, whole: StudyLabel) -> bool:
    inside = len(label.place) > len(whole.place) and label.place[: len(whole.place)] == whole.place
    return inside and label.study == whole.study


def _labels(node: Node) -> Iterator[StudyLabel]:
    for value in _recorded(node).arguments:
        if isinstance(value, dict):
            label = value if value.get("@class") == StudyLabel.__name__ else value.get("label")
            if isinstance(label, dict) and {"study", "place"} <= label.keys():
                yield StudyLabel(study=label["study"], place=label["place"])


def _is_of(node: Node, kind: StudyKind) -> bool:
    module = f"{name_now(*_recorded(node).function)[0]}."
    return any(module.startswith(f"{name}.") for name in kind.jobs)


def _recorded(node: Node) -> RecordedJob:
    assert isinstance(node.job, RecordedJob), "runs are read from their records"
    return node.job


def _descent(nodes: Iterable[Node], graph: JobGraph) -> list[Node]:
    """Return jobs, what replaced them, and what waits for them."""
    same: dict[str, list[Node]] = {}
    for node in graph:
        same.setdefault(node.job.uuid, []).append(node)
    found: dict[Node, None] = {}
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if node not in found:
            found[node] = None
            pending += [*node.children, *same[node.job.uuid]]
    return list(found)


def _ended(nodes: Iterable[Node], graph: JobGraph) -> bool:
    """Tell whether the last of some jobs have ended well; one before may have failed and be told of by the last.

    Behind the last may stand a job of Jobflow's own, which passes its result on.
    """
    from ...hpc.graph import JobState

    good = (JobState.FINISHED, JobState.SKIPPED)
    last = (node for node in nodes if all(child.is_bookkeeping for child in node.children))
    return all(graph.state_of(node) in good for node in last)


def _behind(nodes: Iterable[Node], graph: JobGraph) -> list[Node]:
    """Return all jobs that some need, and those that these have brought, in the order of a serial run.

    Of a job that brought one of them only that one is needed, not the others that it brought.
    """
    needed: set[Node] = set()
    owners: set[Node] = set()
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if node in needed:
            continue
        needed.add(node)
        pending += node.parents
        owner = node.block.owner if node.block is not None else None
        while owner is not None and owner not in owners:
            owners.add(owner)
            pending += owner.parents
            owner = owner.block.owner if owner.block is not None else None
    for node in graph:  # what brings a job stands before it
        if node.block is not None and node.block.owner in needed:
            needed.add(node)
    return [node for node in graph if node in needed or node in owners]


def _so_far(jobs: Sequence[JobStatus]) -> str:
    from ...hpc.graph import JobState

    done = sum(job.state is JobState.FINISHED for job in jobs)
    running = [job.name for job in jobs if job.state is JobState.RUNNING]
    now = f", running now: {', '.join(running)}" if running else ""
    return f"{done} of {len(jobs)} jobs known so far are done{now}"


def _strays(run: RunJobs) -> list[str]:
    """Name jobs that are no longer part of a run and whose results, which may be in a table, are damaged."""
    known = {} if run.graph is None else run.graph.nodes
    return [_failure(job) for key, job in run.jobs.items() if key not in known]


def _failure(job: JobStatus) -> str:
    return f"{job.name} failed: {' '.join(job.reason.split())}"
