"""``azibflow clean``: remove scratch files."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="clean")
@click.argument("run_dir", type=click.Path(path_type=Path))
def command(run_dir: Path) -> None:
    """Remove the scratch files of finished jobs in RUN_DIR, never a result.

    Scratch are the checkpoints that a finished job has no use for any more. Documents, files that documents name, logs,
    and whatever unfinished or failed jobs left stay: these go on from it.
    """
    from ..hpc.housekeeping import clean
    from ..hpc.run_folder import RunFolder

    click.echo(f"{run_dir}: {clean(RunFolder.open(run_dir)) / 1e6:.1f} MB removed")
