"""A report as one HTML file that opens without internet: everything is inside it."""

from __future__ import annotations

import base64
import re
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from ... import __version__
from ...workflows.common.results import Outcome
from ..tables.formats import printed_rows, to_csv

if TYPE_CHECKING:
    from markupsafe import Markup

    from ..tables.model import Table
    from .content import Report

FOLDER = "report"
HOUR, MINUTE = 3600, 60


@dataclass(frozen=True)
class Cell:
    """A cell: what people read, and the number to sort by where it is one."""

    text: str
    number: float | None


@dataclass(frozen=True)
class PageRow:
    """A row: its cells, and why it is marked where it is no result."""

    cells: list[Cell]
    marked: bool
    reason: str


def page(report: Report) -> str:
    """Write a report as a page; all text of files and names is escaped.

    3Dmol.js (BSD-3-Clause, 10.1093/bioinformatics/btu829) shows structures and films, sortable (Unlicense) sorts
    tables.

    Args:
        report: what it says.

    Returns:
        HTML. The same report gives the same bytes.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {
        "duration": duration,
        "rows": rows,
        "csv_link": csv_link,
        "text_link": text_link,
        "symbols": symbols,
    }
    template = environment.from_string(_asset("page.html.jinja"))
    return template.render(
        report=report,
        version=__version__,
        views=[asdict(view) for view in report.views],
        style=Markup(_asset("page.css")),  # noqa: S704 - files of this package, not input
        script=Markup(_asset("page.js")),  # noqa: S704
        viewer=Markup(_asset("3Dmol-min.js")),  # noqa: S704
        sorting=Markup(_asset("sortable.min.js")),  # noqa: S704
    )


def rows(table: Table) -> list[PageRow]:
    """Return the printed rows of a table with the numbers to sort by."""
    columns = table.printed_columns()
    return [
        PageRow(
            [Cell(text, _number(row.cells.get(column.key))) for text, column in zip(texts, columns, strict=True)],
            marked=row.outcome is not Outcome.OK,
            reason=row.reason,
        )
        for texts, row in zip(printed_rows(table), table.rows, strict=True)
    ]


def symbols(text: str) -> Markup:
    """Set a head or unit as a person writes it: indices below, powers above, the sign of the angstrom.

    Args:
        text: such as ``E_m forward`` or ``eV/angstrom^2``.
    """
    from markupsafe import Markup, escape

    raised = re.sub(r"\^(-?\d+)", r"<sup>\1</sup>", str(escape(text)))
    lowered = re.sub(r"\b([A-Za-z])_(\w+)", r"\1<sub>\2</sub>", raised)
    return Markup(lowered.replace("angstrom", "\N{ANGSTROM SIGN}"))  # noqa: S704 - escaped above


def duration(seconds: float) -> str:
    """Write a time as people say it.

    Args:
        seconds: the time, s.
    """
    if seconds >= HOUR:
        return f"{seconds / HOUR:.1f} h"
    return f"{seconds / MINUTE:.1f} min" if seconds >= MINUTE else f"{seconds:.1f} s"


def csv_link(table: Table) -> str:
    """Return a link that holds a table as CSV."""
    return _link(to_csv(table), "text/csv")


def text_link(text: str) -> str:
    """Return a link that holds a text."""
    return _link(text, "text/plain")


def _link(text: str, kind: str) -> str:
    return f"data:{kind};charset=utf-8;base64,{base64.b64encode(text.encode()).decode('ascii')}"


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _asset(name: str) -> str:
    return (files("azibflow.data") / FOLDER / name).read_text(encoding="utf-8")
