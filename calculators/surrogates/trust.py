"""How far a surrogate's number can be believed: the calibrated spread of its committee, and whether it knows the place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ..specs import AnySpec, SurrogateSpec
from .committee import current_card, opinions

if TYPE_CHECKING:
    from ase import Atoms


class Trust(BaseModel):
    """What a committee says about one structure."""

    model_config = ConfigDict(frozen=True)

    member_energies: tuple[float, ...] = Field(description="energy by each member, eV; the first one is the result")
    energy_scale: float = Field(description="one sigma over the standard deviation of the members, from the card")
    force_deviation: float = Field(description="largest deviation of the members' forces on an atom, eV/angstrom")
    largest_known: float = Field(description="force deviation beyond which a structure is outside, eV/angstrom")

    @property
    def flagged(self) -> bool:
        """Whether the structure is outside what the surrogate was trained for."""
        return not self.force_deviation <= self.largest_known

    @property
    def problem(self) -> str:
        """Why the structure is outside, in words; empty inside."""
        if not self.flagged:
            return ""
        return (
            f"outside the surrogate's domain: its members' forces differ by {self.force_deviation:.2f} eV/angstrom, "
            f"beyond {self.largest_known:.2f}"
        )


def assess(calculator: AnySpec, atoms: Atoms) -> Trust | None:
    """Ask the committee of a surrogate about a structure.

    Args:
        calculator: spec; only a surrogate has a committee with a card.
        atoms: the structure.

    Returns:
        What it says; none of any other calculator.
    """
    if not isinstance(calculator, SurrogateSpec):
        return None
    card, said = current_card(calculator.card), opinions(calculator, atoms)
    return Trust(
        member_energies=tuple(said.energies.tolist()),
        energy_scale=card.calibration.energy_scale,
        force_deviation=said.force_deviation,
        largest_known=card.domain.force_deviation,
    )


def standard_error(terms: Iterable[tuple[float, Trust | None]]) -> float | None:
    """Return one sigma of a sum of energies.

    Members agree about much of what they get wrong, and that drops out of differences; so the sum is formed for each
    member and then its standard deviation taken, never the other way round.

    Args:
        terms: factor and trust of each energy: (+1, saddle), (-1, initial) for a barrier.

    Returns:
        Error, eV; none when one of the energies is not by a committee of two or more.
    """
    pairs = list(terms)
    if not pairs or any(trust is None or len(trust.member_energies) < 2 for _, trust in pairs):
        return None
    sums = np.sum([factor * np.array(trust.member_energies) for factor, trust in pairs if trust], axis=0)
    scale = max(trust.energy_scale for _, trust in pairs if trust)
    return float(scale * np.std(sums, ddof=1))


def domain_problem(*trusts: Trust | None) -> str:
    """Say in words which of several structures is farthest outside the domain; empty when none is."""
    outside = [trust for trust in trusts if trust is not None and trust.flagged]
    return max(outside, key=lambda trust: trust.force_deviation / trust.largest_known).problem if outside else ""
