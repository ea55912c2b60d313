"""What single points by other methods are to the results that they correct: models, and the arithmetic all share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, Self, runtime_checkable

from pydantic import BaseModel, Field

from ...calculators.specs import AnySpec, CalculatorRecord, CorrectedSpec
from ...structures.documents import StructureDocument
from .results import Outcome

States = dict[str, StructureDocument]
"""Structures that the better method computes, by their names in words."""


Uphill = list[list[float]]
"""Direction of a path at its saddle: a unit vector over all atoms, shape (atoms, 3)."""


class RefinedState(BaseModel):
    """A structure that a better method has moved to its own minimum or saddle point."""

    structure: StructureDocument = Field(description="where it ended")
    energy: float = Field(description="total energy there, eV, on the calculator's own zero")
    fmax: float = Field(description="largest force left on a free atom, eV/angstrom")
    converged: bool = Field(description="whether that met the target")
    moved: float = Field(description="largest move of an atom from where the surrogate had it, angstrom")
    calls: int = Field(description="evaluations of energy and forces, the single point included")
    seconds: float = Field(description="wall time of the last attempt, the single point included, s")


class SinglePoint(BaseModel):
    """What a method says of one structure that it did not relax."""

    state: str = Field(description="which structure it is, in words")
    energy: float = Field(description="total energy, eV, on the calculator's own zero")
    fmax: float | None = Field(
        None, description="largest force on a free atom, eV/angstrom: how far it is from this method's own structure"
    )
    calls: int = Field(1, description="evaluations of energy and forces")
    seconds: float = Field(description="wall time, s")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    refined: RefinedState | None = Field(None, description="where the method itself moved it; none: nowhere")


class SinglePoints(BaseModel):
    """Everything that another method computed for a result."""

    points: list[SinglePoint] = Field(description="each structure once, without those that failed")
    calculator: CalculatorRecord = Field(description="the method")

    @property
    def calls(self) -> int:
        """Evaluations of energy and forces."""
        return sum(point.calls for point in self.points)

    @property
    def seconds(self) -> float:
        """Wall time of all of them one after the other, s."""
        return sum(point.seconds for point in self.points)


WORTH_CORRECTING = (Outcome.OK, Outcome.OUTSIDE)
"""Rows that a better method corrects. What lies outside the domain needs it most; such a row keeps its mark, since
the geometry is still the surrogate's: the largest force there by the better method says how far off it is."""


class Correction(BaseModel):
    """What the better method and the surrogate took for one number; structures that rows share count in each."""

    calls: int = Field(description="evaluations of energy and forces by the better method behind this row")
    seconds: float = Field(description="wall time of the better method behind this row, s")
    surrogate_calls: int | None = Field(None, description="evaluations of energy and forces by the surrogate")
    surrogate_seconds: float | None = Field(None, description="wall time of the surrogate, s; none when not recorded")
    fmax: float | None = Field(
        None, description="largest force of the better method on a free atom of these structures, eV/angstrom"
    )


def needs_correction(calculator: CorrectedSpec, *results: object) -> bool:
    """Tell whether a quantity is to be corrected.

    Args:
        calculator: says when.
        results: everything of the surrogate that the quantity is made of; a result may carry a ``trust`` that tells
            whether it is ``flagged``.
    """
    if calculator.when == "always":
        return True
    trusts = (getattr(result, "trust", None) for result in results)
    return any(trust is not None and trust.flagged for trust in trusts)


class Correctable(Protocol):
    """A result that a better method can correct at structures which a surrogate found."""

    @property
    def study(self) -> str:
        """Name of the study."""

    def states_to_correct(self, calculator: CorrectedSpec) -> States:
        """Choose the structures that decide its numbers; none when it is no result or needs no correction."""

    def corrected(self, points: SinglePoints, calculator: CorrectedSpec) -> Self:
        """Put the numbers of the better method beside its own; what lacks a single point says so."""

    def with_opinions(self, others: Sequence[Self]) -> Self:
        """Put what the other members of an ensemble say beside its own numbers.

        Args:
            others: itself, corrected by each of them.
        """


@runtime_checkable
class Refinable(Correctable, Protocol):
    """A result whose states a better method can move on from where a surrogate has left them."""

    def uphill(self, state: str) -> Uphill | None:
        """Return the direction of the path at a state that is a saddle; none at a minimum.

        Raises:
            StructureError: the state is a saddle that was kept without that direction.
        """


def by_state(points: SinglePoints) -> dict[str, SinglePoint]:
    """Find single points by the names of their structures."""
    return {point.state: point for point in points.points}


def failure(missing: Iterable[str], calculator: AnySpec) -> str:
    """Say that single points failed, and what the row is left with."""
    names = " and the ".join(missing)
    return (
        f"not corrected, the numbers are the surrogate's: the single point of the {names} by {calculator.kind} failed; "
        "the run's log says why"
    )


def effort(points: Iterable[SinglePoint]) -> dict[str, Any]:
    """Return the fields of a [`Correction`][] that the better method decides."""
    known = list(points)
    return {
        "calls": sum(point.calls for point in known),
        "seconds": sum(point.seconds for point in known),
        "fmax": max((point.fmax for point in known if point.fmax is not None), default=None),
    }


def total(parts: Iterable[float | None]) -> float | None:
    """Add up wall times or calls; none where one was not recorded."""
    known = list(parts)
    return None if any(part is None for part in known) else sum(part for part in known if part is not None)
