"""The table of adsorption energies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from .building import (
    ANGSTROM,
    FORCE,
    MOST_STABLE,
    Entry,
    cell_parameters,
    columns_of,
    distinct,
    error_cell,
    error_columns,
    make_table,
    named_in_study,
    relaxation_note,
    times,
    values,
)
from .corrections import correction_cells, correction_columns, correction_notes
from .ensembles import Question, ensemble_columns, ensemble_notes, with_opinions
from .free_energies import free_energy_cells, free_energy_columns, free_energy_notes, quantity_published
from .model import Column, Table

if TYPE_CHECKING:
    from ...workflows.adsorption.results import AdsorptionResult


CORRECTED = ("e_ads_vs_bulk", "e_ads_vs_atom", "e_ads_vs_molecule")
QUESTION = Question(signs=CORRECTED, ranked=("e_ads_vs_bulk", "e_ads_vs_molecule"), best="lowest")


def adsorption_table(results: Sequence[AdsorptionResult], *, literature: bool = False) -> Table:
    """Tabulate adsorption energies, one row per site and orientation.

    Args:
        results: one per surface and adsorbate, in the order of the table.
        literature: put published adsorption energies beside the rows of the studies that name them.

    Returns:
        The table.
    """
    columns = _columns(results)
    energies = [column for column in columns if column.key in CORRECTED]
    columns += correction_columns(results, energies, changes=("e_ads_vs_bulk", "e_ads_vs_molecule"))
    columns += free_energy_columns(results)
    columns += ensemble_columns(results, energies, asked=("e_ads_vs_bulk", "e_ads_vs_molecule"))
    entries = []
    for result in results:
        shared = values(result, columns) | {
            "reference": result.reference.state,
            "cell": times(f"{length:.2f}" for length in cell_parameters(result.bare.structure)[:2]),
            "energy_surface": result.bare.energy,
            "energy_reference": result.reference.energy,
        }
        best = result.best if len(result.rows) > 1 else None
        for row in result.rows:
            most_stable = {"most_stable": True} if row is best else {}
            cells = shared | values(row, columns) | error_cell(row) | correction_cells(row, energies) | most_stable
            cells |= free_energy_cells(row)
            entries.append(Entry(result, row, f"{row.site} {row.orientation}", cells))
    published = quantity_published(results) if literature else None
    notes = [*_notes(results), *free_energy_notes(results), *ensemble_notes(entries, energies, QUESTION)]
    entries = with_opinions(entries, energies, QUESTION)
    return make_table(
        "Adsorption energies",
        columns,
        entries,
        notes,
        published=published,
        unit="eV",
        described=(Quantity.ADSORPTION_ENERGY, Quantity.HYDROGEN_FREE_ENERGY),
    )


def _columns(results: Sequence[AdsorptionResult]) -> list[Column]:
    from ...workflows.adsorption.results import AdsorptionResult, AdsorptionRow

    of, row_of = columns_of(AdsorptionResult), columns_of(AdsorptionRow)
    metals = distinct(r.adsorbate for r in results if r.reference.cohesive_energy is not None)
    molecules = distinct(r.reference.state for r in results if r.reference.cohesive_energy is None)
    return [
        of("study", "study"),
        of("surface", "surface", detail=named_in_study(results, "surface")),
        of("adsorbate", "adsorbate", detail=named_in_study(results, "adsorbate")),
        row_of("site", "site"),
        row_of("orientation", "orientation", detail=all(r.orientation == n.adsorbate for n in results for r in n.rows)),
        row_of("multiplicity", "multiplicity", detail=True),
        row_of("e_ads_vs_bulk", f"E_ads vs {_only([_metal(m) for m in metals], 'bulk metal')}", "eV", 3, result=True),
        row_of("e_ads_vs_atom", f"E_ads vs {_only(metals, 'metal')} atom", "eV", 3, result=True),
        row_of("e_ads_vs_molecule", f"E_ads vs {_only(molecules, 'molecules')}", "eV", 3, result=True),
        *error_columns(row for result in results for row in result.rows),
        MOST_STABLE,
        Column(
            key="reference",
            head="reference",
            description="reference state of the adsorbate",
            detail=max(len(metals), len(molecules)) < 2,
        ),
        row_of("height", "height", ANGSTROM, 2, result=True),
        row_of("nearest_distance", "nearest distance", ANGSTROM, 2, result=True, detail=True),
        row_of("surface_displacement", "surface moves", ANGSTROM, 2, result=True),
        of("coverage", "coverage", "1/nm^2", 2, detail=True),
        Column(
            key="cell",
            head="cell",
            unit=ANGSTROM,
            description="lengths of the two surface vectors, angstrom",
            detail=True,
        ),
        row_of("fmax", "fmax", FORCE, 3, detail=True),
        row_of("energy", "E[S+X]", "eV", 6, result=True, detail=True),
        Column(
            key="energy_surface", head="E[S]", unit="eV", decimals=6, description="energy of the surface", detail=True
        ),
        Column(
            key="energy_reference",
            head="E[X]",
            unit="eV",
            decimals=6,
            description="energy of X in its reference state",
            detail=True,
        ),
        row_of("force_calls", "force calls", detail=True),
    ]


def _notes(results: Sequence[AdsorptionResult]) -> list[str]:
    notes = ["E_ads = E[S+X] - E[S] - E[X]; negative binds. 'surface moves' is the largest shift of a surface atom."]
    for result in results:
        area = times(f"{length:.2f}" for length in cell_parameters(result.bare.structure)[:2])
        notes.append(f"{result.study}: {result.surface}, {area} angstrom, {result.coverage:.2f} adsorbates per nm^2.")
        if result.left_out:
            notes.append(f"{result.study}: {result.left_out}.")
    for result in results:
        notes.append(f"E[X] of {result.adsorbate}: {result.reference.state}.")
        if result.reference.cohesive_energy is not None:
            notes.append(
                f"The free {result.adsorbate} atom is that state plus {result.reference.cohesive_energy:g} eV, the "
                "measured cohesive energy; no calculator was asked for a lone atom."
            )
    notes += [relaxation_note(result.bare.settings) for result in results]
    return notes + correction_notes(results)


def _metal(symbol: str) -> str:
    return {"Zn": "hcp Zn"}.get(symbol, f"bulk {symbol}")


def _only(names: list[str], several: str) -> str:
    """Return the one name, or a word for several."""
    return names[0] if len(names) == 1 else several
