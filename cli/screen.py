"""``azibflow screen``: rank many structures by one question."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .coordinate import folder_of, go_on_here, print_table
from .methods import method_of
from .recipes import recipe_of_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..campaigns.model import Campaign
    from ..workflows.screening.questions import Question

ASKS = ("barrier", "adsorption", "voltage", "surface")


@click.command(name="screen")
@click.argument("sources", metavar="FOLDER|GLOB|LIST|FILE|NAME...", nargs=-1, required=True)
@click.option("--ask", type=click.Choice(ASKS), default="barrier", show_default=True, help="What is asked of each.")
@click.option("--ion", help="The ion, or with --ask adsorption the adsorbate.  [default: Zn]")
@click.option(
    "--facet",
    "facets",
    multiple=True,
    help="With --ask surface: a facet such as 110; more are allowed.  [default: 001, 100, 110, 111]",
)
@click.option("--calculator", default="chgnet", show_default=True, metavar="SPEC", help="Of the first look at all.")
@click.option(
    "--then",
    "anew",
    multiple=True,
    type=(click.IntRange(1), str),
    metavar="K SPEC",
    help="Compute the best K again by a better calculator; may be given several times.",
)
@click.option(
    "--single-points",
    type=(click.IntRange(1), str),
    metavar="K SPEC",
    help="At last correct the best K by single points of a better calculator, DFT say.",
)
@click.option(
    "--cell",
    type=click.Choice(["fixed", "relaxed", "layers-fixed"]),
    help="Which cell parameters are relaxed.  [default: those of files stay]",
)
@click.option("--name", help="Name of the campaign and its run folder.  [default: from the question]")
@click.option("--run-dir", type=click.Path(path_type=Path), help="Where to compute.  [default: runs/NAME]")
@click.option("--campaign", type=click.Path(path_type=Path), help="Write the campaign here and compute nothing.")
@click.option("--dry-run", is_flag=True, help="Show which structures can be computed, and compute nothing.")
@click.option("--workers", type=click.IntRange(1), help="Jobs at a time.  [default: one per core, as memory allows]")
@click.option("--threads", type=click.IntRange(1), help="Threads of each worker.  [default: its share of the cores]")
def command(
    sources: tuple[str, ...],
    ask: str,
    ion: str | None,
    facets: tuple[str, ...],
    calculator: str,
    anew: tuple[tuple[int, str], ...],
    single_points: tuple[int, str] | None,
    cell: str | None,
    name: str | None,
    run_dir: Path | None,
    campaign: Path | None,
    dry_run: bool,
    workers: int | None,
    threads: int | None,
) -> int:
    """Rank many structures: the barrier of an ion, an adsorption energy, an insertion voltage, or a surface energy.

    Structures are the files of folders, those that a pattern matches ('hosts/**/*.cif', in quotes), the lines of a .txt
    file (paths or names), single files, or names as of `azibflow build`. All are computed by --calculator, the best
    ones again by those of --then and --single-points. What cannot be computed stays in the ranking with its reason.
    The ranking has error bars where the errors of a calculator are known, and says what they do not decide.

    What was computed is kept: the same command goes on after an interruption. For SLURM write the campaign with
    --campaign and `azibflow submit` it. `azibflow table screening RUN_DIR`, `plot` and `report` show the ranking at any
    time, `azibflow table migration RUN_DIR` every hop behind it. The exit status is that of `azibflow run`.

    \b
      azibflow screen hosts/ --dry-run
      azibflow screen 'hosts/*.cif' --then 5 sevennet
      azibflow screen alpha-V2O5 2H-MoS2 my.cif --ask voltage
      azibflow screen metals.txt --ask adsorption --ion H
      azibflow screen hosts/ --then 8 sevennet --single-points 2 gpaw --campaign screening.yaml
    """
    made = _campaign(sources, _question(ask, ion, facets), calculator, anew, single_points, cell, name)
    if campaign is not None:
        from ..campaigns.files import brief_campaign

        campaign.write_text(brief_campaign(made), encoding="utf-8")
        click.echo(f"{campaign}: azibflow run or azibflow submit computes it")
        return 0
    if dry_run:
        click.echo("nothing is computed: leave out --dry-run")
        return 0
    folder = run_dir or Path("runs") / made.name
    status = go_on_here(folder_of(folder, made), workers, threads)
    print_table("screening", folder)
    return status


def _question(ask: str, ion: str | None, facets: tuple[str, ...]) -> Question:
    from pydantic import ValidationError

    from ..input_files.mistakes import first_mistake
    from ..workflows.screening.questions import QUESTIONS

    model = next(one for one in QUESTIONS if one.model_fields["kind"].default == ask)
    if facets and ask != "surface":
        raise click.UsageError("--facet belongs to --ask surface")
    if ion is not None and ask == "surface":
        raise click.UsageError("--ion: a surface energy is of no ion; leave it out, or ask for something else")
    settings: dict[str, Any] = {"facets": [f"({facet.strip('()')})" for facet in facets]} if facets else {}
    key = next((one for one in ("ion", "adsorbate") if one in model.model_fields), None)
    data = settings if key is None or ion is None else settings | {key: ion}
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise click.UsageError(first_mistake(error, model, data)) from error


def _campaign(
    sources: tuple[str, ...],
    question: Question,
    calculator: str,
    anew: tuple[tuple[int, str], ...],
    single_points: tuple[int, str] | None,
    cell: Any,
    name: str | None,
) -> Campaign:
    from ..campaigns.screening_campaign import named_structures, screening_campaign, usable
    from ..campaigns.studies.screening import StageOfCampaign

    first = method_of(calculator, "--calculator")
    stages = [StageOfCampaign(calculator=method_of(spec, "--then"), best=best) for best, spec in anew]
    if single_points is not None:
        best, spec = single_points
        last = StageOfCampaign(calculator=method_of(spec, "--single-points"), best=best, how="single points")
        stages.append(last)
    words = named_structures(sources)
    methods = [first, *(stage.calculator for stage in stages)]
    recipes, left_out = usable(words, lambda word: recipe_of_words(word, {}), question, methods, _counting())
    made = screening_campaign(recipes, left_out, question, first, stages, name=name, cell=cell)
    for one, reason in left_out.items():
        click.echo(f"left out: {one}: {reason}", err=True)
    counted = f"{len(recipes)} structure{'s' if len(recipes) > 1 else ''}"
    click.echo(f"{made.name}: {question.QUANTITY} of {counted}" + (f", {len(left_out)} left out" if left_out else ""))
    return made.anchored(Path.cwd())


def _counting() -> Callable[[int, int], None] | None:
    """Return what tells how many structures were read; none where nobody looks on."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, number: int) -> None:
        ending = "\n" if done == number else "\r"
        sys.stderr.write(f"reading structures: {done} of {number}{ending}")
        sys.stderr.flush()

    return tell
