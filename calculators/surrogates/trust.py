"""How far a surrogate's number can be believed: calibrated spread of its committee, and whether it knows the place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from ase import Atoms

    from ..kinds.base import Spec
    from ..kinds.surrogate import SurrogateSpec


class Trust(BaseModel):
    """What a committee says about an energy, or about a sum of energies such as a barrier."""

    model_config = ConfigDict(frozen=True)

    member_energies: tuple[float, ...] = Field(description="energy by each member, eV; the first one leads")
    energy_scale: float = Field(description="one sigma over the standard deviation of the members, from the card")
    force_deviation: float = Field(
        description="largest deviation of the members' forces on an atom, of several structures that farthest outside, "
        "eV/angstrom"
    )
    largest_known: float = Field(description="force deviation beyond which a structure is outside, eV/angstrom")
    distance: float = Field(
        description="of that structure, how far the surroundings of an atom are from all of training at most, standard "
        "deviations of the training"
    )
    farthest_known: float = Field(description="distance beyond which a structure is outside")

    @property
    def standard_error(self) -> float:
        """One sigma of the energy, eV."""
        return float(self.energy_scale * np.std(self.member_energies, ddof=1))

    @property
    def flagged(self) -> bool:
        """Whether a structure is outside what the surrogate was trained for."""
        return not (self.force_deviation <= self.largest_known and self.distance <= self.farthest_known)

    @property
    def problem(self) -> str:
        """Why it is outside, in words; empty inside."""
        found = []
        if not self.force_deviation <= self.largest_known:
            found.append(
                f"its members' forces differ by {self.force_deviation:.2f} eV/angstrom, beyond {self.largest_known:.2f}"
            )
        if not self.distance <= self.farthest_known:
            found.append(
                f"the surroundings of an atom are {self.distance:.1f} standard deviations from all it learned, beyond "
                f"{self.farthest_known:.1f}"
            )
        return f"outside the surrogate's domain: {'; '.join(found)}" if found else ""


def assess(calculator: Spec, atoms: Atoms) -> Trust | None:
    """Ask a calculator how far its numbers for a structure can be believed.

    Args:
        calculator: spec.
        atoms: the structure.

    Returns:
        What it says; none when it cannot tell.
    """
    return calculator.trust(atoms)


def trust_of_committee(spec: SurrogateSpec, atoms: Atoms) -> Trust:
    """Ask the committee of a surrogate about a structure.

    Args:
        spec: the surrogate.
        atoms: the structure.
    """
    from .card import current_card
    from .committee import environments, opinions

    card, said = current_card(spec.card), opinions(spec, atoms)
    return Trust(
        member_energies=tuple(said.energies.tolist()),
        energy_scale=card.calibration.energy_scale,
        force_deviation=said.force_deviation,
        largest_known=card.domain.force_deviation,
        distance=environments(spec).distance(atoms.numbers, said.features),
        farthest_known=card.domain.environment_distance,
    )


def combined(terms: Sequence[tuple[float, Trust | None]]) -> Trust | None:
    """Form a sum of energies member by member, such as a barrier.

    Members agree about much of what they get wrong, and that drops out of differences: so the sum comes first and the
    standard deviation after it. Errors of the terms added up would be far too large.

    Args:
        terms: factor and trust of each energy: (+1, saddle), (-1, initial) for a barrier.

    Returns:
        Trust of the sum, with the structure farthest outside the domain; none when a term is of no committee.
    """
    pairs = [(factor, trust) for factor, trust in terms if trust is not None]
    if not pairs or len(pairs) < len(terms):
        return None
    farthest = max((trust for _, trust in pairs), key=_farness)
    sums = np.sum([factor * np.array(trust.member_energies) for factor, trust in pairs], axis=0)
    return farthest.model_copy(update={"member_energies": tuple(sums.tolist())})


def _farness(trust: Trust) -> float:
    """Say how far outside a structure is; what is no number is farther than all others."""
    shares = (trust.force_deviation / trust.largest_known, trust.distance / trust.farthest_known)
    return math.inf if any(map(math.isnan, shares)) else max(shares)
