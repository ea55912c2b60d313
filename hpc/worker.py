"""What happens where a job runs: one job in, one report out, no store and no coordinator in reach."""

from __future__ import annotations

import errno
import logging
import os
import platform
import time
import traceback
from collections import defaultdict
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LostProcessError, RunError
from ..light_jobs import light_job
from ..room import room
from .graph import brought_flows
from .locks import Lock, LockHeldError
from .named_code import rebuilt
from .processes import lend_processes
from .profiles import LIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Job, JobStore, Response

LOG = "log.txt"
LOCK = "lock"
REPORT = "report.bson"

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})

_STORES: list[JobStore] = []


@dataclass(frozen=True)
class JobTask:
    """Everything that a worker needs to run one job; it can be pickled and sent anywhere.

    Attributes:
        job: the job as written by its ``as_dict``.
        inputs: documents that its references point at, and those that the outputs in these point at.
        folder: the job's own folder, the same at every attempt.
        resources: the job's ``manager_config``: its kind of work, cpus, gpus, memory, walltime, ...
    """

    job: dict[str, Any]
    inputs: list[dict[str, Any]]
    folder: Path
    resources: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobReport:
    """What comes back from a job.

    Attributes:
        uuid: of the job.
        index: how often the job was replaced by then, from 1.
        name: of the job.
        documents: for the store of documents; empty when the job failed.
        blobs: documents for the additional stores, by the name of the store.
        response: what else the job asked for: flows to run (serialised), stops, stored data; none when it failed.
        reason: why it failed; none when it did not.
        traceback: where it failed.
        started: time in UTC, ISO 8601.
        seconds: how long it took.
        host: machine that ran it.
        pid: process that ran it.
    """

    uuid: str
    index: int
    name: str
    documents: list[dict[str, Any]] = field(default_factory=list)
    blobs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    response: dict[str, Any] | None = None
    reason: str | None = None
    traceback: str | None = None
    started: str = ""
    seconds: float = 0.0
    host: str = ""
    pid: int = 0


def run_job(task: JobTask) -> JobReport:
    """Run a job in its folder and report; a failing job is reported, not raised.

    The folder is locked meanwhile: the process of an earlier attempt may still be writing there, and is waited for. A
    report that such a process left behind is returned as it is, so that a job which has ended never runs again. What
    the job prints and logs goes to a file in its folder.

    Args:
        task: the job and its inputs.

    Returns:
        The report; it is also kept in the folder until the coordinator has stored it.

    Raises:
        OSError: the disk is full; the job is not to blame and can go on when there is space.
        LostProcessError: a process that computed for the job died.
    """
    task.folder.mkdir(parents=True, exist_ok=True)
    with _locked(task.folder):
        kept = kept_report(task.folder)
        if kept is not None:
            return kept
        with _into_log(task.folder / LOG), chdir(task.folder):
            report = perform(task)
            if report.traceback is not None:
                print(report.traceback)  # where the output of the job goes
        _keep(report, task.folder)
    return report


def perform(task: JobTask) -> JobReport:
    """Run a job against a throw-away store, wherever this process is, and report.

    Args:
        task: the job and its inputs; its folder is not used.

    Returns:
        The report.

    Raises:
        OSError: the disk is full.
        LostProcessError: a process that computed for the job died.
    """
    started, since = datetime.now(UTC).isoformat(timespec="milliseconds"), time.monotonic()
    outcome: dict[str, Any]
    try:
        job = _rebuilt(task.job)
        may_compute = light_job(job.name) if task.resources.get("kind") == LIGHT else room(lend_processes)
        with may_compute, _throw_away_store(task.inputs) as store:
            response = job.run(store=store, job_dir=task.folder)
            outcome = _outcome(response, store, task.inputs)
    except LostProcessError:
        raise  # as when the worker itself dies: the job starts again from its checkpoints
    except Exception as error:  # whatever a job raises is its failure, not the worker's
        if full := _no_space(error):
            raise full from error
        reason = f"{type(error).__name__}: {error}".strip().rstrip(":")
        outcome = {"reason": reason, "traceback": traceback.format_exc()}
    return JobReport(
        uuid=task.job["uuid"],
        index=task.job["index"],
        name=task.job["name"],
        started=started,
        seconds=time.monotonic() - since,
        host=platform.node(),
        pid=os.getpid(),
        **outcome,
    )


