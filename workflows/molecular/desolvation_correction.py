"""Desolvation ladders by a better method: every member and the water molecule at the surrogate's geometries."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Response, job
from pydantic import Field

from ...calculators.specs import CorrectedSpec
from ..common.corrections import (
    WORTH_CORRECTING,
    Correction,
    SinglePoint,
    SinglePoints,
    States,
    by_state,
    correct_here,
    correcting,
    effort,
    failure,
    gather,
    needs_correction,
)
from ..common.results import Outcome

if TYPE_CHECKING:
    from .desolvation import DesolvationResult, DesolvationStep
    from .energies import MoleculeResult

WATER = "water molecule"


class StepCorrection(Correction):
    """One step of a ladder by the better method at the geometries of the surrogate."""

    energy: float = Field(description="D_n = E(n-1) + E(H2O) - E(n) by the better method, eV, electronic")
    cumulative: float | None = Field(None, description="sum of these from the top of the ladder down, eV")


def ladder_states(result: DesolvationResult, calculator: CorrectedSpec) -> States:
    """Choose the structures that decide a ladder.

    Args:
        result: of the surrogate.
        calculator: says when a step is corrected.

    Returns:
        Both members of every sound step that needs a correction, and the water molecule; nothing when no step does.
    """
    return {
        name: molecule.geometry.structure
        for step in result.steps
        for name, molecule in _wanted(step, result, calculator).items()
    }


def corrected_ladder(result: DesolvationResult, points: SinglePoints, calculator: CorrectedSpec) -> DesolvationResult:
    """Put the steps of the better method beside those of the surrogate.

    Args:
        result: of the surrogate.
        points: single points of its states.
        calculator: both methods.

    Returns:
        The ladder; a step one of whose single points is missing has a problem and its reason.
    """
    found = by_state(points)
    cumulative: float | None = 0.0
    steps: list[DesolvationStep] = []
    for step in result.steps:
        corrected = _corrected_step(step, result, found, calculator)
        correction = corrected.correction
        cumulative = None if cumulative is None or correction is None else cumulative + correction.energy
        if correction is not None:
            correction = correction.model_copy(update={"cumulative": cumulative})
        steps.append(corrected.model_copy(update={"correction": correction}))
    return result.model_copy(update={"steps": steps, "single_points": points})


def correct_ladder(
    result: DesolvationResult, calculator: CorrectedSpec, folder: Path | None = None
) -> DesolvationResult:
    """Correct a ladder without Jobflow.

    Args:
        result: of the surrogate, computed now or kept.
        calculator: both methods.
        folder: where an SCF keeps its orbitals; none keeps no files.

    Returns:
        The same result as that of :func:`correct_ladder_job`.
    """
    return correct_here(result, ladder_states(result, calculator), calculator, corrected_ladder, folder)


def _wanted(step: DesolvationStep, result: DesolvationResult, calculator: CorrectedSpec) -> dict[str, MoleculeResult]:
    """Return the molecules of a step that needs a correction, by name; the state before it, after it, and water."""
    pair = next((b.molecule, a.molecule) for b, a in pairwise(result.members) if b.waters == step.waters)
    before, after, water = *pair, result.water
    if step.outcome not in WORTH_CORRECTING or before is None or after is None or water is None:
        return {}
    molecules = (before, after, water)
    if not needs_correction(calculator, *molecules, *(molecule.geometry for molecule in molecules)):
        return {}
    return {f"n = {step.waters}": before, f"n = {step.waters - 1}": after, WATER: water}


def _corrected_step(
    step: DesolvationStep, result: DesolvationResult, found: dict[str, SinglePoint], calculator: CorrectedSpec
) -> DesolvationStep:
    from .desolvation import desolvation_energy

    molecules = _wanted(step, result, calculator)
    if not molecules:
        return step
    missing = [name for name in molecules if name not in found]
    if missing:
        reason = failure(missing, calculator.correct_with)
        return step.model_copy(update={"outcome": Outcome.FAILED, "reason": reason})
    before, after, water = (found[name] for name in molecules)
    correction = StepCorrection(
        **effort((before, after, water)),
        surrogate_calls=sum(molecule.geometry.force_calls for molecule in molecules.values()),
        surrogate_seconds=sum(molecule.geometry.seconds + molecule.seconds for molecule in molecules.values()),
        energy=desolvation_energy(before.energy, after.energy, water.energy),
    )
    return step.model_copy(update={"correction": correction})


@job
def correct_ladder_job(result: DesolvationResult, calculator: CorrectedSpec) -> Response[DesolvationResult]:
    """Replace itself by the single points of a ladder and their merging."""
    return correcting(result, ladder_states(result, calculator), calculator, merge_ladder_job)


@job
def merge_ladder_job(
    result: DesolvationResult, points: list[SinglePoint | None], calculator: CorrectedSpec
) -> DesolvationResult:
    """Put single points beside the ladder of the surrogate."""
    return corrected_ladder(result, gather(points, calculator.correct_with), calculator)
