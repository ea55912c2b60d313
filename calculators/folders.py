"""Folders of calculators that write files: each has its own, so that images of a band do not overwrite each other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

_made_here: Counter[tuple[Path, str]] = Counter()
"""Calculators of each class that this process made in each working folder."""


def next_folder(calculator: Any) -> Path:
    """Name a folder that no other calculator of this job has; a job that goes on finds the same again."""
    name = type(calculator).__name__.lower()
    key = (Path.cwd(), name)
    _made_here[key] += 1
    return Path(f"{name}-{_made_here[key]}")


def write_into(calculator: Any, folder: Path) -> None:
    """Let a code write into a folder, below the one that its options name; a calculator without files has none.

    Args:
        calculator: of ASE.
        folder: relative, or absolute to take the place of every other.
    """
    if hasattr(calculator, "directory"):
        calculator.directory = Path(calculator.directory) / folder
