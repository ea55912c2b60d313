"""Adsorption energies by a better method: the bare surface, the reference and every sound row of a surrogate."""

from __future__ import annotations

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
    total,
)
from ..common.results import Outcome

if TYPE_CHECKING:
    from ..common.references import ReferenceEnergy
    from .flow import AdsorptionResult, AdsorptionRow

BARE = "bare surface"


class AdsorptionCorrection(Correction):
    """The adsorption energies of the better method at the structures of the surrogate."""

    energy: float = Field(description="E[S+X] by the better method, eV, on its own zero")
    e_ads_vs_bulk: float | None = Field(
        None, description="E[S+X] - E[S] - E[X in its bulk metal] by the better method, eV"
    )
    e_ads_vs_atom: float | None = Field(
        None, description="the same against the free atom: bulk metal plus the measured cohesive energy, eV"
    )
    e_ads_vs_molecule: float | None = Field(
        None, description="the same against free molecules, all by the better method, eV"
    )


def adsorption_states(result: AdsorptionResult, calculator: CorrectedSpec) -> States:
    """Choose the structures that decide adsorption energies.

    Args:
        result: of the surrogate.
        calculator: says when a row is corrected.

    Returns:
        The bare surface, the parts of the reference and the structure of every sound row that needs a correction;
        nothing when no row does.

    Raises:
        StructureError: the result was kept without the structures of its reference.
    """
    from ...errors import StructureError

    rows = [row for row in result.rows if _wanted(row, result, calculator)]
    if not rows:
        return {}
    if not result.reference.parts:
        raise StructureError(
            f"{result.study}: its reference was kept without structures, so nothing else can compute it; "
            "compute the study again"
        )
    shared = {BARE: result.bare.structure} | _reference_states(result.reference)
    return shared | {row.name: row.structure for row in rows if row.structure is not None}


def corrected_adsorption(result: AdsorptionResult, points: SinglePoints, calculator: CorrectedSpec) -> AdsorptionResult:
    """Put the adsorption energies of the better method beside those of the surrogate.

    Args:
        result: of the surrogate.
        points: single points of its states.
        calculator: both methods.

    Returns:
        The result; a row one of whose single points is missing has a problem and its reason.
    """
    found = by_state(points)
    rows = [
        _corrected_row(row, result, found, calculator) if _wanted(row, result, calculator) else row
        for row in result.rows
    ]
    return result.model_copy(update={"rows": rows, "single_points": points})


def correct_adsorption(
    result: AdsorptionResult, calculator: CorrectedSpec, folder: Path | None = None
) -> AdsorptionResult:
    """Correct adsorption energies without Jobflow.

    Args:
        result: of the surrogate.
        calculator: both methods.
        folder: where an SCF keeps its orbitals; none keeps no files.

    Returns:
        The same result as that of :func:`correct_adsorption_job`.

    Raises:
        StructureError: the result was kept without the structures of its reference.
    """
    return correct_here(result, adsorption_states(result, calculator), calculator, corrected_adsorption, folder)


def _wanted(row: AdsorptionRow, result: AdsorptionResult, calculator: CorrectedSpec) -> bool:
    return row.outcome in WORTH_CORRECTING and needs_correction(calculator, row, result.bare, result.reference)


def _reference_states(reference: ReferenceEnergy) -> States:
    return {f"reference {part.structure.label or part.structure.formula}": part.structure for part in reference.parts}


def _corrected_row(
    row: AdsorptionRow, result: AdsorptionResult, found: dict[str, SinglePoint], calculator: CorrectedSpec
) -> AdsorptionRow:
    from .flow import adsorption_energy

    references = list(_reference_states(result.reference))
    wanted = [BARE, *references, row.name]
    missing = [name for name in wanted if name not in found]
    if missing:
        reason = failure(missing, calculator.correct_with)
        return row.model_copy(update={"outcome": Outcome.FAILED, "reason": reason})
    parts = result.reference.parts
    reference = sum(part.weight * found[name].energy for part, name in zip(parts, references, strict=True))
    e_ads = adsorption_energy(found[row.name].energy, found[BARE].energy, reference)
    metal = result.reference.cohesive_energy
    calls = row.force_calls + result.bare.force_calls + sum(part.force_calls for part in parts)
    correction = AdsorptionCorrection(
        **effort(found[name] for name in wanted),
        surrogate_calls=calls,
        surrogate_seconds=total([row.seconds, result.bare.seconds, *(part.seconds for part in parts)]),
        energy=found[row.name].energy,
        e_ads_vs_bulk=None if metal is None else e_ads,
        e_ads_vs_atom=None if metal is None else e_ads - metal,
        e_ads_vs_molecule=e_ads if metal is None else None,
    )
    return row.model_copy(update={"correction": correction})


@job
def correct_adsorption_job(result: AdsorptionResult, calculator: CorrectedSpec) -> Response[AdsorptionResult]:
    """Replace itself by the single points of all sound rows and their merging."""
    return correcting(result, adsorption_states(result, calculator), calculator, merge_adsorption_job)


@job
def merge_adsorption_job(
    result: AdsorptionResult, points: list[SinglePoint | None], calculator: CorrectedSpec
) -> AdsorptionResult:
    """Put single points beside the adsorption energies of the surrogate."""
    return corrected_adsorption(result, gather(points, calculator.correct_with), calculator)
