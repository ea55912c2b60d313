"""A run on a SLURM cluster: its profile is kept with it, and its coordinator may itself be a SLURM job."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from ..errors import ProfileError, RunError
from ..input_files.yaml_files import read_model
from .experience import experience_of
from .locks import holder
from .manager import RunCancelledError, run_flow
from .processes import ProcessExecutor
from .profiles import Profile
from .run_folder import write_atomically
from .scheduler import SilentSchedulerError, patiently
from .slurm import SlurmExecutor
from .slurm_queue import COORDINATOR, SLURM_FOLDER, Slurm, check_cluster, queued_jobs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from jobflow import Flow, Job

    from .observer import Observer, RunSummary
    from .run_folder import RunFolder

PROFILE = "profile.yaml"
CLEAN_ENVIRONMENT = ["env", "-u", "SLURM_MEM_PER_CPU", "-u", "SLURM_MEM_PER_NODE", "-u", "SLURM_MEM_PER_GPU"]
"""Jobs inherit the environment of the coordinator that submits them; these would contradict their own memory."""


def profile_path(folder: RunFolder) -> Path:
    """Return where the profile of a run is kept; runs that were never on SLURM have none."""
    return folder.path / SLURM_FOLDER / PROFILE


def keep_profile(folder: RunFolder, profile: Profile) -> None:
    """Write the profile into the run folder, for a coordinator that starts later."""
    profile_path(folder).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(profile_path(folder), profile.model_dump_json(exclude_unset=True, indent=1) + "\n")


def kept_profile(folder: RunFolder) -> Profile:
    """Return the profile with which a run was last submitted.

    Raises:
        ProfileError: there is none.
    """
    return read_model(profile_path(folder), Profile, "profile", "a mapping", ProfileError)


def await_cluster(profile: Profile) -> None:
    """Make sure that the cluster takes jobs as a profile describes them, as soon as it answers.

    Args:
        profile: the machine.

    Raises:
        ProfileError: a partition does not exist, or SLURM refuses a job of this kind.
        RunError: SLURM is not installed.
    """
    patiently(lambda: check_cluster(profile), "SLURM does not answer yet")


def run_on_slurm(
    flow: Flow | Job,
    folder: RunFolder,
    profile: Profile,
    observer: Observer | None = None,
    earlier: Iterable[Path] = (),
) -> RunSummary:
    """Coordinate a run from here; its jobs are SLURM jobs and outlive this process.

    Args:
        flow: any Flow; at a restart the one that the folder keeps.
        folder: the run.
        profile: the machine.
        observer: told of each job.
        earlier: folders of other runs; what their jobs took tells how many of the same kind share an allocation.

    Returns:
        The summary.

    Raises:
        ProfileError: the profile does not fit the cluster; nothing was started.
        RunError: there is no SLURM here, or the folder cannot be used.
        RunCancelledError: the run was cancelled; its SLURM jobs are cancelled too.
    """
    await_cluster(profile)
    keep_profile(folder, profile)
    runs = [*earlier, *([folder.path] if folder.has_store() else [])]
    with ProcessExecutor(1) as light:
        executor = SlurmExecutor(profile, folder.path, light, experience=experience_of(runs))
        try:
            return run_flow(flow, folder, executor, observer)
        except RunCancelledError:
            executor.shutdown(cancel_futures=True)
            raise
        finally:
            executor.shutdown(wait=False)


def submit_coordinator(folder: RunFolder, profile: Profile, command: list[str]) -> str:
    """Put the coordinator of a run into the queue.

    Args:
        folder: the run.
        profile: the machine.
        command: words after ``azibflow`` that coordinate the run.

    Returns:
        Number of its SLURM job.

    Raises:
        ProfileError: the profile does not fit the cluster; nothing was started.
        RunError: the run has a coordinator, or there is no SLURM here.
    """
    await_cluster(profile)
    at_work = holder(folder.lock_path()) or _queued_coordinator(folder)
    if at_work:
        place = shlex.quote(str(folder.path))
        raise RunError(f"{folder.path} is coordinated by {at_work}; see `azibflow status {place}`")
    keep_profile(folder, profile)
    home = folder.path.resolve() / SLURM_FOLDER / COORDINATOR
    home.mkdir(parents=True, exist_ok=True)
    script = home / "coordinator.sh"
    words = shlex.join([*CLEAN_ENVIRONMENT, sys.executable, "-m", "azibflow", *command])
    slurm = Slurm()
    write_atomically(script, slurm.script(profile, profile.of_coordinator(), "azibflow-coordinator", words))

    def submitted() -> str:
        try:
            return slurm.submit(script, home)
        except SilentSchedulerError:  # it may have been taken all the same
            found = _queued_coordinator(folder)
            if found is None:
                raise
            return found.rpartition(" ")[2]

    return patiently(submitted, "the coordinator is not in the queue yet")


def _queued_coordinator(folder: RunFolder) -> str | None:
    """Name the coordinator of a run that is a SLURM job, if there is one in the queue."""
    jobs = patiently(lambda: queued_jobs(folder.path), "the queue cannot be asked")
    return next((f"SLURM job {job.job_id}" for job in jobs if job.folder.name == COORDINATOR), None)
