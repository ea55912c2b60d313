"""The files that a run depends on: hashed when it begins, compared whenever it goes on."""

from __future__ import annotations

import hashlib
import shlex
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import RunError
from .run_folder import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .run_folder import RunFolder

INPUTS = "inputs.json"


class Inputs(BaseModel):
    """What a run was begun with, beside the text that defines it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: dict[str, str] = Field(description="SHA-256 by absolute path")
    versions: dict[str, str] = Field(description="version by distribution")

    @classmethod
    def now(cls, files: Iterable[Path], distributions: Iterable[str]) -> Self:
        """Hash files, and look up the versions that are installed.

        Raises:
            RunError: a file cannot be read.
        """
        paths = sorted({Path(path).absolute() for path in files})
        try:
            hashes = {str(path): _sha256(path) for path in paths}
        except OSError as error:
            raise RunError(f"{error.filename}: {error.strerror}") from error
        versions = {name: _version(name) for name in sorted(set(distributions))}
        return cls(files=hashes, versions={name: version for name, version in versions.items() if version})

    def changed(self) -> list[Path]:
        """Return the files whose contents are others now; one that is not there is not among them."""
        return [Path(path) for path, kept in self.files.items() if Path(path).is_file() and _sha256(Path(path)) != kept]

    def missing(self) -> list[Path]:
        """Return the files that are not there any more."""
        return [Path(path) for path in self.files if not Path(path).is_file()]

    def upgraded(self) -> dict[str, tuple[str, str]]:
        """Return, by distribution, the version then and the version now where they differ."""
        now = {name: _version(name) or "not installed" for name in self.versions}
        return {name: (then, now[name]) for name, then in self.versions.items() if then != now[name]}


def kept_inputs(folder: RunFolder) -> Inputs | None:
    """Return what a run was begun with; none when it has not begun, or an earlier version began it.

    Raises:
        RunError: the file is damaged.
    """
    path = folder.path / INPUTS
    try:
        return Inputs.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise RunError(
            f"{path} is damaged: whether the inputs of this run have changed cannot be told; compute it in another "
            f"folder, or go on without that check: rm {shlex.quote(str(path))}"
        ) from error


def keep_inputs(folder: RunFolder, inputs: Inputs) -> None:
    """Write down what a run is begun with."""
    write_atomically(folder.path / INPUTS, inputs.model_dump_json(indent=1) + "\n")


def refuse_changed(folder: RunFolder, changed: Iterable[Path]) -> None:
    """Refuse a run whose inputs are not those it began with.

    Raises:
        RunError: some have changed; names each.
    """
    names = [str(path) for path in changed]
    if names:
        raise RunError(
            f"{folder.path} holds a run of other inputs: changed since it began: {', '.join(names)}; choose another "
            "--run-dir to compute with the inputs of now, or put back what was there"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except (metadata.PackageNotFoundError, ValueError):
        return None
