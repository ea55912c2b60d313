"""SLURM's own commands: what they are asked, and how their answers are read; nothing passes through a shell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ProfileError, RunError
from .batch_script import OUTPUT, batch_script, resource_options
from .profiles import walltime_seconds
from .scheduler import QueuedJob, RefusedJobError, SilentSchedulerError

if TYPE_CHECKING:
    from .profiles import Profile, Resources

SLURM_FOLDER = "slurm"
"""Folder below the run folder with one folder for each of its SLURM jobs."""
COORDINATOR = "coordinator"
"""Name of the folder of a coordinator that is itself a SLURM job."""
CANCELLED = "CANCELLED"
"""SLURM's word for a job that somebody took out of the queue."""
PATIENCE = 60
"""How long to wait for an answer of SLURM, s."""

VERDICTS = re.compile(
    r"invalid|unrecognized|unknown option|illegal|not permitted|permission denied|can ?not be satisfied|"
    r"is not available|more processors requested|exceeds|memory specification|job rejected",
    re.IGNORECASE,
)
"""What sbatch says of a job that cannot run as it is, in the words of SLURM's slurm_errno.c; anything else, a limit of
submitted jobs among it, may be otherwise in a minute."""


class Slurm:
    """SLURM as a batch system."""

    def script(self, profile: Profile, resources: Resources, name: str, command: str) -> str:
        """Write the script of a job that requeues itself before its walltime ends."""
        return batch_script(profile, resources, name, command)

    def submit(self, script: Path, folder: Path) -> str:
        """Put a job into the queue.

        Folders are options and not lines of the script: sbatch reads those with quoting rules of its own.
        """
        log = str(folder / OUTPUT).replace("%", "%%")  # sbatch fills in numbers for %j and the like
        answer = _ask("sbatch", "--parsable", f"--chdir={folder}", f"--output={log}", str(script))
        number = re.search(r"^\s*(\d+)(;\S*)?\s*$", answer, re.MULTILINE)
        if number is None:
            raise SilentSchedulerError(f"sbatch answers {' '.join(answer.split())!r}, which names no job")
        return number[1]

    def queued(self) -> list[QueuedJob]:
        """Return all jobs of this user that wait or run, in one question."""
        answer = _ask("squeue", "--noheader", "--me", "--format=%A|%T|%L|%R|%Z")
        rows = [line.strip().split("|", 4) for line in answer.splitlines() if re.match(r"\s*\d+\|([^|]*\|){3}", line)]
        return [QueuedJob(number, state, left, where, Path(path)) for number, state, left, where, path in rows]

    def cancel(self, job_ids: Iterable[str]) -> None:
        """Take jobs out of the queue."""
        chosen = list(job_ids)
        try:
            _ask("scancel", *chosen)
        except SilentSchedulerError as error:
            if not re.search(r"invalid job id|already", str(error), re.IGNORECASE):  # it has ended meanwhile
                raise

    def ending(self, job_id: str) -> str:
        """Say how a SLURM job ended: SLURM's state, reason and exit code; empty when it has forgotten."""
        try:
            answer = _ask("scontrol", "--oneliner", "show", "job", job_id)
        except RunError:
            return ""
        fields = dict(word.split("=", 1) for word in answer.split() if "=" in word)
        return (
            f"{fields.get('JobState', '')}, reason {fields.get('Reason', '')}, exit code {fields.get('ExitCode', '')}"
        )


def queued_jobs(run_folder: Path) -> list[QueuedJob]:
    """Return the SLURM jobs of a run that wait or run.

    Args:
        run_folder: of the run.

    Raises:
        RunError: SLURM does not answer.
    """
    home = run_folder.resolve() / SLURM_FOLDER
    jobs = [job for job in Slurm().queued() if home in job.folder.parents]
    return sorted(jobs, key=lambda job: int(job.job_id))


