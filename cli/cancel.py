"""``azibflow cancel``: stop a run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="cancel")
@click.argument("run_dir", type=click.Path(path_type=Path))
def command(run_dir: Path) -> int:
    """Stop the run in RUN_DIR, wherever its coordinator is, and take its SLURM jobs out of the queue.

    Jobs that run are stopped; what has finished is kept, and `azibflow resume` or `submit` goes on from there. The exit
    status is 1 when there was nothing to stop.
    """
    from ..hpc.housekeeping import cancel
    from ..hpc.run_folder import RunFolder
    from ..hpc.slurm_queue import cancel_jobs
    from ..hpc.submission import profile_path

    folder = RunFolder.open(run_dir)
    coordinator = cancel(folder)
    if coordinator is not None:
        click.echo(f"{run_dir}: stopped {coordinator}")
    cancelled = cancel_jobs(run_dir) if profile_path(folder).is_file() else []
    for job in cancelled:
        click.echo(f"{run_dir}: cancelled SLURM job {job.job_id}")
    if coordinator is None and not cancelled:
        click.echo(f"{run_dir}: nobody coordinates this run now", err=True)
        return 1
    return 0
