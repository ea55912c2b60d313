"""What a screening leaves: of each structure, stage by stage, one number or the reason why there is none."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from ...calculators.specs import CalculatorRecord, StudyCalculator
from ...calculators.surrogates.trust import Trust
from ..common.results import Outcome, StudyLabel

How = Literal["anew", "single points"]
Preferred = Literal["lowest", "highest"]


class Stage(BaseModel):
    """One more look at the best structures by a better method."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    calculator: StudyCalculator = Field(description="the better method")
    best: PositiveInt = Field(5, description="how many of the best structures of the stage before it looks at")
    how: How = Field(
        "anew",
        description="anew: everything by this method; single points: its energies at the states that the stage before "
        "found to decide",
    )


class Found(BaseModel):
    """What one structure gave, by one method."""

    outcome: Outcome = Field(description="ok, or why there is no number")
    reason: str = Field("", description="what happened, in words")
    value: float | None = Field(None, description="the number that decides the rank, in the unit of the quantity")
    at: str = Field("", description="where in the structure: the hop, the site, the facet")
    along: dict[str, float] = Field(default_factory=dict, description="barrier along each cell axis that has one, eV")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of the value")
    opinions: list[float] = Field(
        default_factory=list, description="the same number by the other members of an ensemble, those that have one"
    )
    host_class: str = Field(
        "", description="class of the host, of those that errors of barriers are known of; empty for any other"
    )
    n_atoms: int | None = Field(None, description="atoms in the structure that decides")
    seconds: float | None = Field(None, description="wall time of the calculations of this structure, s")
    force_calls: int | None = Field(None, description="evaluations of energy and forces for it")


class ScreeningResult(StudyLabel):
    """One structure at one stage of a screening."""

    screening: str = Field(description="name of the screening")
    system: str = Field(description="name of the structure")
    quantity: str = Field(description="what is asked, in words")
    unit: str = Field(description="unit of the value")
    ion: str = Field("", description="ion or adsorbate that it is about; empty for none")
    prefer: Preferred = Field(description="which values come first")
    stage: int = Field(description="number of the stage, from 0")
    how: How = Field("anew", description="whether the stage computed everything anew, or single points")
    found: Found = Field(description="the number, or why there is none")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    corrected_by: CalculatorRecord | None = Field(None, description="what computed the single points; none for none")

    @property
    def outcome(self) -> Outcome:
        """Whether there is a number."""
        return self.found.outcome

    @property
    def reason(self) -> str:
        """Why there is none."""
        return self.found.reason


def ranked(results: list[ScreeningResult]) -> list[ScreeningResult]:
    """Sort the structures of one screening: those that got farthest first, then by value, then those without.

    Args:
        results: of one screening, any stages.

    Returns:
        The last stage of each structure; one whose last stage failed keeps the number of the stage before.
    """
    last: dict[str, ScreeningResult] = {}
    for result in results:
        held = last.get(result.system)
        if held is None or (result.found.value is not None and result.stage > held.stage):
            last[result.system] = result
    return sorted(last.values(), key=_place)


def _place(result: ScreeningResult) -> tuple[bool, int, float, str]:
    value = result.found.value
    if value is None:
        return True, 0, 0.0, result.system
    return False, -result.stage, value if result.prefer == "lowest" else -value, result.system
