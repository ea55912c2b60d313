"""``azibflow surrogate``: train, validate and compare surrogates."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..campaigns.model import Campaign


AS_IT_IS = "campaign"
"""How a comparison calls the calculators that a campaign itself names."""


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
def train(file: Path, run_dir: Path | None, workers: int | None, threads: int | None, output: Path | None) -> int:
    """Make the surrogates of the campaign in FILE: sample, label, train, validate, write the card.

    The same as `azibflow run FILE`, which may be interrupted and started again at any time; at the end each surrogate
    is copied into a folder of its name, with card, models and label store. On a cluster use `azibflow submit FILE`,
    then this command to fetch the surrogate.
    """
    from ..analysis.cards import card_lines
    from ..analysis.stored import load_results
    from ..campaigns.files import load_campaign
    from ..campaigns.plan import plan
    from ..campaigns.studies.surrogate import SurrogateStudy
    from ..errors import CampaignError
    from ..workflows.surrogate.publication import SurrogateResult
    from .coordinate import folder_of, go_on_here

    campaign = load_campaign(file)
    if not any(isinstance(study, SurrogateStudy) for study in campaign.studies):
        others = f"azibflow run {shlex.quote(str(file))}"
        raise CampaignError(f"{file}: studies: none is of kind surrogate; to compute the others: {others}")
    plan(campaign, file)
    home = output or run_dir or Path("runs") / campaign.name
    for study in campaign.studies:
        if isinstance(study, SurrogateStudy):
            _check_replaceable(home / study.about.name)
    folder = folder_of(run_dir or Path("runs") / campaign.name, campaign)
    status = go_on_here(folder, workers, threads)
    results = load_results([folder.path], SurrogateResult)
    copies = [_copied(folder.path / "jobs" / result.folder, home / result.card.name) for result in results]
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
    from ..calculators.specs import SurrogateSpec
    from ..calculators.surrogates.card import read_card
    from ..calculators.surrogates.committee import environments, networks
    from ..workflows.surrogate.validation import judged, labelled_frames
    from ..workflows.surrogate.validation import validate as validate_again

    known = read_card(name)
    spec = SurrogateSpec(card=name, device=device)
    members, learned, frames = networks(spec), environments(spec), labelled_frames(name)
    found = validate_again(members, frames, learned)
    if plot is not None:
        plot_parity(known.name, judged(members, frames, "test"), known.calibration.energy_scale, plot)
    click.echo("\n".join(validation_lines(known.name, found)))
    if plot is not None:
        click.echo(f"written to {plot}", err=True)
    differing = disagreements(known, found)
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
def compare(
    file: Path,
    calculators: tuple[str, ...],
    run_dir: Path | None,
    workers: int | None,
    threads: int | None,
    onto_card: bool,
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
    from ..campaigns.files import load_campaign
    from ..campaigns.plan import plan
    from ..workflows.surrogate.publication import with_quantities
    from .coordinate import folder_of, go_on_here
    from .inputs import note_again

    campaign = load_campaign(file)
    cards = _cards(campaign, calculators) if onto_card else {}
    base = run_dir or Path("runs") / f"{campaign.name}-compared"
    campaigns = {name: _with_calculator(campaign, name) for name in calculators} | {AS_IT_IS: campaign}
    for changed in campaigns.values():
        plan(changed, file)
    runs, status = {}, 0
    for name, changed in campaigns.items():
        folder = folder_of(base / _folder_name(name), changed)
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


def _cards(campaign: Campaign, calculators: tuple[str, ...]) -> dict[str, Path]:
    """Find the cards of the surrogates among some calculators; the campaign has to be by what they learnt from."""
    from ..calculators.specs import SurrogateSpec, anchored, parse_spec
    from ..calculators.surrogates.card import card_file, read_card
    from ..errors import CampaignError
    from ..workflows.surrogate.publication import made_labels

    cards = {}
    for name in calculators:
        spec = anchored(parse_spec(name), Path.cwd())
        if isinstance(spec, SurrogateSpec):
            card = read_card(spec.card)
            if not made_labels(campaign.calculator, card):
                raise CampaignError(
                    f"{campaign.name}: calculator: {campaign.calculator.kind} did not make the labels of {card.name}, "
                    f"{card.method} did; only numbers by that belong onto its card"
                )
            cards[name] = card_file(spec.card)
    if not cards:
        raise CampaignError("--onto-card: none of the calculators is a surrogate")
    return cards


def _with_calculator(campaign: Campaign, name: str) -> Campaign:
    """Give a campaign another calculator everywhere; what a study asks of dispersion stays."""
    from ..calculators.specs import anchored, parse_spec

    spec = anchored(parse_spec(name), Path.cwd())
    studies = []
    for study in campaign.studies:
        asked = getattr(study.calculator, "dispersion", None)
        own = None
        if asked is not None and "dispersion" in type(spec).model_fields:
            own = spec.model_copy(update={"dispersion": asked})
        studies.append(study.model_copy(update={"calculator": own}))
    return campaign.model_copy(update={"calculator": spec, "studies": studies})


def _folder_name(calculator: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-._" else "_" for letter in calculator)


def _copied(source: Path, target: Path) -> Path:
    """Copy a surrogate's folder; a complete one takes the place of the one that was there."""
    import shutil

    if source.resolve() == target.resolve():
        return target
    _check_replaceable(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(source, partial)
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
    return target


def _check_replaceable(target: Path) -> None:
    """Refuse to put a surrogate in the place of anything but a surrogate."""
    from ..calculators.surrogates.card import CARD
    from ..errors import RunError

    if target.exists() and not (target / CARD).is_file():
        raise RunError(f"{target} exists and is no surrogate, so it is not replaced; choose another --output")
