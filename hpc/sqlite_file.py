"""One SQLite file: its tables, its transactions, and errors that say what happened to it."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maggma.core import StoreError

from ..errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

APPLICATION_ID = 0x617A6962  # "azib", in the header of every store

NEWBORN = 5.0
"""How long a reader waits for an empty file to become a store, s."""

# `entries` holds every scalar value of every indexed field. Its `exclusive` is 1 for a unique index and NULL otherwise;
# NULLs are distinct from each other, so one index serves both kinds.
SCHEMA = (
    "CREATE TABLE documents (id INTEGER PRIMARY KEY, collection TEXT NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX documents_by_collection ON documents (collection, id)",
    "CREATE TABLE fields (id INTEGER PRIMARY KEY, collection TEXT NOT NULL, name TEXT NOT NULL, exclusive INTEGER,"
    " UNIQUE (collection, name))",
    "CREATE TABLE entries (field INTEGER NOT NULL REFERENCES fields, value NOT NULL, exclusive INTEGER,"
    " document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX entries_by_value ON entries (field, value, exclusive)",
    "CREATE INDEX entries_by_document ON entries (document)",
    f"PRAGMA application_id = {APPLICATION_ID}",
)

REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full; nothing of this write was kept, what was stored before is intact",
    sqlite3.SQLITE_NOTADB: "the file is not a store",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_BUSY: "another process kept the file locked; try again when it has finished writing",
    sqlite3.SQLITE_READONLY: "the store is read-only",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; check that its folder exists and may be written",
    sqlite3.SQLITE_IOERR: "reading or writing failed; check the disk, its quota and its network connection",
    sqlite3.SQLITE_CONSTRAINT: "a value of a unique index is already taken",
}


DAMAGE = {
    *(sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_SCHEMA, sqlite3.SQLITE_TOOBIG),
    sqlite3.SQLITE_ERROR,
}
"""What SQLite says of files that are not what was written; statements are all ours, so that one it cannot read
("SQL logic error") means that tables or columns have other names in the file."""


class SQLiteStoreError(RunError, StoreError):  # type: ignore[misc]
    """A store file cannot be opened, read or written; the message names the file and the reason."""

    def __init__(self, message: str) -> None:
        Exception.__init__(self, message)  # maggma's StoreError puts the exception itself among its arguments


class DamagedStoreError(SQLiteStoreError):
    """The file is not what was written, or not a store."""


class DamagedDocumentError(SQLiteStoreError):
    """One document is not what was written; the others can be read.

    Attributes:
        number: of the document in its file.
        collection: the set of documents it belongs to.
        known: values of its indexed fields, which are kept apart from it.
    """

    def __init__(self, path: str, number: int, collection: str, known: dict[str, Any], why: str) -> None:
        whose = f"{known.get('name', 'a job')} ({known['uuid']})" if "uuid" in known else f"number {number}"
        super().__init__(f"store {path}: the document of {whose} in {collection!r} {why}")
        self.number = number
        self.collection = collection
        self.known = known


def refuse(damaged: DamagedDocumentError) -> None:
    """Let nobody read on who meets a damaged document."""
    raise damaged


class SQLiteFile:
    """A file and its connection, shared by the collections in it and by the threads of one process.

    Args:
        path: absolute path.
        read_only: refuse to create or write.
        timeout: how long to wait for another process that is writing, s.

    Attributes:
        on_damage: told of each document that is not what was written; what it does not raise for is left out.
    """

    def __init__(self, path: str, read_only: bool, timeout: float) -> None:
        self.path = path
        self.read_only = read_only
        self.timeout = timeout
        self.on_damage: Callable[[DamagedDocumentError], object] = refuse
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.RLock()

    @property
    def connection(self) -> sqlite3.Connection:
        """The open connection."""
        if self._connection is None:
            raise SQLiteStoreError(f"store {self.path}: connect to the store before using it")
        return self._connection

    def open(self) -> None:
        """Open the file unless it is open, and make it a store when it is new or empty."""
        with self._lock:
            if self._connection is None:
                try:
                    self._open()
                except BaseException:
                    self.close()
                    raise

    def close(self) -> None:
        """Close the connection; the file may be opened again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def run(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Execute one statement and return all its rows at once, so that no read lock outlives the call."""
        with self._lock, self._explained():
            return self.connection.execute(statement, parameters).fetchall()

    def later(self, number: int, last: int) -> int:
        """Return the number of the last document of a page, from which the next page goes on.

        Args:
            number: of that document.
            last: of the page before.

        Raises:
            DamagedStoreError: it is not greater; reading on would never end.
        """
        if number <= last:
            said = f"document {number} stands behind document {last}"
            raise DamagedStoreError(f"store {self.path}: {REASONS[sqlite3.SQLITE_CORRUPT]} ({said})")
        return number

    def check(self) -> None:
        """Make sure that everything in the file can be found; what documents hold is checked as they are read.

        Raises:
            DamagedStoreError: the file is damaged.
        """
        found = self.run("PRAGMA integrity_check(1)")[0][0]
        if found != "ok":
            found = " ".join(found.split())
            raise DamagedStoreError(f"store {self.path}: {REASONS[sqlite3.SQLITE_CORRUPT]} ({found})")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all writes of the block or none; a nested block that fails undoes itself alone."""
        with self._lock:
            nested = self.connection.in_transaction
            self.run("SAVEPOINT nested" if nested else "BEGIN IMMEDIATE")
            try:
                yield
                self.run("RELEASE nested" if nested else "COMMIT")
            except BaseException:
                if self.connection.in_transaction:  # after some errors SQLite has ended it already
                    if nested:
                        self.run("ROLLBACK TO nested")
                    self.run("RELEASE nested" if nested else "ROLLBACK")
                raise

    def _open(self) -> None:
        # Not mode=ro: even a reader has to be able to undo what a killed writer left half done.
        uri = f"{Path(self.path).as_uri()}?mode={'rw' if self.read_only else 'rwc'}"
        with self._explained():
            # Autocommit: every transaction is begun by hand.
            self._connection = sqlite3.connect(
                uri, uri=True, timeout=self.timeout, isolation_level=None, check_same_thread=False
            )
        # TRUNCATE is a rollback journal whose end is synced too: a commit survives even a power cut.
        for setting in ("journal_mode = TRUNCATE", "synchronous = FULL", "foreign_keys = ON"):
            self.run(f"PRAGMA {setting}")
        self.run(f"PRAGMA query_only = {int(self.read_only)}")
        if not self._is_store():
            if self.read_only:
                self._await_store()
            else:
                self._make_store()

    def _is_store(self) -> bool:
        return bool(self.run("PRAGMA application_id")[0][0] == APPLICATION_ID)

    def _await_store(self) -> None:
        """Wait for another process that is just making the file a store: until it has, the file is an empty one."""
        until = time.monotonic() + min(NEWBORN, self.timeout)
        while True:
            foreign = self._has_tables()  # before the question whose they are: they come together with the answer
            if self._is_store():
                return
            if foreign:
                raise self._foreign()
            if time.monotonic() > until:
                raise DamagedStoreError(
                    f"store {self.path}: nothing is in it; what began it was stopped at once, and can be run again"
                )
            time.sleep(0.02)

    def _make_store(self) -> None:
        with self.transaction():
            if self._is_store():  # another process has just made it one
                return
            if self._has_tables():
                raise self._foreign()
            for statement in SCHEMA:
                self.run(statement)

    def _has_tables(self) -> bool:
        return bool(self.run("SELECT 1 FROM sqlite_master LIMIT 1"))

    def _foreign(self) -> DamagedStoreError:
        return DamagedStoreError(f"store {self.path}: {REASONS[sqlite3.SQLITE_NOTADB]}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            kind = DamagedStoreError if code in DAMAGE else SQLiteStoreError
            raise kind(f"store {self.path}: {REASONS.get(code, 'SQLite refused')} ({error})") from error
        except UnicodeDecodeError as error:  # of a text in the file, or of SQLite's message that quotes one
            raise DamagedStoreError(f"store {self.path}: {REASONS[sqlite3.SQLITE_CORRUPT]} ({error})") from error
