"""``azibflow retry``: give failed jobs another chance."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from .trust import require_trust, trust_option


@click.command(name="retry")
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--job", "jobs", metavar="NAME", multiple=True, help="A failed job, by name or UUID; all when not given.")
@trust_option
def command(run_dir: Path, jobs: tuple[str, ...], trusted: bool) -> None:
    """Let the failed jobs of the run in RUN_DIR run again.

    They are only marked, with everything that was blocked by them; the next `azibflow run`, `resume` or `submit`
    computes them, from their checkpoints where there are any. A job whose result is damaged counts as failed. A store
    that is damaged as a whole is set aside and replaced by one with what can be read of it, one that is gone by an
    empty one; the jobs that are not in it run again.

    \b
      azibflow retry runs/quickstart --job "Zn on V2O5: relax"
      azibflow resume runs/quickstart
    """
    from ..hpc.housekeeping import retry
    from ..hpc.mending import mend_store
    from ..hpc.run_folder import RunFolder

    folder = RunFolder.open(run_dir)
    require_trust(folder, trusted)
    mended = mend_store(folder)
    if mended:
        click.echo(mended)
    names = retry(folder, jobs)
    for name in names:
        click.echo(f"runs again: {name}")
    more = names or mended
    click.echo(f"go on: azibflow resume {shlex.quote(str(run_dir))}" if more else f"{run_dir}: no job has failed")
