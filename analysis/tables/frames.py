"""Tables as pandas frames, for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .model import Table
from .registry import table_of

if TYPE_CHECKING:
    import pandas as pd
    from maggma.core.store import Store


def frame(table: Table) -> pd.DataFrame:
    """Turn a table into a frame.

    Args:
        table: any table.

    Returns:
        One row per row, its name as index; a column for each of the table, details included, by key. Numbers are as
        computed, not rounded; those of a row whose ``outcome`` is not ``ok`` are no results. ``attrs`` holds the
        ``title``, the ``notes``, and by column the ``units`` (empty for none) and ``descriptions``.
    """
    import pandas as pd

    keys = [column.key for column in table.columns]
    rows = [[row.cells[key] for key in keys] for row in table.rows]
    made = pd.DataFrame(rows, columns=keys, index=pd.Index([row.name for row in table.rows], name="row"))
    made.attrs = {
        "title": table.title,
        "notes": list(table.notes),
        "units": {column.key: column.unit for column in table.columns},
        "descriptions": {column.key: column.description for column in table.columns},
    }
    return made


def frame_of(kind: str, sources: Sequence[Path | Store], *, literature: bool = False) -> pd.DataFrame:
    """Turn the results of one kind in some runs into a frame.

    Args:
        kind: name of a kind of study, or ``ledgers``, which need no run.
        sources: run folders or stores of Jobflow documents, in the order of the rows.
        literature: put published values beside the rows of the studies that name them.

    Returns:
        The frame of [`frame`][], with a row for every result that a run has not got.

    Raises:
        AzibflowError: there is no such table, or it cannot be made.
        RunError: a folder holds no run, or a result that this version cannot read.
    """
    return frame(table_of(kind, sources, literature=literature))
