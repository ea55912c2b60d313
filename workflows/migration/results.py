"""What a migration study leaves: barriers both ways, the path, and the barriers of a better method along it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from ...calculators.specs import CalculatorRecord, CorrectedSpec
from ...calculators.surrogates.trust import Trust
from ...errors import StructureError
from ...structures.documents import StructureDocument, Vector
from ..common.relaxation_jobs import CellPolicy
from ..common.results import FileRecord, Outcome, StudyLabel
from ..common.single_points import (
    WORTH_CORRECTING,
    Correction,
    SinglePoints,
    States,
    Uphill,
    by_state,
    effort,
    failure,
    needs_correction,
    total,
)
from .network import HopNetwork, Mechanism

DEEPER = 0.02
"""A path through a state lower than both endpoints by more than this (eV) is no elementary hop."""
FIRST, LAST, SADDLE = "first endpoint", "second endpoint", "saddle"
"""Names of the structures that decide a barrier."""


class BandSettings(BaseModel):
    """The band: how many images, and when it is finished."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    images: PositiveInt = Field(5, description="moving images between the endpoints")
    fmax: PositiveFloat = Field(0.05, description="largest force on the climbing band, eV/angstrom")
    max_steps: PositiveInt = Field(300, description="optimizer steps before the band counts as unconverged")
    spring: PositiveFloat = Field(0.1, description="spring constant between images, eV/angstrom^2")


class PathPoint(BaseModel):
    """One image of the minimum energy path."""

    distance: float = Field(description="distance along the path from the first endpoint, angstrom")
    energy: float = Field(description="energy above the first endpoint, eV")


class BarrierCorrection(Correction):
    """The barriers of the better method at the endpoints and the saddle of the surrogate."""

    barrier_forward: float = Field(description="E[saddle] - E[initial] by the better method, eV")
    barrier_backward: float = Field(description="E[saddle] - E[final] by the better method, eV")
    reaction_energy: float = Field(description="E[final] - E[initial] by the better method, eV")


class BarrierRefinement(BarrierCorrection):
    """The barriers of the better method at its own endpoints and saddle, which it reached from those of the surrogate.

    Its ``fmax`` is what is left of the forces there; a second endpoint that symmetry makes has the energy of the first.
    """

    moved: float = Field(description="largest move of an atom on the way there, angstrom")


