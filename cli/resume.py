"""``azibflow resume``: go on with a run that was stopped."""

from __future__ import annotations

from pathlib import Path

import click

from .coordinate import go_on


@click.command(name="resume")
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--workers", type=click.IntRange(1), help="Jobs at a time.  [default: one per core, as memory allows]")
@click.option("--threads", type=click.IntRange(1), help="Threads of each worker.  [default: its share of the cores]")
def command(run_dir: Path, workers: int | None, threads: int | None) -> int:
    """Go on with the run in RUN_DIR on this machine.

    Finished jobs are kept, relaxations and bands go on from where they were, and jobs that failed stay failed until
    `azibflow retry`. The campaign file is not needed. The exit status is 0 when every result is there and converged.
    """
    from ..hpc.run_folder import RunFolder

    return go_on(RunFolder.open(run_dir), workers, threads)
