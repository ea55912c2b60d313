"""``azibflow run``: compute a campaign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .progress import RunDisplay

if TYPE_CHECKING:
    from ..campaigns.plan import PlannedStructure


@click.command(name="run")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--run-dir", type=click.Path(path_type=Path), help="Folder of the run's store and files.  [default: runs/NAME]"
)
@click.option("--dry-run", is_flag=True, help="Print what would be computed, with sizes and calculators, and stop.")
@click.option("--threads", type=click.IntRange(1), help="Threads of the calculator.  [default: all cores]")
def command(file: Path, run_dir: Path | None, dry_run: bool, threads: int | None) -> int:
    r"""Compute the campaign in FILE.

    Every structure is built and checked against its calculator first. Results go into the run folder's store as each
    job finishes. A run that was interrupted is started by the same command again: relaxations and bands go on from
    where they were. The exit status is 0 when every result is there and converged, else 1.

    \b
      azibflow run examples/quickstart.yaml --dry-run
      azibflow run examples/quickstart.yaml --run-dir runs/quickstart
    """
    from ..campaigns.files import dump_campaign, load_campaign
    from ..campaigns.plan import plan

    campaign = load_campaign(file)
    planned = plan(campaign)
    if dry_run:
        _print_plan(planned)
        return 0
    from ..campaigns.flow import campaign_flow
    from ..hpc.local import run_flow
    from ..hpc.run_folder import RunFolder

    folder = RunFolder.create(run_dir or Path("runs") / campaign.name, dump_campaign(campaign))
    if folder.state().get("complete"):
        click.echo(f"{folder.path} holds a complete run of this campaign; nothing to compute")
        return _closing_words(folder.path)
    _set_threads(threads)
    with RunDisplay(campaign.name, len(planned)) as display:
        summary = run_flow(campaign_flow(campaign), folder, display)
    folder.set_state(complete=summary.complete, finished=summary.finished, failed=summary.failed)
    for name, reason in summary.failed.items():
        click.echo(f"failed: {name}: {reason} (details in {folder.log_path()})", err=True)
    return max(_closing_words(folder.path), 1 if summary.failed else 0)


def _set_threads(threads: int | None) -> None:
    import torch

    if threads is not None:
        torch.set_num_threads(threads)


def _print_plan(planned: list[PlannedStructure]) -> None:
    study = ""
    for entry in planned:
        if entry.study != study:
            study = entry.study
            click.echo(study)
        atoms = entry.atoms
        cell = " x ".join(f"{length:.2f}" for length in atoms.cell.lengths())
        size = f"{atoms.get_chemical_formula()}, {len(atoms)} atoms, {cell} angstrom"
        click.echo(f"  {entry.task}: {size}, {entry.calculator.kind}")
    click.echo(f"{len(planned)} calculations; nothing was computed")


def _closing_words(folder: Path) -> int:
    """Say which rows are not results, and how to see the tables; return the exit status."""
    from ..analysis.tables import problems

    unsound = problems([folder])
    for row in unsound:
        click.echo(f"not a result: {row.name}: {row.outcome.value}; {row.reason}", err=True)
    click.echo(f"tables: azibflow table barriers|adsorption|surfaces {folder}")
    return 1 if unsound else 0