def _rebuilt(record: dict[str, Any]) -> Job:
    """Rebuild a job, whose function is found by the name of its module."""
    job: Job = rebuilt(record)
    if callable(job.function):
        return job
    module, name = (record["function"].get(key) for key in ("@module", "@callable"))
    advice = (
        "workers do not run the script that was started; put the functions of jobs into a module, or what starts the "
        'run under `if __name__ == "__main__":`'
        if module == "__main__"
        else "is the version installed that the run was begun with?"
    )
    raise RunError(f"there is no function {name} in {module}: {advice}")


def kept_report(folder: Path) -> JobReport | None:
    """Return the report that was left in the folder of a job, if a whole one of that job is there."""
    import bson

    try:
        report = JobReport(**bson.decode((folder / REPORT).read_bytes()))
    except (FileNotFoundError, bson.errors.BSONError, TypeError):
        return None
    return report if f"{report.uuid}-{report.index}" == folder.name else None


def forget_report(folder: Path) -> None:
    """Remove the report from a job's folder: the store has it now."""
    (folder / REPORT).unlink(missing_ok=True)


def _keep(report: JobReport, folder: Path) -> None:
    import bson

    new = folder / f".{REPORT}"
    try:
        new.write_bytes(bson.encode(asdict(report)))
        new.replace(folder / REPORT)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def _throw_away_store(inputs: list[dict[str, Any]]) -> Iterator[JobStore]:
    """Lend an empty store in memory with the inputs in it.

    Stores are used again: maggma adds a handler to a logger for every store that is made, so that a process which makes
    one per job gets slower with every job.
    """
    from jobflow import JobStore
    from maggma.stores import MemoryStore

    if _STORES:
        store = _STORES.pop()
    else:
        store = JobStore(MemoryStore(), additional_stores=defaultdict(_connected_memory_store))
    store.connect(force_reset=True)
    if inputs:
        store.docs_store.update(inputs, key=["uuid", "index"])
    try:
        yield store
    finally:
        _STORES.append(store)


def _connected_memory_store() -> Any:
    from maggma.stores import MemoryStore

    store = MemoryStore(key="blob_uuid")
    store.connect()
    return store


def _outcome(response: Response, store: JobStore, inputs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the documents that the job wrote and its response, checked to fit into a store."""
    import bson

    given = {(document["uuid"], document["index"]): document for document in inputs}
    documents = [_without_id(document) for document in store.docs_store.query()]
    asked = response_record(response)
    brought_flows(asked)  # one that cannot run is the failure of the job that brought it
    outcome = {
        "documents": [doc for doc in documents if given.get((doc.get("uuid"), doc.get("index"))) != doc],
        "blobs": {
            name: [_without_id(blob) for blob in blobs.query()]
            for name, blobs in store.additional_stores.items()
            if blobs.count()
        },
        "response": asked,
    }
    bson.encode(outcome)
    return outcome


def response_record(response: Response) -> dict[str, Any]:
    """Return a response without its output as a plain document; what it does not ask for is left out."""
    from monty.json import jsanitize

    record = {
        "replace": response.replace,
        "detour": response.detour,
        "addition": response.addition,
        "stored_data": response.stored_data,
        "stop_children": response.stop_children,
        "stop_jobflow": response.stop_jobflow,
    }
    wanted = {name: value for name, value in record.items() if value}
    return dict(jsanitize(wanted, strict=True, enum_values=True, allow_bson=True))


def _without_id(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "_id"}


def _no_space(error: BaseException | None) -> OSError | None:
    """Return the error of a full disk or an exhausted quota that lies behind an exception, if one does."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in NO_SPACE:
            return error
        error = error.__cause__ or error.__context__
    return None


@contextmanager
def _locked(folder: Path, poll: float = 0.2) -> Iterator[None]:
    """Hold the lock of a job's folder, as soon as whoever has it lets go."""
    while True:
        try:
            lock = Lock(folder / LOCK)
            lock.acquire()
            break
        except LockHeldError:
            time.sleep(poll)
    try:
        yield
    finally:
        lock.release()


class LogFile(logging.FileHandler):
    """A log that cannot be written, on a full disk say, must not bury the message about what failed."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Lose the line."""

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):
            super().close()


@contextmanager
def _into_log(path: Path) -> Iterator[None]:
    """Send to a file what a job logs and prints."""
    handler = LogFile(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%Y-%m-%d %H:%M:%S"))
    root, own = logging.getLogger(), logging.getLogger("azibflow")
    level = own.level
    root.addHandler(handler)
    own.setLevel(logging.INFO)
    try:
        with redirect_stdout(handler.stream), redirect_stderr(handler.stream):
            yield
    finally:
        own.setLevel(level)
        root.removeHandler(handler)
        handler.close()
