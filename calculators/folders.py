"""Folders of calculators that write files: each has its own, so that images of a band do not overwrite each other."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from shutil import rmtree
from typing import Any
from weakref import finalize

_made_here: Counter[tuple[Path, str]] = Counter()
"""Calculators of each class that this process made in each working folder."""
_number: ContextVar[int | None] = ContextVar("_number", default=None)


def next_folder(calculator: Any) -> Path:
    """Name a folder that no other calculator of this job has; a job that goes on in a new process finds them again."""
    name, number = getattr(calculator, "name", type(calculator).__name__.lower()), _number.get()
    if number is None:
        key = (Path.cwd(), name)
        _made_here[key] += 1
        number = _made_here[key]
    return Path(f"{name}-{number}")


@contextmanager
def numbered(number: int) -> Iterator[None]:
    """Give the folder of a calculator that is made in the meantime a number, as one of several processes of a job."""
    token = _number.set(number)
    try:
        yield
    finally:
        _number.reset(token)


def write_into(calculator: Any, folder: Path) -> None:
    """Let a code write into a folder, below the one that its options name; a calculator without files has none.

    Args:
        calculator: of ASE.
        folder: relative; it is made when the code writes. ASE makes it for potentials too, which write nothing: it goes
            with the calculator where it is empty then.
    """
    if hasattr(calculator, "directory"):
        calculator.directory = Path(calculator.directory) / folder
        finalize(calculator, _remove_empty, Path(calculator.directory).absolute())


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # it is not there, or holds files
        folder.rmdir()


@contextmanager
def written_away(calculator: Any) -> Iterator[None]:
    """Remove what a code writes in the meantime; below the working folder, which its other processes see as well."""
    write_into(calculator, Path(f"example-{os.getpid()}"))
    try:
        yield
    finally:
        if hasattr(calculator, "directory"):
            rmtree(calculator.directory, ignore_errors=True)
