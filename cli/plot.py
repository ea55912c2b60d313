"""``azibflow plot``: draw results from stores alone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from ..analysis.breathing import BONDS
from ..errors import AzibflowError
from ..studies import PICTURES, StudyKind, study_kinds
from .kinds import ALL, Kind, KindCommand


def figures_offered() -> dict[str, str]:
    """Return what each figure shows, by its name."""
    says = {name: kind.figure_says for name, kind in study_kinds().items() if kind.figure}
    bonds = "adhesion per interface bond against the share of bonds that come back, a point for each host"
    return {**says, BONDS: bonds, ALL: f"every figure that has results, without {BONDS}"}


@click.command(name="plot", cls=KindCommand)
@click.argument("kind", metavar="KIND", type=Kind(figures_offered))
@click.argument("run_dirs", metavar="RUN_DIR...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "outputs",
    type=click.Path(path_type=Path),
    multiple=True,
    help="File to write, .png or .svg, for esp and breathing also .html; may be given several times. For all a folder. "
    " [default: KIND with each of these endings in figures/NAME, NAME being that of the first RUN_DIR]",
)
@click.option(
    "--scale",
    type=click.Choice(["charge", "common", "own"]),
    help="Colour scale of esp: one for neutral molecules and one for the ions of each charge, common to all, or each "
    "molecule's own.  [default: charge]",
)
def command(
    kind: str, run_dirs: tuple[Path, ...], outputs: tuple[Path, ...], scale: Literal["charge", "common", "own"] | None
) -> int:
    """Draw results of one KIND, or of all, from one or more run folders, which are only read.

    The exit status is 1 when a result is missing in a figure; what and why is told.
    """
    options: dict[str, str] = {} if scale is None else {"scale": scale}
    if kind == ALL:
        return _draw_all(run_dirs, outputs, options)
    known = None if kind == BONDS else study_kinds()[kind]
    if scale is not None and (known is None or "scale" not in known.figure_options):
        raise click.UsageError(f"--scale is for esp; {kind} has no colours to scale")
    if known is None:
        return _draw_bonds(run_dirs, outputs)
    from ..analysis.tables.unfinished import jobs_of_runs, missing

    gaps = missing(known, jobs_of_runs(run_dirs))
    _draw(known, run_dirs, outputs or _files(known, _default_folder(run_dirs)), gaps, options)
    return 1 if gaps else 0


def _draw_bonds(run_dirs: tuple[Path, ...], outputs: tuple[Path, ...]) -> int:
    """Draw what several kinds of studies say of bonds together."""
    from ..analysis.figures.bonds import draw_bonds

    files = outputs or tuple(_default_folder(run_dirs) / f"{BONDS}{ending}" for ending in PICTURES)
    draw_bonds(run_dirs, files)
    for output in files:
        click.echo(f"written to {output}", err=True)
    return 0


def _draw_all(run_dirs: tuple[Path, ...], outputs: tuple[Path, ...], options: dict[str, str]) -> int:
    """Draw every figure that has results; what keeps one from being drawn is told, the others are drawn."""
    from ..analysis.figures.draw import figure_kinds, kinds_to_draw
    from ..analysis.stored import nothing_of
    from ..analysis.tables.unfinished import concerns, jobs_of_runs, missing

    if len(outputs) > 1 or any(output.suffix and not output.is_dir() for output in outputs):
        raise click.UsageError("all figures go into one folder; name it with -o")
    kinds, drawn, runs = figure_kinds(), kinds_to_draw(run_dirs), jobs_of_runs(run_dirs)
    if not drawn:
        raise nothing_of("study", run_dirs)
    folder, status = _made(outputs[0]) if outputs else _default_folder(run_dirs), 0
    for name, known in kinds.items():
        gaps = missing(known, runs) if name in drawn or concerns(known, runs) else []
        fitting = {option: value for option, value in options.items() if option in known.figure_options}
        try:
            _draw(known, run_dirs, _files(known, folder) if name in drawn else (), gaps, fitting)
        except AzibflowError as error:
            click.echo(f"azibflow: {error}", err=True)
            status = 2
        status = max(status, 1 if gaps else 0)
    return status


def _draw(
    kind: StudyKind,
    run_dirs: tuple[Path, ...],
    outputs: tuple[Path, ...],
    gaps: list[str],
    options: dict[str, str],
) -> None:
    """Tell what is missing, then draw the files there are to be, if any."""
    from ..analysis.figures.draw import draw

    for gap in gaps:
        click.echo(gap, err=True)
    if outputs:
        draw(kind.name, run_dirs, outputs, **options)
    for output in outputs:
        click.echo(f"written to {output}", err=True)


def _files(kind: StudyKind, folder: Path) -> tuple[Path, ...]:
    return tuple(folder / f"{kind.name}{ending}" for ending in kind.endings)


def _default_folder(run_dirs: tuple[Path, ...]) -> Path:
    """Return a folder for the pictures of a run, of its name below the current one: a kept run is only read."""
    return _made(Path("figures") / run_dirs[0].resolve().name)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AzibflowError(f"{folder}: {error.strerror or error}; name another place with -o") from error
    return folder
