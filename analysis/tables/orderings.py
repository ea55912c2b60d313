"""Published orders against the rows of a table: which of them hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from ...data.literature import PublishedValue, published_values
from .building import distinct
from .system_rows import BY, best_row, called, column_of, forms, keys_of, known, number, species_form, subjects
from .verdicts import NO_ROW, OrderingVerdict, Step, difference, verdict_on

if TYPE_CHECKING:
    from ...calculators.specs import CalculatorRecord
    from ...data.literature import Ordered
    from ...studies import SystemRows
    from .model import Row, Table
    from .system_rows import Subject

FREE_ENERGY = "delta_g"
NO_FREE_ENERGY = "adsorption energies stand for free energies; a common correction such as +0.24 eV cancels"
ION_OF = re.compile(r"\[([A-Z][a-z]?)\(")
"""The ion of a cluster such as [Zn(H2O)6]."""
STEP = "waters"
"""Column of a ladder that tells its steps apart."""


@dataclass(frozen=True)
class _Question:
    """A published order, and where a table has its numbers.

    Attributes:
        entry: the published value.
        keys: columns that may have them, the best first.
        table: with the rows.
        rows: how they compare.
        published: names in papers by the name of a system.
        records: calculators by their description.
    """

    entry: PublishedValue
    keys: list[str]
    table: Table
    rows: SystemRows
    published: Mapping[str, Sequence[str]]
    records: Mapping[str, CalculatorRecord]

    def rows_of(self, member: Ordered, among: Sequence[Row]) -> list[Row]:
        """Return the rows that are of a system of the order, results or not."""
        species = species_form(member.species or self.entry.species)
        if self.entry.every_step and (ion := ION_OF.match(species)):
            species = ion[1]

        def is_it(subject: Subject) -> bool:
            of_species = not species or subject.species is None or species in subject.species
            return of_species and bool(subject.names & forms(member.system))

        right = [row for row in among if self._is_of_the_quantity(row)]
        return [row for row in right if any(map(is_it, subjects(row, self.rows, self.published)))]

    def _is_of_the_quantity(self, row: Row) -> bool:
        said = row.cells.get(self.rows.quantity) if self.rows.quantity else None
        return said is None or str(said).replace(" ", "_") == self.entry.quantity


def ordering_verdicts(
    table: Table,
    rows: SystemRows | None,
    published: Mapping[str, Sequence[str]],
    asked: Sequence[str],
    records: Mapping[str, CalculatorRecord],
) -> list[OrderingVerdict]:
    """Judge every published order of the quantities of a table whose systems are in it, and those that studies name.

    Args:
        table: of the results.
        rows: how its rows compare; none where they do not.
        published: names in papers by the name of a system, as campaigns state them.
        asked: keys of published values that studies name: their orders are listed even where nothing can be compared.
        records: calculators by their description.

    Returns:
        One verdict for each order and calculator, in the order of the published values.
    """
    if rows is None:
        return []
    found: list[OrderingVerdict] = []
    for entry in published_values().values():
        columns = [column for quantity, column in rows.quantities if quantity == entry.quantity]
        if entry.order and columns:
            keys = [key for column in columns for key in keys_of(rows, column)]
            question = _Question(entry, keys, table, rows, published, records)
            found += _by_calculator(question, asked=entry.key in asked)
    return found


def _by_calculator(question: _Question, *, asked: bool) -> Iterator[OrderingVerdict]:
    """Judge an order by each calculator that has at least two of its systems; by all together where none has."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in question.table.rows:
        groups.setdefault((str(row.cells.get("calculator")), str(row.cells.get(BY))), []).append(row)
    judged = False
    for (calculator, _), among in groups.items():
        verdict = _judged(question, among, calculator)
        if verdict.steps:
            judged = True
            yield verdict
    if asked and not judged:
        alone = next(iter(groups)) if len(groups) == 1 else ("", "")
        yield _judged(question, groups.get(alone, []), alone[0])


def _judged(question: _Question, among: Sequence[Row], calculator: str) -> OrderingVerdict:
    entry = question.entry
    places = [[(member, question.rows_of(member, among)) for member in place] for place in entry.order]
    everyone = [one for place in places for one in place]
    counts = {key: sum(_has_number(own, key) for _, own in everyone) for key in question.keys}
    key = max(counts, key=lambda one: counts[one])
    steps = list(_steps(question, places, key))
    missing = [_missing(member, own) for member, own in everyone if not _has_number(own, key)]
    exists = any(column.key == key for column in question.table.columns)
    column = column_of(question.table, key if exists else question.keys[-1])
    return OrderingVerdict(
        key=entry.key,
        order=entry.order_in_words,
        published=entry.statement,
        source=entry.source.citation,
        doi=entry.source.doi,
        locator=entry.locator,
        note="; ".join(text for text in (entry.note, _instead(question, key), _charges(everyone)) if text),
        calculator=calculator,
        holds=verdict_on(step.difference for step in steps),
        quantity=column.head,
        unit=column.unit,
        systems=len(everyone),
        steps=steps,
        missing=missing,
    )


def _steps(question: _Question, places: Sequence[Sequence[tuple[Ordered, list[Row]]]], key: str) -> Iterator[Step]:
    """Compare every system with every one that the paper has above it, of a ladder at every step that both have."""
    for lower_place, upper_place in combinations(places, 2):
        for lower, below in lower_place:
            for upper, above in upper_place:
                if not question.entry.every_step:
                    yield from _step(question, (lower, below), (upper, above), key, "")
                    continue
                for step in distinct(str(row.cells.get(STEP)) for row in below):
                    at = [[row for row in own if str(row.cells.get(STEP)) == step] for own in (below, above)]
                    yield from _step(question, (lower, at[0]), (upper, at[1]), key, f"from {step} H2O")


def _step(
    question: _Question, lower: tuple[Ordered, list[Row]], upper: tuple[Ordered, list[Row]], key: str, where: str
) -> Iterator[Step]:
    low, high = (best_row(own, key, question.rows) for _, own in (lower, upper))
    if low is None or high is None or low is high:
        return
    known_low, known_high = (known(row, key, question.table, question.rows, question.records) for row in (low, high))
    yield Step(
        lower=lower[0].words,
        upper=upper[0].words,
        where=where,
        lower_row=called(low),
        upper_row=called(high),
        lower_value=known_low.value,
        upper_value=known_high.value,
        difference=difference(known_low, known_high),
    )


def _has_number(own: Sequence[Row], key: str) -> bool:
    return any(number(row, key) is not None for row in own)


def _missing(member: Ordered, own: Sequence[Row]) -> str:
    rows = ", ".join(f"{called(row)} is {row.outcome}" for row in own)
    return f"{member.words} ({rows or NO_ROW})"


def _instead(question: _Question, key: str) -> str:
    """Say that the column compared is not the published quantity itself."""
    return NO_FREE_ENERGY if FREE_ENERGY in question.keys and not key.startswith(FREE_ENERGY) else ""


def _charges(members: Sequence[tuple[Ordered, Sequence[Row]]]) -> str:
    """Say that rows of different charge are compared, whose levels carry its potential."""
    charges = {row.cells.get("charge") for _, own in members for row in own} - {None}
    return "systems of different charge, whose levels carry its potential" if len(charges) > 1 else ""
