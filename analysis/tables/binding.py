"""The table of binding energies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from .building import Entry, columns_of, distinct, error_cell, error_columns, make_table, named_in_study, values
from .model import Column, Table, Value
from .molecules import MEDIUM, METHOD, detail_cells, detail_columns, in_gas_phase, medium, molecule_notes

if TYPE_CHECKING:
    from ...workflows.molecular.binding import BindingResult

MARCUS = "10.1039/FT9918702995"
"""DOI of the measured Gibbs energies of hydration."""


def binding_table(results: Sequence[BindingResult], *, literature: bool = False) -> Table:
    """Tabulate binding energies, one row per complex.

    Args:
        results: the complexes, in the order of the table.
        literature: put published adsorption energies beside the rows of the studies that name them.

    Returns:
        The table.
    """
    columns = _columns(results)
    entries = [
        Entry(result, result, result.complex_name, values(result, columns) | error_cell(result) | _cells(result))
        for result in results
    ]
    published = Quantity.ADSORPTION_ENERGY if literature else None
    return make_table("Binding energies", columns, entries, _notes(results), published=published, unit="eV")


def _cells(result: BindingResult) -> dict[str, Value]:
    cells: dict[str, Value] = {
        "charge": None if result.complex is None else result.complex.charge,
        "medium": medium(result.calculator),
        "energy_parts": "; ".join("" if part is None else f"{part.name} {part.energy:.6f}" for part in result.parts),
        **detail_cells(result.complex, "complex_"),
    }
    if not in_gas_phase(result.calculator):
        # A continuum has solvated the bare ion already: the measured hydration would count twice.
        cells["energy_vs_aqueous_ion"] = None
    return cells


def _columns(results: Sequence[BindingResult]) -> list[Column]:
    from ...workflows.molecular.binding import BindingResult

    of = columns_of(BindingResult)
    return [
        of("study", "study"),
        of("complex_name", "complex", detail=named_in_study(results, "complex_name")),
        of("parts_name", "parts", detail=all(result.parts_name == result.complex_name for result in results)),
        Column(key="charge", head="charge", unit="e", description="total charge of the complex, elementary charges"),
        of("energy", "E_bind", "eV", 3, result=True),
        *error_columns(results),
        of("counterpoise", "E_bind counterpoise", "eV", 3, result=True),
        of("enthalpy", "dH", "eV", 3, result=True),
        of("gibbs_energy", "dG", "eV", 3, result=True),
        of("energy_vs_aqueous_ion", "E_bind vs Zn2+(aq)", "eV", 3, result=True),
        MEDIUM,
        METHOD,
        Column(
            key="energy_parts", head="E parts", unit="eV", description="energy of each part by itself, eV", detail=True
        ),
        *detail_columns("complex_", "complex"),
    ]


def _notes(results: Sequence[BindingResult]) -> list[str]:
    if not results:
        return []
    notes = [
        "E_bind = E(complex) - sum of E(parts), electronic energies, each part relaxed by itself; negative binds. An "
        "ion among the parts is the free ion in the medium named: Zn2+(g) in the gas phase."
    ]
    notes += [f"{result.study}: {result.complex_name} from {result.parts_name}; {result.method}." for result in results]
    if any(result.counterpoise is not None for result in results):
        notes.append(
            "E_bind counterpoise: corrected for basis-set superposition (Boys and Bernardi, 10.1080/00268977000101561) "
            "at the geometry of the complex; its time is not recorded."
        )
    notes += _aqueous_notes([result for result in results if result.energy_vs_aqueous_ion is not None])
    return distinct(notes) + molecule_notes(m for result in results for m in (result.complex, *result.parts))


def _aqueous_notes(results: Sequence[BindingResult]) -> list[str]:
    """Describe the cycle for results that have a bare ion among their parts."""
    from ...workflows.molecular.binding import HYDRATION_GIBBS_ENERGY

    notes = []
    if any(in_gas_phase(result.calculator) for result in results):
        numbers = ", ".join(f"{ion}2+ {energy:.3f} eV" for ion, energy in HYDRATION_GIBBS_ENERGY.items())
        notes.append(
            "E_bind vs Zn2+(aq) = E_bind vs Zn2+(g) - dG_hyd, through the cycle Zn2+(aq) -> Zn2+(g), measured; Zn2+(g) "
            f"+ other parts -> complex, computed in the gas phase. dG_hyd: {numbers} (Y. Marcus, {MARCUS}, single ion, "
            "298.15 K). Nothing else of the cycle is in water."
        )
    solvated = [result.study for result in results if not in_gas_phase(result.calculator)]
    if solvated:
        notes.append(
            f"No energy vs Zn2+(aq) for {', '.join(solvated)}: there the continuum has solvated the bare ion already."
        )
    return notes
