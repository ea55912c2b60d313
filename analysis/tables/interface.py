"""The table of interfaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

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
    from ...workflows.interfaces.results import InterfaceResult


def interfaces_table(results: Sequence[InterfaceResult], *, literature: bool = False) -> Table:  # noqa: ARG001 - no published work of adhesion
    """Tabulate interface bonds, strain and work of adhesion, one row per heterostructure.

    Args:
        results: in the order of the table.
        literature: the papers print no work of adhesion.

    Returns:
        The table.
    """
    columns = _columns(results)
    entries = [
        Entry(result, result, result.interface_name, values(result, columns) | error_cell(result) | _cells(result))
        for result in results
    ]
    notes = [
        "W_ad = [E(film) + E(support) - E(together)] / A, film and support relaxed alone in the common cell, with the "
        "strain that they have there; positive adheres. Of a cluster, A is the cell's area, not the cluster's: compare "
        "its energy per cell.",
        "Interface bonds: up to 1.2 times the sum of covalent radii, named by the anion that bridges; metal-metal "
        "contacts are none.",
    ]
    if any(result.moment_change is not None for result in results):
        notes.append(
            "Moment gained: magnitudes of the film's atomic magnetic moments summed, on the support minus alone; of a "
            "vanadium oxide the d electrons that it takes from the support."
        )
    notes += [relaxation_note(result.settings) for result in results]
    return make_table("Interfaces", columns, entries, notes, published=None, unit="J/m^2")


def _columns(results: Sequence[InterfaceResult]) -> list[Column]:
    from ...workflows.interfaces.results import InterfaceResult

    of = columns_of(InterfaceResult)
    names = distinct(result.interface_name for result in results)
    return [
        of("study", "study", detail=len(names) == len(results)),
        of("interface_name", "interface"),
        Column(key="system", head="system", description="name of the system, and film and support", detail=True),
        of("n_atoms", "atoms"),
        of("area", "area", "angstrom^2", 1),
        Column(
            key="mismatch_a", head="mismatch a", unit="%", decimals=2, description="support over film, first vector"
        ),
        Column(
            key="mismatch_b", head="mismatch b", unit="%", decimals=2, description="support over film, second vector"
        ),
        Column(
            key="strain_film", head="strain of film", unit="%", decimals=2, description="largest stretch of the film"
        ),
        Column(
            key="strain_support", head="strain of support", unit="%", decimals=2, description="largest stretch of it"
        ),
        Column(
            key="bonds_text", head="interface bonds", description="number of bonds by pattern, relaxed", result=True
        ),
        Column(key="bonds_built_text", head="as built", description="number of bonds by pattern, as built"),
        of("shortest_bond", "shortest", ANGSTROM, 2, result=True),
        of("adhesion_energy", "adhesion", "eV per cell", 3, result=True),
        *error_columns(results, "eV per cell"),
        of("work_of_adhesion", "W_ad", "J/m^2", 3, result=True),
        of("charge_transfer", "charge of film", "e", 2, result=True),
        of("moment_change", "moment gained", "mu_B", 2, result=True),
        of("force_calls", "force calls", detail=True),
    ]


def _cells(result: InterfaceResult) -> dict[str, Value]:
    mismatch = result.mismatch or (None, None)
    return {
        "system": _described(result),
        "mismatch_a": None if mismatch[0] is None else 100 * mismatch[0],
        "mismatch_b": None if mismatch[1] is None else 100 * mismatch[1],
        "strain_film": 100 * result.film_strain,
        "strain_support": 100 * result.support_strain,
        "bonds_text": _counted(result.bonds),
        "bonds_built_text": _counted(result.bonds_built),
    }


def _described(result: InterfaceResult) -> str:
    """Return the name of the system, which its structure bears, with film and support where it says less."""
    name = "" if result.structure is None else result.structure.label
    return result.interface_name if name in ("", result.interface_name) else f"{name}: {result.interface_name}"


def _counted(bonds: dict[str, int]) -> str:
    return ", ".join(f"{number} {pattern}" for pattern, number in bonds.items()) or "none"
