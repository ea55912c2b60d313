"""What a desolvation ladder leaves: its members, the steps between them, and the steps of a better method."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Self

from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorRecord, CorrectedSpec
from ...calculators.surrogates.trust import Trust, combined
from ...structures.documents import StructureDocument
from ..common.results import Outcome, StudyLabel
from ..common.single_points import (
    WORTH_CORRECTING,
    Correction,
    SinglePoint,
    SinglePoints,
    States,
    by_state,
    effort,
    failure,
    needs_correction,
    total,
)
from .counterpoise import COUNTERPOISE_FAILED, CounterpoiseResult
from .energies import MoleculeResult
from .shells import LigandShell
from .surface_states import LadderSurface, SurfaceState

if TYPE_CHECKING:
    from collections.abc import Collection

WATER = "water molecule"


class StepCorrection(Correction):
    """One step of a ladder by the better method at the geometries of the surrogate."""

    energy: float = Field(description="D_n = E(n-1) + E(H2O) - E(n) by the better method, eV, electronic")
    cumulative: float | None = Field(None, description="sum of these from the top of the ladder down, eV")


class LadderMember(BaseModel):
    """The ion with some number of water molecules, or of the ligand that the ladder takes off."""

    waters: int = Field(description="water molecules, or other ligands that are taken off")
    molecule: MoleculeResult | None = Field(None, description="what was computed; none when its job failed")
    coordination: int | None = Field(None, description="donor atoms in the first shell of the ion")
    bound: int | None = Field(
        None, description="ligands that are taken off with a donor atom in that shell; none for water alone"
    )
    states: list[SurfaceState] = Field(
        default_factory=list,
        description="on a surface, every arrangement that was relaxed: shells built anew, then those handed down",
    )

    @property
    def lowest(self) -> SurfaceState | None:
        """The arrangement of lowest energy among those that are results; among all with an energy when none is."""
        known = [state for state in self.states if state.energy is not None]
        sound = [state for state in known if state.outcome is Outcome.OK]
        return min(sound or known, key=lambda state: state.energy or 0.0, default=None)


class DesolvationStep(BaseModel):
    """One step of the ladder: the ion with n waters gives one of them up."""

    waters: int = Field(description="n, water molecules or other ligands before the step")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")
    energy: float | None = Field(None, description="D_n = E(n-1) + E(H2O) - E(n), eV, electronic")
    cumulative: float | None = Field(None, description="sum of D from the largest n of the ladder down to this one, eV")
    enthalpy: float | None = Field(None, description="the same difference of enthalpies, eV; none without frequencies")
    gibbs_energy: float | None = Field(
        None, description="the same difference of Gibbs energies, quasi-harmonic, eV; none without frequencies"
    )
    counterpoise: float | None = Field(
        None, description="D_n corrected for basis-set superposition by the counterpoise method, eV; none unless asked"
    )
    coordination: int | None = Field(None, description="donor atoms in the first shell before the step")
    on_surface: int | None = Field(
        None, description="waters before the step that have left the ion and stay on the surface"
    )
    outer: int | None = Field(
        None, description="waters before the step that have left ion and surface for a second shell, held by others"
    )
    e_ads: float | None = Field(
        None, description="E[ion(H2O)n on it] - E[surface] - E[ion in its bulk metal] - n E[H2O], eV, before the step"
    )
    e_ads_after: float | None = Field(None, description="the same after the step, eV")
    ion_charge: float | None = Field(None, description="charge on the ion before the step, elementary charges")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of D_n")
    correction: StepCorrection | None = Field(
        None, description="the step by a better method at these geometries; none when not corrected"
    )
    opinions: list[StepCorrection | None] = Field(
        default_factory=list, description="the step by the other members of an ensemble; none where one failed"
    )


class DesolvationResult(StudyLabel):
    """A desolvation ladder with everything it was computed from."""

    ion: str = Field(description="symbol of the ion")
    charge: int = Field(description="charge of the bare ion, elementary charges")
    support: str = Field("", description="flake, cluster or surface that carries the ion; empty when it is free")
    method: str = Field("", description="final level // level of the geometries")
    steps: list[DesolvationStep] = Field(description="from the largest n down")
    members: list[LadderMember] = Field(description="the ion with n waters, from the largest n down")
    shell: LigandShell = Field(default_factory=LigandShell, description="what is taken off, and what stays")
    water: MoleculeResult | None = Field(
        description="the free water molecule or other ligand; none when its job failed, and on a surface"
    )
    surface: LadderSurface | None = Field(
        None, description="the bare surface and the references of a ladder in neutral periodic cells; none of others"
    )
    single_points: SinglePoints | None = Field(None, description="what a better method computed to correct the steps")
    ensemble: list[SinglePoints] = Field(
        default_factory=list, description="what each of the other members of an ensemble computed"
    )
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")

    @property
    def rows(self) -> list[DesolvationStep]:
        """The rows of its table."""
        return self.steps

    def states_to_correct(self, calculator: CorrectedSpec) -> States:
        """Choose the structures that decide the ladder.

        Args:
            calculator: says when a step is corrected.

        Returns:
            Both members of every sound step that needs a correction, and the water molecule; nothing when no step does.
        """
        return {name: one.structure for step in self.steps for name, one in self._species(step, calculator).items()}

    def corrected(self, points: SinglePoints, calculator: CorrectedSpec) -> Self:
        """Put the steps of the better method beside those of the surrogate.

        Args:
            points: single points of its states.
            calculator: both methods.

        Returns:
            The ladder; a step one of whose single points is missing has a problem and its reason.
        """
        found = by_state(points)
        cumulative: float | None = 0.0
        steps: list[DesolvationStep] = []
        for step in self.steps:
            corrected = self._corrected_step(step, found, calculator)
            correction = corrected.correction
            cumulative = None if cumulative is None or correction is None else cumulative + correction.energy
            if correction is not None:
                correction = correction.model_copy(update={"cumulative": cumulative})
            steps.append(corrected.model_copy(update={"correction": correction}))
        return self.model_copy(update={"steps": steps, "single_points": points})

    def with_opinions(self, others: Sequence[Self]) -> Self:
        """Put the steps of the other members of an ensemble beside its own.

        Args:
            others: itself, corrected by each of them.
        """
        computed = [other.single_points for other in others if other.single_points is not None]
        steps = [
            step.model_copy(update={"opinions": [one.correction for one in same]})
            for step, *same in zip(self.steps, *(other.steps for other in others), strict=True)
        ]
        return self.model_copy(update={"steps": steps, "ensemble": computed})

    def _species(self, step: DesolvationStep, calculator: CorrectedSpec) -> dict[str, _Species]:
        """Return what a step that needs a correction is made of: the state before it, after it, and water."""
        pair = next((b, a) for b, a in pairwise(self.members) if b.waters == step.waters)
        species = [self._species_of(member) for member in pair] + [self._free_water]
        known = [one for one in species if one is not None]
        if step.outcome not in WORTH_CORRECTING or len(known) < len(species):
            return {}
        if not needs_correction(calculator, *(result for one in known for result in one.results)):
            return {}
        return dict(zip([f"n = {step.waters}", f"n = {step.waters - 1}", WATER], known, strict=True))

    def _species_of(self, member: LadderMember) -> _Species | None:
        if self.surface is None:
            return None if member.molecule is None else _of_molecule(member.molecule)
        state = member.lowest
        if state is None or state.structure is None:
            return None
        return _Species(state.structure, state.force_calls, state.seconds, (state,))

    @property
    def _free_water(self) -> _Species | None:
        if self.surface is None:
            return None if self.water is None else _of_molecule(self.water)
        (part,) = self.surface.water.parts
        return _Species(part.structure, part.force_calls, part.seconds, (self.surface.water,))

    def _corrected_step(
        self, step: DesolvationStep, found: dict[str, SinglePoint], calculator: CorrectedSpec
    ) -> DesolvationStep:
        species = self._species(step, calculator)
        if not species:
            return step
        missing = [name for name in species if name not in found]
        if missing:
            reason = failure(missing, calculator.correct_with)
            return step.model_copy(update={"outcome": Outcome.FAILED, "reason": reason})
        before, after, water = (found[name] for name in species)
        correction = StepCorrection(
            **effort((before, after, water)),
            surrogate_calls=sum(one.calls for one in species.values()),
            surrogate_seconds=total(one.seconds for one in species.values()),
            energy=desolvation_energy(before.energy, after.energy, water.energy),
        )
        return step.model_copy(update={"correction": correction})


class _Species(NamedTuple):
    """What a better method corrects: where, what it took, and what says whether it is worth it."""

    structure: StructureDocument
    calls: int
    seconds: float | None
    results: tuple[object, ...]


def _of_molecule(molecule: MoleculeResult) -> _Species:
    geometry = molecule.geometry
    seconds = geometry.seconds + molecule.seconds
    return _Species(geometry.structure, geometry.force_calls, seconds, (molecule, geometry))


def desolvation_energy(e_before: float, e_after: float, e_water: float) -> float:
    """Return D_n = E(n-1) + E(H2O) - E(n), eV; positive costs energy."""
    return e_after + e_water - e_before


def ladder_steps(
    members: list[LadderMember],
    water: MoleculeResult | None,
    corrections: dict[int, CounterpoiseResult],
    corrections_asked: Collection[int] = (),
    *,
    ion: str = "Zn",
) -> list[DesolvationStep]:
    """Compute the steps between neighbouring members.

    Args:
        members: from the largest n down, n falling by one.
        water: the free water molecule.
        corrections: counterpoise corrections by n; may lack any.
        corrections_asked: values of n of which one that is missing has failed.
        ion: symbol.

    Returns:
        One step less than members; a step one of whose species is no result says so.
    """
    steps: list[DesolvationStep] = []
    total: float | None = 0.0
    for before, after in pairwise(members):
        outcome, reason = _outcome(before, after, water)
        if outcome is Outcome.OK and before.waters in corrections_asked and before.waters not in corrections:
            outcome, reason = Outcome.FAILED, COUNTERPOISE_FAILED
        step = DesolvationStep(waters=before.waters, outcome=outcome, reason=reason, coordination=before.coordination)
        if before.molecule is None or after.molecule is None or water is None:
            total = None
            steps.append(step)
            continue
        energy = desolvation_energy(before.molecule.energy, after.molecule.energy, water.energy)
        total = None if total is None else total + energy
        correction = corrections.get(before.waters)
        charges = before.molecule.atomic_charges
        steps.append(
            step.model_copy(
                update={
                    "energy": energy,
                    "cumulative": total,
                    "enthalpy": _difference(before.molecule.enthalpy, after.molecule.enthalpy, water.enthalpy),
                    "gibbs_energy": _difference(
                        before.molecule.gibbs_energy, after.molecule.gibbs_energy, water.gibbs_energy
                    ),
                    "counterpoise": None if correction is None else energy + correction.superposition_error,
                    "ion_charge": None if charges is None else _charge_on(ion, charges, before.molecule),
                    "trust": combined([(1.0, after.molecule.trust), (1.0, water.trust), (-1.0, before.molecule.trust)]),
                }
            )
        )
    return steps


def _difference(before: float | None, after: float | None, water: float | None) -> float | None:
    if before is None or after is None or water is None:
        return None
    return desolvation_energy(before, after, water)


def _charge_on(ion: str, charges: list[float], molecule: MoleculeResult) -> float | None:
    """Return the charge of the ion: the last of its element, as what carries it stands before it; none of hydronium."""
    symbols = molecule.geometry.structure.symbols
    return charges[len(symbols) - 1 - symbols[::-1].index(ion)] if ion in symbols else None


def _outcome(before: LadderMember, after: LadderMember, water: MoleculeResult | None) -> tuple[Outcome, str]:
    species = [(f"n = {m.waters}", m.molecule) for m in (before, after)] + [("the water molecule", water)]
    for name, molecule in species:
        if molecule is None:
            return Outcome.FAILED, f"{name}: its job failed; the run's log says why"
    for name, molecule in species:
        if molecule is not None and molecule.outcome is not Outcome.OK:
            return molecule.outcome, f"{name}: {molecule.reason}"
    for member in (before, after):
        if member.bound is not None and member.bound != member.waters:
            return Outcome.REARRANGED, f"n = {member.waters}: {member.bound} of the ligands are on the ion"
        if member.bound is None and member.coordination is not None and member.coordination != member.waters:
            return Outcome.REARRANGED, (
                f"n = {member.waters}: {member.coordination} oxygen atoms in the first shell of the ion"
            )
    return Outcome.OK, ""
