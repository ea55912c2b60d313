"""``azibflow benchmark``: what potentials are worth on published values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .coordinate import folder_of, go_on_here

if TYPE_CHECKING:
    from ..analysis.benchmarks.barriers import Measured


@click.group(name="benchmark")
def command() -> None:
    """Measure potentials on published values."""


@command.command(name="barriers")
@click.argument("places", metavar="[RUN_DIR|FILE]...", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--calculator", metavar="SPEC", help="Compute the hops with this calculator, a word as in a campaign file."
)
@click.option(
    "--hop", "hops", multiple=True, metavar="NAME", help="Compute this hop; more are allowed.  [default: all]"
)
@click.option("--run-dir", type=click.Path(path_type=Path), help="Where to compute.  [default: runs/barriers-SPEC]")
@click.option("--workers", type=click.IntRange(1), help="Jobs at a time.  [default: one per core, as memory allows]")
@click.option("--threads", type=click.IntRange(1), help="Threads of each worker.  [default: its share of the cores]")
@click.option("--campaign", type=click.Path(path_type=Path), help="Write the campaign here and compute nothing.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw barriers against DFT, as png or svg.")
@click.option("--save", type=click.Path(path_type=Path), help="Write what one run measured, as the package keeps it.")
@click.option("--each", is_flag=True, help="Print each hop by each potential too.")
def barriers(
    places: tuple[Path, ...],
    calculator: str | None,
    hops: tuple[str, ...],
    run_dir: Path | None,
    workers: int | None,
    threads: int | None,
    campaign: Path | None,
    plot: Path | None,
    save: Path | None,
    each: bool,
) -> int:
    """Compare barriers of published hops of Zn with those of DFT: potentials of this package, and runs of your own.

    Without options nothing is computed: the table shows what was measured before, and what each RUN_DIR or saved FILE
    holds; hops of one potential are put together, so that they may be computed in several runs. With --calculator the
    hops are computed first; the same command goes on after an interruption. For SLURM write the campaign with
    --campaign, `azibflow submit` it, and name its run folder here.

    \b
      azibflow benchmark barriers
      azibflow benchmark barriers --calculator sevennet --hop ZnIn2S4 --hop ZnSc2S4
      azibflow benchmark barriers --calculator mace:my.model --campaign hops.yaml
      azibflow benchmark barriers runs/hops --each --plot parity.png
    """
    from ..analysis.benchmarks.barriers import by_name, with_kept

    status = 0
    if calculator is None and (hops or campaign or run_dir):
        raise click.UsageError("--hop, --campaign and --run-dir say how to compute; name a --calculator")
    if calculator is not None:
        made = _computed(calculator, hops, run_dir, campaign, workers, threads)
        if made is None:
            return 0
        status, folder = made
        places = (*places, folder)
    own = _measured(places)
    potentials = by_name(with_kept(own))
    _print(potentials, each)
    if plot is not None:
        from ..analysis.figures.benchmarks import plot_barrier_parity

        plot_barrier_parity(potentials, plot)
        click.echo(str(plot))
    if save is not None:
        _save(own, save)
    return status


def _computed(
    calculator: str,
    hops: tuple[str, ...],
    run_dir: Path | None,
    campaign: Path | None,
    workers: int | None,
    threads: int | None,
) -> tuple[int, Path] | None:
    """Compute the hops, or write their campaign; return the exit status and the run folder."""
    from ..campaigns.barrier_benchmark import barrier_benchmark
    from ..campaigns.files import brief_campaign

    made = barrier_benchmark(calculator, hops or None)
    for name, reason in made.refused.items():
        click.echo(f"left out: {name}: {reason}", err=True)
    if campaign is not None:
        campaign.write_text(brief_campaign(made.campaign), encoding="utf-8")
        click.echo(f"{campaign}: hops: {len(made.campaign.studies)}; azibflow run or azibflow submit computes them")
        return None
    folder = run_dir or Path("runs") / made.campaign.name
    return go_on_here(folder_of(folder, made.campaign), workers, threads), folder


def _measured(places: tuple[Path, ...]) -> list[Measured]:
    """Read what run folders, and files that were saved, hold."""
    from ..analysis.benchmarks.barriers import measured, read_measured, together
    from ..analysis.stored import load_results
    from ..workflows.migration.results import MigrationResult

    folders = [place for place in places if not place.is_file()]
    saved = [read_measured(place) for place in places if place.is_file()]
    return together([*saved, *measured(load_results(folders, MigrationResult))])


def _print(potentials: dict[str, Measured], each: bool) -> None:
    from ..analysis.tables.benchmarks import hops_table, worth_table
    from ..analysis.tables.formats import render

    click.echo(render(worth_table(potentials), "text"), nl=False)
    if each:
        click.echo()
        click.echo(render(hops_table(potentials), "text"), nl=False)


def _save(measured: list[Measured], path: Path) -> None:
    if len(measured) != 1:
        raise click.UsageError(f"--save writes one potential; here are {len(measured)}")
    path.write_text(measured[0].model_dump_json(indent=1) + "\n", encoding="utf-8")
    click.echo(str(path))
