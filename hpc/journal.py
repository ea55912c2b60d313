"""The store of a run: its documents, and the journal of what every finished or failed job asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from types import UnionType
from typing import TYPE_CHECKING, Any

from .sqlite_file import DamagedDocumentError, SQLiteStoreError
from .sqlite_store import SQLiteStore

if TYPE_CHECKING:
    from pathlib import Path

    from jobflow import JobStore

    from .graph import AnyJob, JobId
    from .worker import JobReport

JOURNAL = "journal"
KEY = ["uuid", "index"]
ENTRY: dict[str, type | UnionType] = {
    "uuid": str,
    "index": int,
    "name": str,
    "response": dict | None,
    "reason": str | None,
    "traceback": str | None,
    "started": str,
    "seconds": float | int,
    "host": str,
    "pid": int,
}
"""What an entry of the journal is made of."""


class RunStore:
    """Documents and journal in one file, so that one transaction covers both.

    Args:
        path: the SQLite file.
        read_only: open an existing file and refuse to write.
    """

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self._documents = SQLiteStore(path, read_only=read_only)
        self._journal = self._documents.sibling(JOURNAL)
        self._additional = _AdditionalStores(self._documents)

    @cached_property
    def job_store(self) -> JobStore:
        """The documents as Jobflow reads them."""
        from jobflow import JobStore

        return JobStore(self._documents, additional_stores=self._additional)

    @contextmanager
    def connected(self) -> Iterator[RunStore]:
        """Open the file for a while; to go on with, it has to be whole.

        Raises:
            SQLiteStoreError: the file is damaged.
        """
        self._documents.connect()
        try:
            if not self._documents.read_only:
                self._documents.check()
            self._journal.connect()
            yield self
        finally:
            self._documents.close()

    def record(self, reports: list[JobReport]) -> None:
        """Keep what jobs reported, their documents and their entries in the journal: all of it or, on error, nothing.

        Raises:
            SQLiteStoreError: the file refuses; the disk is full, say.
        """
        with self._documents.transaction():
            for report in reports:
                self._documents.update(report.documents, key=KEY)
                for name, blobs in report.blobs.items():
                    self._additional[name].update(blobs, key="blob_uuid")
            self._journal.update([_entry(report) for report in reports], key=KEY)

    def take(self, source: RunStore, jobs: Iterable[JobId]) -> None:
        """Copy what another store holds of some jobs: documents, what these keep elsewhere, entries in the journal."""
        wanted = set(jobs)
        documents = [one for one in source.job_store.query() if (one["uuid"], one["index"]) in wanted]
        entries = [one for one in source.entries() if (one["uuid"], one["index"]) in wanted]
        elsewhere = [blob for one in documents for blob in _blobs(one)]
        with self._documents.transaction():
            self._documents.update(documents, key=KEY)
            self._journal.update(entries, key=KEY)
            for name, blob in elsewhere:
                kept = list(source._additional[name].query({"blob_uuid": blob}))
                self._additional[name].update(kept, key="blob_uuid")

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield the journal in the order in which jobs ended: the fields of each report without its documents.

        Entries that are damaged are left out; they are among the [`RunStore.damaged`][] jobs.

        Raises:
            SQLiteStoreError: an entry is none.
        """
        with self._documents.leaving_out_damaged():
            entries = list(self._journal.query())
        for entry in entries:
            wrong = [name for name, kinds in ENTRY.items() if not isinstance(entry.get(name, ...), kinds)]
            if wrong:
                raise SQLiteStoreError(f"store {self._documents.path}: the file is damaged (journal: {wrong[0]})")
            yield entry

    def damaged(self) -> dict[JobId, DamagedDocumentError]:
        """Find the jobs whose entry or document, or what they left in another store, is not what was written."""
        return {job: damaged for damaged in self._documents.damaged() for job in self._jobs_of(damaged)}

    def without_documents(self) -> list[JobId]:
        """Return the jobs that have finished, as their entries say, and whose documents are not there."""
        documents = {(one["uuid"], one["index"]) for one in self._documents.query(properties=KEY)}
        finished = [(one["uuid"], one["index"]) for one in self.entries() if one["response"] is not None]
        return [job for job in finished if job not in documents]

    def forget(self, jobs: Iterable[JobId]) -> None:
        """Remove jobs from the journal, and documents of theirs that are damaged, so that they run again."""
        again = set(jobs)
        with self._documents.transaction():
            damaged = self._documents.damaged()
            self._documents.drop([one for one in damaged if again & set(self._jobs_of(one))])
            for uuid, index in again:
                self._journal.remove_docs({"uuid": uuid, "index": index})

    def _jobs_of(self, damaged: DamagedDocumentError) -> list[JobId]:
        blob = damaged.known.get("blob_uuid")
        owners = [damaged.known] if blob is None else [self._documents.known(n) for n in self._documents.naming(blob)]
        return [(owner["uuid"], owner["index"]) for owner in owners if {"uuid", "index"} <= owner.keys()]

    def inputs(self, job: AnyJob) -> list[dict[str, Any]]:
        """Return the documents that a job needs: those its references point at, and those that these refer to.

        A job that asks for the store itself gets every document.
        """
        from jobflow.core.reference import find_and_get_references

        if job.config.expose_store:
            return list(self.job_store.query(load=True))
        if not job.config.resolve_references:
            return []
        wanted = list(job.input_uuids)
        found: dict[str, dict[str, Any]] = {}
        while wanted:
            uuid = wanted.pop()
            if uuid in found:
                continue
            document = self.job_store.query_one({"uuid": uuid}, sort={"index": -1}, load=True)
            if document is not None:
                found[uuid] = document
                wanted += [reference.uuid for reference in find_and_get_references(document.get("output"))]
        return list(found.values())


class _AdditionalStores(dict[str, SQLiteStore]):
    """Jobflow's additional stores, each a collection of the same file, made when a job first names it."""

    def __init__(self, documents: SQLiteStore) -> None:
        super().__init__()
        self._documents = documents

    def __missing__(self, name: str) -> SQLiteStore:
        store = self._documents.sibling(f"additional {name}", key="blob_uuid")
        store.connect()
        self[name] = store
        return store

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ARG002 - Jobflow reads with get
        return self[name]


def _blobs(value: Any) -> Iterator[tuple[str, str]]:
    """Yield additional store and UUID of each part of a document that is kept there."""
    if isinstance(value, dict):
        if "blob_uuid" in value and "store" in value:
            yield value["store"], value["blob_uuid"]
        for item in value.values():
            yield from _blobs(item)
    elif isinstance(value, list):
        for item in value:
            yield from _blobs(item)


def _entry(report: JobReport) -> dict[str, Any]:
    return {name: value for name, value in asdict(report).items() if name not in ("documents", "blobs")}
