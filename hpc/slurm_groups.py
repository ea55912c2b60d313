"""Calculations that share one SLURM job: which they are, and the run of them inside that job."""

from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .run_folder import write_atomically
from .worker import JobReport, JobTask, run_job

if TYPE_CHECKING:
    from collections.abc import Iterable

REPORT = "report.pickle"
"""Report of a finished job in its own folder: a SLURM job that starts again does not compute it again."""


def run_group(tasks: list[JobTask]) -> dict[str, JobReport]:
    """Run jobs one after the other; those that an earlier attempt finished are not run again.

    Args:
        tasks: of any number.

    Returns:
        Report by fingerprint; failures are reports too.
    """
    return {fingerprint(task): _run_once(task) for task in tasks}


def fingerprint(task: JobTask) -> str:
    """Tell tasks apart by what they compute: the job with its inputs, whatever resources it runs on."""
    text = json.dumps([task.job, task.inputs, str(task.folder)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def kept_report(task: JobTask) -> JobReport | None:
    """Return the report of a task that has finished, from its folder."""
    path = task.folder / REPORT
    try:
        identity, report = pickle.loads(path.read_bytes())  # noqa: S301 - a file that this program wrote
    except (FileNotFoundError, EOFError, pickle.UnpicklingError):
        return None
    return report if identity == fingerprint(task) else None


def _run_once(task: JobTask) -> JobReport:
    report = kept_report(task)
    if report is None:
        report = run_job(task)
    return report


class GroupRecords:
    """Files that say which tasks went into the queue together; a new coordinator finds them again by these.

    Args:
        folder: of the run's SLURM jobs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._members: dict[str, dict[str, str]] = {}
        for file in sorted(folder.glob("group-*.json")):
            self._members[file.stem] = json.loads(file.read_text(encoding="utf-8"))
        self._key_of = {member: key for key, members in self._members.items() for member in members}

    def group_of(self, member: str) -> str | None:
        """Return the key of the group that a task is in, by the task's fingerprint."""
        return self._key_of.get(member)

    def add(self, tasks: Iterable[JobTask]) -> str:
        """Record a new group.

        Returns:
            Its key.
        """
        last = max((int(key.removeprefix("group-")) for key in self._members), default=0)
        key = f"group-{last + 1:05d}"
        self._members[key] = {fingerprint(task): task.folder.name for task in tasks}
        self._key_of.update(dict.fromkeys(self._members[key], key))
        self._write(key)
        return key

    def forget(self, member: str) -> None:
        """Take a task out of its group: what came of it was a failure, and the next attempt starts afresh."""
        key = self._key_of.pop(member, None)
        if key is not None:
            del self._members[key][member]
            self._write(key)

    def jobs_of(self, key: str) -> list[str]:
        """Return the folder names of the jobs in a group; none for a group that nobody knows."""
        return list(self._members.get(key, {}).values())

    def _write(self, key: str) -> None:
        write_atomically(self._folder / f"{key}.json", json.dumps(self._members[key], indent=1) + "\n")
