"""A table as text: for the terminal, Markdown, CSV, Excel, JSON and LaTeX; the same table gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from textwrap import fill
from typing import TYPE_CHECKING, Any
from unicodedata import category, normalize

from ...errors import AzibflowError
from ...workflows.common.results import Outcome
from .model import Column, Row, Table, Value

if TYPE_CHECKING:
    from .verdicts import OrderingVerdict

MARK = "*"
"""Follows a number that is not a result, in the formats that people read."""

BYTE_ORDER_MARK = "\ufeff"
COMPUTED = re.compile(r"[=+\-@]|\(\d+\)$")
"""Text that a spreadsheet computes: formulas, and facets such as (100), which it takes for -100."""
NUMBERS = re.compile(r"[+-]?\d+(\.\d+)?(, [+-]?\d+(\.\d+)?)*")

WIDTH = 120
"""Footnotes for the terminal are wrapped to this many characters."""
ORDERINGS = "Published orderings"


def render(table: Table, table_format: str = "text") -> str:
    """Write a table in one of [`FORMATS`][].

    Args:
        table: the table.
        table_format: ``text``, ``md``, ``csv``, ``excel``, ``json`` or ``latex``.

    Returns:
        The text, ending with a newline.

    Raises:
        AzibflowError: there is no such format.
    """
    if table_format not in FORMATS:
        near = get_close_matches(table_format, FORMATS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise AzibflowError(f"unknown table format {table_format!r}: the formats are {', '.join(FORMATS)}{hint}")
    return FORMATS[table_format](table)


def render_all(tables: Mapping[str, Table], table_format: str = "text") -> str:
    """Write several tables one below the other, a blank line between; in JSON as one object.

    Args:
        tables: by the name that they have in JSON, in their order.
        table_format: one of [`FORMATS`][], but for those of [`ALONE`][], of which a file holds one table.

    Returns:
        The text, ending with a newline.

    Raises:
        AzibflowError: there is no such format.
    """
    if table_format == "json":
        return _json({name: _document(table) for name, table in tables.items()})
    if table_format in ALONE:
        raise AzibflowError("a file of CSV holds one table")
    return "\n".join(render(table, table_format) for table in tables.values())


def printed_rows(table: Table) -> list[list[str]]:
    """Return the cells of the printed columns as people read them, with the mark on what is not a result."""
    columns = table.printed_columns()
    return [[_marked(column, row) for column in columns] for row in table.rows]


def fixed(value: Value, decimals: int | None = None) -> str:
    """Write one value.

    Args:
        value: the value; none gives an empty string.
        decimals: decimals of a number; none writes as many as it has.

    Returns:
        The text, never a negative zero.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        text = f"{value:g}" if decimals is None else f"{value:.{decimals}f}"
        return text.removeprefix("-") if float(text) == 0 else text
    return str(value)


def to_text(table: Table) -> str:
    """Write aligned columns for the terminal: head and unit above a line, footnotes below."""
    columns = table.printed_columns()
    heads = [[column.head for column in columns], [f"({column.unit})" if column.unit else "" for column in columns]]
    body = printed_rows(table)
    widths = [max(len(cell) for cell in cells) for cells in zip(*heads, *body, strict=True)]
    rule = "  ".join("-" * width for width in widths)
    lines = [
        "  ".join(
            cell.rjust(width) if is_numeric(column, table) else cell.ljust(width)
            for cell, width, column in zip(cells, widths, columns, strict=True)
        ).rstrip()
        for cells in (*heads, *body)
    ]
    below = [*ordering_lines(table), *map(wrapped, table.notes)]
    return _lines([one_line(table.title), "", *lines[:2], rule, *lines[2:], "", *below])


def ordering_lines(table: Table, width: int = WIDTH) -> list[str]:
    """Write the verdicts on published orders for a terminal, with a blank line at the end; nothing without any.

    Args:
        table: the table.
        width: of a line, characters.
    """
    if not table.orderings:
        return []
    return [ORDERINGS, *(wrapped(text, width) for text in orderings_in_words(table)), ""]


def orderings_in_words(table: Table) -> list[str]:
    """Return the verdicts on published orders, each with its calculator where the table has several."""
    several = len({verdict.calculator for verdict in table.orderings}) > 1
    return [f"{_by(verdict) if several else ''}{verdict.words}" for verdict in table.orderings]


def _by(verdict: OrderingVerdict) -> str:
    return f"By {verdict.calculator.partition(';')[0]}: " if verdict.calculator else ""


def to_markdown(table: Table) -> str:
    """Write a GitHub-flavoured Markdown table, footnotes as a list."""
    columns = table.printed_columns()
    heads = [_markdown(_head(column)) for column in columns]
    rule = ["---:" if is_numeric(column, table) else ":---" for column in columns]
    body = [[_markdown(cell) for cell in cells] for cells in printed_rows(table)]
    lines = ["| " + " | ".join(cells) + " |" for cells in (heads, rule, *body)]
    orderings = [_item(text) for text in orderings_in_words(table)]
    section = [f"**{ORDERINGS}**", "", *orderings, ""] if orderings else []
    return _lines([f"### {_markdown(table.title)}", "", *lines, "", *section, *map(_item, table.notes)])


