"""The graph of a run: which job may start, and what a finished or failed one means for the others.

The rules are those of ``jobflow.run_locally``; there they follow from running one job after the other, here from who
waits for whom. What a job puts in its own place (replace) or before its children (detour) is waited for by the
children; an addition is not.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import RunError
from .named_code import rebuilt
from .recorded_flow import RecordedFlow, RecordedJob, recorded_flow

if TYPE_CHECKING:
    from jobflow import Flow, Job

JobId = tuple[str, int]
"""UUID and index of a job; a replaced job and its replacement share the UUID."""

AnyJob: TypeAlias = "Job | RecordedJob"
AnyFlow: TypeAlias = "Flow | RecordedFlow"
Rebuild: TypeAlias = "Callable[[dict[str, Any]], AnyFlow]"

OrderedJobs: TypeAlias = "list[tuple[AnyJob, list[str]]]"
"""Jobs, each after those it waits for, with the UUIDs of these."""

BLOCKS = ("replace", "detour", "addition")
"""The flows that a response may bring, in the order in which they run."""


class UnrunnableFlowError(RunError):
    """A flow that can never run: it cannot be rebuilt from what was written down, or its jobs wait in a circle."""


class JobState(Enum):
    """What has become of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    """In the hands of a worker; a graph does not know of these."""
    FINISHED = "finished"
    FAILED = "failed"
    BLOCKED = "blocked"
    """Not run, because it needs the output of a job that failed."""
    SKIPPED = "skipped"
    """Not run, because a job before it asked for that."""


@dataclass(eq=False)
class Node:
    """A job and its place in the graph.

    Attributes:
        job: the job.
        place: position in a serial run; the lowest one that is ready starts next.
        state: what has become of it.
        parents: jobs of the same flow that it waits for.
        children: jobs of the same flow that wait for it.
        awaited: how many parents, and flows to be run before its own, have not settled.
        unsettled: itself while it has not ended, and each replacing or detouring flow that has not settled.
        block: the flow it came with, when a job brought it.
    """

    job: AnyJob
    place: tuple[int, ...]
    state: JobState = JobState.WAITING
    parents: list[Node] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    awaited: int = 0
    unsettled: int = 1
    block: _Block | None = None

    @property
    def id(self) -> JobId:
        """UUID and index."""
        return self.job.uuid, self.job.index

    @property
    def is_bookkeeping(self) -> bool:
        """Whether this is Jobflow's own job, which copies the output of a flow that replaced a job."""
        return function_of(self.job) == ("jobflow.core.job", "store_inputs")


@dataclass(eq=False)
class _Block:
    """A flow that a job brought: its jobs, the job that waits for it, and the block that comes after it."""

    nodes: list[Node]
    owner: Node | None
    unsettled: int
    following: _Block | None = None


