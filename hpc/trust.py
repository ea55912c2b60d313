"""Whether a run folder is one's own: going on with a run executes what the folder says."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RunError
from ..input_files.yaml_data import YamlData, YamlMistake
from .named_code import ForeignCode, foreign_code
from .run_folder import FLOW, JOBS, SOURCE, STORE
from .sqlite_file import DamagedStoreError
from .worker import REPORT

if TYPE_CHECKING:
    from .run_folder import RunFolder

SHOWN = 5


def doubts(folder: RunFolder, allowed: Collection[str] = ()) -> list[str]:
    """Find reasons not to go on with a run unless somebody vouches for it.

    Args:
        folder: of the run; nothing that it names is imported.
        allowed: modules that its user has named.

    Returns:
        The reasons, in words; none for a run of this user that names code of this package and its plug-ins alone.

    Raises:
        RunError: what the folder holds cannot be read.
    """
    found = dict.fromkeys(str(code) for code in _foreign_code(folder) if code.module not in allowed)
    shown = ", ".join(list(found)[:SHOWN]) + (f" and {len(found) - SHOWN} more" if len(found) > SHOWN else "")
    named = [f"it names code that is neither azibflow's nor an installed plug-in's: {shown}"] if found else []
    return [*_other_owners(folder), *named]


def require_trust(folder: RunFolder, *, trusted: bool, allowed: Collection[str] = ()) -> None:
    """Go on only with a run of this user's own making, or one that somebody vouches for.

    Args:
        folder: of the run.
        trusted: somebody vouches for it.
        allowed: modules that its user has named.

    Raises:
        RunError: there are doubts.
    """
    if trusted:
        return
    reasons = doubts(folder, allowed)
    if reasons:
        raise RunError(
            f"{folder.path}: {'; '.join(reasons)}. Whoever goes on with a run executes what its folder says; if you "
            "know where it comes from, say --trust"
        )


def _other_owners(folder: RunFolder) -> list[str]:
    paths = [folder.path, *(folder.path / name for name in (SOURCE, FLOW, STORE, JOBS))]
    others = [path for path in paths if path.exists() and path.stat().st_uid != os.geteuid()]
    return [f"{'it' if others[0] == folder.path else others[0].name} belongs to {_owner(others[0])}"] if others else []


def _owner(path: Path) -> str:
    try:
        return f"the user {path.owner()}"
    except KeyError:
        return f"the user with the number {path.stat().st_uid}"


def _foreign_code(folder: RunFolder) -> Iterator[ForeignCode]:
    """Look wherever a run finds what it executes: campaign, flow, journal, documents, reports of jobs."""
    yield from foreign_code(_campaign(folder.path / SOURCE))
    yield from foreign_code(folder.flow_record())
    if folder.has_store():
        with suppress(DamagedStoreError), folder.documents() as store:  # nothing goes on from a damaged one
            for known, document in store.suspects(SUSPECT):
                yield from foreign_code(document, str(known.get("name", "")))
    for path in (folder.path / JOBS).glob(f"*/{REPORT}"):
        yield from foreign_code(_report(path))


SUSPECT = re.compile(
    rb"@callable\0|[\x02\x0d\x0e](?:calculator|class)\0|"
    rb"[\x02\x0d\x0e]@module\0....(?!(?:azibflow|jobflow|pymatgen|numpy)[.\0])",
    re.DOTALL,
)
"""Packed documents in which code of others may be named; to unpack and search all would take long."""


def _campaign(path: Path) -> Any:
    try:
        return YamlData(path.read_text(encoding="utf-8")).data
    except (OSError, ValueError, YamlMistake):
        return None  # no campaign: nothing is executed from it


def _report(path: Path) -> Any:
    import bson

    try:
        return bson.decode(path.read_bytes())
    except (OSError, bson.errors.BSONError):
        return None  # the worker takes no notice of it either
