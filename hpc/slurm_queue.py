"""What SLURM's own commands say and do: which partitions there are, what of a run is queued, how a job ended."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ProfileError, RunError
from .batch_script import resource_options
from .profiles import walltime_seconds

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


@dataclass(frozen=True)
class QueuedJob:
    """A SLURM job of a run that waits or runs.

    Attributes:
        job_id: its number.
        state: SLURM's word for its state, such as PENDING or RUNNING.
        time_left: what is left of its walltime, as SLURM writes it.
        where: node it runs on, or why it waits, in parentheses.
        folder: its working folder.
    """

    job_id: int
    state: str
    time_left: str
    where: str
    folder: Path


def queued_jobs(run_folder: Path) -> list[QueuedJob]:
    """Return the SLURM jobs of a run that wait or run.

    Args:
        run_folder: of the run.

    Raises:
        RunError: SLURM does not answer.
    """
    home = run_folder.resolve() / SLURM_FOLDER
    answer = _slurm("squeue", "--noheader", "--me", "--format=%A|%T|%L|%R|%Z")
    rows = [line.split("|", 4) for line in answer.splitlines() if line.count("|") >= 4]
    jobs = [QueuedJob(int(number), state, left, where, Path(path)) for number, state, left, where, path in rows]
    return sorted((job for job in jobs if home in job.folder.parents), key=lambda job: job.job_id)


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
    jobs = [job for job in queued_jobs(run_folder) if str(job.job_id) != own]
    jobs.sort(key=lambda job: job.folder.name != COORDINATOR)
    for job in jobs:
        _slurm("scancel", str(job.job_id))
    return jobs


def ending(job_id: int) -> str:
    """Say how a SLURM job ended, as long as SLURM remembers it.

    Args:
        job_id: its number.

    Returns:
        SLURM's state, reason and exit code; empty when it has forgotten.
    """
    try:
        answer = _slurm("scontrol", "--oneliner", "show", "job", str(job_id))
    except RunError:
        return ""
    fields = dict(word.split("=", 1) for word in answer.split() if "=" in word)
    return f"{fields.get('JobState', '')}, reason {fields.get('Reason', '')}, exit code {fields.get('ExitCode', '')}"


def submit_script(script: Path) -> int:
    """Submit a batch script.

    Args:
        script: the file.

    Returns:
        Number of the job.

    Raises:
        RunError: SLURM refuses it.
    """
    answer = _slurm("sbatch", "--parsable", str(script))
    return int(answer.strip().splitlines()[-1].split(";")[0])


def check_cluster(profile: Profile) -> None:
    """Make sure that there is a SLURM here and that it takes jobs as the profile describes them; nothing is started.

    Args:
        profile: the machine.

    Raises:
        ProfileError: a partition does not exist, or SLURM refuses a job of this kind.
        RunError: SLURM or a package for it is not installed, or SLURM does not answer.
    """
    for package in ("executorlib", "pysqa", "h5py"):
        if importlib.util.find_spec(package) is None:
            raise RunError(f"{package} is not installed; runs on SLURM need `pip install 'executorlib[cluster]<1.12'`")
    for command in ("sbatch", "squeue", "scancel", "scontrol", "sinfo"):
        if shutil.which(command) is None:
            raise RunError(
                f"{command} is not on the PATH; submit from a login node of a SLURM cluster, or use `azibflow run`"
            )
    limits = dict(line.split() for line in _slurm("sinfo", "--noheader", "--format=%R %l").splitlines())
    kinds = {kind: profile.resources({"kind": kind}) for kind in ("other", *profile.work)}
    for kind, resources in {**kinds, "coordinator": profile.of_coordinator()}.items():
        _check_partition(kind, resources, limits)
        _check_taken(kind, resources)


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
        _slurm("sbatch", "--test-only", *resource_options(resources), "--wrap=true")
    except RunError as error:
        raise ProfileError(f"{kind} work: SLURM would refuse its jobs: {error}") from error


def _slurm(*command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - SLURM's own commands, without a shell
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except FileNotFoundError as error:
        raise RunError(f"{command[0]} is not on the PATH; is this a login node of a SLURM cluster?") from error
    except subprocess.TimeoutExpired as error:
        raise RunError(f"{command[0]} did not answer within {PATIENCE} s") from error
    if done.returncode != 0:
        raise RunError(f"{command[0]}: {' '.join(done.stderr.split())}")
    return done.stdout
