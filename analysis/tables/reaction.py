"""The table of reactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from ...workflows.common.electrodes import ELECTRODES
from .building import Entry, columns_of, distinct, error_cell, error_columns, make_table, relaxation_note, values
from .model import Column, Table, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...workflows.reactions.results import ReactionResult


def reactions_table(results: Sequence[ReactionResult], *, literature: bool = False) -> Table:
    """Tabulate reactions, one row each.

    Args:
        results: in the order of the table.
        literature: put published statements on reactions beside the rows.

    Returns:
        The table.
    """
    columns = _columns(results)
    entries = [
        Entry(result, result, result.equation, values(result, columns) | error_cell(result) | _cells(result))
        for result in results
    ]
    return make_table(
        "Reactions",
        columns,
        entries,
        list(_notes(results)),
        published=Quantity.REACTION_ENERGY if literature else None,
        unit="eV",
    )


def _columns(results: Sequence[ReactionResult]) -> list[Column]:
    from ...workflows.reactions.results import ReactionResult

    of = columns_of(ReactionResult)
    return [
        of("study", "study", detail=all(result.study == result.equation for result in results)),
        of("equation", "reaction"),
        Column(
            key="energy",
            head="energy",
            unit="eV",
            decimals=3,
            description="reaction energy as written, at 0 V against SHE where electrons are in it; negative runs right",
            result=True,
        ),
        *error_columns(results),
        of("electrons", "electrons"),
        Column(
            key="potential",
            head="vs SHE",
            unit="V",
            decimals=3,
            description="potential of the half reaction against the standard hydrogen electrode",
            result=True,
        ),
        Column(
            key="against_zinc",
            head="vs Zn",
            unit="V",
            decimals=3,
            description="the same against Zn2+/Zn at unit activity",
            result=True,
        ),
        Column(
            key="cell_voltage",
            head="cell",
            unit="V",
            decimals=3,
            description="voltage of a cell that the whole reaction runs in",
            result=True,
        ),
        of("ph", "pH"),
        Column(key="species", head="species", description="energy per formula unit of each species, eV", detail=True),
        Column(key="force_calls", head="force calls", description="evaluations of energy and forces", detail=True),
    ]


def _cells(result: ReactionResult) -> dict[str, Value]:
    voltage = result.voltage
    half = voltage if result.half else None
    return {
        "energy": result.energy,
        "potential": half,
        "against_zinc": None if half is None else half - ELECTRODES["Zn"].potential,
        "cell_voltage": None if result.half else voltage,
        "species": "; ".join(
            f"{one.species.name} {'none' if one.energy is None else f'{one.energy:.4f}'}" for one in result.species
        ),
        "force_calls": sum(one.force_calls for one in result.species),
    }


def _notes(results: Sequence[ReactionResult]) -> Iterator[str]:
    if not results:
        return
    yield (
        "Reaction energy: of the right side less that of the left, for the formula units that are written, each of a "
        "relaxed structure at 0 K; zero-point energy and entropy are not in it where nothing is added."
    )
    if any(result.half for result in results):
        yield (
            "Ions with their electrons at 0 V against SHE: H+ is 1/2 H2 (computational hydrogen electrode, "
            "10.1021/jp047349j), a metal ion its bulk metal and the measured standard potential."
        )
    for result in results:
        told = "; ".join(f"{one.species.name}: {one.species.state}" for one in result.species)
        yield f"{result.study}: {told}."
        for one in result.species:
            if one.correction is not None:
                yield (
                    f"{result.study}: {one.correction.energy:+g} eV per {one.species.name} added by hand: "
                    f"{one.correction.label}."
                )
    yield from distinct(relaxation_note(result.settings) for result in results)
