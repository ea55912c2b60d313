"""A table in a terminal: the columns that decide first, folded to its width, marks in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...workflows.common.results import Outcome
from .formats import is_numeric, one_line, ordering_lines, printed_rows, wrapped

if TYPE_CHECKING:
    from .model import Column, Row, Table

STATUS = "outcome"
"""Key of the column that says what is a result."""
NARROWEST = 20
"""Characters that a column of words may be folded to."""
GAP = 2
"""Characters between columns."""
FIRST_NOTES = 2
"""Footnotes that are printed unasked: what the numbers mean."""
MARKED = "red"


def to_terminal(table: Table, width: int, *, colour: bool, every_note: bool = False) -> str:
    """Write a table for a terminal.

    Args:
        table: the table.
        width: of the terminal, characters.
        colour: whether it shows colours.
        every_note: all footnotes, not only the first ones.

    Returns:
        The text, ending with a newline; a last line says what was left out, if anything was.
    """
    columns = fitting(table, width)
    lines = [one_line(table.title), "", _grid(table, columns, width, colour), "", *ordering_lines(table, width)]
    notes = table.notes if every_note else table.notes[:FIRST_NOTES]
    lines += [wrapped(note, width) for note in notes]
    left_out = [column.head for column in table.printed_columns() if column not in columns]
    if left_out:
        lines.append(wrapped(f"{len(left_out)} more columns with --wide: {', '.join(left_out)}.", width))
    if len(notes) < len(table.notes):
        lines.append(f"{len(table.notes) - len(notes)} more notes with --notes: references, settings, sources.")
    return "\n".join(lines).rstrip("\n") + "\n"


def fitting(table: Table, width: int) -> list[Column]:
    """Choose the columns that fit: first name, status and results of the row, then the others in their order.

    Args:
        table: the table.
        width: to fit into, characters.
    """
    columns = table.printed_columns()
    first = columns[:1] + [column for column in columns if column.key == STATUS]
    results = [column for column in columns if column.result]
    chosen: list[Column] = []
    for column in dict.fromkeys([*first, *results, *columns]):
        if _narrowest([*chosen, column], table) <= width or column in first:
            chosen.append(column)
    return [column for column in columns if column in chosen]


def _narrowest(columns: list[Column], table: Table) -> int:
    """Return how narrow some columns can be side by side; words can be folded, numbers cannot."""
    return sum(_width(column, table) + GAP for column in columns) - GAP


def _width(column: Column, table: Table) -> int:
    index = table.printed_columns().index(column)
    cells = [cells[index] for cells in printed_rows(table)]
    widest = max(len(text) for text in (column.head, f"({column.unit})" if column.unit else "", *cells))
    return widest if is_numeric(column, table) else min(widest, NARROWEST)


def _grid(table: Table, columns: list[Column], width: int, colour: bool) -> str:
    from io import StringIO

    from rich import box
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, GAP // 2), collapse_padding=True, show_edge=False)
    for column in columns:
        head = column.head + (f"\n({column.unit})" if column.unit else "")
        numeric = is_numeric(column, table)
        grid.add_column(Text(head), justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    shown = [table.printed_columns().index(column) for column in columns]
    for row, cells in zip(table.rows, printed_rows(table), strict=True):
        grid.add_row(*(Text(cells[index]) for index in shown), style=_style(row))
    text = StringIO()
    console = Console(file=text, width=width, force_terminal=colour, color_system="standard" if colour else None)
    console.print(grid)
    return "\n".join(line.rstrip() for line in text.getvalue().rstrip("\n").split("\n"))


def _style(row: Row) -> str | None:
    return None if row.outcome is Outcome.OK else MARKED
