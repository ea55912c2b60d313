"""Which of the published values of a study of several systems stand beside which row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ...data.literature import published_values
from ...studies import study_kinds
from ...workflows.common.results import Outcome
from .model import Row
from .published import barrier_difference, published_cells
from .system_rows import forms, species_form, subjects

if TYPE_CHECKING:
    from ...studies import SystemRows
    from ...workflows.common.results import StudyLabel
    from .model import Table

R = TypeVar("R", bound="StudyLabel")
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
    named = [str(row.cells[KEYS] or "") for row in table.rows]
    own = _own(table.rows, [tuple(keys.split("; ")) if keys else () for keys in named], rows, published)
    return table.model_copy(update={"rows": [_beside(row, keys) for row, keys in zip(table.rows, own, strict=True)]})


def with_own_literature(results: Sequence[R], kind: str, published: Mapping[str, Sequence[str]]) -> list[R]:
    """Keep with each result the published values of its own system, by the rule of [`with_own_values`][].

    Args:
        results: one per system.
        kind: of their study, whose table compares systems.
        published: names in papers by the name of a system, as campaigns state them.
    """
    rows = study_kinds()[kind].system_rows
    assert rows is not None
    named = [
        Row(name=result.study, cells={rows.system: getattr(result, rows.system)}, outcome=Outcome.OK)
        for result in results
    ]
    own = _own(named, [tuple(result.literature) for result in results], replace(rows, species=""), published)
    return [
        result if keys is None else result.model_copy(update={"literature": keys})
        for result, keys in zip(results, own, strict=True)
    ]


def _own(
    rows: Sequence[Row],
    asked: Sequence[tuple[str, ...]],
    system_rows: SystemRows,
    published: Mapping[str, Sequence[str]],
) -> list[list[str] | None]:
    """Return the values of the system of each row; none where no name tells which of its study's are its own."""
    found = [
        [key for key in keys if _is_of(row, key, system_rows, published)] for row, keys in zip(rows, asked, strict=True)
    ]
    told = {keys for keys, own in zip(asked, found, strict=True) if own and len(keys) > 1}
    return [own if keys in told else None for keys, own in zip(asked, found, strict=True)]


def _is_of(row: Row, key: str, rows: SystemRows, published: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a row is of the system that a key begins with, as MXene-Zn does with MXene."""
    if key not in published_values():
        return False
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
