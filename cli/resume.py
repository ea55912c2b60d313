"""``azibflow resume``: go on with a run that was stopped."""

from __future__ import annotations

from pathlib import Path

import click

from .coordinate import go_on_here, go_on_with_slurm
from .trust import require_trust, trust_option


@click.command(name="resume")
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--workers", type=click.IntRange(1), help="Go on here, with so many jobs at a time.")
@click.option("--threads", type=click.IntRange(1), help="Go on here, with so many threads for each job.")
@click.option("--images-at-once", type=click.IntRange(1), help="Go on here, with so many images of a band at a time.")
@trust_option
def command(run_dir: Path, workers: int | None, threads: int | None, images_at_once: int | None, trusted: bool) -> int:
    """Go on with the run in RUN_DIR: with SLURM jobs if it was submitted, else on this machine.

    Finished jobs are kept, relaxations and bands go on from where they were, and jobs that failed stay failed until
    `azibflow retry`. The campaign file is not needed. What the folder says is executed: a folder of another user, or a
    run that names code which is neither azibflow's nor an installed plug-in's, wants --trust. The exit status is 0 when
    every result is there and converged.
    """
    from ..hpc.run_folder import RunFolder
    from ..hpc.submission import kept_profile, profile_path

    folder = RunFolder.open(run_dir)
    require_trust(folder, trusted)
    if (workers, threads, images_at_once) == (None, None, None) and profile_path(folder).is_file():
        return go_on_with_slurm(folder, kept_profile(folder))
    return go_on_here(folder, workers, threads, images_at_once or 1)
