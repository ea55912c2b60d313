"""How strongly an interface holds against what becomes of its bonds: the hypothesis of a moderate strength."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from ...workflows.common.results import Outcome
from .limit import BreathingLimit, breathing_limit
from .rows import BreathingFlag, BreathingRow

if TYPE_CHECKING:
    from ...workflows.breathing.family_results import HostTried
    from ...workflows.breathing.results import BreathingResult
    from ...workflows.interfaces.results import InterfaceResult

FEWEST_SEARCHES = 2
"""Searches that have to agree on a state before a verdict rests on it."""


class Strength(StrEnum):
    """What the bonds of an interface are, in the words of chen2026."""

    WEAK = "too weak"
    MODERATE = "moderate"
    STRONG = "too strong"


class BondStrength(BaseModel):
    """An interface: what holds it, and what becomes of its bonds when ions go in and out."""

    system: str = Field(description="name of the system")
    interface: str = Field(description="film and support, or the host as its study names it")
    outcome: Outcome = Field(description="ok, or why its adhesion is no result")
    reason: str = Field("", description="what happened, in words")
    bonds_text: str = Field("", description="interface bonds by pattern, relaxed without ions")
    adhesion: float | None = Field(None, description="E(film) + E(support) - E(together), eV per cell")
    per_bond: float | None = Field(None, description="adhesion over the number of interface bonds, eV")
    work_of_adhesion: float | None = Field(None, description="adhesion per area of the cell, J/m^2")
    charge_transfer: float | None = Field(None, description="sum of the film's atomic charges on the support, e")
    followed: int | None = Field(None, description="interface bonds of the lowest host, which are followed")
    largest: int | None = Field(None, description="largest number of ions computed")
    opened: int | None = Field(None, description="bonds found open, all numbers of ions counted together")
    share: float | None = Field(None, description="of these the share that comes back when the ions are taken out")
    reversible_text: str = Field("", description="n_rev: every m up to it gives bonds and energy of the host back")
    maximum_text: str = Field("", description="n_max, the smaller of n_thermo and n_rev")
    strength: Strength | None = Field(None, description="too weak, moderate or too strong; none where nothing decides")
    why: str = Field("", description="what the verdict rests on, or what it lacks")


def bond_strengths(
    interfaces: Sequence[InterfaceResult], breathing: Sequence[BreathingResult]
) -> list[tuple[BreathingResult | InterfaceResult, BondStrength]]:
    """Put the adhesion of every interface beside what became of its bonds.

    Args:
        interfaces: adhesions.
        breathing: loaded hosts; each takes its adhesion from the family it was chosen from, else from the interface of
            the same system, by the same calculator where there are several.

    Returns:
        One for each breathing study, then one for each interface that was not loaded and is of no family; each with
        the result that it is of.
    """
    held = [_interface_of(result, interfaces) for result in breathing]
    loaded = [(result, _loaded(result, one)) for result, one in zip(breathing, held, strict=True)]
    tried = [(result.hosts[0].structure.label, one.adhesion_energy) for result in breathing for one in result.tried]
    alone = [
        (one, _alone(one))
        for one in interfaces
        if not any(one is other for other in held) and (_label(one), one.adhesion_energy) not in tried
    ]
    return [*loaded, *alone]


def order_by_strength(found: Sequence[BondStrength]) -> str:
    """Say whether what is decided fits the hypothesis: the stronger an interface is held, the less it lets go."""
    groups = {
        strength: [one.per_bond for one in found if one.strength is strength and one.per_bond is not None]
        for strength in Strength
    }
    decided = {strength: numbers for strength, numbers in groups.items() if numbers}
    if len(decided) < 2:
        return (
            f"The hypothesis is not tested: it orders interfaces that are too weak, moderate and too strong, and of "
            f"{len(found)} {' and '.join(decided) or 'none'} {'are' if decided else 'is'} decided."
        )
    spans = list(decided.values())
    holds = all(max(weaker) < min(stronger) for weaker, stronger in pairwise(spans))
    listed = "; ".join(
        f"{strength} {', '.join(f'{number:.2f}' for number in sorted(numbers))}"
        for strength, numbers in decided.items()
    )
    return f"Adhesion per bond, eV: {listed}: the order {'is' if holds else 'is not'} that of the hypothesis."


def strength_of(limit: BreathingLimit, adhesion: float | None) -> tuple[Strength | None, str]:
    """Judge an interface by its bonds as far as ions go in by energy.

    Args:
        limit: of its breathing study.
        adhesion: eV; none where it is not known.

    Returns:
        The verdict, none where the data do not decide, and why.
    """
    if adhesion is not None and adhesion <= 0:
        return Strength.WEAK, "its two sides are lower apart"
    if not limit.of_interface:
        return None, "it has no interface bonds"
    within = [row for row in limit.rows[1:] if row.n <= limit.thermodynamic.n]
    for row in within:
        if problem := _no_ground(row):
            return None, problem
        if row.broken:
            return _opened(row)
    until = f"no bond opens up to n = {limit.thermodynamic.n}"
    if not within:
        return None, "no ion goes in by energy" if limit.thermodynamic.exact else "no ion was put in"
    if not limit.thermodynamic.exact:
        return None, f"{until}, and more ions may go in"
    return Strength.STRONG, f"{until}, where no more ions go in"


def _opened(row: BreathingRow) -> tuple[Strength | None, str]:
    """Judge by the first number of ions that opens bonds."""
    if row.reformed is None or row.reversible is None:
        return None, f"bonds open at n = {row.n}, and whether they come back is not known"
    if row.reformed < (row.broken or 0):
        return Strength.WEAK, f"{row.reformed} of {row.broken} bonds that open at n = {row.n} come back"
    if not row.reversible:
        return None, f"bonds that open at n = {row.n} come back, the host does not"
    return Strength.MODERATE, f"{row.broken} open at n = {row.n} and come back"


def _no_ground(row: BreathingRow) -> str:
    if row.outcome is not Outcome.OK:
        return f"n = {row.n} is no result"
    if BreathingFlag.SEARCH in row.flags:
        return f"the search has not converged at n = {row.n}"
    if row.seeds < FEWEST_SEARCHES:
        return f"one search alone at n = {row.n}; ask for more seeds"
    return ""


def _loaded(result: BreathingResult, interface: InterfaceResult | None) -> BondStrength:
    limit, held = breathing_limit(result), result.chosen_host or interface
    known = [row for row in limit.rows[1:] if row.broken is not None and row.reformed is not None]
    opened, back = sum(row.broken or 0 for row in known), sum(row.reformed or 0 for row in known)
    sound = held is not None and held.outcome is Outcome.OK
    strength, why = strength_of(limit, held.adhesion_energy if held is not None and sound else None)
    own = limit.of_interface
    return _held(held).model_copy(
        update={
            "system": _system(result),
            "interface": result.host_name,
            "followed": limit.bonds if own else 0,
            "largest": limit.rows[-1].n,
            "opened": opened if own else None,
            "share": back / opened if own and opened else None,
            "reversible_text": limit.reversible.text,
            "maximum_text": limit.maximum.text,
            "strength": strength,
            "why": why,
        }
    )


def _alone(held: InterfaceResult) -> BondStrength:
    label = _label(held) or held.interface_name
    return _held(held).model_copy(
        update={"system": label, "interface": held.interface_name, "why": "no ions were put in: add a breathing study"}
    )


def _held(held: InterfaceResult | HostTried | None) -> BondStrength:
    if held is None:
        return BondStrength(system="", interface="", outcome=Outcome.OK)
    count, energy = sum(held.bonds.values()), held.adhesion_energy
    return BondStrength(
        system="",
        interface="",
        outcome=held.outcome,
        reason=held.reason,
        bonds_text=", ".join(f"{number} {pattern}" for pattern, number in held.bonds.items()) or "none",
        adhesion=energy,
        per_bond=energy / count if energy is not None and count else None,
        work_of_adhesion=held.work_of_adhesion,
        charge_transfer=held.charge_transfer,
    )


def _interface_of(result: BreathingResult, interfaces: Sequence[InterfaceResult]) -> InterfaceResult | None:
    """Return the interface of the system of a study that names it; none where it was chosen from a family."""
    if result.chosen_host is not None:
        return None
    label, symbols = result.hosts[0].structure.label, result.hosts[0].structure.symbols
    same = [
        one
        for one in interfaces
        if one.structure is not None and one.structure.symbols == symbols and _label(one) == label
    ]
    return min(same, key=lambda one: one.calculator != result.calculator, default=None)


def _system(result: BreathingResult) -> str:
    label = result.hosts[0].structure.label or result.host_name
    return label if result.candidate is None else f"{label}, candidate {result.candidate}"


def _label(one: InterfaceResult) -> str:
    return "" if one.structure is None else one.structure.label
