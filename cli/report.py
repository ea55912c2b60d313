"""``azibflow report``: one page that holds the results of runs together."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="report")
@click.argument("run_dirs", metavar="RUN_DIR...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File to write.  [default: report.html in figures/NAME, NAME being that of the first RUN_DIR]",
)
@click.option("--title", help="Heading of the page.  [default: names of the runs]")
def command(run_dirs: tuple[Path, ...], output: Path | None, title: str | None) -> int:
    """Write the results of one or more runs as one HTML page that opens without internet.

    Warnings first, then every table (click a head to sort; CSV beside it), every figure, every structure to turn,
    paths as films, what computed it and what that is worth, the campaign file, BibTeX of what to cite. Several runs
    stand side by side; the last one is what the others differ from.

    \b
      azibflow report runs/quickstart
      azibflow report runs/chgnet runs/sevennet -o compared.html

    Nothing is computed, and run folders are only read. The exit status is 1 when the page has warnings.
    """
    from ..analysis.report.content import report_of
    from ..analysis.report.page import page
    from ..errors import AzibflowError
    from ..hpc.run_folder import write_atomically

    report = report_of(run_dirs, title)
    path = output or Path("figures") / run_dirs[0].resolve().name / "report.html"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, page(report))
    except OSError as error:
        raise AzibflowError(f"{path}: {error.strerror or error}; name another place with -o") from error
    for warning in report.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(str(path))
    return 1 if report.warnings else 0
