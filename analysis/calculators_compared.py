"""One campaign computed with several calculators: their numbers side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..calculators.surrogates.card import Quantity
from ..workflows.results import Outcome
from .table_model import Column, Row, Table, Value
from .tables import table_of

QUANTITIES = {
    "barriers": ("barrier_forward",),
    "adsorption": ("e_ads_vs_bulk", "e_ads_vs_molecule"),
    "surfaces": ("gamma",),
    "desolvation": ("energy",),
    "binding": ("energy",),
    "interfaces": ("adhesion_energy",),
}
"""The numbers that are compared, by table."""


def compare_calculators(runs: Mapping[str, Path]) -> Table:
    """Put the results of runs of one campaign side by side.

    Args:
        runs: run folders by the name of their calculator; the last one is the reference for differences.

    Returns:
        One row per quantity that two of them have; a row is a result when it is one by every calculator.
    """
    *others, reference = runs
    rows: list[Row] = []
    for kind, keys in QUANTITIES.items():
        tables = {name: table_of(kind, [folder]) for name, folder in runs.items()}
        found = {name: {row.name: row for row in table.rows} for name, table in tables.items()}
        units = {column.key: column.unit for table in tables.values() for column in table.columns}
        for title in found[reference]:
            for key in keys:
                row = _row(title, key, units[key], {name: found[name].get(title) for name in runs}, others, reference)
                if row is not None:
                    rows.append(row)
    return Table(title="Calculators compared", columns=_columns(others, reference), rows=rows, notes=_notes(rows))


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


def _row(
    title: str, key: str, unit: str, rows: Mapping[str, Row | None], others: list[str], reference: str
) -> Row | None:
    values = {name: None if row is None else row.cells.get(key) for name, row in rows.items()}
    if sum(isinstance(value, float) for value in values.values()) < 2:
        return None
    cells: dict[str, Value] = {"title": title, "unit": unit}
    outcome, reason = Outcome.OK, ""
    for name, row in rows.items():
        cells[f"value {name}"] = values[name]
        if row is not None:
            cells[f"calls {name}"] = row.cells.get("force_calls")
            if row.outcome is not Outcome.OK:
                outcome, reason = row.outcome, f"{name}: {row.reason}"
    for name in others:
        mine, theirs, row = values[name], values[reference], rows[name]
        if isinstance(mine, float) and isinstance(theirs, float):
            cells[f"difference {name}"] = mine - theirs
        cells[f"error {name}"] = None if row is None else row.cells.get("standard_error")
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
