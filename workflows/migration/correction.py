"""Barriers by a better method: both endpoints and the saddle of a surrogate's path."""

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
    from .barriers import MigrationResult

FIRST, LAST, SADDLE = "first endpoint", "second endpoint", "saddle"


class BarrierCorrection(Correction):
    """The barriers of the better method at the endpoints and the saddle of the surrogate."""

    barrier_forward: float = Field(description="E[saddle] - E[initial] by the better method, eV")
    barrier_backward: float = Field(description="E[saddle] - E[final] by the better method, eV")
    reaction_energy: float = Field(description="E[final] - E[initial] by the better method, eV")


def barrier_states(result: MigrationResult, calculator: CorrectedSpec) -> States:
    """Choose the structures that decide a barrier.

    Args:
        result: of the surrogate.
        calculator: says when a result is corrected.

    Returns:
        The endpoints and the saddle; without the second endpoint where symmetry maps the first onto it, without the
        saddle where that is an endpoint; nothing for a row that is no result or needs no correction.
    """
    if result.outcome not in WORTH_CORRECTING or not needs_correction(calculator, result):
        return {}
    wanted = {
        FIRST: result.initial,
        LAST: None if result.final_endpoint == "symmetry" else result.final,
        SADDLE: None if result.saddle_kind == "endpoint" else result.saddle,
    }
    return {name: structure for name, structure in wanted.items() if structure is not None}


def corrected_barrier(result: MigrationResult, points: SinglePoints, calculator: CorrectedSpec) -> MigrationResult:
    """Put the barriers of the better method beside those of the surrogate.

    Args:
        result: of the surrogate.
        points: single points of its states.
        calculator: both methods.

    Returns:
        The result with its correction; with a problem and its reason where a single point is missing.
    """
    found = by_state(points)
    missing = [name for name in barrier_states(result, calculator) if name not in found]
    if missing:
        reason = failure(missing, calculator.correct_with)
        return result.model_copy(update={"outcome": Outcome.FAILED, "reason": reason, "single_points": points})
    first = found[FIRST].energy
    last = found[LAST].energy if LAST in found else first
    saddle = found[SADDLE].energy if SADDLE in found else max(first, last)
    correction = BarrierCorrection(
        **effort(points.points),
        surrogate_calls=_whole(total([result.endpoint_force_calls, result.force_calls])),
        surrogate_seconds=total([result.endpoint_seconds, result.seconds]),
        barrier_forward=saddle - first,
        barrier_backward=saddle - last,
        reaction_energy=last - first,
    )
    outcome, reason = _outcome(result, correction)
    return result.model_copy(
        update={"outcome": outcome, "reason": reason, "correction": correction, "single_points": points}
    )


def correct_barrier(result: MigrationResult, calculator: CorrectedSpec, folder: Path | None = None) -> MigrationResult:
    """Correct a barrier without Jobflow.

    Args:
        result: of the surrogate, computed now or kept.
        calculator: both methods.
        folder: where an SCF keeps its orbitals; none keeps no files.

    Returns:
        The same result as that of :func:`correct_barrier_job`.
    """
    return correct_here(result, barrier_states(result, calculator), calculator, corrected_barrier, folder)


def _outcome(result: MigrationResult, correction: BarrierCorrection) -> tuple[Outcome, str]:
    from .barriers import DEEPER

    lowest = max(correction.barrier_forward, correction.barrier_backward)
    if lowest < -DEEPER:
        return Outcome.INTERMEDIATE, (
            f"no saddle for the better method: it lies {-lowest:.3f} eV below both endpoints; find the path with a "
            "better surrogate"
        )
    if min(correction.barrier_forward, correction.barrier_backward) < 0 and not result.reason:
        return Outcome.OK, "no barrier one way by the better method: the saddle lies below an endpoint"
    return result.outcome, result.reason


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


@job
def correct_barrier_job(result: MigrationResult, calculator: CorrectedSpec) -> Response[MigrationResult]:
    """Replace itself by the single points of a barrier and their merging."""
    return correcting(result, barrier_states(result, calculator), calculator, merge_barrier_job)


@job
def merge_barrier_job(
    result: MigrationResult, points: list[SinglePoint | None], calculator: CorrectedSpec
) -> MigrationResult:
    """Put single points beside the barrier of the surrogate."""
    return corrected_barrier(result, gather(points, calculator.correct_with), calculator)
