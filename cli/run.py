"""``azibflow run``: compute a campaign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .coordinate import TAKE_FROM, folder_of, go_on_here, number_of_workers, take_from
from .costs import cost_notes, cost_words, measured_costs
from .descriptions import describe
from .forecast import EXPERIENCE, print_forecast
from .trust import require_trust, trust_option

if TYPE_CHECKING:
    from ..campaigns.plan import PlannedStructure


@click.command(name="run")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--run-dir", type=click.Path(path_type=Path), help="Folder of the run's store and files.  [default: runs/NAME]"
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print what would be computed: sizes, calculators, estimated time; and stop.",
)
@EXPERIENCE
@TAKE_FROM
@click.option("--workers", type=click.IntRange(1), help="Jobs at a time.  [default: one per core, as memory allows]")
@click.option("--threads", type=click.IntRange(1), help="Threads of each worker.  [default: its share of the cores]")
@click.option(
    "--images-at-once",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Images of a band computed side by side; they share the threads of their worker.",
)
@trust_option
def command(
    file: Path,
    run_dir: Path | None,
    dry_run: bool,
    earlier: tuple[Path, ...],
    source: Path | None,
    workers: int | None,
    threads: int | None,
    images_at_once: int,
    trusted: bool,
) -> int:
    """Compute the campaign in FILE.

    Every structure is built and checked against its calculator first. Results go into the run folder's store as each
    job finishes. A run that was interrupted is started by the same command again: finished jobs are kept, relaxations
    and bands go on from where they were, and jobs that failed wait for `azibflow retry`. The exit status is 0 when
    every result is there and converged, else 1.

    \b
      azibflow run examples/quickstart.yaml --dry-run
      azibflow run campaign.yaml --dry-run --experience runs/earlier
      azibflow run examples/quickstart.yaml --run-dir runs/quickstart --workers 2
      azibflow run one-row-more.yaml --take-from runs/campaign
      azibflow run band.yaml --images-at-once 5
    """
    from ..campaigns.files import load_campaign
    from ..campaigns.plan import plan

    if earlier and not dry_run:
        raise click.UsageError("--experience serves the estimates of --dry-run; give both, or neither")
    if source and dry_run:
        raise click.UsageError("--dry-run computes nothing and takes nothing over; leave --take-from away")
    campaign = load_campaign(file)
    planned = plan(campaign, file)
    place = run_dir or Path("runs") / campaign.name
    if dry_run:
        _print_plan(planned)
        print_forecast(campaign, place, earlier, None, number_of_workers(workers, threads, images_at_once))
        return 0
    folder = folder_of(place, campaign)
    require_trust(folder, trusted, campaign)
    take_from(folder, source, trusted)
    return go_on_here(folder, workers, threads, images_at_once)


def _print_plan(planned: list[PlannedStructure]) -> None:
    from ..campaigns.costs import planned_costs
    from ..campaigns.studies.solids import LEFT_OUT

    costs = planned_costs(planned, measured_costs())
    words = {id(cost.planned): f"; {cost_words(cost)}" for cost in costs}
    study = ""
    for entry in planned:
        if entry.study != study:
            study = entry.study
            click.echo(study)
        click.echo(f"  {entry.task}: {describe(entry.atoms)}, {entry.calculator.kind}{words.get(id(entry), '')}")
        if entry.atoms.info.get(LEFT_OUT):
            click.echo(f"  {entry.atoms.info[LEFT_OUT]}")
    click.echo(f"{len(planned)} calculations; nothing was computed")
    for note in cost_notes(costs):
        click.echo(note)
