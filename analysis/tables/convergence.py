"""The table of convergence: what numbers of a calculator still change with its cutoffs and k-points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .building import FORCE, Entry, columns_of, make_table, values
from .model import Column, Table, Value

if TYPE_CHECKING:
    from ...workflows.convergence.results import ConvergenceResult, ConvergenceRow

MEV = 1000.0
"""meV in one eV."""


def convergence_table(results: Sequence[ConvergenceResult], *, literature: bool = False) -> Table:
    """Tabulate convergence, one row per setting.

    Args:
        results: one per structure, in the order of the table.
        literature: nothing is published of it; the table is the same.

    Returns:
        The table.
    """
    del literature
    columns = _columns()
    entries = [
        Entry(result, row, row.name, values(result, columns) | values(row, columns) | _cells(result, row))
        for result in results
        for row in result.rows
    ]
    notes = [note for result in results for note in _notes(result)]
    return make_table("Convergence", columns, entries, notes, published=None, unit="")


def _cells(result: ConvergenceResult, row: ConvergenceRow) -> dict[str, Value]:
    change = row.energy_change
    return {
        "energy_change": None if change is None else MEV * change,
        "within": None if row.energy is None else row.within(result.within),
        "reference": True if row.reference else None,
    }


def _columns() -> list[Column]:
    from ...workflows.convergence.results import ConvergenceResult, ConvergenceRow

    of, row_of = columns_of(ConvergenceResult), columns_of(ConvergenceRow)
    return [
        of("study", "study"),
        row_of("key", "varied"),
        row_of("value", "value"),
        row_of("kpoints", "k-points"),
        row_of("energy", "E", "eV/atom", 5, result=True),
        row_of("energy_change", "change", "meV/atom", 2, result=True),
        row_of("fmax", "fmax", FORCE, 4, result=True),
        row_of("force_change", "change", FORCE, 4, result=True),
        row_of("pressure", "pressure", "GPa", 2, result=True),
        row_of("pressure_change", "change", "GPa", 2, result=True),
        Column(key="within", head="near enough", description="whether all changes are within the tolerances"),
        row_of("seconds", "time", "s", 1),
        row_of("reference", "finest", detail=True),
    ]


def _notes(result: ConvergenceResult) -> Iterator[str]:
    """Say which settings are near enough, by which tolerances, and what the rows are of."""
    limits = result.within
    keys = dict.fromkeys(row.key for row in result.rows)
    for key in keys:
        yield f"{result.study}, {key}: {_verdict(result, key)}."
    yield (
        f"Near enough: within {MEV * limits.energy:g} meV/atom, {limits.force:g} eV/angstrom on every atom and "
        f"{limits.pressure:g} GPa of the finest setting of the key; how near that is itself only a finer one tells."
    )
    moved = f"coordinates displaced at random by {result.displaced:g} angstrom" if result.displaced else "as it is"
    yield f"{result.study}: {result.structure.label}, {moved}, not relaxed; one key varied at a time."
    for key in keys:
        if (description := described(result, key)) is not None:
            yield f"{key}: {description}."


def _verdict(result: ConvergenceResult, key: str) -> str:
    finest = next((row for row in result.of_key(key) if row.reference), None)
    if finest is None:
        return "nothing was computed"
    coarsest = result.coarsest_within(key)
    if coarsest is None:
        return f"none coarser than {finest.value:g} is near enough to it; try finer ones"
    return f"near enough from {coarsest.value:g} on, beside {finest.value:g}"


def described(result: ConvergenceResult, key: str) -> str | None:
    """Return what the calculator says of a key, with its unit."""
    field = type(result.calculator.spec).model_fields.get(key)
    return None if field is None else field.description
