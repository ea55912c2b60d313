"""Rows of a table by the system they are of: their names, the number that decides, and what is known of its error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import StructureError
from ...structures.slabs import parse_miller
from ...workflows.common.results import Outcome
from ...workflows.common.units import J_PER_M2
from ..benchmarks.barriers import ION
from ..benchmarks.host_errors import BarrierErrors, barrier_errors, largest_error
from .building import committee_of
from .verdicts import Known

if TYPE_CHECKING:
    from ...calculators.specs import CalculatorRecord
    from ...studies import SystemRows
    from .model import Column, Row, Table

BETTER = ("_refined", "_corrected", "")
"""Endings of the columns of one number, the best first: by a better method, and as it is."""
BARRIER = "migration_barrier"
BY = "by"
"""Column of a screening that tells stages by different methods apart."""
HOST_CLASS = "host_class"
"""Column of the class of a host of ions."""
ERROR_BARS = ("standard_error", "error")
"""Columns of error bars: of a committee, of a screening."""
PER_CELL, PER_AREA = "eV per cell", "J/m^2"
FACET = re.compile(r"\s*\((-?[\d ,-]+)\)$")
CHARGE = re.compile(r"\d*[+-]$")
HYDRATE = "[{ion}(H2O){waters}]"


@dataclass(frozen=True)
class Subject:
    """What a row is about.

    Attributes:
        names: forms of the names of its system.
        species: forms of its ion, adsorbate or cluster; none where the table names none.
    """

    names: frozenset[str]
    species: frozenset[str] | None = None


def system_of(row: Row, rows: SystemRows, names: Iterable[str]) -> str | None:
    """Return which of some systems of a campaign a row is of; none when of none of them.

    Args:
        row: of the table.
        rows: how the table names its systems.
        names: of systems.
    """
    described = str(row.cells.get(rows.system) or "")
    return max((name for name in names if _is_called(described, name)), key=len, default=None)


def _is_called(described: str, name: str) -> bool:
    return described == name or described.startswith(f"{name}: ")


def forms(name: str) -> frozenset[str]:
    """Return the forms of a name that are taken for the same: in small letters and digits, facets also reduced.

    Args:
        name: such as Zn(002), zn002 or V2C-V2O5.
    """
    found = {_letters(name)}
    if facet := FACET.search(name):
        try:
            indices = parse_miller(facet[1])
        except StructureError:
            return frozenset(found)
        found.add(_letters(name[: facet.start()]) + "".join(map(str, indices)))
    return frozenset(found)


def species_form(name: str) -> str:
    """Return an ion or molecule without its charge: that of one in a neutral cell is not told apart."""
    return CHARGE.sub("", name)


def subjects(row: Row, rows: SystemRows, published: Mapping[str, Sequence[str]]) -> list[Subject]:
    """Return what a row may be called in a paper; a complex is one of each of its parts.

    Args:
        row: of the table.
        rows: how the table names its systems.
        published: names in papers by the name of a system, as the campaign states them.
    """
    described = str(row.cells.get(rows.system) or "")
    named = _names(described, published)
    if not rows.parts:
        facet = str(row.cells.get("facet") or "").partition(" = ")[0]
        named |= {f"{name}{facet}" for name in named if facet}
        return [Subject(_forms(named), _species(row, rows))]
    parts = str(row.cells.get(rows.parts) or "").split(" + ")
    found = [Subject(_forms(named), frozenset(map(species_form, parts)))]
    for place, part in enumerate(parts):
        others = [other for at, other in enumerate(parts) if at != place]
        found.append(Subject(_forms(_names(part, published)), frozenset(map(species_form, others))))
    return found


def _names(described: str, published: Mapping[str, Sequence[str]]) -> set[str]:
    """Return name and source of a system, and what the campaign says papers call it."""
    name, _, source = described.partition(": ")
    stated = {one for system, names in published.items() if _is_called(described, system) for one in names}
    return {text for text in (described, name, source, *stated) if text}


def _forms(names: Iterable[str]) -> frozenset[str]:
    return frozenset(form for name in names for form in forms(name))


def _species(row: Row, rows: SystemRows) -> frozenset[str] | None:
    if not rows.species:
        return None
    ion = str(row.cells.get(rows.species))
    before, _, after = str(row.cells.get("step") or "").partition(" -> ")
    if before.isdigit():  # on a support a step says how many waters it begins with
        before = HYDRATE.format(ion=ion, waters=before) if " H2O on " in after else ""
    return frozenset(species_form(one) for one in (ion, before) if one)


def keys_of(rows: SystemRows, column: str = "") -> list[str]:
    """Return the columns that may hold the number of a comparison, the best first.

    Args:
        rows: of the table.
        column: the one asked for; the numbers that decide when empty.
    """
    return [f"{number}{ending}" for number in ([column] if column else rows.numbers) for ending in BETTER]


def number(row: Row, key: str) -> float | None:
    """Return a number of a row that is a result."""
    value = row.cells.get(key)
    return value if isinstance(value, float) and row.outcome is Outcome.OK else None


def best_row(candidates: Iterable[Row], key: str, rows: SystemRows) -> Row | None:
    """Return the row that counts of several; none when none has a number.

    Args:
        candidates: rows of one system.
        key: column of the number.
        rows: which of them is the best.
    """
    found = {id(row): (row, value) for row in candidates if (value := number(row, key)) is not None}
    thickness = [row.cells.get(rows.thickest) for row, _ in found.values()] if rows.thickest else []
    thickest = max((one for one in thickness if isinstance(one, int | float)), default=None)
    kept = [(row, value) for row, value in found.values() if thickest in (None, row.cells.get(rows.thickest))]
    choose = min if rows.best == "lowest" else max
    return choose(kept, key=lambda one: one[1], default=(None, 0.0))[0]


def known(row: Row, key: str, table: Table, rows: SystemRows, records: Mapping[str, CalculatorRecord]) -> Known:
    """Return a number of a row with what is known of its error.

    Args:
        row: a result that has the number.
        key: column of the number.
        table: of the row.
        rows: how its rows compare.
        records: calculators by their description.
    """
    value, cells = number(row, key), row.cells
    assert value is not None
    unit = str(cells.get("unit") or column_of(table, key).unit)
    record = records.get(str(cells.get("calculator")))
    if _is_of_the_better_method(row, key, rows, record):
        return Known(value, unit)
    others = {name: said for name, said in cells.items() if name.startswith(f"{key}_by_") and isinstance(said, float)}
    measured = _measured(row, key, rows, record)
    factor, error = _per_unit(row, unit, table)
    committee, scale = committee_of(cells)
    left_open = cells.get("left_open")
    return Known(
        value,
        unit,
        members={"": value, **others} if others else {},
        committee=[factor * said for said in committee],
        scale=scale,
        error=None if rows.quantity and measured is not None else error,  # a screening shows what was measured as error
        measured=measured,
        potential=record.spec.in_words() if record is not None and record.spec.queue() == "surrogate" else "",
        quantity=_quantity(row, table, rows),
        largest=None if record is None else largest_error(record),
        left_open=left_open if isinstance(left_open, float) else 0.0,
    )


def _per_unit(row: Row, unit: str, table: Table) -> tuple[float, float | None]:
    """Return what turns the numbers of a committee into the unit of a number, and the error bar of a row in it."""
    key = next((one for one in ERROR_BARS if isinstance(row.cells.get(one), float)), None)
    if key is None:
        return 1.0, None
    error, area = row.cells[key], row.cells.get("area")
    assert isinstance(error, float)
    own = column_of(table, key).unit
    factor = J_PER_M2 / area if (own, unit) == (PER_CELL, PER_AREA) and isinstance(area, float) else 1.0
    return factor, factor * error


def _is_of_the_better_method(row: Row, key: str, rows: SystemRows, record: CalculatorRecord | None) -> bool:
    """Tell whether a number is by the method that corrects, as those are that a table makes of corrected ones."""
    if key.endswith(BETTER[:2]):
        return True
    if record is not None and row.cells.get(BY) not in (None, record.spec.in_words()):
        return True
    corrected = {one for one in rows.numbers for ending in BETTER[:2] if number(row, f"{one}{ending}") is not None}
    return bool(corrected) and key in rows.numbers and key not in corrected


def called(row: Row) -> str:
    """Return the name of a row, once where it repeats that of its study."""
    study, _, rest = row.name.partition(", ")
    return study if rest == study else row.name


def column_of(table: Table, key: str) -> Column:
    """Return a column of a table."""
    return next(column for column in table.columns if column.key == key)


def _measured(row: Row, key: str, rows: SystemRows, record: CalculatorRecord | None) -> BarrierErrors | None:
    """Return what was measured of a calculator over published barriers, where the number is a barrier of that ion."""
    of_quantity = row.cells.get(rows.quantity) == BARRIER.replace("_", " ") if rows.quantity else True
    is_barrier = (BARRIER, "") in rows.quantities and of_quantity and key in rows.numbers
    if record is None or not is_barrier or row.cells.get(rows.species) != ION:
        return None
    return barrier_errors(record, str(row.cells.get(HOST_CLASS) or ""))


def _quantity(row: Row, table: Table, rows: SystemRows) -> str:
    """Say what the numbers of a row are."""
    what = str(row.cells[rows.quantity]) if rows.quantity else table.title.lower()
    about = row.cells.get(rows.species) if rows.species else None
    return f"{what} of {about}" if about else what


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
