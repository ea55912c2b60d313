"""``azibflow plot``: draw results from stores alone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from ..analysis.kinds import PLOTS


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
    "these endings in the first RUN_DIR]",
)
@click.option(
    "--scale",
    type=click.Choice(["common", "own"]),
    help="Colour scale of esp: common to all molecules, or each molecule's own.  [default: common]",
)
def command(
    kind: str, run_dirs: tuple[Path, ...], outputs: tuple[Path, ...], scale: Literal["common", "own"] | None
) -> None:
    """Draw results of one KIND from one or more run folders.

    \b
    barriers      energy profiles along the path
    desolvation   what each water costs, and all of them together
    breathing     E_b of n ions, its increments, the interface bonds, pictures of the
                  states; capacity on a second axis
    esp           electrostatic potentials on molecular surfaces; the .html is to
                  turn in a browser, without internet
    """
    if scale is not None and kind != "esp":
        raise click.UsageError(f"--scale is for esp; {kind} has no colours to scale")
    from ..analysis.figures import draw

    chosen = outputs or tuple(run_dirs[0] / f"{kind}{ending}" for ending in PLOTS[kind])
    draw(kind, run_dirs, chosen, scale=scale or "common")
    for output in chosen:
        click.echo(f"written to {output}", err=True)
