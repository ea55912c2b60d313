"""``azibflow table``: print tables from stores alone."""

from __future__ import annotations

import os
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..analysis.breathing import BONDS
from ..analysis.ledgers import LEDGERS
from ..studies import study_kinds
from .kinds import ALL, Kind, KindCommand

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..analysis.tables.declared import Declared
    from ..analysis.tables.model import Table

STYLES = {".md": "md", ".csv": "csv", ".json": "json", ".tex": "latex", ".txt": "text"}
"""Formats by the suffix of a file that asks for them."""
SUFFIXES = {style: suffix for suffix, style in STYLES.items()} | {"excel": ".csv"}
"""Suffixes by format, of the files in a folder."""


def tables_offered() -> dict[str, str]:
    """Return what each table shows, by its name."""
    says = {name: kind.says for name, kind in study_kinds().items()}
    ledgers = "published claims recomputed, of files of claims where they are named; needs no run"
    bonds = "adhesion per bond of interfaces against the bonds that come back in breathing studies"
    return {**says, BONDS: bonds, LEDGERS: ledgers, ALL: f"every table that has rows, without {BONDS} and {LEDGERS}"}


@click.command(name="table", cls=KindCommand)
@click.argument("kind", metavar="KIND", type=Kind(tables_offered))
@click.argument("run_dirs", metavar="RUN_DIR...", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--format",
    "style",
    type=click.Choice(list(SUFFIXES)),
    help="How to write it; excel is a .csv that Excel opens by a double click.  [default: by the suffix of -o, else "
    "text]",
)
@click.option(
    "--literature",
    is_flag=True,
    help="Put the published value beside each row, with its DOI and locator, and say which published orderings hold.",
)
@click.option(
    "--parent",
    "parents",
    metavar="SYSTEM=PARENT",
    multiple=True,
    help="Compare a system with its parent, beside those that the campaign names.",
)
@click.option(
    "--published",
    metavar="SYSTEM=NAME",
    multiple=True,
    help="What papers call a system, beside what the campaign says; with --literature.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File to write instead of printing; for all also a folder, with a file for each table.",
)
@click.option("--wide", is_flag=True, help="All columns, however wide the terminal is.")
@click.option("--notes", is_flag=True, help="All footnotes, also in a terminal.")
def command(
    kind: str,
    run_dirs: tuple[Path, ...],
    style: str | None,
    literature: bool,
    parents: tuple[str, ...],
    published: tuple[str, ...],
    output: Path | None,
    wide: bool,
    notes: bool,
) -> int:
    """Print the table of one KIND of result, or all tables, from one or more run folders.

    Nothing is computed: the same stores give the same bytes. In a terminal the columns that decide come first, as many
    as fit, and the first footnotes; files and pipes get everything. Rows that are no results are marked. A study of the
    campaign that has no result yet, or whose jobs failed, has a row that says so.

    A system with a parent has the difference from it beside its rows. With --literature each published ordering whose
    systems are in the runs is judged below the table: it holds, does not hold, or is not decided within the error.

    The format excel is CSV with a byte order mark, so that Excel reads its signs, and with an apostrophe before text
    that it would compute: a name that begins with =, + or @, or the facet (100), to Excel -100. Where commas are
    decimal, import it as a text file with comma as separator and English numbers. Programs read csv.

    \b
    Exit status:
      0  every result is there, and is one
      1  a row failed, is unfinished, did not converge, is a saddle point or lies outside its calculator's
         domain, or a job failed whose number is missing in a row
      2  wrong usage, no such result, or a folder that is no run
    """
    if not run_dirs and kind != LEDGERS:
        raise click.UsageError(f"a table of {kind} needs at least one RUN_DIR")
    folder = output if kind == ALL and output is not None and (output.is_dir() or not output.suffix) else None
    suffix = output.suffix.lower() if output is not None and folder is None else ""
    if style is None and suffix and suffix not in STYLES:
        excel = "; for Excel end it with .csv and add --format excel" if suffix.startswith(".xls") else ""
        raise click.UsageError(
            f"{output}: no table is written as {suffix}; end it with {', '.join(STYLES)} or name a --format{excel}"
        )
    style = style or STYLES.get(suffix, "text")
    for_terminal = style == "text" and output is None and not wide and sys.stdout.isatty()
    fits = _fitting(every_note=notes) if for_terminal else None
    from ..analysis.tables.formats import ALONE

    if kind == ALL and style in ALONE and folder is None:
        raise click.UsageError("a file of CSV holds one table; name a folder with -o, or one KIND")
    if published and not literature:
        raise click.UsageError("--published names systems for published orderings; add --literature")
    declared = _declared(parents, published)
    if kind == ALL:
        return _all_tables(run_dirs, style, literature, declared, output, folder, fits)
    from ..analysis.stored import nothing_of
    from ..analysis.tables.formats import render
    from ..analysis.tables.registry import table_of

    table = table_of(kind, run_dirs, literature=literature, declared=declared)
    if not table.rows:
        raise nothing_of(kind, run_dirs)
    _give(fits(table) if fits is not None else render(table, style), output)
    return _status(table)


