"""One campaign computed with several calculators: their numbers side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...calculators.surrogates.card import Quantity
from ...studies import study_kinds
from ...workflows.common.results import Outcome
from .model import PROBLEMS, Column, Row, Table, Value
from .registry import all_results


def compare_calculators(runs: Mapping[str, Path]) -> Table:
    """Put the results of runs of one campaign side by side.

    Args:
        runs: run folders by the name of their calculator; the last one is the reference for differences.

    Returns:
        One row per quantity that any of them has, with a row for each that all lack; a row is a result when it is one
        by every calculator.

    Raises:
        AzibflowError: a folder holds no run, or a table cannot be made.
    """
    *others, reference = runs
    results = {name: all_results([folder]) for name, folder in runs.items()}
    for error in (error for made in results.values() for error in made.errors):
        raise error
    rows: list[Row] = []
    for kind in study_kinds().values():
        keys = kind.compared
        tables = {name: made.tables[kind.name] for name, made in results.items() if keys and kind.name in made.tables}
        found = {name: {row.name: row for row in tables[name].rows} if name in tables else {} for name in runs}
        units = {column.key: column.unit for table in tables.values() for column in table.columns}
        for title in dict.fromkeys(title for name in (reference, *others) for title in found[name]):
            by_name = {name: found[name].get(title) for name in runs}
            known = [key for key in keys if any(_number(row, key) is not None for row in by_name.values())]
            rows += [_row(title, key, units[key], by_name, others, reference) for key in known or keys[:1]]
    columns = _columns(others, reference)
    filled = [row.model_copy(update={"cells": {one.key: row.cells.get(one.key) for one in columns}}) for row in rows]
    return Table(title="Calculators compared", columns=columns, rows=filled, notes=_notes(rows))


def quantities(table: Table, calculator: str, reference: str) -> tuple[Quantity, ...]:
    """Take one calculator's numbers out of a comparison, for a surrogate's card.

    Args:
        table: the comparison.
        calculator: name of the surrogate in it.
        reference: name of the calculator that made its labels.

    Returns:
        One quantity per row that both have a number for.
    """
    found = []
    for row in table.rows:
        value, expected = row.cells.get(f"value {calculator}"), row.cells.get(f"value {reference}")
        error = row.cells.get(f"error {calculator}")
        if isinstance(value, float) and isinstance(expected, float):
            found.append(
                Quantity(
                    name=row.name,
                    unit=str(row.cells["unit"]),
                    value=value,
                    standard_error=error if isinstance(error, float) else None,
                    expected=expected,
                    problem="" if row.outcome is Outcome.OK else row.outcome.value,
                )
            )
    return tuple(found)


def _number(row: Row | None, key: str) -> float | None:
    value = None if row is None else row.cells.get(key)
    return value if isinstance(value, float) else None


def _row(title: str, key: str, unit: str, rows: Mapping[str, Row | None], others: list[str], reference: str) -> Row:
    cells: dict[str, Value] = {"title": title, "unit": unit}
    reasons: dict[str, tuple[Outcome, str]] = {}
    for name, row in rows.items():
        cells[f"value {name}"] = _number(row, key)
        if row is None:
            reasons[name] = (Outcome.FAILED, "has no such row")
            continue
        cells[f"calls {name}"] = row.cells.get("force_calls")
        if row.outcome is not Outcome.OK:
            reasons[name] = (row.outcome, row.reason)
        elif cells[f"value {name}"] is None:
            reasons[name] = (Outcome.FAILED, "has no number")
    theirs = _number(rows[reference], key)
    for name in others:
        mine, row = _number(rows[name], key), rows[name]
        if mine is not None and theirs is not None:
            cells[f"difference {name}"] = mine - theirs
        cells[f"error {name}"] = None if row is None else row.cells.get("standard_error")
    endings = sorted((ending for ending, _ in reasons.values()), key=lambda ending: ending not in PROBLEMS)
    outcome = endings[0] if endings else Outcome.OK
    reason = "; ".join(f"{name}: {words}" for name, (_, words) in reasons.items())
    return Row(name=title, cells=cells, outcome=outcome, reason=reason)


def _columns(others: list[str], reference: str) -> list[Column]:
    columns = [Column(key="title", head="quantity", description="study and row")]
    for name in others:
        columns += [
            Column(key=f"value {name}", head=name, decimals=3, description=f"by {name}", result=True),
            Column(key=f"error {name}", head="+-", decimals=3, description=f"one sigma by {name}", result=True),
        ]
    columns.append(
        Column(key=f"value {reference}", head=reference, decimals=3, description=f"by {reference}", result=True)
    )
    columns += [
        Column(
            key=f"difference {name}",
            head=f"{name} - {reference}" if len(others) > 1 else "difference",
            decimals=3,
            description=f"{name} minus {reference}",
            result=True,
        )
        for name in others
    ]
    columns.append(Column(key="unit", head="unit", description="of the numbers in the row"))
    columns += [
        Column(
            key=f"calls {name}", head=f"calls {name}", description=f"force calls of {name} for this row", detail=True
        )
        for name in [*others, reference]
    ]
    return columns


def _notes(rows: list[Row]) -> list[str]:
    unsound = [row for row in rows if row.outcome is not Outcome.OK]
    if not unsound:
        return []
    return [
        "* not a result by every calculator:",
        *(f"{row.name}: {row.outcome.value}; {row.reason}." for row in unsound),
    ]
