"""The table of surface energies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from ...structures.axes import OWN, describe_axes
from ...structures.vacuum import widest_gap
from .building import (
    ANGSTROM,
    FORCE,
    Entry,
    cell_parameters,
    columns_of,
    error_cell,
    error_columns,
    make_table,
    relaxation_note,
    values,
)
from .model import Column, Table

J_PER_M2 = 16.02176634
"""J/m^2 in one eV/angstrom^2 (CODATA 2018, exact)."""
DIFFERENT_VACUUM = 1.0
"""Vacuums that differ by more than this (angstrom) are printed."""
SAME_GAMMA = 5e-4
"""Surface energies closer than this (J/m^2) are printed alike."""

if TYPE_CHECKING:
    from ...workflows.surfaces.results import SurfaceResult, SurfaceRow


def surfaces_table(results: Sequence[SurfaceResult], *, literature: bool = False) -> Table:
    """Tabulate surface energies, one row per facet, termination and thickness.

    Args:
        results: one per bulk, in the order of the table.
        literature: put published surface energies beside the rows of the studies that name them.

    Returns:
        The table.
    """
    columns = _columns(results)
    entries = [
        Entry(
            result,
            row,
            f"{facet_label(row.miller)} termination {row.termination}, {row.layers} layers",
            values(result, columns)
            | values(row, columns)
            | error_cell(row, J_PER_M2 / (2 * row.area))
            | {
                "bulk": result.bulk_name or result.bulk.structure.label,
                "facet": facet_label(row.miller, hexagonal=_is_hexagonal(result)),
                "gamma_change": _change(row, result.rows),
                "lowest_termination": _is_lowest(row, [other for other in result.rows if other.miller == row.miller]),
                "lowest_facet": _is_lowest(row, result.rows) if _facets(result) > 1 else None,
                "vacuum": _vacuum(row),
                "energy_bulk": result.bulk.energy_per_atom,
            },
        )
        for result in results
        for row in result.rows
    ]
    notes = ["gamma = (E_slab - N E_bulk) / 2A, the mean of both faces where they are not equal."]
    if any(entry.cells["gamma_change"] is not None for entry in entries):
        notes.append("change = gamma minus that of the next thinner slab of the same facet and termination.")
    for result in results:
        a, b, c, *_ = cell_parameters(result.bulk.structure)
        notes.append(
            f"Bulk {result.bulk.structure.label} of {result.study}: a {a:.3f}, b {b:.3f}, c {c:.3f} angstrom, "
            f"cell policy {result.bulk.cell_policy}."
        )
        if indexed := describe_axes(result.bulk.structure.to_atoms(), result.axes or OWN):
            notes.append(f"Indices of {result.study} refer to the {indexed}.")
    notes += [relaxation_note(result.bulk.settings) for result in results]
    published = Quantity.SURFACE_ENERGY if literature else None
    return make_table("Surface energies", columns, entries, notes, published=published, unit="J/m^2")


def facet_label(miller: tuple[int, int, int], *, hexagonal: bool = False) -> str:
    """Write a facet as (hkl), and for a hexagonal crystal also as (hkil)."""
    h, k, m = miller
    plain = _parenthesised((h, k, m))
    return f"{plain} = {_parenthesised((h, k, -h - k, m))}" if hexagonal else plain


def _columns(results: Sequence[SurfaceResult]) -> list[Column]:
    from ...workflows.surfaces.results import SurfaceResult, SurfaceRow

    of, row_of = columns_of(SurfaceResult), columns_of(SurfaceRow)
    return [
        of("study", "study"),
        Column(key="bulk", head="bulk", description="crystal that the slabs are cut from", detail=True),
        Column(key="facet", head="facet", description="Miller indices, for hexagonal crystals also Miller-Bravais"),
        row_of("termination", "termination"),
        row_of("layers", "layers"),
        row_of("n_atoms", "atoms"),
        row_of("area", "area", "angstrom^2", 2),
        row_of("gamma", "gamma", "J/m^2", 3, result=True),
        *error_columns((row for result in results for row in result.rows), "J/m^2"),
        Column(
            key="gamma_change",
            head="change",
            unit="J/m^2",
            decimals=3,
            description="gamma minus that of the next thinner slab of the same facet and termination",
            result=True,
        ),
        Column(
            key="lowest_termination",
            head="lowest termination",
            description="lowest gamma of the terminations of its facet at this thickness, among those that are results",
        ),
        Column(
            key="lowest_facet",
            head="lowest facet",
            description="lowest gamma of all facets of its study at this thickness, among those that are results",
        ),
        row_of("symmetric", "equal faces"),
        Column(
            key="vacuum",
            head="vacuum",
            unit=ANGSTROM,
            decimals=1,
            description="empty space between the relaxed slab and its image, along the normal",
            detail=not _vacuum_differs(results),
        ),
        row_of("fmax", "fmax", FORCE, 3, detail=True),
        row_of("energy", "E_slab", "eV", 6, result=True, detail=True),
        Column(
            key="energy_bulk",
            head="E_bulk",
            unit="eV/atom",
            decimals=6,
            description="energy of the bulk per atom",
            detail=True,
        ),
    ]


def _vacuum(row: SurfaceRow) -> float | None:
    """Return the empty space between a slab and its image, angstrom."""
    return None if row.structure is None else widest_gap(row.structure.to_atoms(), 2)[0]


def _vacuum_differs(results: Sequence[SurfaceResult]) -> bool:
    """Tell whether two slabs of the table have vacuums that were not asked for alike: relaxation changes less."""
    spaces = [vacuum for result in results for row in result.rows if (vacuum := _vacuum(row)) is not None]
    return bool(spaces) and max(spaces) - min(spaces) > DIFFERENT_VACUUM


def _parenthesised(indices: tuple[int, ...]) -> str:
    separator = " " if any(abs(index) > 9 for index in indices) else ""
    return "(" + separator.join(str(index) for index in indices) + ")"


def _is_hexagonal(result: SurfaceResult) -> bool:
    """Tell whether the cell of the indices has the shape that four are defined for: a = b, gamma = 120 degrees."""
    from ase.cell import Cell

    cell = Cell(result.axes or OWN) @ result.bulk.structure.to_atoms().cell.array
    a, b, _, alpha, beta, gamma = Cell(cell).cellpar()
    return bool(abs(a - b) < 1e-2 and max(abs(alpha - 90), abs(beta - 90), abs(gamma - 120)) < 0.1)


def _change(row: SurfaceRow, rows: Sequence[SurfaceRow]) -> float | None:
    """Return gamma minus that of the next thinner slab of the same facet and termination, J/m^2."""
    thinner = [
        other
        for other in rows
        if (other.miller, other.termination) == (row.miller, row.termination)
        and other.layers < row.layers
        and other.outcome == "ok"
    ]
    before = max(thinner, key=lambda other: other.layers, default=None)
    if before is None or before.gamma is None or row.gamma is None:
        return None
    return row.gamma - before.gamma


def _facets(result: SurfaceResult) -> int:
    return len({row.miller for row in result.rows})


def _is_lowest(row: SurfaceRow, rivals: Sequence[SurfaceRow]) -> bool | None:
    """Tell whether a row has the lowest gamma of several at its thickness; all that are as low as printed have it."""
    same = [other for other in rivals if other.layers == row.layers]
    sound = [other.gamma for other in same if other.outcome == "ok" and other.gamma is not None]
    if len(same) < 2 or row.outcome != "ok" or row.gamma is None:
        return None
    return True if row.gamma - min(sound) < SAME_GAMMA else None
