"""A maggma store in one SQLite file: no server, many readers, one writer at a time, nothing committed is lost."""

from __future__ import annotations

import math
import sqlite3
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bson
from maggma.core import DateTimeFormat, Sort, Store
from mongomock_ng.filtering import NOTHING, filter_applies, iter_key_candidates, resolve_sort_key
from monty.json import jsanitize
from pydash import get, has, set_

from .projection import project
from .sealed import decoded, sealed, unsealed
from .sqlite_file import DamagedDocumentError, SQLiteFile, SQLiteStoreError

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping

    from maggma.core import Validator

Document = dict[str, Any]

INDEXED = ("uuid", "name", "index")
PAGE = 64  # documents read at a time: no lock is held between two pages, so that a slow reader never stops a writer


class SQLiteStore(Store):  # type: ignore[misc]
    """A maggma store in one SQLite file, which may sit on a shared file system.

    Documents are kept as BSON: datetimes (to the millisecond), bytes, NaN and infinities come back as they do from
    MongoDB. There is no ``_id``; a document is known by its key. Filters, projections and sort orders are MongoDB's,
    evaluated by mongomock; before that, a condition of equality or ``$in`` on an indexed field narrows the search at a
    cost that does not grow with the number of documents. Without a sort, documents come in the order of insertion.

    Args:
        path: the file; made on ``connect`` when it does not exist.
        collection_name: the set of documents in that file.
        key: field that identifies a document.
        last_updated_field: field with the time of the last change.
        last_updated_type: how that time is written.
        validator: checks documents before they are written; an invalid one is logged and left out.
        read_only: open an existing store and refuse to write.
        timeout: how long to wait for another process that is writing, s.
    """

    def __init__(
        self,
        path: str | Path,
        collection_name: str = "documents",
        key: str = "uuid",
        last_updated_field: str = "last_updated",
        last_updated_type: DateTimeFormat = DateTimeFormat.DateTime,
        validator: Validator | None = None,
        read_only: bool = False,
        timeout: float = 60.0,
    ) -> None:
        self.path = str(Path(path).expanduser().resolve())
        self.collection_name = collection_name
        self.read_only = read_only
        self.timeout = timeout
        self._file = SQLiteFile(self.path, read_only, timeout)
        super().__init__(key, last_updated_field, last_updated_type, validator)

    def sibling(self, collection_name: str, key: str = "uuid") -> SQLiteStore:
        """Return another collection of the same file on the same connection, so that one transaction covers both.

        Args:
            collection_name: the other collection.
            key: field that identifies a document there.

        Returns:
            The other store; opening or closing the file of one opens or closes that of both.
        """
        other = SQLiteStore(self.path, collection_name, key, read_only=self.read_only, timeout=self.timeout)
        other._file = self._file
        return other

    @property
    def name(self) -> str:
        """Where the documents are."""
        return f"sqlite://{self.path}/{self.collection_name}"

    @property
    def _collection(self) -> sqlite3.Connection:
        return self._file.connection

    def connect(self, force_reset: bool = False) -> None:
        """Open the file, and make it when it does not exist.

        Args:
            force_reset: close an open connection first.

        Raises:
            SQLiteStoreError: the file is not a store, or cannot be opened.
        """
        if force_reset:
            self.close()
        self._file.open()
        if not self.read_only:
            for field in (*INDEXED, self.key):
                self.ensure_index(field)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def check(self) -> None:
        """Make sure that every document of the file can be found, in a time that reading the whole file takes.

        Raises:
            SQLiteStoreError: the file is damaged.
        """
        self._file.check()

    @contextmanager
    def leaving_out_damaged(self) -> Iterator[list[DamagedDocumentError]]:
        """In the block leave out documents that are not what was written, in siblings too, instead of raising.

        Yields:
            Those that have been met; it fills while documents are read.
        """
        met: list[DamagedDocumentError] = []
        before, self._file.on_damage = self._file.on_damage, met.append
        try:
            yield met
        finally:
            self._file.on_damage = before

    def damaged(self) -> list[DamagedDocumentError]:
        """Compare every document of the file, whatever its collection, with its checksum, without unpacking it."""
        found = []
        for number, collection, body in self._bodies():
            try:
                unsealed(body)
            except ValueError as error:
                found.append(self._damaged(number, collection, error))
        return found

    def naming(self, text: str) -> list[int]:
        """Return the numbers of the documents in whose packed form a text occurs."""
        select = "SELECT id FROM documents WHERE collection = ? AND instr(body, CAST(? AS BLOB)) ORDER BY id"
        return [number for (number,) in self._file.run(select, self.collection_name, text)]

    def suspects(self, pattern: re.Pattern[bytes]) -> Iterator[tuple[Document, Document]]:
        """Yield the documents of the file, whatever their collection, in whose packed form a pattern occurs.

        Yields:
            The indexed fields of each, and the document; one that is damaged is left out.
        """
        for number, _, body in self._bodies():
            with suppress(ValueError):
                if pattern.search(unsealed(body)):
                    yield self.known(number), decoded(body)

    def known(self, number: int) -> Document:
        """Return the indexed fields of a document, which are kept apart from it."""
        select = "SELECT name, value FROM entries JOIN fields ON id = field WHERE document = ?"
        return dict(self._file.run(select, number))

    def drop(self, damaged: Iterable[DamagedDocumentError]) -> None:
        """Remove damaged documents, in one transaction."""
        with self.transaction():
            for one in damaged:
                self._file.run("DELETE FROM documents WHERE id = ?", one.number)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all writes in the block, of siblings too, visible together or, after an error, not at all.

        Other threads and processes wait for the end of the block before they write, so keep it short.
        """
        with self._file.transaction():
            yield

    def count(self, criteria: Document | None = None) -> int:
        """Count the documents that match a MongoDB filter."""
        if criteria:
            return sum(1 for _ in self._matches(criteria))
        return int(self._file.run("SELECT count(*) FROM documents WHERE collection = ?", self.collection_name)[0][0])

    def query(
        self,
        criteria: Document | None = None,
        properties: Document | list[str] | None = None,
        sort: Mapping[str, Sort | int] | None = None,
        skip: int = 0,
        limit: int = 0,
    ) -> Iterator[Document]:
        """Find documents.

        Args:
            criteria: MongoDB filter.
            properties: fields to return, or a MongoDB projection; everything when empty.
            sort: direction (1 or -1) by field.
            skip: number of documents to leave out first.
            limit: largest number of documents; 0 for all.

        Yields:
            The documents. Each is whole, as it was at one moment; a writer may come between two of them.
        """
        projection = dict(properties) if isinstance(properties, dict) else dict.fromkeys(properties or (), 1)
        if sort:
            # Only sort keys and packed documents wait in memory: unpacked they take ten times the space.
            rows = [([resolve_sort_key(key, doc) for key in sort], body) for _, body, doc in self._matches(criteria)]
            for position, direction in reversed(list(enumerate(sort.values()))):
                rows.sort(key=lambda row: row[0][position], reverse=Sort(direction) is Sort.Descending)
            documents = (decoded(body) for _, body in rows)
        else:
            documents = (doc for _, _, doc in self._matches(criteria))
        for doc in islice(documents, skip, skip + limit if limit else None):
            yield project(doc, projection)

    def query_one(
        self,
        criteria: Document | None = None,
        properties: Document | list[str] | None = None,
        sort: Mapping[str, Sort | int] | None = None,
    ) -> Document | None:
        """Return the first document that ``query`` finds, or none."""
        return next(self.query(criteria, properties, sort, limit=1), None)

    def distinct(self, field: str, criteria: Document | None = None, all_exist: bool = False) -> list[Any]:  # noqa: ARG002
        """Return the different values of a field, lists unpacked, in the order of their first appearance."""
        values = (value for _, _, doc in self._matches(criteria) for value in _values(field, doc))
        return list({bson.encode({"": value}): value for value in values}.values())

    @property
    def last_updated(self) -> datetime:
        """Time of the last change of any document; the earliest time there is when nothing was ever changed.

        Raises:
            SQLiteStoreError: no document has the field of that time.
        """
        newest = self.query_one(sort={self.last_updated_field: -1})
        if newest is not None and not has(newest, self.last_updated_field):
            raise SQLiteStoreError(f"store {self.path}: no document has the field {self.last_updated_field!r}")
        time = get(newest, self.last_updated_field)
        return datetime.min if time is None else self._lu_func[0](time)  # type: ignore[no-any-return]

    def groupby(
        self,
        keys: list[str] | str,
        criteria: Document | None = None,
        properties: Document | list[str] | None = None,
        sort: Mapping[str, Sort | int] | None = None,
        skip: int = 0,
        limit: int = 0,
    ) -> Iterator[tuple[Document, list[Document]]]:
        """Group those of the documents that ``query`` finds which have all the given fields.

        Args:
            keys: field or fields to group by.
            criteria: MongoDB filter.
            properties: fields to return besides; everything when empty.
            sort: direction (1 or -1) by field.
            skip: number of documents to leave out first.
            limit: largest number of documents in all groups together; 0 for all.

        Yields:
            The values of the fields as a nested document, and the documents that share them; groups come in the order
            of their first documents.
        """
        keys = [keys] if isinstance(keys, str) else keys
        groups: dict[bytes, tuple[Document, list[Document]]] = {}
        for doc in self.query(criteria, [*properties, *keys] if properties else None, sort, skip, limit):
            if all(has(doc, key) for key in keys):
                shared: Document = {}
                for key in keys:
                    set_(shared, key, get(doc, key))
                groups.setdefault(bson.encode(shared), (shared, []))[1].append(doc)
        yield from groups.values()

    def update(self, docs: list[Document] | Document, key: list[str] | str | None = None) -> None:
        """Write documents in one transaction: each replaces the first one with the same key or is added.

        Args:
            docs: document or documents; numpy arrays, enums and MSONable objects are converted as in maggma's stores.
            key: field or fields that identify a document; the store's key when none.

        Raises:
            SQLiteStoreError: a document lacks its key or cannot be encoded, or the file refuses; nothing is written.
            ValueError: a document does not pass a strict validator (unless that raises its own error).
        """
        keys = [key] if isinstance(key, str) else key or [self.key]
        with self.transaction():
            for given in docs if isinstance(docs, list) else [docs]:
                doc = jsanitize(given, allow_bson=True, recursive_msonable=True)
                if self._is_valid(doc):
                    self._write(doc, keys)

    def remove_docs(self, criteria: Document) -> None:
        """Remove the documents that match a MongoDB filter, in one transaction."""
        with self.transaction():
            for number in [number for number, _, _ in self._matches(criteria)]:
                self._file.run("DELETE FROM documents WHERE id = ?", number)

    def ensure_index(self, key: str, unique: bool = False) -> bool:
        """Index a field, so that finding a document by it costs the same however many there are.

        Args:
            key: the field, with dots for nested ones.
            unique: refuse from now on a second document with the same value in this field.

        Returns:
            Whether there is such an index now: not if two documents share a value already, or the store is read-only.
        """
        existing = self._fields().get(key)
        if existing is not None or self.read_only:
            return existing is not None and (existing[1] is not None or not unique)
        try:
            with self.transaction():
                if key not in self._fields():  # another process may just have added it
                    add = "INSERT INTO fields (collection, name, exclusive) VALUES (?, ?, ?)"
                    self._file.run(add, self.collection_name, key, 1 if unique else None)
                    added = {key: self._fields()[key]}
                    for number, _, doc in self._matches({}):
                        self._add_entries(number, doc, added)
        except SQLiteStoreError as error:
            if isinstance(error.__cause__, sqlite3.IntegrityError):
                return False
            raise
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SQLiteStore):
            return False
        return (self.name, self.last_updated_field) == (other.name, other.last_updated_field)

    def __hash__(self) -> int:
        return hash((self.name, self.last_updated_field))

    def _fields(self) -> dict[str, tuple[int, int | None]]:
        # Read every time: another process may have added an index.
        select = "SELECT name, id, exclusive FROM fields WHERE collection = ? ORDER BY id"
        return {name: (field, exclusive) for name, field, exclusive in self._file.run(select, self.collection_name)}

    def _bodies(self) -> Iterator[tuple[int, str, Any]]:
        """Yield number, collection and what is kept of every document of the file."""
        select = f"SELECT id, collection, body FROM documents WHERE id > ? ORDER BY id LIMIT {PAGE}"  # noqa: S608
        last = 0
        while page := self._file.run(select, last):
            yield from page
            last = self._file.later(page[-1][0], last)

    def _matches(self, criteria: Document | None) -> Iterator[tuple[int, bytes, Document]]:
        """Yield number, BSON and content of every matching document in the order of insertion."""
        # A filter goes through BSON as the documents did, so that datetimes lose time zone and microseconds alike.
        criteria = decoded(self._encode(criteria or {}))
        where, values = self._narrowed(criteria)
        select = f"SELECT id, body FROM documents WHERE {where} AND id > ? ORDER BY id LIMIT {PAGE}"  # noqa: S608
        last = 0
        while page := self._file.run(select, *values, last):
            for number, body in page:
                try:
                    doc = decoded(body)
                except ValueError as error:
                    self._file.on_damage(self._damaged(number, self.collection_name, error))
                    continue
                if filter_applies(criteria, doc):
                    yield number, body, doc
            last = self._file.later(page[-1][0], last)

    def _narrowed(self, criteria: Document) -> tuple[str, list[Any]]:
        """Return the SQL condition and values of the first usable index, the key's before others."""
        fields = self._fields()
        most = self._collection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) - 2
        for name in sorted(fields, key=lambda name: name != self.key):
            wanted = criteria.get(name)
            values = wanted.get("$in", [wanted.get("$eq")]) if isinstance(wanted, dict) else [wanted]
            if isinstance(values, list) and len(values) < most and all(_is_indexable(value) for value in values):
                select = f"SELECT document FROM entries WHERE field = ? AND value IN ({','.join('?' * len(values))})"  # noqa: S608
                return f"id IN ({select})", [fields[name][0], *values]
        return "collection = ?", [self.collection_name]

    def _write(self, doc: Document, keys: list[str]) -> None:
        doc.pop("_id", None)
        for key in keys:
            if not has(doc, key):
                raise SQLiteStoreError(f"store {self.path}: a document lacks the field {key!r} that is to identify it")
        body = sealed(self._encode(doc))
        number, _, _ = next(self._matches({key: {"$eq": get(doc, key)} for key in keys}), (None, b"", {}))
        if number is None:
            add = "INSERT INTO documents (collection, body) VALUES (?, ?)"
            self._file.run(add, self.collection_name, body)
            number = self._file.run("SELECT last_insert_rowid()")[0][0]
        else:
            self._file.run("UPDATE documents SET body = ? WHERE id = ?", body, number)
            self._file.run("DELETE FROM entries WHERE document = ?", number)
        self._add_entries(number, doc, self._fields())

    def _add_entries(self, number: int, doc: Document, fields: dict[str, tuple[int, int | None]]) -> None:
        add = "INSERT INTO entries (field, value, exclusive, document) VALUES (?, ?, ?, ?)"
        for name, (field, exclusive) in fields.items():
            for value in dict.fromkeys(value for value in _values(name, doc) if _is_indexable(value)):
                self._file.run(add, field, value, exclusive, number)

    def _is_valid(self, doc: Document) -> bool:
        if self.validator is None or self.validator.is_valid(doc):
            return True
        if self.validator.strict:
            raise ValueError(self.validator.validation_errors(doc))
        self.logger.error(self.validator.validation_errors(doc))
        return False

    def _encode(self, doc: Document) -> bytes:
        try:
            return bson.encode(doc)
        except (bson.errors.BSONError, OverflowError, ValueError) as error:
            raise SQLiteStoreError(f"store {self.path}: a document or filter cannot be encoded ({error})") from error

    def _damaged(self, number: int, collection: str, why: ValueError) -> DamagedDocumentError:
        return DamagedDocumentError(self.path, number, collection, self.known(number), str(why))


def _is_indexable(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not (isinstance(value, float) and math.isnan(value))


def _values(field: str, doc: Document) -> Iterator[Any]:
    """Yield the values of a field as a filter sees them: lists unpacked, and looked for in lists of documents."""
    for value in iter_key_candidates(field, doc):
        if value is not NOTHING:
            yield from value if isinstance(value, list) else [value]
