"""What becomes of a claim: the printed numbers beside those that follow, and a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Verdict(StrEnum):
    """Whether a claim agrees with itself."""

    CONSISTENT = "consistent"
    INCONSISTENT = "not consistent"
    OPEN = "cannot be checked"


class Comparison(BaseModel):
    """One printed number beside the one that follows."""

    model_config = ConfigDict(frozen=True)

    quantity: str = Field(description="what it is, in words")
    printed: float = Field(description="as printed")
    computed: float = Field(description="what follows from the rest of the claim")
    unit: str = Field(description="unit of both")
    consistent: bool = Field(description="whether they agree within the tolerance of the claim")

    @property
    def deviation(self) -> float | None:
        """Relative deviation of the printed number; none from zero."""
        return self.printed / self.computed - 1.0 if self.computed else None


class Finding(BaseModel):
    """What became of one claim."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="name of the claim")
    kind: str = Field(description="kind of the claim")
    case: str = Field(description="what it is about, in words")
    verdict: Verdict = Field(description="whether everything in it follows")
    comparisons: list[Comparison] = Field(description="its numbers beside those that follow")
    remarks: list[str] = Field(description="what would be consistent, and what else the numbers say")
    origin: str = Field(description="where it is printed")
    note: str = Field(description="what to know beside the arithmetic")


@dataclass(frozen=True)
class Checked:
    """What the check of one kind of claim hands back.

    Attributes:
        case: what the claim is about, in words.
        comparisons: printed beside computed.
        remarks: what would be consistent, and what else the numbers say.
    """

    case: str
    comparisons: list[Comparison]
    remarks: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """Whether all numbers follow."""
        if not self.comparisons:
            return Verdict.OPEN
        consistent = all(comparison.consistent for comparison in self.comparisons)
        return Verdict.CONSISTENT if consistent else Verdict.INCONSISTENT


def compared(quantity: str, printed: float, computed: float, unit: str, tolerance: float) -> Comparison:
    """Put a printed number beside the one that follows.

    Args:
        quantity: what it is, in words.
        printed: as printed.
        computed: what follows.
        unit: unit of both.
        tolerance: largest deviation, relative to what follows, that still counts as consistent.
    """
    consistent = math.isclose(printed, computed, rel_tol=0.0, abs_tol=tolerance * abs(computed))
    return Comparison(quantity=quantity, printed=printed, computed=computed, unit=unit, consistent=consistent)
