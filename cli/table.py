"""``azibflow table``: print tables from stores alone."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="table")
@click.argument("kind", type=click.Choice(["barriers", "adsorption", "surfaces"]))
@click.argument("run_dirs", metavar="RUN_DIR...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--format", "style", type=click.Choice(["text", "md", "csv", "json", "latex"]), help="Default: text, or from -o."
)
@click.option("--literature", is_flag=True, help="Put the published value beside each row, with its DOI and locator.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write instead of printing.")
def command(kind: str, run_dirs: tuple[Path, ...], style: str | None, literature: bool, output: Path | None) -> int:
    """Print the table of one KIND of result from one or more run folders.

    Nothing is computed: the same stores give the same bytes. Rows that did not converge are marked; the exit status is 1
    when there are any, or when there is no result at all.
    """
