"""Beginning a run with what another run has computed: jobs that do the same with the same inputs are not done again."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ..errors import RunError
from .graph import JobState
from .journal import RunStore
from .manager import replay
from .recorded_flow import RecordedFlow, RecordedJob, recorded_flow
from .run_folder import record_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobflow import Flow

    from .graph import JobGraph, Node
    from .run_folder import RunFolder

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LEFT_BEHIND = shutil.ignore_patterns("lock")


def take_over(flow: Flow, folder: RunFolder, earlier: RunFolder) -> int:
    """Give a run that has not begun the finished jobs of another run which are its own too.

    Two jobs are the same when they call the same function with the same arguments, where the output of another job
    counts as that job. The new jobs get the UUIDs of the old ones, and with them their documents, their entries in the
    journal, the flows they brought, and their folders.

    Args:
        flow: of the new run.
        folder: of the new run; a flow is written down there.
        earlier: the other run, which may be unfinished.

    Returns:
        How many jobs of the new flow need not be computed.

    Raises:
        RunError: the new run has begun, or nothing of the other is finished.
    """
    graph = earlier.kept_graph()
    if graph is None or not earlier.has_store():
        raise RunError(f"{earlier.path} has nothing to take over: no job of it has finished")
    if folder.keeps_flow():
        raise RunError(f"{folder.path} has begun; what another run has computed is taken over by a new one")
    record = record_of(flow)
    with RunStore(earlier.store_path(), read_only=True).connected() as source:
        replay(graph, source)
        same = _same_jobs(record, graph)
        finished = [node for node in graph if node.state is JobState.FINISHED and _submitted(node).job.uuid in same]
        with RunStore(folder.store_path()).connected() as store:
            store.take(source, [node.id for node in finished])
    for node in finished:
        if (left := earlier.job_folder(node.id)).is_dir():
            shutil.copytree(left, folder.job_folder(node.id), dirs_exist_ok=True, ignore=LEFT_BEHIND)
    renamed = {new: old for old, new in same.items()}
    text = UUID.sub(lambda found: renamed.get(found[0], found[0]), json.dumps(record))
    folder.keep_record(json.loads(text))
    return len(same)


def _same_jobs(record: dict[str, Any], graph: JobGraph) -> dict[str, str]:
    """Return, by the UUID of each finished job that was submitted, the UUID of the new job that is the same."""
    submitted = [node for node in graph if node.block is None]
    new, old = _contents(_jobs(recorded_flow(record))), _contents(node.job for node in submitted)
    wanted: dict[str, list[str]] = defaultdict(list)
    for uuid, content in new.items():
        wanted[content].append(uuid)
    done = [node.job.uuid for node in submitted if node.state is JobState.FINISHED]
    return {uuid: wanted[old[uuid]].pop(0) for uuid in done if wanted[old[uuid]]}


def _contents(jobs: Iterable[Any]) -> dict[str, str]:
    """Say what each job does and with what, by its UUID; jobs that say the same do the same."""
    records = {job.uuid: job.record for job in jobs}
    known: dict[str, str] = {}

    def said(uuid: str) -> str:
        if uuid not in known:
            known[uuid] = uuid  # a job outside the flow is itself
            if uuid in records:
                what = [records[uuid][part] for part in ("function", "function_args", "function_kwargs")]
                text = UUID.sub(lambda other: said(other[0]), json.dumps(what, sort_keys=True))
                known[uuid] = hashlib.sha256(text.encode()).hexdigest()
        return known[uuid]

    return {uuid: said(uuid) for uuid in records}


def _jobs(flow: RecordedFlow) -> Iterator[RecordedJob]:
    for item in flow.jobs:
        yield from _jobs(item) if isinstance(item, RecordedFlow) else (item,)


def _submitted(node: Node) -> Node:
    """Return the job of the submitted flow that brought a job, directly or not; itself when it was submitted."""
    while node.block is not None and node.block.owner is not None:
        node = node.block.owner
    return node
