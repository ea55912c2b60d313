"""Which of the published values of a study of several systems stand beside which row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...data.literature import published_values
from .published import barrier_difference, published_cells
from .system_rows import forms, species_form, subjects

if TYPE_CHECKING:
    from ...studies import SystemRows
    from .model import Row, Table

KEYS = "published_key"


def with_own_values(table: Table, rows: SystemRows | None, published: Mapping[str, Sequence[str]]) -> Table:
    """Keep beside each row the published values of its own system, as far as names tell which these are.

    Args:
        table: with published values, all of a study beside each of its rows.
        rows: how its rows name their systems; none where they do not.
        published: names in papers by the name of a system, as campaigns state them.

    Returns:
        The table. Of a study no value of which is called as one of its systems all values stay beside every row: a
        study of one system may call it as it likes.
    """
    if rows is None or all(column.key != KEYS for column in table.columns):
        return table
    of_study: dict[str, list[Row]] = {}
    for row in table.rows:
        of_study.setdefault(str(row.cells[KEYS] or ""), []).append(row)
    own: dict[str, list[str]] = {}
    for joined, together in of_study.items():
        keys = joined.split("; ") if joined else []
        found = {row.name: [key for key in keys if _is_of(row, key, rows, published)] for row in together}
        if len(keys) > 1 and any(found.values()):
            own |= found
    return table.model_copy(update={"rows": [_beside(row, own.get(row.name)) for row in table.rows]})


def _is_of(row: Row, key: str, rows: SystemRows, published: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a row is of the system that a key begins with, as MXene-Zn does with MXene."""
    name = key.removesuffix(f"-{species_form(published_values()[key].species)}")
    return any(subject.names & forms(name) for subject in subjects(row, rows, published))


def _beside(row: Row, keys: list[str] | None) -> Row:
    if keys is None:
        return row
    quantity = published_values()[str(row.cells[KEYS]).split("; ")[0]].quantity
    cells = row.cells | published_cells(keys, quantity)
    if "difference" in cells and (barrier := row.cells.get("barrier_forward")) is not None:
        cells["difference"] = barrier_difference(float(barrier), str(row.cells.get("ion")), keys)
    return row.model_copy(update={"cells": cells})