def cancel_jobs(run_folder: Path) -> list[QueuedJob]:
    """Take all SLURM jobs of a run out of the queue, its coordinator first, but not the one that this process is in.

    Args:
        run_folder: of the run.

    Returns:
        The jobs that were cancelled.

    Raises:
        RunError: SLURM does not answer.
    """
    own = os.environ.get("SLURM_JOB_ID")
    jobs = [job for job in queued_jobs(run_folder) if job.job_id != own]
    jobs.sort(key=lambda job: job.folder.name != COORDINATOR)
    for job in jobs:  # one after the other: the coordinator shall not see its jobs go
        Slurm().cancel([job.job_id])
    return jobs


def check_cluster(profile: Profile) -> None:
    """Make sure that there is a SLURM here and that it takes jobs as the profile describes them; nothing is started.

    Args:
        profile: the machine.

    Raises:
        ProfileError: a partition does not exist, or SLURM refuses a job of this kind.
        SilentSchedulerError: SLURM does not answer.
        RunError: SLURM is not installed.
    """
    for command in ("sbatch", "squeue", "scancel", "scontrol", "sinfo"):
        if shutil.which(command) is None:
            raise RunError(
                f"{command} is not on the PATH; submit from a login node of a SLURM cluster, or use `azibflow run`"
            )
    limits = _partitions()
    kinds = {kind: profile.resources({"kind": kind, "images": sys.maxsize}) for kind in ("other", *profile.work)}
    for kind, resources in {**kinds, "coordinator": profile.of_coordinator()}.items():
        _check_partition(kind, resources, limits)
        _check_taken(kind, resources)


def _partitions() -> dict[str, str]:
    """Return the longest walltime of each partition."""
    rows = [line.split() for line in _ask("sinfo", "--noheader", "--format=%R %l").splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 2 and not row[0].endswith(":")}


def _check_partition(kind: str, resources: Resources, limits: dict[str, str]) -> None:
    """Refuse partitions that do not exist, and walltimes with which jobs would wait there for ever."""
    for name in resources.partition.split(",") if resources.partition else []:
        if name not in limits:
            near = get_close_matches(name, list(limits), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"its partitions are {', '.join(sorted(limits))}"
            raise ProfileError(f"{kind} work: this cluster has no partition {name!r}; {hint}")
        limit = limits[name]
        if limit == "infinite" or resources.walltime is None:
            continue
        if walltime_seconds(resources.walltime) > walltime_seconds(limit if limit.count(":") == 2 else f"00:{limit}"):
            raise ProfileError(
                f"{kind} work: the walltime {resources.walltime} is longer than partition {name!r} allows ({limit})"
            )


def _check_taken(kind: str, resources: Resources) -> None:
    """Let sbatch judge the resources without submitting anything."""
    try:
        _ask("sbatch", "--test-only", *resource_options(resources), "--wrap=true")
    except RefusedJobError as error:
        raise ProfileError(f"{kind} work: SLURM would refuse its jobs: {error}") from error


def _ask(*command: str) -> str:
    """Run one of SLURM's commands.

    Raises:
        RefusedJobError: sbatch has judged the job.
        SilentSchedulerError: there is no answer, or it is an error that says nothing of a job.
        RunError: there is no such command.
    """
    try:
        done = subprocess.run(  # noqa: S603 - SLURM's own commands, without a shell
            command, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
        )
    except FileNotFoundError as error:
        raise RunError(f"{command[0]} is not on the PATH; is this a login node of a SLURM cluster?") from error
    except subprocess.TimeoutExpired as error:
        raise SilentSchedulerError(f"{command[0]} did not answer within {PATIENCE} s") from error
    said = " ".join(done.stderr.split())
    failed = done.returncode != 0 or (not done.stdout.strip() and re.search(r"error:|_error", said))
    if not failed:
        return done.stdout
    if command[0] == "sbatch" and VERDICTS.search(said):
        raise RefusedJobError(f"sbatch: {said}")
    raise SilentSchedulerError(f"{command[0]}: {said or f'ended with status {done.returncode}'}")
