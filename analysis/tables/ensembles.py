"""What tables say of ensembles: the number of every member, their spread, and where they disagree in sign or order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from .building import Entry, Result, distinct, numbered
from .model import Column, Value
from .provenance import describe

if TYPE_CHECKING:
    from ...workflows.common.single_points import Correction, SinglePoints

UNDECIDED = 0.01
"""Numbers nearer to zero than this (eV) have no sign, and rows nearer to each other no order."""
DISAGREE = Column(
    key="members_disagree",
    head="members disagree",
    description="on what the members of the ensemble disagree in sign or order; empty: on nothing",
)


@dataclass(frozen=True)
class Question:
    """What a study asks of its rows.

    Attributes:
        signs: keys of the quantities whose sign is an answer.
        ranked: keys of the quantities by which rows compete; of each row the first that it has.
        best: which row is the answer.
    """

    signs: tuple[str, ...]
    ranked: tuple[str, ...]
    best: Literal["lowest", "highest"]


@dataclass(frozen=True)
class Disagreement:
    """Something that members of an ensemble see differently.

    Attributes:
        what: in a word or two.
        who: says what, and of which row.
    """

    what: str
    who: str


def ensemble_columns(results: Sequence[Result], quantities: Sequence[Column], asked: Sequence[str]) -> list[Column]:
    """Return the columns of ensembles; none where there is none, so that plain tables stay as they are.

    Args:
        results: of the table.
        quantities: columns of numbers that every member has.
        asked: keys of those that are printed; the others are for CSV and JSON, so that tables fit.
    """
    names = distinct(name for result in results for name in _others(result))
    if not names:
        return []
    columns = []
    for quantity in quantities:
        detail = quantity.detail or quantity.key not in asked
        columns += [
            quantity.model_copy(
                update={
                    "key": _key(quantity.key, name),
                    "head": f"{quantity.head} by {name}",
                    "description": f"{quantity.description}; by {name} at the structures of the first member",
                    "detail": detail,
                }
            )
            for name in names
        ]
        columns.append(
            quantity.model_copy(
                update={
                    "key": f"{quantity.key}_spread",
                    "head": f"{quantity.head} spread",
                    "description": f"largest minus smallest {quantity.head} of the members, {quantity.unit}",
                    "detail": detail,
                }
            )
        )
    return [*columns, DISAGREE]


def with_opinions(entries: Sequence[Entry], quantities: Sequence[Column], question: Question) -> list[Entry]:
    """Fill the columns of [`ensemble_columns`][] of every row that an ensemble judged.

    Args:
        entries: rows of the table.
        quantities: columns of numbers that every member has.
        question: what a study asks of its rows.
    """
    found = disagreements(entries, quantities, question)
    return [
        replace(entry, cells=entry.cells | _cells(entry, quantities) | _disagreement(found.get(place, [])))
        for place, entry in enumerate(entries)
    ]


def disagreements(
    entries: Sequence[Entry], quantities: Sequence[Column], question: Question
) -> dict[int, list[Disagreement]]:
    """Find where the members of an ensemble disagree on what a study asks.

    Args:
        entries: rows of the table; those of one study compete.
        quantities: columns of numbers that every member has.
        question: what a study asks of its rows.

    Returns:
        By the place of the row; rows on which they agree are not among them.
    """
    found: dict[int, list[Disagreement]] = {}
    sound = {place: entry for place, entry in enumerate(entries) if entry.ended.outcome == "ok" and _opinions(entry)}
    heads = {quantity.key: quantity.head for quantity in quantities}
    for place, entry in sound.items():
        for key in question.signs:
            said = _numbers(entry, key)
            if min(said.values(), default=0.0) < -UNDECIDED and max(said.values(), default=0.0) > UNDECIDED:
                who = ", ".join(f"{number:+.3f} by {name}" for name, number in said.items())
                found.setdefault(place, []).append(Disagreement(f"sign of {heads[key]}", f"{entry.title}, {who}"))
    for study in distinct(entry.result.study for entry in sound.values()):
        competing = {place: entry for place, entry in sound.items() if entry.result.study == study}
        for place, disagreement in _other_order(competing, question):
            found.setdefault(place, []).append(disagreement)
    return found


def ensemble_notes(entries: Sequence[Entry], quantities: Sequence[Column], question: Question) -> list[str]:
    """Name the members of each study, what they took, and what they disagree on.

    Args:
        entries: rows of the table.
        quantities: columns of numbers that every member has.
        question: what a study asks of its rows.
    """
    judged = [result for entry in entries if _members(result := entry.result)]
    if not judged:
        return []
    notes = [
        "Ensembles: structures and paths by the first potential, energies of the states that decide by all; spread: "
        "largest minus smallest of their numbers. It says how far potentials differ at the structures of one of them, "
        "not how far they are from DFT: those trained on the same data err alike.",
    ]
    for result in judged:
        members = _members(result)
        calls, seconds = sum(one.calls for one in members), sum(one.seconds for one in members)
        notes.append(
            f"{result.study}: structures by {result.calculator.spec.in_words()}; judged by "
            f"{', '.join(_others(result))}: {calls} single points, {seconds:.1f} s."
        )
        notes += [f"Judged by {describe(one.calculator)}." for one in members]
    for found in disagreements(entries, quantities, question).values():
        notes += [f"Members disagree on the {one.what}: {one.who}." for one in found]
    return distinct(notes)


def _cells(entry: Entry, quantities: Sequence[Column]) -> dict[str, Value]:
    cells: dict[str, Value] = {}
    for quantity in quantities:
        said = _numbers(entry, quantity.key)
        if len(said) > 1:
            cells |= {_key(quantity.key, name): number for name, number in list(said.items())[1:]}
            cells[f"{quantity.key}_spread"] = max(said.values()) - min(said.values())
    return cells


def _disagreement(found: Sequence[Disagreement]) -> dict[str, Value]:
    return {DISAGREE.key: ", ".join(distinct(one.what for one in found))} if found else {}


def _other_order(rows: Mapping[int, Entry], question: Question) -> Iterator[tuple[int, Disagreement]]:
    """Yield the rows that one member puts first where the first member puts another."""
    said = {place: _ranked(entry, question) for place, entry in rows.items()}
    first, *others = distinct(member for numbers in said.values() for member in numbers) or [""]
    choose = min if question.best == "lowest" else max
    for member in others:
        both = {place: (numbers[first], numbers[member]) for place, numbers in said.items() if member in numbers}
        if not both:
            continue
        own = choose(both, key=lambda place: both[place][0])
        other = choose(both, key=lambda place: both[place][1])
        gaps = [abs(both[own][who] - both[other][who]) for who in (0, 1)]
        if min(gaps) > UNDECIDED:
            titles = rows[own].title, rows[other].title
            who = f"{titles[0]} by {first} ({gaps[0]:.3f} eV), {titles[1]} by {member} ({gaps[1]:.3f} eV)"
            yield own, Disagreement(question.best, who)
            yield other, Disagreement(question.best, who)


def _ranked(entry: Entry, question: Question) -> dict[str, float]:
    return next((said for key in question.ranked if (said := _numbers(entry, key))), {})


def _numbers(entry: Entry, key: str) -> dict[str, float]:
    """Return what every member says of a quantity, the first one first; those without a number are left out.

    Rows of different kinds stand in one table: not all of them have every quantity.
    """
    own = getattr(entry.ended, key, None)
    if own is None:
        return {}
    said = {entry.result.calculator.spec.in_words(): own}
    for name, opinion in zip(_others(entry.result), _opinions(entry), strict=False):
        number = None if opinion is None else getattr(opinion, key)
        if number is not None:
            said[name] = number
    return said


def _opinions(entry: Entry) -> Sequence[Correction | None]:
    """Return what the other members say of a row; nothing where no ensemble was asked."""
    return getattr(entry.ended, "opinions", ())


def _members(result: Result) -> Sequence[SinglePoints]:
    """Return what the other members of an ensemble computed; nothing where there is none."""
    return getattr(result, "ensemble", ())


def _others(result: Result) -> list[str]:
    """Name the members beside the first; those of one name are numbered."""
    own = result.calculator.spec.in_words()
    return numbered([own, *(one.calculator.spec.in_words() for one in _members(result))])[1:]


def _key(quantity: str, name: str) -> str:
    return f"{quantity}_by_{re.sub(r'[^a-z0-9]+', '_', name.lower())}"
