"""``azibflow surrogate``: train, validate and compare surrogates."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from .trust import require_trust, trust_option


@click.group(name="surrogate")
def command() -> None:
    """Surrogates of one's own: MACE committees that say how sure they are.

    \b
      azibflow surrogate card zn-host
      azibflow surrogate validate zn-water --plot parity.png
      azibflow surrogate compare examples/zn-water-check.yaml zn-water
      azibflow surrogate train examples/zn-water-quick.yaml
      azibflow surrogate card runs/zn-water-quick/zn-water-quick

    A surrogate is a calculator: `calculator: zn-water` in a campaign file for one that comes with the package,
    `calculator: surrogate:FOLDER` for one of your own.
    """


@command.command(name="train")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--run-dir", type=click.Path(path_type=Path), help="Folder of the run.  [default: runs/NAME]")
@click.option("--workers", type=click.IntRange(1), help="Jobs at a time.  [default: one per core, as memory allows]")
@click.option("--threads", type=click.IntRange(1), help="Threads of each worker.  [default: its share of the cores]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for surrogates.  [default: RUN_DIR]")
@trust_option
def train(
    file: Path, run_dir: Path | None, workers: int | None, threads: int | None, output: Path | None, trusted: bool
) -> int:
    """Make the surrogates of the campaign in FILE: sample, label, train, validate, write the card.

    The same as `azibflow run FILE`, which may be interrupted and started again at any time; at the end each surrogate
    is copied into a folder of its name, with card, models and label store. On a cluster use `azibflow submit FILE`,
    then this command to fetch the surrogate.
    """
    from ..analysis.cards import card_lines
    from ..analysis.stored import load_results
    from ..campaigns.files import load_campaign
    from ..campaigns.plan import plan
    from ..errors import CampaignError
    from ..workflows.surrogate.kept import check_replaceable, put_in_place
    from ..workflows.surrogate.publication import SurrogateResult
    from .coordinate import folder_of, go_on_here

    campaign = load_campaign(file)
    surrogates = [study for study in campaign.studies if study.kind == "surrogate"]
    if not surrogates:
        others = f"azibflow run {shlex.quote(str(file))}"
        raise CampaignError(f"{file}: studies: none is of kind surrogate; to compute the others: {others}")
    plan(campaign, file)
    home = output or run_dir or Path("runs") / campaign.name
    for study in surrogates:
        check_replaceable(home / (study.folder or study.title))
    folder = folder_of(run_dir or Path("runs") / campaign.name, campaign)
    require_trust(folder, trusted, campaign)
    status = go_on_here(folder, workers, threads)
    results = load_results([folder.path], SurrogateResult)
    copies = [put_in_place(folder.path / "jobs" / result.folder, home / result.card.name) for result in results]
    for result, copy in zip(results, copies, strict=True):
        click.echo("\n".join(card_lines(result.card)))
        click.echo(f"use it: calculator: surrogate:{copy}")
    return status


@command.command(name="card")
@click.argument("name")
def card(name: str) -> None:
    """Print the card of the surrogate NAME, or of the card or folder at that path."""
    from ..analysis.cards import card_lines
    from ..calculators.surrogates.card import read_card

    click.echo("\n".join(card_lines(read_card(name))))


@command.command(name="validate")
@click.argument("name")
@click.option("--plot", type=click.Path(path_type=Path), help="Write a parity plot of the test frames, png or svg.")
@click.option("--device", default="cpu", show_default=True, help="Torch device: cpu or cuda.")
def validate(name: str, plot: Path | None, device: str) -> int:
    """Compute the errors, the calibration and the domain of the surrogate NAME again, from its models and labels.

    The exit status is 1 when the card says otherwise.
    """
    from ..analysis.cards import disagreements, validation_lines
    from ..analysis.figures.parity import plot_parity
    from ..workflows.surrogate.kept import KeptSurrogate

    surrogate = KeptSurrogate.open(name, device)
    card, found = surrogate.card, surrogate.validate()
    if plot is not None:
        plot_parity(card.name, surrogate.judged("test"), card.calibration.energy_scale, plot)
    click.echo("\n".join(validation_lines(card.name, found)))
    if plot is not None:
        click.echo(f"written to {plot}", err=True)
    differing = disagreements(card, found)
    for line in differing:
        click.echo(f"not as on the card: {line}", err=True)
    if not differing:
        click.echo("all numbers are those of the card")
    return 1 if differing else 0


@command.command(name="compare")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("calculators", metavar="CALCULATOR...", nargs=-1, required=True)
@click.option("--run-dir", type=click.Path(path_type=Path), help="Folder of the runs.  [default: runs/NAME-compared]")
@click.option("--workers", type=click.IntRange(1), help="Jobs at a time.  [default: one per core, as memory allows]")
@click.option("--threads", type=click.IntRange(1), help="Threads of each worker.  [default: its share of the cores]")
@click.option("--onto-card", "onto_card", is_flag=True, help="Write the numbers onto the cards of the surrogates.")
@trust_option
def compare(
    file: Path,
    calculators: tuple[str, ...],
    run_dir: Path | None,
    workers: int | None,
    threads: int | None,
    onto_card: bool,
    trusted: bool,
) -> int:
    """Compute the campaign in FILE as it is and with each CALCULATOR, and print the numbers side by side.

    A CALCULATOR takes the place of all calculators in the campaign; a dispersion correction that a study asks for
    stays. Differences are to the campaign as it is. Runs are kept, and gone on with, as those of `azibflow run`. With
    --onto-card a surrogate's card gets the numbers of a campaign by the calculator that made its labels.

    \b
      azibflow surrogate compare examples/zn-host-check.yaml zn-host
      azibflow surrogate compare examples/zn-water-check.yaml zn-water xtb
    """
    from ..analysis.tables.compared import compare_calculators, quantities
    from ..analysis.tables.formats import render
    from ..calculators.surrogates.card import read_card, write_card
    from ..campaigns.compared import AS_IT_IS, cards_to_write, compared_campaigns
    from ..campaigns.files import load_campaign
    from ..campaigns.plan import plan
    from ..workflows.surrogate.publication import with_quantities
    from .coordinate import folder_of, go_on_here
    from .inputs import note_again

    campaign = load_campaign(file)
    cards = cards_to_write(campaign, calculators) if onto_card else {}
    base = run_dir or Path("runs") / f"{campaign.name}-compared"
    campaigns = compared_campaigns(campaign, calculators)
    for changed in campaigns.values():
        plan(changed, file)
    runs, status = {}, 0
    for name, changed in campaigns.items():
        folder = folder_of(base / _folder_name(name), changed)
        require_trust(folder, trusted, changed)
        status = max(status, go_on_here(folder, workers, threads))
        runs[name] = folder.path
    table = compare_calculators(runs)
    for name, path in cards.items():
        write_card(with_quantities(read_card(str(path)), quantities(table, name, AS_IT_IS)), path.parent)
        for run in runs.values():
            note_again(run, path)
    click.echo(render(table, "text"), nl=False)
    for path in cards.values():
        click.echo(f"written to {path}", err=True)
    return 1 if table.problems() else status


def _folder_name(calculator: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-._" else "_" for letter in calculator)