def _declared(parents: tuple[str, ...], published: tuple[str, ...]) -> Declared:
    """Read what is said of systems beside their campaigns."""
    from ..analysis.tables.declared import Declared
    from ..data.literature import ordered_systems
    from ..input_files.mistakes import nearest

    names: dict[str, list[str]] = {}
    for system, name in _pairs("--published", published):
        if name not in (known := ordered_systems()):
            raise click.UsageError(f"--published: no published ordering has a system {name!r}{nearest(name, known)}")
        names.setdefault(system, []).append(name)
    by_system = dict(_pairs("--parent", parents))
    for system, parent in by_system.items():
        if system == parent:
            raise click.UsageError(f"--parent: the system {system!r} is its own parent")
    return Declared(by_system, names)


def _pairs(option: str, texts: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in texts]
    for text, (one, _, other) in zip(texts, pairs, strict=True):
        if not one or not other:
            raise click.UsageError(f"{option}: write it as SYSTEM=NAME, not {text!r}")
    return [(one, other) for one, _, other in pairs]


def _fitting(*, every_note: bool) -> Callable[[Table], str]:
    """Return what writes a table for the terminal that is there."""
    from ..analysis.tables.terminal import to_terminal

    width = shutil.get_terminal_size().columns
    colour = "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return partial(to_terminal, width=width, colour=colour, every_note=every_note)


def _all_tables(
    run_dirs: tuple[Path, ...],
    style: str,
    literature: bool,
    declared: Declared,
    output: Path | None,
    folder: Path | None,
    fits: Callable[[Table], str] | None,
) -> int:
    """Print all tables one below the other, or write them: into one file, or into a folder a file for each."""
    from ..analysis.stored import nothing_of
    from ..analysis.tables.formats import render, render_all
    from ..analysis.tables.registry import all_tables

    made = all_tables(run_dirs, literature=literature, declared=declared)
    if not made.tables and not made.errors:
        raise nothing_of("study", run_dirs)
    if folder is None:
        tables = made.tables.values()
        _give("\n".join(map(fits, tables)) if fits is not None else render_all(made.tables, style), output)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in made.tables.items():
            _give(render(table, style), folder / f"{name}{SUFFIXES[style]}")
    status = max([_status(table) for table in made.tables.values()], default=0)
    for error in made.errors:
        click.echo(f"azibflow: {error}", err=True)
    return 2 if made.errors else status


def _give(text: str, output: Path | None) -> None:
    """Print a text, or write it to a file."""
    from ..hpc.run_folder import write_atomically

    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text)
        click.echo(f"written to {output}", err=True)


def _status(table: Table) -> int:
    """Tell what is missing in the rows of a table, and return the exit status that it gives."""
    for failure in table.failures:
        click.echo(f"missing in a row: {failure}", err=True)
    return 1 if table.problems() or table.failures else 0
