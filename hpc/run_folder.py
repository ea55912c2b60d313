"""A run folder: the flow's source, its store, its log and how the last run ended."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RunError

if TYPE_CHECKING:
    from jobflow import JobStore

    from .sqlite_store import SQLiteStore

STORE = "store.sqlite"
SOURCE = "source.yaml"
LOG = "log.txt"
STATE = "state.json"


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
                if kept.read_text(encoding="utf-8") != source:
                    raise RunError(
                        f"{path} holds the run of a different campaign (see {kept}); choose another --run-dir, or "
                        "delete the folder if its results are not needed"
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
        if not (path / STORE).is_file():
            raise RunError(f"{path} is not a run folder: it has no {STORE}")
        return cls(path)

    def documents(self) -> SQLiteStore:
        """Return the store of documents for reading, not yet connected."""
        from .sqlite_store import SQLiteStore

        return SQLiteStore(self.path / STORE, read_only=True)

    def job_store(self) -> JobStore:
        """Return Jobflow's view of the store for writing, not yet connected."""
        from jobflow import JobStore

        from .sqlite_store import SQLiteStore

        return JobStore(SQLiteStore(self.path / STORE))

    def log_path(self) -> Path:
        """Return the path of the log."""
        return self.path / LOG

    def state(self) -> dict[str, object]:
        """Return how the last run ended; empty when none has ended."""
        try:
            state = json.loads((self.path / STATE).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return dict(state)

    def set_state(self, **state: object) -> None:
        """Write how the run ended."""
        write_atomically(self.path / STATE, json.dumps(state, indent=1) + "\n")


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old contents or the new, never half of them."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
