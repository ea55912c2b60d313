"""What is done to a run folder between runs: failed jobs get another chance, scratch files go, a run is stopped."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RunError
from .journal import RunStore
from .locks import Holder, holder
from .manager import coordinating, replay
from .run_folder import CHECKPOINTS
from .worker import REPORT, forget_report

if TYPE_CHECKING:
    from .run_folder import RunFolder


def retry(folder: RunFolder, jobs: Iterable[str] = ()) -> list[str]:
    """Take failed jobs out of the journal: the next run computes them, and what was blocked by them.

    A job whose result is damaged counts as failed; damaged documents of jobs that are no longer part of the run go when
    all are retried. What went on without them, such as a result that was gathered with a gap, runs again too.

    Args:
        folder: of a run that nobody coordinates now.
        jobs: names or UUIDs of failed jobs; all when empty.

    Returns:
        Names of the jobs.

    Raises:
        RunError: somebody coordinates the run, or no failed job has such a name.
    """
    with coordinating(folder), RunStore(folder.store_path()).connected() as store:
        graph = folder.kept_graph()
        if graph is None:
            return []
        failed = [graph.nodes[job] for job in replay(graph, store)]
        known = {key: None for node in failed for key in (node.job.name, node.job.uuid)}
        for job in jobs:
            if job not in known:
                near = get_close_matches(job, known, n=3, cutoff=0.4)
                hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
                raise RunError(f"{folder.path}: no failed job is called {job!r}{hint}")
        wanted = set(jobs)
        chosen = [node for node in failed if not wanted or wanted & {node.job.name, node.job.uuid}]
        again = {node.id for node in chosen} | graph.behind(chosen)
        for one in again:  # a report may be left where a coordinator died just after storing it
            forget_report(folder.job_folder(one))
        stray = set() if wanted else store.damaged().keys() - graph.nodes.keys()
        store.forget(again | stray)
    return [node.job.name for node in chosen]


def cancel(folder: RunFolder, patience: float = 60.0) -> Holder | None:
    """Ask whoever coordinates a run to stop, and wait until that has happened.

    Args:
        folder: of the run.
        patience: how long to wait, s.

    Returns:
        Who it was; none when nobody coordinates the run.

    Raises:
        RunError: it has not stopped in time.
    """
    coordinator = holder(folder.lock_path())
    if coordinator is None:
        return None
    folder.cancel_path().touch()
    until = time.monotonic() + patience
    while holder(folder.lock_path()) == coordinator:
        if time.monotonic() > until:
            raise RunError(f"{folder.path}: {coordinator} was asked to stop and has not done so in {patience:.0f} s")
        time.sleep(0.2)
    return coordinator


def clean(folder: RunFolder) -> int:
    """Remove what finished jobs needed only while they ran: checkpoints that no document names.

    Links are neither followed nor removed, and nothing outside the folders of the run's own jobs is touched, whatever
    the journal says.

    Args:
        folder: of a run that nobody coordinates now.

    Returns:
        How much was removed, bytes.

    Raises:
        RunError: somebody coordinates the run.
    """
    freed = 0
    with coordinating(folder), RunStore(folder.store_path(), read_only=True).connected() as store:
        finished = [(entry["uuid"], entry["index"]) for entry in store.entries() if entry["reason"] is None]
        for job in finished:
            place = folder.job_folder(job)
            document = store.job_store.query_one({"uuid": job[0], "index": job[1]})
            named = {place / text for text in _strings(document) if text.startswith(f"{CHECKPOINTS}/")}
            for path in _scratch(folder.path, place):
                if path not in named:
                    freed += path.stat().st_size
                    path.unlink()
            _remove_empty_folders(folder.path, place / CHECKPOINTS)
    return freed


def _scratch(run: Path, place: Path) -> Iterator[Path]:
    """Yield the checkpoints and the report of a job, those that are files of the run itself."""
    if _is_its_own(run, place / CHECKPOINTS):
        for folder, _, names in os.walk(place / CHECKPOINTS):  # does not follow links
            yield from (path for name in sorted(names) if _is_a_file(path := Path(folder) / name))
    if _is_its_own(run, place) and _is_a_file(place / REPORT):
        yield place / REPORT


def _remove_empty_folders(run: Path, checkpoints: Path) -> None:
    if _is_its_own(run, checkpoints):
        for folder, _, _ in os.walk(checkpoints, topdown=False):
            with suppress(OSError):  # something is left in it
                Path(folder).rmdir()


def _is_its_own(run: Path, folder: Path) -> bool:
    """Tell whether a folder is where its name says, below the run: no link and no ``..`` leads out of it."""
    return folder.is_dir() and folder.resolve() == run.resolve() / folder.relative_to(run)


def _is_a_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