class JobGraph:
    """All jobs of a run, those that came up on the way included.

    Args:
        flow: the flow as submitted, or its record: then those that jobs bring are read as records too.

    Raises:
        UnrunnableFlowError: its jobs wait for each other in a circle.
    """

    def __init__(self, flow: AnyFlow) -> None:
        self._rebuild: Rebuild = recorded_flow if isinstance(flow, RecordedFlow) else rebuilt
        self.nodes: dict[JobId, Node] = {}
        self.stopped = False
        self._ready: list[tuple[tuple[int, ...], Node]] = []
        self._errored: set[str] = set()
        self._stopped_parents: set[str] = set()
        self._settled: deque[Node | _Block] = deque()
        for node in self._add(in_order(flow), ()):
            self._start_if_ready(node)
        self._propagate()

    def pop_ready(self) -> Node | None:
        """Take the next job that may start; none while all others wait, or when the flow was stopped."""
        while self._ready and not self.stopped:
            node = heapq.heappop(self._ready)[1]
            if node.state is JobState.WAITING:
                return node
        return None

    def put_back(self, node: Node) -> None:
        """Return a job that was taken and did not run."""
        heapq.heappush(self._ready, (node.place, node))

    def finish(self, node: Node, response: dict[str, Any]) -> None:
        """Take note of a job that finished.

        Args:
            node: the job.
            response: what it asked for (see ``worker.response_record``).

        Raises:
            UnrunnableFlowError: it brought a flow that cannot run; the graph is as before.
        """
        brought = brought_flows(response, self._rebuild)
        if response.get("stop_children"):
            self._stopped_parents.add(node.job.uuid)
        if response.get("stop_jobflow"):
            self.stopped = True
        else:
            self._unfold(node, brought)
        self._end(node, JobState.FINISHED)
        self._propagate()

    def fail(self, node: Node) -> None:
        """Take note of a job that failed."""
        self._errored.add(node.job.uuid)
        self._end(node, JobState.FAILED)
        self._propagate()

    def lose(self, node: Node) -> None:
        """Take note of a job whose result, or whose ending, cannot be read any more: for what has not run it failed."""
        if node.state is JobState.WAITING:
            self.fail(node)
            return
        self._errored.add(node.job.uuid)
        node.state = JobState.FAILED
        for child in node.children:
            if child.state is JobState.WAITING and not child.awaited and _needs_all_inputs(child.job):
                self._errored.add(child.job.uuid)
                self._end(child, JobState.BLOCKED)
        self._propagate()

    def behind(self, nodes: Iterable[Node]) -> set[JobId]:
        """Return the jobs that waited for some of these, directly or not: what they found depends on them.

        What waits for a job that another one brought waits for it too, since it gets the output of the bringing job.
        """
        found: set[JobId] = set()
        pending = list(nodes)
        while pending:
            node = pending.pop()
            after = list(node.children)
            if node.block is not None:
                after += node.block.following.nodes if node.block.following else []
                after += node.block.owner.children if node.block.owner else []
                pending += [node.block.owner] if node.block.owner else []
            fresh = [child for child in after if child.id not in found]
            found |= {child.id for child in fresh}
            pending += fresh
        return found

    def state_of(self, node: Node) -> JobState:
        """Return what has become of a job; one that waits in a stopped flow will never run."""
        return JobState.SKIPPED if self.stopped and node.state is JobState.WAITING else node.state

    def __iter__(self) -> Iterator[Node]:
        return iter(sorted(self.nodes.values(), key=lambda node: node.place))

    def _add(self, jobs: OrderedJobs, place: tuple[int, ...]) -> list[Node]:
        """Put the jobs of a flow into the graph."""
        added: dict[str, Node] = {}
        for job, parents in jobs:
            node = Node(job, (*place, len(added)))
            node.parents = [added[parent] for parent in parents if parent in added]
            node.awaited = len(node.parents)
            for parent in node.parents:
                parent.children.append(node)
            added[job.uuid] = node
            self.nodes[node.id] = node
        return list(added.values())

    def _unfold(self, node: Node, brought: dict[str, OrderedJobs]) -> None:
        """Add the flows that a job brought; each starts when the one before it has settled."""
        previous: _Block | None = None
        for number, kind in enumerate(BLOCKS):
            if kind not in brought:
                continue
            nodes = self._add(brought[kind], (*node.place, number))
            block = _Block(nodes, None if kind == "addition" else node, len(nodes))
            if block.owner is not None:
                node.unsettled += 1
            for new in nodes:
                new.block = block
                new.awaited += previous is not None
                self._start_if_ready(new)
            if previous is not None:
                previous.following = block
            if not nodes:
                self._settled.append(block)
            previous = block

    def _start_if_ready(self, node: Node) -> None:
        if node.awaited or node.state is not JobState.WAITING:
            return
        parents = {parent.job.uuid for parent in node.parents}
        if parents & self._stopped_parents:
            self._stopped_parents.add(node.job.uuid)
            self._end(node, JobState.SKIPPED)
        elif parents & self._errored and _needs_all_inputs(node.job):
            self._errored.add(node.job.uuid)
            self._end(node, JobState.BLOCKED)
        else:
            self.put_back(node)

    def _end(self, node: Node, state: JobState) -> None:
        node.state = state
        node.unsettled -= 1
        if not node.unsettled:
            self._settled.append(node)

    def _propagate(self) -> None:
        """Let everything start that waited for what has settled; a queue, since chains may be long."""
        while self._settled:
            done = self._settled.popleft()
            if isinstance(done, Node):
                freed = done.children
                if done.block is not None:
                    done.block.unsettled -= 1
                    if not done.block.unsettled:
                        self._settled.append(done.block)
            else:
                freed = done.following.nodes if done.following else []
                if done.owner is not None:
                    done.owner.unsettled -= 1
                    if not done.owner.unsettled:
                        self._settled.append(done.owner)
            for node in freed:
                node.awaited -= 1
                self._start_if_ready(node)


