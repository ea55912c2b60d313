"""What a reaction study leaves: the energy of each species, of the reaction, and the voltage."""

from __future__ import annotations

from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorRecord
from ...calculators.surrogates.trust import Trust, combined
from ..common.electrodes import Correction
from ..common.references import ReferenceEnergy
from ..common.relaxation_jobs import RelaxationResult
from ..common.results import Outcome, RelaxSettings, StudyLabel
from .species import Species

Computed = RelaxationResult | ReferenceEnergy


class SpeciesEnergy(BaseModel):
    """One species of a reaction with its energy."""

    species: Species = Field(description="what it stands for")
    coefficient: float = Field(description="formula units that the reaction makes; what it uses up is negative")
    correction: Correction | None = Field(None, description="energy added by hand to a formula unit")
    outcome: Outcome = Field(description="ok, or why there is no energy")
    reason: str = Field("", description="what happened, in words")
    energy: float | None = Field(None, description="energy per formula unit, eV; none without one")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of it")
    force_calls: int = Field(0, description="evaluations of energy and forces of what stands for it")


class ReactionResult(StudyLabel):
    """A reaction between species, each relaxed."""

    equation: str = Field(description="the reaction")
    species: list[SpeciesEnergy] = Field(description="in the order of the equation")
    electrons: float | None = Field(None, description="electrons that are transferred; none where nobody says")
    half: bool = Field(description="whether the electrons are in the equation, at 0 V against SHE")
    ph: float | None = Field(None, description="pH of the electrolyte; 0 when none")
    settings: RelaxSettings = Field(description="convergence targets")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")

    @property
    def outcome(self) -> Outcome:
        """Whether there is a reaction energy."""
        bad = [one.outcome for one in self.species if one.outcome is not Outcome.OK]
        return bad[0] if bad else Outcome.OK

    @property
    def reason(self) -> str:
        """Why there is none."""
        return "; ".join(f"{one.species.name}: {one.reason}" for one in self.species if one.outcome is not Outcome.OK)

    @property
    def energy(self) -> float | None:
        """Reaction energy for the equation as it is written, eV; negative where it runs to the right."""
        terms = [one.coefficient * one.energy for one in self.species if one.energy is not None]
        return sum(terms) if len(terms) == len(self.species) and self.outcome is Outcome.OK else None

    @property
    def voltage(self) -> float | None:
        """-energy / electrons: the potential against SHE of a half reaction, else the voltage of the cell, V."""
        return None if self.energy is None or not self.electrons else -self.energy / self.electrons

    @property
    def trust(self) -> Trust | None:
        """What a surrogate's committee says of the reaction energy."""
        return combined([(one.coefficient, one.trust) for one in self.species if one.species.parts])


def species_energy(
    species: Species, coefficient: float, computed: dict[str, Computed | None], correction: Correction | None
) -> SpeciesEnergy:
    """Put the energy of a species together.

    Args:
        species: what it stands for.
        coefficient: formula units that the reaction makes.
        computed: what was computed, by the keys of parts; none where that failed.
        correction: added to a formula unit.
    """
    parts = [(part, computed[part.key]) for part in species.parts]
    ended = [_ended(one) for _, one in parts]
    outcome, reason = next((one for one in ended if one[0] is not Outcome.OK), (Outcome.OK, ""))
    added = species.constant + (0.0 if correction is None else correction.energy)
    sums = [part.weight * one.energy for part, one in parts if one is not None]
    return SpeciesEnergy(
        species=species,
        coefficient=coefficient,
        correction=correction,
        outcome=outcome,
        reason=reason,
        energy=sum(sums) + added if len(sums) == len(parts) else None,
        trust=combined([(part.weight, None if one is None else one.trust) for part, one in parts]),
        force_calls=sum(_calls(one) for _, one in parts),
    )


def _ended(computed: Computed | None) -> tuple[Outcome, str]:
    if computed is None:
        return Outcome.FAILED, "its relaxation failed; the run's log says why"
    converged = computed.converged if isinstance(computed, RelaxationResult) else computed.outcome is Outcome.OK
    if not converged:
        return Outcome.UNCONVERGED, f"fmax {computed.fmax:.3f} eV/angstrom when the steps ran out"
    if computed.trust is not None and computed.trust.flagged:
        return Outcome.OUTSIDE, computed.trust.problem
    return Outcome.OK, ""


def _calls(computed: Computed | None) -> int:
    if isinstance(computed, ReferenceEnergy):
        return sum(part.force_calls for part in computed.parts)
    return 0 if computed is None else computed.force_calls
