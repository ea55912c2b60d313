"""From a ladder to the enthalpy of hydration of its ion: a cycle over the hydrated ion in the gas phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..workflows.molecular.desolvation_results import DesolvationResult

KJ_PER_MOL = 96.48533212331002
"""kJ/mol in one eV (CODATA 2018, exact)."""
VAPORISATION = 44.004
"""Enthalpy of vaporisation of water at 298.15 K, kJ/mol: CODATA Key Values for Thermodynamics (Hemisphere 1989)."""


@dataclass(frozen=True)
class HydrationCycle:
    """The cycle ``M(g) + n H2O(l) -> M(g) + n H2O(g) -> [M(H2O)n](g) -> M(aq)``, enthalpies in kJ/mol.

    Attributes:
        gas: study of the ladder in the gas phase.
        wet: study of the same members in a solvent.
        waters: n.
        vaporisation: of the n waters.
        binding: of them to the ion, minus the sum of dH over the ladder.
        solvation: of the hydrated ion, the electronic energy of the solvent at the geometry of the gas phase.
    """

    gas: str
    wet: str
    waters: int
    vaporisation: float
    binding: float
    solvation: float

    @property
    def hydration(self) -> float:
        """The enthalpy of hydration, kJ/mol; negative."""
        return self.vaporisation + self.binding + self.solvation


def hydration_cycle(gas: DesolvationResult, wet: DesolvationResult) -> HydrationCycle | None:
    """Close the cycle over a ladder in the gas phase and the same one in a solvent.

    Args:
        gas: with frequencies, from n waters to none.
        wet: with the same hydrated ion at the same geometry.

    Returns:
        The cycle; none where a part is no result or the two do not belong together.
    """
    heat = total_enthalpy(gas)
    ladders = (gas, wet)
    alike = all(one.ion == gas.ion and one.charge == gas.charge and one.shell.of_water for one in ladders)
    if heat is None or not alike or any(one.support or not one.members for one in ladders):
        return None
    if not _in_gas_phase(gas) or _in_gas_phase(wet) or gas.members[-1].waters != 0:
        return None
    free, solvated = (one.members[0].molecule for one in ladders)
    if free is None or solvated is None or solvated.outcome != "ok":
        return None
    if free.geometry.structure != solvated.geometry.structure:
        return None
    return HydrationCycle(
        gas=gas.study,
        wet=wet.study,
        waters=gas.members[0].waters,
        vaporisation=gas.members[0].waters * VAPORISATION,
        binding=-heat * KJ_PER_MOL,
        solvation=(solvated.energy - free.energy) * KJ_PER_MOL,
    )


def hydration_cycles(results: Sequence[DesolvationResult]) -> list[HydrationCycle]:
    """Close every cycle that some ladders allow."""
    return [cycle for gas in results for wet in results if (cycle := hydration_cycle(gas, wet)) is not None]


def _in_gas_phase(result: DesolvationResult) -> bool:
    return result.calculator.spec.medium() == "gas phase"


def total_enthalpy(result: DesolvationResult) -> float | None:
    """Return the sum of dH over a ladder, eV; none unless every step is a result with frequencies."""
    steps = [step.enthalpy for step in result.steps if step.outcome == "ok" and step.enthalpy is not None]
    return sum(steps) if steps and len(steps) == len(result.steps) else None
