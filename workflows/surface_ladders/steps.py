"""The steps of a ladder on a surface, from the lowest state of each number of waters."""

from __future__ import annotations

from itertools import pairwise

from ...calculators.surrogates.trust import combined
from ..common.results import Outcome
from ..molecular.desolvation_results import DesolvationStep, LadderMember, desolvation_energy
from ..molecular.surface_states import LadderSurface


def surface_steps(members: list[LadderMember], surface: LadderSurface) -> list[DesolvationStep]:
    """Compute the steps between neighbouring members.

    Args:
        members: from the largest n down, n falling by one.
        surface: the bare surface and the references.

    Returns:
        One step less than members; a step one of whose members has no sound arrangement says so.
    """
    steps: list[DesolvationStep] = []
    total: float | None = 0.0
    for before, after in pairwise(members):
        outcome, reason = _outcome(before, after, surface)
        first, second = before.lowest, after.lowest
        if first is None or second is None or first.energy is None or second.energy is None:
            total = None
            steps.append(DesolvationStep(waters=before.waters, outcome=outcome, reason=reason))
            continue
        energy = desolvation_energy(first.energy, second.energy, surface.water.energy)
        total = None if total is None else total + energy
        steps.append(
            DesolvationStep(
                waters=before.waters,
                outcome=outcome,
                reason=reason,
                energy=energy,
                cumulative=total,
                coordination=first.on_ion,
                on_surface=first.on_surface,
                outer=first.outer,
                e_ads=complex_adsorption_energy(first.energy, before.waters, surface),
                e_ads_after=complex_adsorption_energy(second.energy, after.waters, surface),
                trust=combined([(1.0, second.trust), (1.0, surface.water.trust), (-1.0, first.trust)]),
            )
        )
    return steps


def complex_adsorption_energy(energy: float, waters: int, surface: LadderSurface) -> float:
    """Return E[ion(H2O)n on surface] - E[surface] - E[ion in its bulk metal] - n E[H2O], eV; negative binds."""
    return energy - surface.bare.energy - surface.metal.energy - waters * surface.water.energy


def _outcome(before: LadderMember, after: LadderMember, surface: LadderSurface) -> tuple[Outcome, str]:
    for member in (before, after):
        state = member.lowest
        if state is None:
            reasons = "; ".join(dict.fromkeys(one.reason for one in member.states)) or "nothing was relaxed"
            return Outcome.FAILED, f"n = {member.waters}: {reasons}"
        if state.outcome is not Outcome.OK:
            return state.outcome, f"n = {member.waters}: no arrangement is a result; the lowest: {state.reason}"
    return surface.problem
