"""A store that is gone or damaged is replaced by one with what can still be read; the rest is computed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .journal import RunStore
from .manager import coordinating
from .run_folder import STORE
from .sealed import decoded
from .sqlite_file import DamagedStoreError, SQLiteFile, SQLiteStoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .run_folder import RunFolder

Row = tuple[str, bytes]
"""A document as it is kept: its collection, and what is in it."""


def mend_store(folder: RunFolder) -> str:
    """Give a run whose store is gone or damaged another one, with every document that can be read and is whole.

    Args:
        folder: of a run that nobody coordinates now.

    Returns:
        What was done; empty when the store is whole, or no run has begun.

    Raises:
        RunError: somebody coordinates the run.
    """
    with coordinating(folder):
        if not folder.store_path().exists():
            if not folder.has_begun():
                return ""
            _make(folder, [])
            return f"{folder.path}: {STORE} is gone; a new one is begun"
        try:
            with RunStore(folder.store_path()).connected():
                return ""
        except DamagedStoreError:
            kept = _set_aside(folder.store_path())
            found = list(_readable(kept))
            _make(folder, found)
    return (
        f"{folder.path}: {STORE} was damaged; a new one has the {len(found)} documents that can be read, the damaged "
        f"one is {kept.name}"
    )


def _set_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.replace(aside)
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    return aside


def _make(folder: RunFolder, rows: list[Row]) -> None:
    """Write a store; a job of which there is the end but not the result is left out, so that it runs again."""
    new = folder.store_path().with_name(f".{STORE}.new")
    new.unlink(missing_ok=True)
    file = SQLiteFile(str(new.resolve()), read_only=False, timeout=60.0)
    file.open()
    try:
        with file.transaction():
            for row in rows:
                file.run("INSERT INTO documents (collection, body) VALUES (?, ?)", *row)
    finally:
        file.close()
    with RunStore(new).connected() as store:  # makes the indexes
        store.forget(store.without_documents())
    new.replace(folder.store_path())
    new.with_name(f"{new.name}-journal").unlink(missing_ok=True)


def _readable(path: Path) -> Iterator[Row]:
    """Yield the documents of a damaged file that can be read and are whole, in the order of their numbers."""
    file = SQLiteFile(str(path.resolve()), read_only=True, timeout=60.0)
    rows: dict[int, Row] = {}
    try:
        file.open()
        for beyond, order, start in ((">", "ASC", -1), ("<", "DESC", 2**63 - 1)):  # from both ends to what is damaged
            for number in _numbers(file, beyond, order, start):
                if number in rows:
                    break
                row = _row(file, number)
                if row is not None:
                    rows[number] = row
    except SQLiteStoreError:
        pass  # nothing in it can be read
    finally:
        file.close()
    yield from (rows[number] for number in sorted(rows))


def _numbers(file: SQLiteFile, beyond: str, order: str, last: int) -> Iterator[int]:
    select = f"SELECT id FROM documents NOT INDEXED WHERE id {beyond} ? ORDER BY id {order} LIMIT 1"  # noqa: S608
    try:
        while found := file.run(select, last):
            number: int = found[0][0]
            if number <= last if order == "ASC" else number >= last:
                return  # a page that leads back
            yield number
            last = number
    except SQLiteStoreError:
        return


def _row(file: SQLiteFile, number: int) -> Row | None:
    """Return a document, if it can be read and is whole."""
    try:
        ((collection, body),) = file.run("SELECT collection, body FROM documents WHERE id = ?", number)
        decoded(body)
    except (SQLiteStoreError, ValueError):
        return None
    return (collection, body) if isinstance(collection, str) else None
