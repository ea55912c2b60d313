"""What tables say of refinements: the better method's numbers at its own structures, and what these took beyond."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .building import ANGSTROM, FORCE
from .model import Column, Value

if TYPE_CHECKING:
    from ...workflows.migration.results import MigrationResult

EFFORT = (
    Column(
        key="refined_calls",
        head="calls, refined",
        description="evaluations by the better method in the refinement, the single points included",
    ),
    Column(
        key="refined_seconds",
        head="time, refined",
        unit="s",
        decimals=1,
        description="wall time of the refinement, the single points included, s",
    ),
    Column(
        key="refined_fmax",
        head="fmax, refined",
        unit=FORCE,
        decimals=3,
        description="largest force that the refinement has left, eV/angstrom",
        detail=True,
    ),
    Column(
        key="refined_moved",
        head="moved, refined",
        unit=ANGSTROM,
        decimals=2,
        description="largest move of an atom from the surrogate's structure, angstrom",
        detail=True,
    ),
)


def refinement_columns(results: Iterable[MigrationResult], quantities: Sequence[Column]) -> list[Column]:
    """Return the columns of refinements; none when nothing was refined.

    Args:
        results: of the table.
        quantities: columns of the surrogate's numbers that a refinement has too.
    """
    if all(result.refinement is None for result in results):
        return []
    refined = [
        quantity.model_copy(
            update={
                "key": f"{quantity.key}_refined",
                "head": f"{quantity.head} refined",
                "description": f"{quantity.description}; by the better method between its own endpoints and saddle",
            }
        )
        for quantity in quantities
    ]
    return [*refined, *EFFORT]


def refinement_cells(result: MigrationResult, quantities: Sequence[Column]) -> dict[str, Value]:
    """Return the cells of [`refinement_columns`][]; none for a row that was not refined."""
    found = result.refinement
    if found is None:
        return {}
    return {
        "refined_calls": found.calls,
        "refined_seconds": found.seconds,
        "refined_fmax": found.fmax,
        "refined_moved": found.moved,
        **{f"{quantity.key}_refined": getattr(found, quantity.key) for quantity in quantities},
    }


def refinement_notes(results: Iterable[MigrationResult]) -> list[str]:
    """Say what refined means, and what of each row's saddle and endpoints it moved."""
    refined = [(result, result.refinement) for result in results if result.refinement is not None]
    if not refined:
        return []
    return [
        "refined: the better method relaxed the endpoints and settled the saddle itself, from the structures of the "
        "surrogate, in the cell of the surrogate; its calls include the single points.",
        *(
            f"{result.study}, {result.hop}: refined in {found.calls} evaluations, atoms moved by at most "
            f"{found.moved:.2f} angstrom, largest force left {found.fmax:.3f} eV/angstrom."
            for result, found in refined
        ),
    ]
