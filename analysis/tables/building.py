"""What all tables are built with: columns from the fields of results, footnotes, the ending that all share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ...workflows.common.results import Outcome
from .model import Column, Row, Table, Value
from .provenance import describe, provenance
from .published import published_cells, published_columns, published_notes

if TYPE_CHECKING:
    from pydantic import BaseModel

    from ...calculators.specs import CalculatorRecord
    from ...data.literature import Quantity
    from ...structures.documents import StructureDocument
    from ...workflows.common.results import RelaxSettings


class Result(Protocol):
    """The result of a study."""

    @property
    def study(self) -> str:
        """Name of the study."""

    @property
    def literature(self) -> tuple[str, ...]:
        """Keys of published values to stand beside."""

    @property
    def calculator(self) -> CalculatorRecord:
        """What computed it."""


class Ended(Protocol):
    """What says how a row ended: a result, or a part of one."""

    @property
    def outcome(self) -> Outcome:
        """Whether it is a result."""

    @property
    def reason(self) -> str:
        """What happened, in words."""


MEMBER, COMMITTEE_SCALE = "committee_", "scale_of_committee"
"""Keys of what the members of a committee say, followed by the number of the member, and of their scale."""
ANGSTROM = "angstrom"
FORCE = "eV/angstrom"
MOST_STABLE = Column(
    key="most_stable", head="most stable", description="lowest among the rows it competes with that are results"
)


@dataclass(frozen=True)
class Entry:
    """One row to be: the result it belongs to, what says how it ended, and its cells.

    Attributes:
        result: study, calculator and keys of published values.
        ended: outcome and reason.
        name: what tells the row apart from the others of its study, in words.
        cells: values by column.
        beside: keys of the published values that stand beside this row; none for all of the study's.
    """

    result: Result
    ended: Ended
    name: str
    cells: dict[str, Value]
    beside: Sequence[str] | None = None

    @property
    def title(self) -> str:
        """Which row it is, in words."""
        return f"{self.result.study}, {self.name.strip()}"


def columns_of(model: type[BaseModel]) -> Callable[..., Column]:
    """Return a maker of columns that takes their key and description from the fields of a model."""

    def column(
        key: str, head: str, unit: str = "", decimals: int | None = None, *, result: bool = False, detail: bool = False
    ) -> Column:
        description = str(model.model_fields[key].description)
        return Column(
            key=key, head=head, unit=unit, decimals=decimals, description=description, result=result, detail=detail
        )

    return column


def error_columns(rows: Iterable[Ended], unit: str = "eV") -> list[Column]:
    """Return the column of error bars, when a surrogate's committee gives any.

    Args:
        rows: what the table is going to show.
        unit: of the quantity.
    """
    found = [trust for row in rows if (trust := getattr(row, "trust", None)) is not None]
    if not found:
        return []
    members = range(max(len(trust.member_energies) for trust in found))
    said = [(_member(place), f"member {place + 1}", f"number by member {place + 1} of it") for place in members]
    scale = Column(
        key=COMMITTEE_SCALE, head="scale", description="one sigma over their standard deviation", detail=True
    )
    return [
        Column(
            key="standard_error",
            head="+-",
            unit=unit,
            decimals=3,
            description="one sigma: spread of the surrogate's committee, calibrated on systems kept from its training",
            result=True,
        ),
        *(
            Column(key=key, head=head, unit=unit, decimals=4, description=words, result=True, detail=True)
            for key, head, words in said
        ),
        scale,
    ]


def error_cell(row: Ended, factor: float = 1.0) -> dict[str, Value]:
    """Return the error bar of a row and what each member says, and nothing without a committee.

    Args:
        row: with its trust.
        factor: from eV to the unit of the quantity.
    """
    trust = getattr(row, "trust", None)
    if trust is None:
        return {}
    said = {_member(place): factor * energy for place, energy in enumerate(trust.member_energies)}
    return {"standard_error": factor * trust.standard_error, COMMITTEE_SCALE: trust.energy_scale, **said}


def committee_of(cells: Mapping[str, Value]) -> tuple[list[float], float]:
    """Return what each member of a committee says of a row, in the order of the members, and their scale.

    Args:
        cells: of the row; of one without a committee no member says anything.
    """
    said = [value for key, value in cells.items() if key.startswith(MEMBER) and isinstance(value, float)]
    scale = cells.get(COMMITTEE_SCALE)
    return said, scale if isinstance(scale, float) else 1.0


def _member(place: int) -> str:
    return f"{MEMBER}{place + 1}"


def values(source: BaseModel, columns: Iterable[Column]) -> dict[str, Any]:
    """Return the fields of a model that have a column."""
    return {column.key: getattr(source, column.key) for column in columns if column.key in type(source).model_fields}


def distinct(texts: Iterable[str]) -> list[str]:
    """Return every text once, in the order of first appearance."""
    return list(dict.fromkeys(texts))


def named_in_study(results: Iterable[Result], field: str) -> bool:
    """Tell whether every study carries a field in its name, so that a printed column would only repeat it."""
    return all(str(getattr(result, field)) in result.study for result in results)


def times(parts: Iterable[str]) -> str:
    """Write lengths or repeats as "a x b x c"."""
    return " x ".join(parts)


def cell_parameters(structure: StructureDocument) -> list[float]:
    """Return lengths (angstrom) and angles (degrees) of the cell."""
    from ase.cell import Cell

    return [float(parameter) for parameter in Cell(structure.cell).cellpar()]


def relaxation_note(settings: RelaxSettings) -> str:
    """Say when a relaxation was finished."""
    return f"Relaxations: largest force below {settings.fmax:g} eV/angstrom, given up after {settings.max_steps} steps."


def make_table(
    title: str,
    columns: Sequence[Column],
    entries: Sequence[Entry],
    notes: Iterable[str],
    *,
    published: Quantity | str | None,
    unit: str,
    described: Sequence[Quantity | str] = (),
) -> Table:
    """Finish a table: status, published values, calculators.

    Args:
        title: title.
        columns: the columns of the quantity itself.
        entries: the rows.
        notes: footnotes of the quantity itself; equal ones are kept once.
        published: put published values of this quantity beside the rows; none leaves them out.
        unit: unit of the published values.
        described: further quantities whose published values the footnotes describe.

    Returns:
        The table; its rows have a cell for every column.
    """
    results = {column.key for column in columns if column.result}
    entries = [_finite(entry, results) for entry in entries]
    names = numbered([entry.title for entry in entries])
    calculators = provenance(entry.result for entry in entries)
    ending = _ending(several_calculators=len(calculators) > 1)
    footnotes = distinct(notes)
    if any(entry.ended.outcome != "ok" for entry in entries):
        footnotes.append("* not a result, for the reason given here:")
        footnotes += [
            f"{name}: {entry.ended.outcome}; {entry.ended.reason}."
            for name, entry in zip(names, entries, strict=True)
            if entry.ended.outcome != "ok"
        ]
    if any(column.key == "standard_error" for column in columns):
        footnotes.append(
            "+-: one sigma by the spread of a surrogate's committee, formed member by member for the difference shown "
            "and scaled so that it covered 68 percent of the errors on systems kept from training; it says how well "
            "the surrogate knows its teacher, not how good the teacher is."
        )
    if published is not None:
        ending = [*published_columns(published, unit), *ending]
        footnotes += published_notes(
            (key for entry in entries for key in entry.result.literature), published, *described
        )
    footnotes += [f"Calculator {number}: {text}." for number, text in enumerate(calculators, start=1)]
    everything = [*columns, *ending]
    rows = []
    for name, entry in zip(names, entries, strict=True):
        calculator = describe(entry.result.calculator)
        cells = entry.cells | {
            "outcome": str(entry.ended.outcome),
            "reason": entry.ended.reason,
            "calculator": calculator,
            "calculator_number": calculators.index(calculator) + 1,
        }
        if published is not None:
            beside = entry.result.literature if entry.beside is None else entry.beside
            cells |= published_cells(beside, published)
        rows.append(
            Row(
                name=name,
                cells={column.key: cells.get(column.key) for column in everything},
                outcome=entry.ended.outcome,
                reason=entry.ended.reason,
            )
        )
    return Table(title=title, columns=everything, rows=rows, notes=footnotes)


def numbered(titles: Sequence[str]) -> list[str]:
    """Number titles that occur again, such as those of two distinct hops of one length between equal sites.

    Args:
        titles: in order; the first of equal ones stays as it is.
    """
    return [
        title if (before := titles[:place].count(title)) == 0 else f"{title} ({before + 1})"
        for place, title in enumerate(titles)
    ]


@dataclass(frozen=True)
class _Failed:
    reason: str
    outcome: Outcome = Outcome.FAILED


def _finite(entry: Entry, results: set[str]) -> Entry:
    """Take a row whose number is not finite for a failed one: no table could print it."""
    odd = [key for key in results if isinstance(n := entry.cells.get(key), float) and not math.isfinite(n)]
    if not odd or entry.ended.outcome != "ok":
        return entry
    reason = f"{', '.join(sorted(odd))} is not a finite number"
    return replace(entry, ended=_Failed(reason))


def _ending(*, several_calculators: bool) -> list[Column]:
    return [
        Column(key="outcome", head="status", description="ok, or why this row is not a result"),
        Column(key="reason", head="reason", description="what happened, in words", detail=True),
        Column(
            key="calculator_number",
            head="calculator",
            description="number of the calculator in the footnotes",
            detail=not several_calculators,
        ),
        Column(
            key="calculator",
            head="calculator",
            description="calculator, library versions, SHA-256 of the weights",
            detail=True,
        ),
    ]
