"""``azibflow table``: print tables from stores alone."""

from __future__ import annotations

from pathlib import Path

import click

from ..analysis.kinds import LEDGERS, TABLES

STYLES = {".md": "md", ".csv": "csv", ".json": "json", ".tex": "latex", ".txt": "text"}


@click.command(name="table")
@click.argument("kind", metavar="KIND", type=click.Choice((*TABLES, LEDGERS)))
@click.argument("run_dirs", metavar="RUN_DIR...", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--format",
    "style",
    type=click.Choice(list(STYLES.values())),
    help="How to write it.  [default: by the suffix of -o, else text]",
)
@click.option("--literature", is_flag=True, help="Put the published value beside each row, with its DOI and locator.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write instead of printing.")
def command(kind: str, run_dirs: tuple[Path, ...], style: str | None, literature: bool, output: Path | None) -> int:
    """Print the table of one KIND of result from one or more run folders.

    \b
    barriers      migration barriers
    adsorption    adsorption energies on surfaces
    surfaces      surface energies
    desolvation   what it costs to take the water off an ion
    binding       binding energies of complexes
    orbitals      frontier levels, ionisation energies, electron affinities
    esp           electrostatic potentials on molecular surfaces
    breathing     E_b of n ions at an interface, its bonds, and the capacity limit
    interfaces    bonds, strain and work of adhesion of heterostructures
    surrogates    errors of trained surrogates on systems kept from training
    ledgers       capacities, proton supply, EQCM and job sharing: published claims recomputed; needs no run

    Nothing is computed: the same stores give the same bytes. Rows that are no results are marked. A study of the
    campaign that has no result yet, or whose jobs failed, has a row that says so.

    \b
    Exit status:
      0  every result is there, and is one
      1  a row failed, is unfinished, did not converge, is a saddle point or lies outside its calculator's
         domain, or a job failed whose number is missing in a row
      2  wrong usage, no such result, or a folder that is no run
    """
    from ..analysis.tables.formats import render
    from ..analysis.tables.registry import table_of
    from ..errors import RunError

    if not run_dirs and kind != LEDGERS:
        raise click.UsageError(f"a table of {kind} needs at least one RUN_DIR")
    suffix = output.suffix.lower() if output is not None else ""
    if style is None and suffix and suffix not in STYLES:
        raise click.UsageError(
            f"{output}: no table is written as {suffix}; end it with {', '.join(STYLES)} or name a --format"
        )
    table = table_of(kind, run_dirs, literature=literature)
    if not table.rows:
        raise RunError(f"no {kind} result in {', '.join(str(folder) for folder in run_dirs)}")
    text = render(table, style or STYLES.get(suffix, "text"))
    if output is None:
        click.echo(text, nl=False)
    else:
        from ..hpc.run_folder import write_atomically

        write_atomically(output, text)
        click.echo(f"written to {output}", err=True)
    for failure in table.failures:
        click.echo(f"missing in a row: {failure}", err=True)
    return 1 if table.problems() or table.failures else 0