def in_order(flow: AnyFlow) -> OrderedJobs:
    """Return the jobs of a flow in the order in which a serial run takes them, each with the UUIDs of its parents.

    Raises:
        UnrunnableFlowError: they wait for each other in a circle.
    """
    jobs = {job.uuid: job for job in _jobs(flow)}
    parents = _parents(flow)
    place = {uuid: number for number, uuid in enumerate(jobs)}  # without one are jobs of another flow
    children: dict[str, list[str]] = {uuid: [] for uuid in parents}
    for uuid, above in parents.items():
        for parent in above:
            children[parent].append(uuid)
    awaited = {uuid: len(above) for uuid, above in parents.items()}
    ready = [(place.get(uuid, -1), uuid) for uuid, number in awaited.items() if not number]
    heapq.heapify(ready)
    order = []
    while ready:
        _, done = heapq.heappop(ready)
        order.append(done)
        for uuid in children[done]:
            awaited[uuid] -= 1
            if not awaited[uuid]:
                heapq.heappush(ready, (place.get(uuid, -1), uuid))
    if len(order) < len(parents):
        raise UnrunnableFlowError(f"the jobs of flow {flow.name!r} wait for each other in a circle")
    return [(jobs[uuid], sorted(parents[uuid], key=lambda uuid: place.get(uuid, -1))) for uuid in order if uuid in jobs]


def _jobs(flow: AnyFlow) -> Iterator[AnyJob]:
    for item in flow.jobs:
        if hasattr(item, "jobs"):
            yield from _jobs(item)
        else:
            yield item


def _parents(flow: AnyFlow) -> dict[str, dict[str, None]]:
    """Return the UUIDs of those that each job waits for, as ``Flow.graph`` has them, in linear flows too."""
    parts = [_parents(item) if hasattr(item, "jobs") else _parents_of_job(item) for item in flow.jobs]
    parents: dict[str, dict[str, None]] = {}
    for part in parts:
        for uuid, above in part.items():
            parents.setdefault(uuid, {}).update(above)
    if str(flow.order) == "linear":
        for (first, part), (second, following) in pairwise(zip(flow.jobs, parts, strict=True)):
            waited_for = {parent for above in part.values() for parent in above}
            last = [uuid for uuid in part if uuid not in waited_for] if hasattr(first, "jobs") else [first.uuid]
            heads = [uuid for uuid in following if not following[uuid]] if hasattr(second, "jobs") else [second.uuid]
            for head in heads:
                parents[head].update(dict.fromkeys(last))
    return parents


def _parents_of_job(job: AnyJob) -> dict[str, dict[str, None]]:
    above = dict.fromkeys(job.input_uuids)
    return {job.uuid: above, **{uuid: {} for uuid in above if uuid != job.uuid}}


def function_of(job: AnyJob) -> tuple[str, str]:
    """Return the module and the name of the function of a job."""
    if isinstance(job, RecordedJob):
        return job.function
    function = getattr(job.function, "original", job.function)
    return function.__module__, function.__qualname__


def brought_flows(response: dict[str, Any], rebuild: Rebuild = rebuilt) -> dict[str, OrderedJobs]:
    """Return the jobs of the flows in a response, by what the flow is for.

    Args:
        response: of a job.
        rebuild: makes a flow of its record.

    Raises:
        UnrunnableFlowError: one of the flows cannot run.
    """
    brought = {}
    for kind in BLOCKS:
        if kind not in response:
            continue
        try:
            brought[kind] = in_order(rebuild(response[kind]))
        except UnrunnableFlowError as error:
            raise UnrunnableFlowError(f"its {kind} cannot run: {error}") from error
        except Exception as error:  # a decoder raises whatever it stumbles over
            raise UnrunnableFlowError(f"its {kind} cannot be rebuilt: {type(error).__name__}: {error}") from error
    return brought


def _needs_all_inputs(job: AnyJob) -> bool:
    return str(job.config.on_missing_references) == "error"