class MigrationResult(StudyLabel):
    """One hop: barriers both ways, the path, and what it was computed in."""

    host: str = Field(description="name of the host")
    ion: str = Field(description="the ion that migrates")
    hop: str = Field(description="the hop in words")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")
    barrier_forward: float | None = Field(None, description="E[saddle] - E[initial], eV")
    barrier_backward: float | None = Field(None, description="E[saddle] - E[final], eV")
    reaction_energy: float | None = Field(None, description="E[final] - E[initial], eV")
    saddle_kind: Literal["climbing image", "highest image", "endpoint"] | None = Field(
        None, description="what the barrier was read off; only a converged climbing image is a saddle point"
    )
    interpolated_barrier: float | None = Field(
        None, description="maximum of a curve through energies and forces of all images, eV; a check, not the barrier"
    )
    intermediate_minimum: float | None = Field(
        None,
        description="deepest minimum of that curve between two maxima, above the first endpoint, eV; none: no dip",
    )
    path_length: float | None = Field(None, description="length of the path of all atoms, angstrom")
    hop_distance: float | None = Field(None, description="straight distance the ion hops, after relaxation, angstrom")
    host_displacement: float | None = Field(
        None, description="largest shift of another atom between the first endpoint and the saddle, angstrom"
    )
    coordination_initial: int | None = Field(
        None, description="neighbours of the ion at the first endpoint, without bonds much longer than the others"
    )
    coordination_saddle: int | None = Field(None, description="neighbours of the ion at the saddle, likewise")
    fmax: float | None = Field(None, description="largest force on the climbing band, eV/angstrom")
    endpoint_fmax: float | None = Field(None, description="largest force on a relaxed endpoint, eV/angstrom")
    left_open: float | None = Field(
        None,
        description="estimate of what the forces left on saddle and endpoints may still change of the barrier, eV; "
        "none where no image climbed",
    )
    final_endpoint: Literal["symmetry", "relaxed"] | None = Field(
        None, description="second endpoint mapped from the first by symmetry, or relaxed by itself"
    )
    path: list[PathPoint] = Field(default_factory=list, description="all images, endpoints included")
    pairing: str | None = Field(
        None, description="which atom of the second given endpoint is which of the first, in words; none: built here"
    )
    sites: tuple[Vector, Vector] | None = Field(
        None,
        description="start and end of the hop in fractional coordinates of the host's cell; none: endpoints as given",
        exclude_if=lambda sites: sites is None,  # written as before there was this field
    )
    mechanism: Mechanism = Field(
        "hop",
        description="hop, or exchange of an adatom with an atom of the surface",
        exclude_if=lambda mechanism: mechanism == "hop",
    )
    network: HopNetwork | None = Field(
        None,
        description="where the hop was found; none for endpoints given by the user and in earlier results",
        exclude_if=lambda network: network is None,
    )
    supercell: tuple[int, int, int] | None = Field(None, description="repeats of the host cell; none: as given")
    cell: tuple[float, float, float, float, float, float] | None = Field(
        None, description="a, b, c (angstrom) and alpha, beta, gamma (degrees) of the supercell"
    )
    cell_policy: CellPolicy | None = Field(None, description="which cell parameters of the empty host were relaxed")
    n_atoms: int | None = Field(None, description="atoms in the supercell")
    iterations: int = Field(0, description="band iterations")
    force_calls: int = Field(0, description="evaluations of energy and forces by the band")
    endpoint_force_calls: int | None = Field(
        None, description="evaluations of energy and forces by the relaxations of the endpoints"
    )
    seconds: float | None = Field(None, description="wall time of the band's last attempt, s; none when not recorded")
    endpoint_seconds: float | None = Field(
        None, description="wall time of the relaxations of the endpoints, s; none when not recorded"
    )
    saddle: StructureDocument | None = Field(None, description="climbing image")
    tangent: Uphill | None = Field(
        None, description="direction of the path at the climbing image: a unit vector over all atoms; none: no saddle"
    )
    initial: StructureDocument | None = Field(None, description="first endpoint, relaxed")
    final: StructureDocument | None = Field(None, description="second endpoint")
    correction: BarrierCorrection | None = Field(
        None, description="the barriers of a better method at these structures; none when not corrected"
    )
    refinement: BarrierRefinement | None = Field(
        None, description="the barriers of that method at its own endpoints and saddle; none when not refined"
    )
    single_points: SinglePoints | None = Field(None, description="what the better method computed for it")
    opinions: list[BarrierCorrection | None] = Field(
        default_factory=list, description="the barriers of the other members of an ensemble; none where one failed"
    )
    ensemble: list[SinglePoints] = Field(default_factory=list, description="what each of them computed for it")
    band: BandSettings = Field(description="settings of the band")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    files: list[FileRecord] = Field(default_factory=list, description="the images of the path")
    trust: Trust | None = Field(
        None, description="what a surrogate's committee says of the forward barrier and of the whole path"
    )

    def states_to_correct(self, calculator: CorrectedSpec) -> States:
        """Choose the structures that decide the barrier.

        Args:
            calculator: says when a result is corrected.

        Returns:
            The endpoints and the saddle; without the second endpoint where symmetry maps the first onto it, without the
            saddle where that is an endpoint; nothing for a row that is no result or needs no correction.
        """
        if self.outcome not in WORTH_CORRECTING or not needs_correction(calculator, self):
            return {}
        wanted = {
            FIRST: self.initial,
            LAST: None if self.final_endpoint == "symmetry" else self.final,
            SADDLE: None if self.saddle_kind == "endpoint" else self.saddle,
        }
        return {name: structure for name, structure in wanted.items() if structure is not None}

    def uphill(self, state: str) -> Uphill | None:
        """Return the direction of the path at the saddle; none at an endpoint.

        Raises:
            StructureError: there is no climbing image, or the result is of an earlier version, without direction.
        """
        if state != SADDLE:
            return None
        if self.tangent is None:
            raise StructureError(
                f"{self.study}, {self.hop}: no direction of the path at a climbing image was kept, along which to "
                "refine the saddle; compute the band anew, or leave out refine"
            )
        return self.tangent

    def corrected(self, points: SinglePoints, calculator: CorrectedSpec) -> Self:
        """Put the barriers of the better method beside those of the surrogate.

        Args:
            points: single points of its states.
            calculator: both methods.

        Returns:
            The result with its correction; with a problem and its reason where a single point is missing.
        """
        found = by_state(points)
        missing = [name for name in self.states_to_correct(calculator) if name not in found]
        if missing:
            reason = failure(missing, calculator.correct_with)
            return self.model_copy(update={"outcome": Outcome.FAILED, "reason": reason, "single_points": points})
        correction, refinement = self._correction(points), self._refinement(points)
        outcome, reason = _after_correction(self, refinement or correction)
        if unsettled := [point.state for point in points.points if point.refined and not point.refined.converged]:
            outcome = Outcome.UNCONVERGED
            reason = f"the refinement of the {' and the '.join(unsettled)} did not converge"
        return self.model_copy(
            update={
                "outcome": outcome,
                "reason": reason,
                "correction": correction,
                "refinement": refinement,
                "single_points": points,
            }
        )

    def with_opinions(self, others: Sequence[Self]) -> Self:
        """Put the barriers of the other members of an ensemble beside its own.

        Args:
            others: itself, corrected by each of them.
        """
        computed = [other.single_points for other in others if other.single_points is not None]
        return self.model_copy(update={"opinions": [other.correction for other in others], "ensemble": computed})

    def _correction(self, points: SinglePoints) -> BarrierCorrection:
        energies = {state: point.energy for state, point in by_state(points).items()}
        return BarrierCorrection(**effort(points.points), **self._surrogate_effort(), **_barriers(energies))

    def _refinement(self, points: SinglePoints) -> BarrierRefinement | None:
        """Return the barriers between refined states; none where the method refined nothing."""
        refined = {point.state: point.refined for point in points.points if point.refined is not None}
        if not refined:
            return None
        energies = {state: found.energy for state, found in refined.items()}
        return BarrierRefinement(
            calls=sum(found.calls for found in refined.values()),
            seconds=sum(found.seconds for found in refined.values()),
            fmax=max(found.fmax for found in refined.values()),
            moved=max(found.moved for found in refined.values()),
            **self._surrogate_effort(),
            **_barriers(energies),
        )

    def _surrogate_effort(self) -> dict[str, Any]:
        calls = total([self.endpoint_force_calls, self.force_calls])
        return {
            "surrogate_calls": None if calls is None else int(calls),
            "surrogate_seconds": total([self.endpoint_seconds, self.seconds]),
        }


def _barriers(energies: dict[str, float]) -> dict[str, float]:
    """Return the barriers both ways and the reaction energy, eV, from the energies of the states that decide them."""
    first = energies[FIRST]
    last = energies.get(LAST, first)
    saddle = energies.get(SADDLE, max(first, last))
    return {
        "barrier_forward": saddle - first,
        "barrier_backward": saddle - last,
        "reaction_energy": last - first,
    }


def _after_correction(result: MigrationResult, correction: BarrierCorrection) -> tuple[Outcome, str]:
    lowest = max(correction.barrier_forward, correction.barrier_backward)
    if lowest < -DEEPER:
        return Outcome.INTERMEDIATE, (
            f"no saddle for the better method: it lies {-lowest:.3f} eV below both endpoints; find the path with a "
            "better surrogate"
        )
    if min(correction.barrier_forward, correction.barrier_backward) < 0 and not result.reason:
        return Outcome.OK, "no barrier one way by the better method: the saddle lies below an endpoint"
    return result.outcome, result.reason
