"""``azibflow plot``: draw results from stores alone."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="plot")
@click.argument("kind", type=click.Choice(["barriers"]))
@click.argument("run_dirs", metavar="RUN_DIR...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "outputs",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Picture to write, .png or .svg; may be given twice.  [default: KIND.png and KIND.svg in the first RUN_DIR]",
)
def command(kind: str, run_dirs: tuple[Path, ...], outputs: tuple[Path, ...]) -> None:
    """Draw results of one KIND from one or more run folders: barriers are energy profiles along the path."""
    from ..analysis.documents import load_results
    from ..analysis.plots import plot_barriers
    from ..errors import RunError
    from ..workflows.barriers import MigrationResult

    results = load_results(run_dirs, MigrationResult)
    if not results:
        raise RunError(f"no {kind} result in {', '.join(str(folder) for folder in run_dirs)}")
    for output in outputs or [run_dirs[0] / f"{kind}{suffix}" for suffix in (".png", ".svg")]:
        plot_barriers(results, output)
        click.echo(f"written to {output}", err=True)
