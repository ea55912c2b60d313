"""What the table of desolvation ladders says of those on surfaces: cells of their states, footnotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .building import relaxation_note
from .model import Column, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...workflows.molecular.desolvation_results import DesolvationResult, DesolvationStep, LadderMember
    from ...workflows.molecular.surface_states import LadderSurface, SurfaceState

NEUTRAL = "vacuum, neutral cell"
"""What stands for the medium of a ladder on a surface."""
COLUMNS = (
    Column(key="tried", head="tried", description="arrangements relaxed for the number of waters before the step"),
    Column(
        key="arrangements",
        head="arrangements",
        description="all of them, lowest first: how each began, energy above the lowest, waters on ion and surface",
        detail=True,
    ),
)


def surface_cells(surface: LadderSurface, step: DesolvationStep, members: Sequence[LadderMember]) -> dict[str, Value]:
    """Return the cells of a step on a surface that a step of molecules fills from its molecules."""
    by_waters = {member.waters: member for member in members}
    before, after = by_waters.get(step.waters), by_waters.get(step.waters - 1)
    (water,) = surface.water.parts
    cells: dict[str, Value] = {
        "medium": NEUTRAL,
        "water_energy": surface.water.energy,
        "water_fmax": surface.water.fmax,
        "water_force_calls": water.force_calls,
        "water_seconds_geometry": water.seconds,
    }
    if before is not None:
        cells |= {"tried": len(before.states), "arrangements": arrangements(before)}
    for key, member in (("before", before), ("after", after)):
        cells |= _state_cells(None if member is None else member.lowest, key)
    return cells


def _state_cells(state: SurfaceState | None, key: str) -> dict[str, Value]:
    if state is None:
        return {}
    return {
        f"{key}_energy": state.energy,
        f"{key}_fmax": state.fmax,
        f"{key}_force_calls": state.force_calls,
        f"{key}_seconds_geometry": state.seconds,
    }


def arrangements(member: LadderMember) -> str:
    """List all arrangements of a member, the lowest first: those that are no results after those that are."""
    lowest = member.lowest
    zero = 0.0 if lowest is None or lowest.energy is None else lowest.energy

    def rank(state: SurfaceState) -> tuple[bool, float]:
        return state.outcome != "ok", float("inf") if state.energy is None else state.energy

    return "; ".join(_arrangement(state, zero) for state in sorted(member.states, key=rank))


def _arrangement(state: SurfaceState, zero: float) -> str:
    said = [] if state.energy is None else [f"{state.energy - zero:+.3f} eV"]
    if state.on_ion is not None:
        said += [f"{count} {where}" for count, where in _whereabouts(state) if count]
    if state.outcome != "ok":
        said.append(str(state.outcome))
    return f"{state.name} ({', '.join(said)})"


def _whereabouts(state: SurfaceState) -> list[tuple[int, str]]:
    return [(state.on_ion or 0, "on ion"), (state.on_surface or 0, "on surface"), (state.outer or 0, "in second shell")]


def surface_notes(results: Sequence[DesolvationResult]) -> list[str]:
    """Say in footnotes what ladders on surfaces are, and list their arrangements."""
    found = [(result, result.surface) for result in results if result.surface is not None]
    if not found:
        return []
    notes = [
        "On surfaces the cell is neutral: no charge is put on the ion, a metal gives or takes the electrons, an "
        "insulator has to; D_n there and of a free ion of charge 2+ are not one quantity.",
        "on surface: waters beyond the cutoff of the ion that touch the surface (van der Waals radii, "
        "10.1039/c3dt50599e); second shell: beyond both, held by other waters. E_ads = E[ion(H2O)n on surface] - "
        "E[surface] - E[ion in its bulk metal] - n E[H2O]; negative binds.",
    ]
    for result, surface in found:
        shells = surface.shells
        notes.append(
            f"{result.study}: {result.ion} on {result.support}, {NEUTRAL}; {result.method}; ion-O cutoff "
            f"{shells.cutoff:g} angstrom; each n from {shells.starts} shells built anew at most (seed {shells.seed}) "
            "and from the lowest state of n+1 without each of its distinct waters, the lowest kept."
            f"{_bare_ion(result)}"
        )
        notes += [f"{result.study}, n = {member.waters}: {arrangements(member)}." for member in result.members]
    notes += [relaxation_note(surface.bare.settings) for _, surface in found]
    return list(dict.fromkeys(notes))


def _bare_ion(result: DesolvationResult) -> str:
    """Say what the last state is worth against slab and bulk metal."""
    if not result.steps or result.steps[-1].e_ads_after is None:
        return ""
    left = result.steps[-1].waters - 1
    return f" E_ads at n = {left}: {result.steps[-1].e_ads_after:.3f} eV."
