"""The table of desolvation ladders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity, published_values
from ..hydration import KJ_PER_MOL, HydrationCycle, hydration_cycles, total_enthalpy
from .building import Entry, columns_of, error_cell, error_columns, make_table, values
from .corrections import correction_cells, correction_columns, correction_notes
from .ensembles import Question, ensemble_columns, ensemble_notes, with_opinions
from .model import Column, Table, Value
from .molecules import MEDIUM, METHOD, detail_cells, detail_columns, in_gas_phase, medium, molecule_notes
from .surface_ladders import COLUMNS as SURFACE_COLUMNS
from .surface_ladders import surface_cells, surface_notes
from .water_bonds import COLUMNS as WATER_BONDS
from .water_bonds import water_bond_cells

if TYPE_CHECKING:
    from ...workflows.molecular.desolvation_results import DesolvationResult, DesolvationStep

CORRECTED = ("energy", "cumulative")
QUESTION = Question(signs=("energy",), ranked=("energy",), best="highest")
SPECIES = (("before", "before the step"), ("after", "after the step"), ("water", "free water"))


def desolvation_table(results: Sequence[DesolvationResult], *, literature: bool = False) -> Table:
    """Tabulate desolvation ladders, one row per step.

    Args:
        results: the ladders, in the order of the table.
        literature: put published desolvation energies beside the steps that they are about, and published enthalpies
            of hydration into the footnotes.

    Returns:
        The table.
    """
    columns = _columns(results)
    energies = [column for column in columns if column.key in CORRECTED]
    columns += correction_columns(results, energies, changes=("energy",))
    columns += ensemble_columns(results, energies, asked=("energy",))
    entries = [
        Entry(
            result,
            step,
            step_label(result, step),
            values(result, columns) | values(step, columns) | correction_cells(step, energies) | _cells(result, step),
            published_beside(result, step),
        )
        for result in results
        for step in result.steps
    ]
    return make_table(
        "Desolvation ladders",
        columns,
        with_opinions(entries, energies, QUESTION),
        [*_notes(results), *ensemble_notes(entries, energies, QUESTION)],
        published=Quantity.DESOLVATION_BARRIER if literature else None,
        unit="eV",
        described=(Quantity.HYDRATION_ENTHALPY,),
    )


def step_label(result: DesolvationResult, step: DesolvationStep) -> str:
    """Write a step as the species before and after it; on a support as numbers of water molecules."""
    if result.support:
        return f"{step.waters} -> {step.waters - 1} {result.shell.taken.name} on {result.support}"
    taken = "" if result.shell.taken.name == "H2O" else f" + {result.shell.taken.name}"
    return f"{hydrate(result, step.waters)} -> {hydrate(result, step.waters - 1)}{taken}"


def hydrate(result: DesolvationResult, waters: int) -> str:
    """Write the ion with some water or another ligand, such as [Zn(H2O)6]2+; in a neutral cell without a charge."""
    return result.shell.name(result.ion, result.charge, waters)


def costliest(result: DesolvationResult) -> DesolvationStep | None:
    """Return the step of the largest D_n among those that are results; none unless there are several.

    By the better method where that corrected them all.
    """
    sound = [step for step in result.steps if step.outcome == "ok" and step.energy is not None]
    if len(sound) < 2:
        return None
    corrected = {step.waters: step.correction.energy for step in sound if step.correction is not None}
    if len(corrected) == len(sound):
        return max(sound, key=lambda step: corrected[step.waters])
    return max(sound, key=lambda step: step.energy or 0.0)


def published_beside(result: DesolvationResult, step: DesolvationStep) -> list[str]:
    """Return the keys of the published values that are about the hydrate which this step takes a water from.

    On a surface, whose cell is neutral, those about the hydrate of any charge.
    """
    known = published_values()
    before = hydrate(result, step.waters)

    def fits(species: str) -> bool:
        return species == before or (result.surface is not None and species.rpartition("]")[0] + "]" == before)

    return [key for key in result.literature if key in known and fits(known[key].species or "")]


def _cells(result: DesolvationResult, step: DesolvationStep) -> dict[str, Value]:
    by_waters = {member.waters: member.molecule for member in result.members}
    molecules = {"before": by_waters.get(step.waters), "after": by_waters.get(step.waters - 1), "water": result.water}
    cells: dict[str, Value] = {
        "step": step_label(result, step),
        "medium": medium(result.calculator),
        "costliest": True if step is costliest(result) else None,
        **error_cell(step),
        **water_bond_cells(result, step),
    }
    if result.surface is not None:
        return cells | surface_cells(result.surface, step, result.members)
    for key, _ in SPECIES:
        cells |= detail_cells(molecules[key], f"{key}_")
    return cells


def _columns(results: Sequence[DesolvationResult]) -> list[Column]:
    from ...workflows.molecular.desolvation_results import DesolvationResult, DesolvationStep

    of, step_of = columns_of(DesolvationResult), columns_of(DesolvationStep)
    return [
        of("study", "study"),
        Column(key="step", head="step", description="the ion with its water molecules before and after the step"),
        of("ion", "ion", detail=True),
        of("charge", "charge", detail=True),
        step_of("waters", "n", detail=True),
        step_of("energy", "D_n", "eV", 3, result=True),
        *error_columns(step for result in results for step in result.steps),
        step_of("cumulative", "cumulative", "eV", 3, result=True),
        step_of("counterpoise", "D_n counterpoise", "eV", 3, result=True),
        step_of("enthalpy", "dH", "eV", 3, result=True),
        step_of("gibbs_energy", "dG", "eV", 3, result=True),
        Column(
            key="costliest",
            head="costliest step",
            description="largest D_n among the steps of its ladder that are results",
        ),
        step_of("coordination", "CN"),
        step_of("on_surface", "on surface"),
        step_of("outer", "second shell"),
        step_of("e_ads", "E_ads", "eV", 3, result=True),
        step_of("e_ads_after", "E_ads after", "eV", 3, result=True, detail=True),
        *(SURFACE_COLUMNS if any(result.surface is not None for result in results) else ()),
        step_of("ion_charge", "charge on ion", "e", 2, result=True),
        *WATER_BONDS,
        of("support", "support", detail=True),
        MEDIUM.model_copy(update={"detail": all(r.surface is None and in_gas_phase(r.calculator) for r in results)}),
        METHOD,
        *(column for key, words in SPECIES for column in detail_columns(f"{key}_", words)),
    ]


def _notes(results: Sequence[DesolvationResult]) -> list[str]:
    if not results:
        return []
    notes = [
        "D_n = E(n-1) + E(H2O) - E(n), electronic energies; positive costs energy. cumulative: the sum of D from the "
        "top of the ladder down to this step. CN: donor atoms in the first shell of the ion before the step; on a "
        "surface those of waters.",
    ]
    notes += [_charges(result) for result in results if result.shell.taken.charge]
    if any(step.counterpoise is not None for result in results for step in result.steps):
        notes.append(
            "D_n counterpoise: corrected for basis-set superposition (Boys and Bernardi, 10.1080/00268977000101561) at "
            "the geometry before the step; its time is not recorded."
        )
    notes += [_reference(result) for result in results if result.surface is None]
    notes += [_cycle(cycle) for cycle in hydration_cycles(results)]
    notes += surface_notes(results)
    notes += molecule_notes(
        molecule for result in results for molecule in (*(member.molecule for member in result.members), result.water)
    )
    return notes + correction_notes(results)


def _reference(result: DesolvationResult) -> str:
    """Say in what state everything is: the number means little without."""
    where = medium(result.calculator)
    around = "in the gas phase" if where == "gas phase" else f"in {where}, the free water too"
    carried = f"on {result.support}" if result.support else "free"
    heat = total_enthalpy(result)
    return (
        f"{result.study}: {hydrate(result, 0)} {carried}, {around}; {result.method}."
        if heat is None
        else f"{result.study}: {hydrate(result, 0)} {carried}, {around}; {result.method}. Sum of dH over the ladder: "
        f"{heat:.2f} eV ({heat * KJ_PER_MOL:.0f} kJ/mol); an enthalpy of hydration counts the water beyond the first "
        "shell too."
    )


def _charges(result: DesolvationResult) -> str:
    """Say how the charge rises while anions are taken off."""
    ligand = result.shell.taken
    totals = [result.shell.total(result.charge, member.waters) for member in result.members]
    rise = " -> ".join(f"{total:+d}" if total else "0" for total in totals)
    return (
        f"{result.study}: every step takes an anion of charge {ligand.charge:+d} away, E({ligand.name}) in the place "
        f"of E(H2O); the complex goes through the charges {rise}. In the gas phase most of D_n is the energy of "
        "pulling these charges apart."
    )


def _cycle(cycle: HydrationCycle) -> str:
    """Write a cycle to the enthalpy of hydration, term by term."""
    return (
        f"{cycle.gas}: enthalpy of hydration by the cycle over [ion(H2O){cycle.waters}] in the gas phase: "
        f"{cycle.waters} waters evaporated {cycle.vaporisation:+.0f}, bound to the ion {cycle.binding:+.0f}, the "
        f"complex into the solvent of {cycle.wet} {cycle.solvation:+.0f}, together {cycle.hydration:+.0f} kJ/mol; of "
        "the solvent the electronic energy alone, at the geometry of the gas phase."
    )