def to_csv(table: Table) -> str:
    """Write every column, details included; heads are ``key (unit)``, the status tells what is not a result."""
    return _csv(
        table, [[fixed(row.cells[column.key], column.decimals) for column in table.columns] for row in table.rows]
    )


def to_excel(table: Table) -> str:
    """Write CSV for spreadsheets: they read its signs aright, and take no text in it for a formula.

    A byte order mark comes first, or Excel would not read UTF-8. An apostrophe comes before text that would be
    computed: names come from files, and those from anywhere (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    return BYTE_ORDER_MARK + _csv(
        table, [[_inert(row.cells[column.key], column.decimals) for column in table.columns] for row in table.rows]
    )


def _csv(table: Table, rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(f"{column.key} ({column.unit})" if column.unit else column.key for column in table.columns)
    writer.writerows(rows)
    return text.getvalue()


def _inert(value: Value, decimals: int | None) -> str:
    """Write a value of which a spreadsheet makes no formula: numbers, and lists of them, stay as they are."""
    text = fixed(value, decimals)
    if not isinstance(value, str):
        return text
    line = one_line(text)
    computed = COMPUTED.match(normalize("NFKC", line)) and not NUMBERS.fullmatch(line)
    return f"'{line}" if computed else line


def to_json(table: Table) -> str:
    """Write every column with its unit and description, every row, and the footnotes."""
    return _json(_document(table))


def _document(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "columns": [column.model_dump(include={"key", "head", "unit", "description"}) for column in table.columns],
        "rows": [
            {column.key: _rounded(row.cells[column.key], column) for column in table.columns} for row in table.rows
        ],
        **({"orderings": [_verdict(one) for one in table.orderings]} if table.orderings else {}),
        "notes": table.notes,
    }


def _verdict(verdict: OrderingVerdict) -> dict[str, Any]:
    return verdict.model_dump(mode="json") | {"words": verdict.words}


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_latex(table: Table) -> str:
    """Write a ``table`` environment for the ``booktabs`` package, footnotes below in small print."""
    columns = table.printed_columns()
    alignment = "".join("r" if is_numeric(column, table) else "l" for column in columns)
    body = [[_latex(cell) for cell in cells] for cells in printed_rows(table)]
    return _lines(
        [
            r"\begin{table}",
            rf"\caption{{{_latex(table.title)}}}",
            rf"\begin{{tabular}}{{{alignment}}}",
            r"\toprule",
            " & ".join(_latex(column.head) for column in columns) + r" \\",
            " & ".join(_latex(f"({column.unit})" if column.unit else "") for column in columns) + r" \\",
            r"\midrule",
            *(("{}" if cells[0].startswith("*") else "") + " & ".join(cells) + r" \\" for cells in body),
            r"\bottomrule",
            r"\end{tabular}",
            *(rf"\par{{\footnotesize {_latex(note)}}}" for note in (*orderings_in_words(table), *table.notes)),
            r"\end{table}",
        ]
    )


FORMATS = {
    "text": to_text,
    "md": to_markdown,
    "csv": to_csv,
    "excel": to_excel,
    "json": to_json,
    "latex": to_latex,
}
"""Writers by name."""
ALONE = ("csv", "excel")
"""Formats of which a file holds one table."""


def _head(column: Column) -> str:
    return f"{column.head} ({column.unit})" if column.unit else column.head


def _marked(column: Column, row: Row) -> str:
    text = one_line(fixed(row.cells[column.key], column.decimals))
    return text + MARK if text and column.result and row.outcome is not Outcome.OK else text


def _rounded(value: Value, column: Column) -> Value:
    if isinstance(value, float) and column.decimals is not None:
        return round(value, column.decimals) + 0.0  # turns -0.0 into 0.0
    return value


def is_numeric(column: Column, table: Table) -> bool:
    """Tell whether a column holds numbers only."""
    values = [row.cells[column.key] for row in table.rows]
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values if value is not None)


def _lines(lines: list[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def wrapped(note: str, width: int = WIDTH) -> str:
    """Wrap a footnote; its second and later lines are indented.

    Args:
        note: the footnote.
        width: of a line, characters.
    """
    return fill(one_line(note), width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _markdown(text: str) -> str:
    """Escape what Markdown, and GitHub's formulas, would read as markup; a line break would end the row."""
    return re.sub(r"([\\`*_\[\]<>|$~]|&(?=#?\w+;))", r"\\\1", one_line(text))


def _item(note: str) -> str:
    """Write a note as an item of a list; what would begin a heading or another list is escaped."""
    return "- " + re.sub(r"^([#+-]|\d+(?=[.)]))", lambda found: _escaped(found[0]), _markdown(note))


def _escaped(start: str) -> str:
    return start + "\\" if start.isdigit() else "\\" + start


def one_line(text: str) -> str:
    """Replace line breaks by spaces, and leave out characters that only a terminal would obey."""
    return "".join(character for character in " ".join(text.split()) if category(character) != "Cc")


_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",
    "]": "{]}",
    **{character: "\\" + character for character in "&%$#_{}"},
}


def _latex(text: str) -> str:
    """Escape what LaTeX would read as commands; brackets are braced, or they would be arguments after a line end."""
    return "".join(_LATEX.get(character, character) for character in one_line(text))
