"""What becomes of a claim: the printed numbers beside those that follow, and a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from .claim import Claim


class Verdict(StrEnum):
    """Whether a claim agrees with itself."""

    CONSISTENT = "consistent"
    INCONSISTENT = "not consistent"
    OPEN = "cannot be checked"
    COMPUTED = "worked out"


class Comparison(BaseModel):
    """One printed number beside the one that follows; or what follows alone, where nothing is printed."""

    model_config = ConfigDict(frozen=True)

    quantity: str = Field(description="what it is, in words")
    printed: float | None = Field(description="as printed; none where nothing is")
    computed: float = Field(description="what follows from the rest of the claim")
    unit: str = Field(description="unit of both")
    consistent: bool | None = Field(description="whether they agree within the tolerance of the claim; none of one")

    @property
    def deviation(self) -> float | None:
        """Relative deviation of the printed number; none from zero, and of none."""
        return self.printed / self.computed - 1.0 if self.computed and self.printed is not None else None


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

    def verdict(self, claim: Claim) -> Verdict:
        """Tell whether all printed numbers follow; one that nothing is printed for is no question."""
        if not claim.prints:
            return Verdict.COMPUTED
        answers = [comparison.consistent for comparison in self.comparisons if comparison.consistent is not None]
        if not answers:
            return Verdict.OPEN
        return Verdict.CONSISTENT if all(answers) else Verdict.INCONSISTENT


def compared(quantity: str, printed: float | None, computed: float, unit: str, tolerance: float) -> Comparison:
    """Put a printed number beside the one that follows.

    Args:
        quantity: what it is, in words.
        printed: as printed; none where nothing is.
        computed: what follows.
        unit: unit of both.
        tolerance: largest deviation, relative to what follows, that still counts as consistent.
    """
    consistent = None
    if printed is not None:
        consistent = math.isclose(printed, computed, rel_tol=0.0, abs_tol=tolerance * abs(computed))
    return Comparison(quantity=quantity, printed=printed, computed=computed, unit=unit, consistent=consistent)


def computed(quantity: str, value: float, unit: str) -> Comparison:
    """Put down what follows where nothing is printed to compare it with."""
    return Comparison(quantity=quantity, printed=None, computed=value, unit=unit, consistent=None)
