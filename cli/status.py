"""``azibflow status``: how far a run is."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .progress import clock

if TYPE_CHECKING:
    from ..hpc.run_folder import RunFolder
    from ..hpc.status import RunStatus

SHOWN_WAITING = 10


@click.command(name="status")
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--watch", is_flag=True, help="Print it again every few seconds until nobody coordinates the run.")
@click.option("--json", "as_json", is_flag=True, help="Print everything that is known, for programs.")
def command(run_dir: Path, watch: bool, as_json: bool) -> int:
    """Tell how far the run in RUN_DIR is: what runs where, what failed and why, what is left.

    Nothing is disturbed. The exit status is 0 unless a job has failed.
    """
    from ..hpc.graph import JobState
    from ..hpc.run_folder import RunFolder
    from ..hpc.status import read_status

    folder = RunFolder.open(run_dir)
    while True:
        status = read_status(folder)
        if watch and not as_json:
            click.clear()
        click.echo(json.dumps(_record(status), indent=1) if as_json else _text(run_dir, status) + _queue(folder))
        if not watch or status.coordinator is None:
            return 1 if status.count(JobState.FAILED) else 0
        time.sleep(2)


def _text(run_dir: Path, status: RunStatus) -> str:
    from ..hpc.graph import JobState

    counts = [f"{number} {state.value}" for state in JobState if (number := status.count(state))]
    lines = [f"{run_dir}: {_headline(status)}", f"jobs: {', '.join(counts) or 'none yet'}"]
    if status.seconds_spent:
        lines.append(f"time in jobs, one after the other: {clock(status.seconds_spent)}")
    if status.coordinator is not None and status.seconds_left:
        lines.append(f"about {clock(status.seconds_left)} left")
    for job in status.jobs:
        if job.state is JobState.RUNNING:
            lines.append(f"  running  {job.name}, {job.where} since {job.since}: {job.step}")
        elif job.state is JobState.FAILED:
            lines.append(f"  FAILED   {job.name}: {job.reason} (log in {job.folder})")
        elif job.state is JobState.BLOCKED:
            lines.append(f"  blocked  {job.name}: needs a job that failed")
    waiting = [job.name for job in status.jobs if job.state is JobState.WAITING]
    lines += [f"  waiting  {name}" for name in waiting[:SHOWN_WAITING]]
    if len(waiting) > SHOWN_WAITING:
        lines.append(f"  waiting  and {len(waiting) - SHOWN_WAITING} more")
    return "\n".join(lines)


def _queue(folder: RunFolder) -> str:
    """Return lines about the SLURM jobs of a run; none for a run that was never submitted."""
    from ..errors import RunError
    from ..hpc.slurm_queue import queued_jobs
    from ..hpc.submission import profile_path

    if not profile_path(folder).is_file():
        return ""
    try:
        jobs = queued_jobs(folder.path)
    except RunError as error:
        return f"\n  {error}"
    return "".join(f"\n  SLURM job {job.job_id}: {job.state}, {job.where}, {job.time_left} left" for job in jobs)


def _headline(status: RunStatus) -> str:
    if status.coordinator is not None:
        return f"run by {status.coordinator} since {status.coordinator.since}"
    if status.complete:
        return "complete"
    return "nobody runs it now; azibflow resume goes on"


def _record(status: RunStatus) -> dict[str, Any]:
    jobs = [{**asdict(job), "state": job.state.value, "folder": str(job.folder)} for job in status.jobs]
    coordinator = asdict(status.coordinator) if status.coordinator else None
    return {
        "coordinator": coordinator,
        "complete": status.complete,
        "seconds_spent": status.seconds_spent,
        "seconds_left": status.seconds_left,
        "jobs": jobs,
    }
