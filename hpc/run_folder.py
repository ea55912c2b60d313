"""A run folder: the flow and what it was made from, the store, a folder for each job."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RunError

if TYPE_CHECKING:
    from jobflow import Flow, Job

    from .graph import JobGraph, JobId
    from .sqlite_store import SQLiteStore

STORE = "store.sqlite"
SOURCE = "source.yaml"
FLOW = "flow.json"
JOBS = "jobs"
CHECKPOINTS = "checkpoints"
LOCK = "lock"
CANCEL = "cancel"
CHECK = "@sha256"
"""Key of the hash of everything else in the file of the flow; files of earlier versions have none."""


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run.

    Attributes:
        path: the folder.
    """

    path: Path

    @classmethod
    def create(cls, path: Path, source: str) -> RunFolder:
        """Make the folder, or open it again for the same source.

        Args:
            path: the folder.
            source: text that defines the run; another text makes another run.

        Raises:
            RunError: the folder holds a run of another source, something else, or cannot be made.
        """
        folder = cls(path)
        kept = path / SOURCE
        try:
            if kept.is_file():
                if kept.read_bytes() != source.encode():
                    raise RunError(
                        f"{path} holds the run of a different campaign (see {kept}); choose another --run-dir, with "
                        f"--take-from {shlex.quote(str(path))} for what both have in common, or delete the folder if "
                        "its results are not needed"
                    )
                return folder
            if path.exists() and (not path.is_dir() or any(path.iterdir())):
                raise RunError(f"{path} exists and is not a run folder; choose another --run-dir")
            path.mkdir(parents=True, exist_ok=True)
            write_atomically(kept, source)
        except OSError as error:
            raise RunError(f"run folder {path}: {error.strerror or error}") from error
        return folder

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open a folder that holds a run.

        Raises:
            RunError: there is no run in it.
        """
        if not (path / STORE).is_file() and not (path / FLOW).is_file():
            raise RunError(f"{path} is not a run folder: it has no {STORE}")
        return cls(path)

    def documents(self) -> SQLiteStore:
        """Return the store of documents for reading, not yet connected."""
        from .sqlite_store import SQLiteStore

        return SQLiteStore(self.path / STORE, read_only=True)

    def store_path(self) -> Path:
        """Return the file of documents and journal."""
        return self.path / STORE

    def keeps_flow(self) -> bool:
        """Tell whether the flow was written down, so that the jobs of the run are known."""
        return (self.path / FLOW).is_file()

    def has_store(self) -> bool:
        """Tell whether there is a store: a coordinator that is killed while it makes one leaves an empty file."""
        path = self.store_path()
        return path.is_file() and path.stat().st_size > 0

    def has_begun(self) -> bool:
        """Tell whether a job of the run has ever been started."""
        return any((self.path / JOBS).glob("*"))

    def require_store(self) -> None:
        """Make sure that a run that has begun has its store.

        Raises:
            RunError: it is gone.
        """
        if self.has_store() or not self.has_begun():
            return
        begun = len(list((self.path / JOBS).glob("*")))
        graph = self.kept_graph()
        planned = [] if graph is None else [self.job_folder(job) / CHECKPOINTS for job in graph.nodes]
        kept = sum(any(checkpoints.glob("*")) for checkpoints in planned)
        raise RunError(
            f"{self.path}: the store {STORE} is gone, and with it the results of {begun} jobs; put it back from a copy "
            f"or compute the run again, {kept} of the {len(planned)} jobs planned from checkpoints that are still "
            f"there: azibflow retry {shlex.quote(str(self.path))}, then resume"
        )

    def check_store(self) -> None:
        """Make sure that a run that has begun has its store, and that everything in it can be found.

        A store that somebody writes is not checked: its coordinator did that, and would be kept waiting.

        Raises:
            RunError: it is gone or damaged.
        """
        from .locks import holder
        from .sqlite_file import DamagedStoreError

        self.require_store()
        if not self.has_store() or holder(self.lock_path()) is not None:
            return
        try:
            with self.documents() as store:
                store.check()
        except DamagedStoreError as error:
            raise DamagedStoreError(
                f"{error}; put it back from a copy, or keep what can be read and compute the rest again: azibflow "
                f"retry {shlex.quote(str(self.path))}"
            ) from error

    def job_folder(self, job: JobId) -> Path:
        """Return the working folder of a job, the same at every attempt."""
        return self.jobs_path / f"{job[0]}-{job[1]}"

    @cached_property
    def jobs_path(self) -> Path:
        """The folder with one folder for each job."""
        return self.path.resolve() / JOBS

    def lock_path(self) -> Path:
        """Return the file that says who coordinates this run."""
        return self.path / LOCK

    def cancel_path(self) -> Path:
        """Return the file whose appearance asks the coordinator to stop."""
        return self.path / CANCEL

    def keep(self, flow: Flow | Job) -> JobGraph:
        """Write the flow down, so that a restart finds the same jobs, and return its graph.

        Raises:
            RunError: the folder holds another flow, or this one cannot run: it refers to jobs outside itself, its jobs
                wait for each other in a circle, or it holds something that cannot be written down.
        """
        from jobflow.core.flow import get_flow

        from .graph import JobGraph, UnrunnableFlowError

        try:
            flow = get_flow(flow)
            graph = JobGraph(flow)
            record = record_of(flow)
        except (ValueError, TypeError, AttributeError, UnrunnableFlowError) as error:
            raise RunError(f"flow {flow.name!r} cannot run: {error}") from error
        kept = self.flow_record()
        if kept is None:
            self.keep_record(record)
        elif kept.get("uuid") != flow.uuid:
            raise RunError(f"{self.path} holds the run of another flow; choose another folder")
        return graph

    def keep_record(self, record: dict[str, Any]) -> None:
        """Write down a flow from its record."""
        write_atomically(self.path / FLOW, json.dumps({**record, CHECK: _digest(record)}))

    def kept_flow(self) -> Flow | None:
        """Return the flow that was written down, with the same UUIDs, ready to run; none before the first run.

        Whatever code it names is imported ([`azibflow.hpc.trust.doubts`][]).

        Raises:
            RunError: it cannot be rebuilt.
        """
        from jobflow import Flow

        from .named_code import rebuilt

        record = self.flow_record()
        if record is None:
            return None
        try:
            flow = rebuilt(record)
        except (ImportError, AttributeError) as error:
            raise RunError(
                f"{self.path / FLOW} names code that is not there ({error}); is the version installed that wrote it?"
            ) from error
        except Exception as error:  # a decoder raises whatever it stumbles over
            raise RunError(f"{self.path / FLOW} is damaged: {type(error).__name__}: {error}") from error
        if not isinstance(flow, Flow):
            raise RunError(f"{self.path / FLOW} is damaged: it holds no flow")
        return flow

    def kept_graph(self) -> JobGraph | None:
        """Return the graph of the flow that was written down, without importing what its jobs call.

        Returns:
            The graph, of records; none before the first run.

        Raises:
            RunError: it cannot be read.
        """
        from .graph import JobGraph, UnrunnableFlowError
        from .recorded_flow import recorded_flow

        record = self.flow_record()
        try:
            return None if record is None else JobGraph(recorded_flow(record))
        except (ValueError, KeyError, TypeError, AttributeError, UnrunnableFlowError) as error:
            raise RunError(f"{self.path / FLOW} is damaged: {error}") from error

    def flow_record(self) -> dict[str, Any] | None:
        """Return the flow that was written down as plain data; none before the first run.

        Raises:
            RunError: it is damaged.
        """
        path = self.path / FLOW
        try:
            record = dict(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, RecursionError) as error:
            raise RunError(f"{path} is damaged: {error}") from error
        written = record.pop(CHECK, None)
        if written not in (None, _digest(record)):
            raise RunError(f"{path} is damaged: it is not what was written")
        return record


def record_of(flow: Flow) -> dict[str, Any]:
    """Return a flow as the plain data that are written down.

    Raises:
        TypeError: it holds something that cannot be written down.
    """
    from monty.json import MontyEncoder

    return dict(json.loads(json.dumps(flow.as_dict(), cls=MontyEncoder)))


def _digest(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record).encode()).hexdigest()


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old contents or the new, never half of them."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
