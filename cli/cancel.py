"""``azibflow cancel``: stop a run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="cancel")
@click.argument("run_dir", type=click.Path(path_type=Path))
def command(run_dir: Path) -> int:
    """Stop the run in RUN_DIR, wherever its coordinator is.

    Jobs that run are stopped; what has finished is kept and `azibflow resume` goes on from there. The exit status is 1
    when nobody coordinates the run.
    """
    from ..hpc.housekeeping import cancel
    from ..hpc.run_folder import RunFolder

    coordinator = cancel(RunFolder.open(run_dir))
    if coordinator is None:
        click.echo(f"{run_dir}: nobody coordinates this run now", err=True)
        return 1
    click.echo(f"{run_dir}: stopped {coordinator}; go on with azibflow resume {run_dir}")
    return 0
