"""What tables say of a system and its parent: the difference of the number that decides, its error bar, a mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .building import distinct
from .model import Column, Row, Table, Value
from .system_rows import best_row, called, column_of, keys_of, known, number, system_of
from .verdicts import Difference, difference

if TYPE_CHECKING:
    from ...calculators.specs import CalculatorRecord
    from ...studies import SystemRows

PARENT, MINUS, ERROR, SIDE, BASIS = "parent", "vs_parent", "vs_parent_error", "vs_parent_side", "vs_parent_basis"
BEFORE = ("published", "outcome")
"""Columns before which those of the parent stand: the first of these that a table has."""


@dataclass(frozen=True)
class Counterpart:
    """A row of a system beside one of its parent.

    Attributes:
        row: of the system.
        other: of the parent.
        key: column compared.
        how: how the one was found for the other; empty where both are the best of their system.
        difference: row minus other.
    """

    row: Row
    other: Row
    key: str
    how: str
    difference: Difference


@dataclass(frozen=True)
class _Pair:
    """A system and its parent in one table: what compares their rows."""

    system: str
    parent: str
    table: Table
    rows: SystemRows
    records: Mapping[str, CalculatorRecord]

    def compare(self, row: Row, other: Row, column: str = "", how: str = "") -> Counterpart | None:
        """Compare two rows by a column, or by the number that decides; none where they have no number in common."""
        keys = keys_of(self.rows, column)
        key = next((one for one in keys if None not in (number(row, one), number(other, one))), None)
        if key is None:
            return None
        one, its = (known(each, key, self.table, self.rows, self.records) for each in (row, other))
        return Counterpart(row, other, key, how, difference(one, its))

    def alike(self, row: Row, others: Sequence[Row]) -> list[Row]:
        """Return the rows of the parent that may be compared with one: of one calculator, ion, step."""
        same = ("calculator", *self.rows.alike)
        return [other for other in others if all(other.cells.get(key) == row.cells.get(key) for key in same)]


def with_parents(
    table: Table,
    rows: SystemRows | None,
    parents: Mapping[str, str],
    results: Sequence[Any],
    records: Mapping[str, CalculatorRecord],
) -> Table:
    """Put the difference from its parent beside every row of a system that has one.

    Args:
        table: of the results.
        rows: how its rows compare; none where they do not.
        parents: parent by the name of a system.
        results: behind the table.
        records: calculators by their description.

    Returns:
        The table; as it is where it has no row of a system with a parent.
    """
    if rows is None or not parents:
        return table
    by_system: dict[str, list[Row]] = {}
    for row in table.rows:
        name = system_of(row, rows, {*parents, *parents.values()})
        if name is not None:
            by_system.setdefault(name, []).append(row)
    found: list[Counterpart] = []
    notes: list[str] = []
    for system, parent in parents.items():
        own, others = by_system.get(system, []), by_system.get(parent, [])
        if not own and not others:
            continue
        pair = _Pair(system, parent, table, rows, records)
        counterparts, said = _counterparts(pair, own, others, results)
        found += counterparts
        notes += said
    if not notes:
        return table
    return _shown(table, found, [*_legend(table, found), *notes])


def _counterparts(
    pair: _Pair, own: Sequence[Row], others: Sequence[Row], results: Sequence[Any]
) -> tuple[list[Counterpart], list[str]]:
    """Compare the rows of a system with those of its parent, and say how, and what could not be compared."""
    head = f"{pair.system} against its parent {pair.parent}"
    if not own or not others:
        return [], [f"{head}: no row of {pair.system if not own else pair.parent} here."]
    groups = _groups(pair, own)
    found, notes = [], []
    for group in groups:
        theirs = pair.alike(group[0], others)
        if not theirs:
            notes.append(f"{head}: no row of {pair.parent} by the same calculator is like {group[0].name}.")
            continue
        best = _best(pair, group, theirs)
        if best is None:
            notes.append(f"{head}: {group[0].name} and {theirs[0].name} are not both results.")
        elif not pair.rows.same:
            found.append(best)
            notes.append(f"{head}: {_in_words(best, pair)}")
        else:
            notes.append(f"{head}, {pair.rows.best} of each: {_in_words(best, pair)}")
            same, said = _same(pair, group, theirs, results)
            found += same
            notes += [f"{head}: {words}" for words in said]
    return found, notes


def _groups(pair: _Pair, own: Sequence[Row]) -> list[list[Row]]:
    """Return the rows of a system that compete: those by one calculator that are alike."""
    groups: dict[tuple[Value, ...], list[Row]] = {}
    for row in own:
        groups.setdefault(tuple(row.cells.get(key) for key in ("calculator", *pair.rows.alike)), []).append(row)
    return list(groups.values())


def _best(pair: _Pair, own: Sequence[Row], others: Sequence[Row]) -> Counterpart | None:
    for key in keys_of(pair.rows):
        row, other = best_row(own, key, pair.rows), best_row(others, key, pair.rows)
        if row is not None and other is not None:
            return pair.compare(row, other)
    return None


def _same(
    pair: _Pair, own: Sequence[Row], others: Sequence[Row], results: Sequence[Any]
) -> tuple[list[Counterpart], list[str]]:
    """Compare every row with that of the same process in the parent."""
    module, _, name = pair.rows.same.partition(":")
    find = getattr(import_module(module), name)
    found, notes = [], []
    for row in own:
        other, how = find(row, others, results)
        made = None if other is None else pair.compare(row, other, pair.rows.process, how)
        if made is not None:
            found.append(made)
            notes.append(f"{row.name} is taken for {made.other.name}: {how}; {_in_words(made, pair)}")
        elif other is None:
            notes.append(f"{row.name} has no counterpart: {how}.")
        else:
            notes.append(f"{row.name} is taken for {other.name}: {how}; they are not both results.")
    return found, notes


def _in_words(found: Counterpart, pair: _Pair) -> str:
    own, theirs = number(found.row, found.key), number(found.other, found.key)
    column, one = column_of(pair.table, found.key), found.difference
    unit = str(found.row.cells.get("unit") or column.unit)
    rows = "" if found.how else f" ({called(found.row)}; {called(found.other)})"
    return f"{column.head} {own:.3f} and {theirs:.3f} {unit}{rows}: {one.in_words()}, {one.side}."


def _legend(table: Table, found: Sequence[Counterpart]) -> list[str]:
    if not found:
        return []
    heads = distinct(column_of(table, one.key).head for one in found)
    return [
        f"vs parent: {' or '.join(heads)} of a system minus that of its parent, by one calculator, whose common errors "
        "cancel; below, above: by more than the error bar, one sigma of the difference.",
        *(f"Error bar of vs parent: {basis}." for basis in distinct(one.difference.basis for one in found)),
    ]


def _shown(table: Table, found: Sequence[Counterpart], notes: Sequence[str]) -> Table:
    """Add the columns where something is in them, and the notes."""
    if not found:
        return table.model_copy(update={"notes": [*table.notes, *notes]})
    cells = {id(one.row): _cells(one) for one in found}
    columns = _columns(column_of(table, found[0].key))
    empty: dict[str, Value] = dict.fromkeys(column.key for column in columns)
    rows = [row.model_copy(update={"cells": row.cells | empty | cells.get(id(row), {})}) for row in table.rows]
    place = next(at for at, column in enumerate(table.columns) if column.key in BEFORE)
    every = [*table.columns[:place], *columns, *table.columns[place:]]
    return table.model_copy(update={"columns": every, "rows": rows, "notes": [*table.notes, *notes]})


def _cells(found: Counterpart) -> dict[str, Value]:
    one = found.difference
    return {PARENT: called(found.other), MINUS: one.value, ERROR: one.error, SIDE: str(one.side), BASIS: one.basis}


def _columns(compared: Column) -> list[Column]:
    numbers: dict[str, Any] = {"unit": compared.unit, "decimals": compared.decimals, "result": True}
    return [
        Column(key=PARENT, head="row of parent", description="row of the parent that this one is compared with"),
        Column(key=MINUS, head="vs parent", description=f"{compared.head} minus that of the parent", **numbers),
        Column(key=ERROR, head="+- vs parent", description="one sigma of the difference from the parent", **numbers),
        Column(
            key=SIDE, head="beside parent", description="below or above the parent, or not decided within the error"
        ),
        Column(key=BASIS, head="error vs parent", description="what that error rests upon", detail=True),
    ]
