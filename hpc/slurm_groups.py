"""Jobs that share one batch job: which they are, what it is given, and the run of them inside it.

Run as ``python -m azibflow.hpc.slurm_groups TASKS`` by the script of the batch job.
"""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ..errors import RunError
from .run_folder import write_atomically
from .worker import JobReport, JobTask, run_job

if TYPE_CHECKING:
    from collections.abc import Iterable

TASKS = "tasks.bson"
"""What a batch job is given, in its folder."""


def run_group(tasks: list[JobTask]) -> dict[str, JobReport]:
    """Run jobs one after the other in one process; those that an earlier attempt finished are not run again.

    Args:
        tasks: of any number.

    Returns:
        Report by the name of the job's folder; failures are reports too.
    """
    signal.signal(signal.SIGTERM, _leave)
    return {task.folder.name: run_job(task) for task in tasks}


def _leave(*_: object) -> NoReturn:
    """Let go of the folder's lock on the way out, so that the next attempt need not wait for it."""
    sys.exit(128 + signal.SIGTERM)


def keep_tasks(folder: Path, tasks: list[JobTask]) -> Path:
    """Write down what a batch job is to run.

    Args:
        folder: of the batch job.
        tasks: what it runs, one after the other.

    Returns:
        The file.
    """
    import bson

    records = [asdict(task) | {"folder": str(task.folder)} for task in tasks]
    file = folder / TASKS
    file.write_bytes(bson.encode({"tasks": records}))
    return file


def kept_tasks(file: Path) -> list[JobTask]:
    """Read what [`keep_tasks`][] has written."""
    import bson

    records = bson.decode(file.read_bytes())["tasks"]
    return [JobTask(**record | {"folder": Path(record["folder"])}) for record in records]


def names_of_tasks(folder: Path) -> set[str] | None:
    """Return the names of the jobs that a batch job is given; none when nothing in its folder says so."""
    import bson

    try:
        return {task.folder.name for task in kept_tasks(folder / TASKS)}
    except (OSError, KeyError, TypeError, bson.errors.BSONError):
        return None


class GroupRecords:
    """Files that say which jobs went into the queue together; a new coordinator finds them again by these.

    Args:
        folder: of the run's SLURM jobs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._members: dict[str, list[str]] = {}
        for file in sorted(folder.glob("group-*.json")):
            self._members[file.stem] = _read(file)
        self._key_of = {member: key for key, members in self._members.items() for member in members}
        self._last = max((int(key.removeprefix("group-")) for key in self._members), default=0)

    def group_of(self, member: str) -> str | None:
        """Return the key of the group that a job is in, by the name of the job's folder."""
        return self._key_of.get(member)

    def add(self, members: Iterable[str]) -> str:
        """Record a new group.

        Returns:
            Its key.
        """
        self._last += 1
        key = f"group-{self._last:05d}"
        self._write(key, list(members))
        self._key_of.update(dict.fromkeys(self._members[key], key))
        return key

    def forget(self, member: str) -> None:
        """Take a job out of its group: it failed or was lost, and another attempt starts afresh."""
        key = self._key_of.get(member)
        if key is not None:
            self._write(key, [other for other in self._members[key] if other != member])
            del self._key_of[member]

    def _write(self, key: str, members: list[str]) -> None:
        write_atomically(self._folder / f"{key}.json", json.dumps(members) + "\n")
        self._members[key] = members


def _read(file: Path) -> list[str]:
    try:
        members = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise RunError(f"{file} is damaged: {error}") from error
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        raise RunError(f"{file} is damaged: it holds no list of names")
    return members


if __name__ == "__main__":
    run_group(kept_tasks(Path(sys.argv[1])))
