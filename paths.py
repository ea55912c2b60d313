"""Paths as people write them: with a tilde, or as no file can be called."""

from __future__ import annotations

from pathlib import Path


def expanded(path: Path | str) -> Path:
    """Replace a leading ``~`` or ``~user`` by that home; of a user who is unknown it stays."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def is_file(path: Path | str) -> bool:
    """Tell whether there is a file; a name too long, or with what no name may hold, is that of none."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path | str) -> bool:
    """Tell whether there is a folder; see ``is_file``."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False
