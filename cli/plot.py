"""``azibflow plot``: draw results from stores alone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from ..analysis.kinds import PLOTS
from ..errors import AzibflowError


@click.command(name="plot")
@click.argument("kind", metavar="KIND", type=click.Choice(list(PLOTS)))
@click.argument("run_dirs", metavar="RUN_DIR...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "outputs",
    type=click.Path(path_type=Path),
    multiple=True,
    help="File to write, .png or .svg, for esp also .html; may be given several times.  [default: KIND with each of "
    "these endings in figures/NAME, NAME being that of the first RUN_DIR]",
)
@click.option(
    "--scale",
    type=click.Choice(["common", "own"]),
    help="Colour scale of esp: common to all molecules, or each molecule's own.  [default: common]",
)
def command(
    kind: str, run_dirs: tuple[Path, ...], outputs: tuple[Path, ...], scale: Literal["common", "own"] | None
) -> int:
    """Draw results of one KIND from one or more run folders, which are only read.

    \b
    barriers      energy profiles along the path
    desolvation   what each water costs, and all of them together
    breathing     E_b of n ions, its increments, the interface bonds, pictures of the
                  states; capacity on a second axis
    esp           electrostatic potentials on molecular surfaces; the .html is to
                  turn in a browser, without internet

    The exit status is 1 when a result is missing in the figure; what and why is told.
    """
    if scale is not None and kind != "esp":
        raise click.UsageError(f"--scale is for esp; {kind} has no colours to scale")
    from ..analysis.figures.draw import draw
    from ..analysis.tables.unfinished import missing

    gaps = missing(kind, run_dirs)
    for gap in gaps:
        click.echo(gap, err=True)
    chosen = outputs or _default_outputs(kind, run_dirs[0])
    draw(kind, run_dirs, chosen, scale=scale or "common")
    for output in chosen:
        click.echo(f"written to {output}", err=True)
    return 1 if gaps else 0


def _default_outputs(kind: str, run_dir: Path) -> tuple[Path, ...]:
    """Return the pictures of a run, in a folder of its name below the current one: a kept run is only read."""
    folder = Path("figures") / run_dir.resolve().name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AzibflowError(f"{folder}: {error.strerror or error}; name a file with -o") from error
    return tuple(folder / f"{kind}{ending}" for ending in PLOTS[kind])
