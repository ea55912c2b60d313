"""The table of insertion studies: energies, voltages and swelling, the ions of a host beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from ...workflows.common.electrodes import ROOM_TEMPERATURE, proton_shift
from .building import (
    ANGSTROM,
    Entry,
    columns_of,
    distinct,
    error_cell,
    error_columns,
    make_table,
    relaxation_note,
    values,
)
from .model import Column, Table, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...workflows.insertion.results import Insertion, InsertionResult, InsertionRow

Place = tuple[str, str, tuple[int, ...], int, str]
"""Where an energy belongs: host, calculator, study of the campaign, number of ions, ion."""


def insertion_table(results: Sequence[InsertionResult], *, literature: bool = False) -> Table:
    """Tabulate insertion studies, one row per host, ion and number of ions.

    Args:
        results: in the order of the table.
        literature: put published insertion energies beside the rows.

    Returns:
        The table; where a host takes up several ions, their energies stand beside each other in each of its rows.
    """
    rows = [(result, row) for result in results for row in result.rows]
    energies = {_place(result, row.n, result.ion): row.energy for result, row in rows}
    ions = distinct(result.ion for result in results)
    columns = _columns(results, [row for _, row in rows], ions if len(ions) > 1 else [])
    entries = [
        Entry(
            result,
            row,
            f"n = {row.n}",
            values(result, columns) | values(row, columns) | error_cell(row) | _cells(result, row, ions, energies),
        )
        for result, row in rows
    ]
    return make_table(
        "Insertion",
        columns,
        entries,
        list(_notes(results)),
        published=Quantity.INSERTION_ENERGY if literature else None,
        unit="eV",
        described=(Quantity.LAYER_SPACING,),
    )


def _cells(
    result: InsertionResult, row: InsertionRow, ions: Sequence[str], energies: dict[Place, float | None]
) -> dict[str, Value]:
    beside = {_beside(ion): energies.get(_place(result, row.n, ion)) for ion in ions}
    loading = next(one for one in result.loadings if one.n_ions == row.n)
    return {"reference": result.reference, "starts": _starts(loading), "left_out": ", ".join(result.left_out), **beside}


def _place(result: InsertionResult, n: int, ion: str) -> Place:
    return result.host_name, result.calculator.model_dump_json(), result.place[:1], n, ion


def _beside(ion: str) -> str:
    return f"energy_{ion}"


def _starts(loading: Insertion) -> str:
    """List every start with its energy above the lowest, or with how it ended."""
    best = loading.loaded
    told = []
    for state in loading.filled:
        above = None if best is None or best.energy is None or state.energy is None else state.energy - best.energy
        number = "" if above is None else f" {above:+.3f} eV"
        ended = "" if state.outcome == "ok" else f" ({state.outcome})"
        told.append(f"{state.name}{number}{ended}")
    return ", ".join(told)


def _columns(results: Sequence[InsertionResult], rows: Sequence[InsertionRow], several: Sequence[str]) -> list[Column]:
    from ...workflows.insertion.results import InsertionResult, InsertionRow

    of, row = columns_of(InsertionResult), columns_of(InsertionRow)
    names = distinct(result.study for result in results)
    plain = {f"{result.ion} in {result.host_name}" for result in results}
    return [
        of("study", "study", detail=set(names) <= plain),
        of("host_name", "host"),
        of("ion", "ion"),
        row("n", "n"),
        row("formula", "cell"),
        row("energy", "E_ins", "eV per ion", 3, result=True),
        *error_columns(rows, "eV per ion"),
        *(
            Column(
                key=_beside(ion),
                head=f"E_ins {ion}",
                unit="eV per ion",
                decimals=3,
                description=f"insertion energy of as many {ion} into the same host",
                result=True,
            )
            for ion in several
        ),
        row("voltage", "V", "V", 3, result=True),
        row("step", "step", "V", 3, result=True),
        row("potential", "vs SHE", "V", 3, result=True),
        row("volume_change", "volume", "%", 1, result=True),
        row("spacing_change", "spacing", ANGSTROM, 3, result=True),
        row("site", "from", result=True),
        Column(key="starts", head="starts", description="every start, above the lowest", detail=True),
        of("left_out", "left out", detail=True),
        Column(key="reference", head="reference", description="where the ions come from", detail=True),
        of("ph", "pH", detail=True),
        of("cell", "cell policy", detail=True),
        row("n_atoms", "atoms"),
        row("force_calls", "force calls", detail=True),
    ]


def _notes(results: Sequence[InsertionResult]) -> Iterator[str]:
    if not results:
        return
    yield (
        "E_ins = (E[host + n X] - E[host]) / n - mu(X), per ion, the lowest of the starts; V = -E_ins/z, mean over the "
        "n ions, against the ion's own electrode (of H the reversible hydrogen electrode); step: of the ions from the "
        "number above to this one. vs SHE: V and the measured standard potential of the metal at unit activity."
    )
    for ion, reference in dict.fromkeys((result.ion, result.reference) for result in results):
        yield f"mu({ion}): {reference}."
    yield from _on_hydrogen([result for result in results if result.ion == "H"])
    for result in results:
        if result.correction is not None:
            yield (
                f"{result.study}: {result.correction.energy:+g} eV per {result.ion} added by hand: "
                f"{result.correction.label}."
            )
    if any(result.correction is None for result in results):
        yield "Energies are of relaxed structures at 0 K without zero-point energy and entropy where nothing is added."
    yield from _on_sites(results)
    yield from _on_swelling(results)
    yield from distinct(relaxation_note(result.settings) for result in results)


def _on_hydrogen(results: Sequence[InsertionResult]) -> Iterator[str]:
    if any(result.ph is not None for result in results):
        yield (
            f"A unit of pH takes {proton_shift(1.0):.4f} V at {ROOM_TEMPERATURE:g} K (computational hydrogen "
            "electrode, 10.1021/jp047349j); E_ins of H is at 0 V against SHE, its V does not depend on pH."
        )


def _on_sites(results: Sequence[InsertionResult]) -> Iterator[str]:
    """Say what was tried, and what was not."""
    for result in results:
        for loading in result.loadings:
            if len(loading.filled) > 1:
                yield f"{result.study}, n = {loading.n_ions}: {_starts(loading)}."
        if result.left_out:
            yield f"{result.study}: left out by sites: {{max_sites}}: {', '.join(result.left_out)}."


def _on_swelling(results: Sequence[InsertionResult]) -> Iterator[str]:
    kept = distinct(result.host_name for result in results if result.cell != "relaxed")
    if any(row.volume_change is not None for result in results for row in result.rows):
        yield "volume, spacing: of the loaded cell against that without ions; spacing is per cell."
    if any(result.region == "gap" for result in results):
        yield "spacing of a heterostructure: between the mean heights of film and support."
    if kept:
        yield f"No volume change of {', '.join(kept)}: the cell, or its height, is kept (cell: relaxed frees it)."
