"""Files that decide what is computed: network weights, how they are named, and the hash that says which were used."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Iterable


class Weights(BaseModel):
    """One file of network weights; a plain string is read as its path."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    path: str = Field(description="path of the file, or the name of a foundation model where mace-torch keeps it")
    sha256: str | None = Field(
        default=None, pattern="^[0-9a-f]{64}$", description="SHA-256 the file must have; none accepts any"
    )

    @property
    def is_name(self) -> bool:
        """Tell the name of a foundation model (``medium-mpa-0``) from a file: it has neither a folder nor an ending."""
        return Path(self.path).name == self.path and not Path(self.path).suffix


class WeightsRecord(BaseModel):
    """Which weights, or which other file, were used."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="file name")
    sha256: str = Field(description="SHA-256 of the file")

    @classmethod
    def of(cls, path: Path) -> WeightsRecord:
        """Hash a file."""
        return cls(name=path.name, sha256=file_sha256(path))

    @classmethod
    def of_set(cls, name: str, folder: Path, files: Iterable[Path]) -> WeightsRecord:
        """Hash files that are chosen from by element, all together: a record knows of no structure.

        Args:
            name: what they are.
            folder: that all are below; where it is makes no difference.
            files: of it.
        """
        return cls(name=name, sha256=_set_sha256(folder, tuple(_version(path) for path in sorted(files))))


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file; computed once per process as long as the file does not change."""
    return _sha256(*_version(path))


def _version(path: Path) -> tuple[Path, int, int]:
    status = path.stat()
    return path, status.st_size, status.st_mtime_ns


@lru_cache(maxsize=8)
def _set_sha256(folder: Path, files: tuple[tuple[Path, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, _size, _mtime_ns in files:
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=64)
def _sha256(path: Path, _size: int, _mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
