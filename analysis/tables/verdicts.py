"""Whether one number is below another within their errors, and whether an order that a paper prints holds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from ..benchmarks.host_errors import BarrierErrors, Spread

OPEN = {"kcal/mol": 0.1, "kcal/mol/angstrom": 0.1}
"""What meshes leave open of a number, by its unit."""
LEFT_OPEN = 0.01
"""What relaxations leave open of a number of any other unit: eV, V, J/m^2."""
ENERGY = "eV"
"""Unit of what an error of barriers may stand for."""
NO_ROW = "no row is called so"
UNKNOWN_ERROR = "what convergence leaves open; the error of this calculator is not known"


class Side(StrEnum):
    """Where a number lies, seen from another."""

    BELOW = "below"
    ABOVE = "above"
    UNDECIDED = "not decided"


class Holds(StrEnum):
    """What becomes of a published order."""

    YES = "holds"
    NO = "does not hold"
    UNDECIDED = "not decided"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True)
class Known:
    """A number, and what is known of its error; all in its unit.

    Attributes:
        value: the number.
        unit: of the number.
        members: what each member of an ensemble says, the first one's own number included; empty without an ensemble.
        committee: what each member of a surrogate's committee says; empty without one.
        scale: one sigma over the standard deviation of what they say.
        error: one sigma that is stated for the number alone; none where there is none.
        measured: the calculator's errors over published values of this quantity; none where it was not measured.
        potential: name of the potential that computed it; empty for a code, whose error is that of its theory.
        quantity: what the number is, in words.
        largest: the largest error that is known of that potential, of whatever quantity; none where none is.
        left_open: what the convergence of this number leaves open, where that was estimated.
    """

    value: float
    unit: str = "eV"
    members: Mapping[str, float] = field(default_factory=dict)
    committee: Sequence[float] = ()
    scale: float = 1.0
    error: float | None = None
    measured: BarrierErrors | None = None
    potential: str = ""
    quantity: str = ""
    largest: Spread | None = None
    left_open: float = 0.0


class Difference(BaseModel):
    """One number minus another, by one calculator."""

    model_config = ConfigDict(frozen=True)

    value: float = Field(description="the difference")
    error: float | None = Field(
        description="one sigma of the difference; beyond it the order of the two is decided; none: nothing decides it"
    )
    basis: str = Field(description="what the error rests upon, in words")

    @property
    def side(self) -> Side:
        """Whether the first is below the second, above it, or neither within the error."""
        if self.error is None or abs(self.value) <= self.error:
            return Side.UNDECIDED
        return Side.BELOW if self.value < 0 else Side.ABOVE

    def in_words(self, unit: str = "") -> str:
        """Say the difference and its error bar."""
        error = "" if self.error is None else f" +- {self.error:.3f}"
        return f"{self.value:+.3f}{error}{' ' if unit else ''}{unit}"


def difference(one: Known, other: Known) -> Difference:
    """Subtract two numbers of one calculator.

    What errors have in common cancels in a difference. The error bar is the standard deviation of what the members of
    an ensemble or of a committee say of the difference, each by its own, both in quadrature; else that of both numbers
    in quadrature, where they have one; where there is neither, the spread of the calculator's errors over published
    values, of both numbers in quadrature. Where that is not known either, the largest error that was measured of a
    potential stands for it; without one, nothing decides the order of two numbers by a potential. Of a code it is what
    convergence leaves open, which says nothing of how good its theory is.

    Args:
        one: the number.
        other: what is subtracted from it, in the same unit.
    """
    # An ensemble of one mind decides no better than convergence does.
    floor = max(OPEN.get(one.unit, LEFT_OPEN), math.hypot(one.left_open, other.left_open))
    error, basis = _error(one, other) or _unmeasured(one) or (floor, UNKNOWN_ERROR)
    return Difference(value=one.value - other.value, error=None if error is None else max(error, floor), basis=basis)


def _error(one: Known, other: Known) -> tuple[float, str] | None:
    """Return one sigma of a difference and what it rests upon; none where nothing is known."""
    parts: dict[str, float] = {}
    members = [member for member in one.members if member in other.members]
    if len(members) > 1:
        apart = [one.members[member] - other.members[member] for member in members]
        parts[f"the {len(members)} members of the ensemble, each by its own difference"] = statistics.stdev(apart)
    if len(one.committee) == len(other.committee) > 1:
        apart = [its - theirs for its, theirs in zip(one.committee, other.committee, strict=True)]
        own = f"the {len(apart)} members of the committee, each by its own difference"
        parts[own] = max(one.scale, other.scale) * statistics.stdev(apart)
    elif one.error is not None and other.error is not None:
        both = "the error bars of both in quadrature, as if the two errors had nothing in common"
        parts[both] = math.hypot(one.error, other.error)
    if parts:
        return math.hypot(*parts.values()), " and ".join(parts)
    if one.measured is None or other.measured is None:
        return None
    spread = one.measured.between(other.measured)
    basis = f"the spread of this calculator's errors over {spread.over}, of both in quadrature; their mean cancels"
    return math.sqrt(2) * spread.value, basis


def _unmeasured(one: Known) -> tuple[float | None, str] | None:
    """Return what stands for the error of a potential that was not measured on this quantity; none for a code."""
    if not one.potential:
        return None
    unknown = f"no error of {one.potential} is known for {one.quantity}"
    if one.largest is None or one.unit != ENERGY:
        return None, f"{unknown}, so that nothing decides"
    instead = f"the largest that is known stands for it: root mean square, mean included, over {one.largest.over}"
    return math.sqrt(2) * one.largest.value, f"{unknown}; {instead}, of both in quadrature"


class Step(BaseModel):
    """Two systems that a paper puts in an order, as they came out."""

    model_config = ConfigDict(frozen=True)

    lower: str = Field(description="system that the paper has below")
    upper: str = Field(description="system that the paper has above")
    where: str = Field("", description="of a ladder, which step; empty elsewhere")
    lower_row: str = Field(description="row that stands for the one")
    upper_row: str = Field(description="row that stands for the other")
    lower_value: float = Field(description="number of the one")
    upper_value: float = Field(description="number of the other")
    difference: Difference = Field(description="lower minus upper")


class OrderingVerdict(BaseModel):
    """What a table says of an order that a paper prints."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(description="key of the published value")
    order: str = Field(description="what is ordered, from the lowest")
    published: str = Field(description="the ordering or the number as it is published")
    source: str = Field(description="the paper")
    doi: str | None = Field(description="its DOI; none where none is known")
    locator: str = Field(description="where in the paper")
    note: str = Field("", description="ambiguities to know before believing the verdict")
    calculator: str = Field(description="what computed the numbers")
    holds: Holds = Field(description="holds, does not hold, not decided within the error, or not compared")
    quantity: str = Field(description="the column compared, as its head calls it")
    unit: str = Field(description="unit of the numbers")
    systems: int = Field(description="how many systems the order has")
    steps: list[Step] = Field(description="the pairs that were compared")
    missing: list[str] = Field(description="systems of the order without a number, each with the reason")

    @property
    def words(self) -> str:
        """The verdict, the numbers, and where the paper says it, in one paragraph."""
        doi = f", {self.doi}" if self.doi else ""
        here = self.systems - len(self.missing)
        part = f", of {self.systems} systems {here} are here" if self.missing and self.steps else ""
        said = [f"{self.order}: {self.holds}{part}."]
        said += [_step_in_words(step, self.unit) for step in self.steps]
        said += [f"Error: {basis}." for basis in dict.fromkeys(step.difference.basis for step in self.steps)]
        if self.missing:
            said.append(f"Without a number here: {'; '.join(self.missing)}.")
        if any(one.endswith(f"({NO_ROW})") for one in self.missing):
            said.append("Say which system is which by published: in the campaign, or by --published SYSTEM=NAME.")
        said.append(f"Published {self.key}: {self.published}; {self.source}{doi}; {self.locator}.")
        if self.note:
            said.append(f"Mind: {self.note}.")
        return " ".join(said)


def _step_in_words(step: Step, unit: str) -> str:
    where = f"{step.where}: " if step.where else ""
    own = step.difference
    said = "not decided" if own.side is Side.UNDECIDED else f"{own.side} as published"
    if own.side is Side.ABOVE:
        said = "above, against the paper"
    return (
        f"{where}{step.lower} {step.lower_value:.3f} ({step.lower_row}), {step.upper} {step.upper_value:.3f} "
        f"({step.upper_row}): {own.in_words(unit)}, {said}."
    )


def verdict_on(differences: Iterable[Difference]) -> Holds:
    """Judge an order by the pairs in it.

    Args:
        differences: of each pair, what should be lower minus what should be higher.

    Returns:
        That it does not hold where one pair is the other way round, that it is not decided where one is not decided,
        else that it holds; not compared without any pair.
    """
    sides = [one.side for one in differences]
    if not sides:
        return Holds.NOT_COMPARED
    if Side.ABOVE in sides:
        return Holds.NO
    return Holds.UNDECIDED if Side.UNDECIDED in sides else Holds.YES
