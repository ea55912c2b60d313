"""What the calculations of DFT of a campaign are going to cost, estimated from measured points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ..calculators.costs.estimate import CostModel, Estimate, cost_model
from ..calculators.costs.measured import MeasuredCosts
from ..errors import CapabilityError

if TYPE_CHECKING:
    from ..calculators.costs.size import Size
    from .plan import PlannedStructure


@dataclass(frozen=True)
class Basis:
    """What an estimate rests on.

    Attributes:
        method: code and algorithm.
        model: the laws.
        source: the measured points that they are fitted to, and others of that machine.
    """

    method: str
    model: CostModel
    source: MeasuredCosts


@dataclass(frozen=True)
class PlannedCost:
    """The cost of one planned calculation.

    Attributes:
        planned: the calculation.
        size: of a self-consistent field; none where the calculator cannot tell.
        basis: what the estimate rests on; none where there is none.
        unknown: why there is none, in words; empty where there is one.
    """

    planned: PlannedStructure
    size: Size | None
    basis: Basis | None
    unknown: str = ""

    @property
    def estimate(self) -> Estimate | None:
        """Time, memory and disk; none where they are not estimated."""
        return None if self.basis is None or self.size is None else self.basis.model.of(self.size)

    @property
    def seconds(self) -> float | None:
        """Time of the job on one core, s; none where it is not estimated, or nobody knows its number of geometries."""
        estimate, number = self.estimate, self.planned.evaluations
        return None if estimate is None or number is None else estimate.of(number)


def planned_costs(planned: Sequence[PlannedStructure], sources: Sequence[MeasuredCosts]) -> list[PlannedCost]:
    """Estimate the calculations of DFT among some; others take seconds.

    Args:
        planned: all calculations, as ``campaigns.plan.plan`` returns them.
        sources: measured points; those of the first that has enough of a method are taken.
    """

    @cache
    def basis(method: str) -> Basis | None:
        made = ((cost_model(method, source), source) for source in sources)
        return next((Basis(method, model, source) for model, source in made if model is not None), None)

    found = []
    for entry in planned:
        if entry.calculator.queue() != "dft":
            continue
        try:
            size = entry.calculator.size(entry.atoms)
        except CapabilityError as error:  # no reason not to compute
            found.append(PlannedCost(entry, None, None, str(error)))
            continue
        method = entry.calculator.kind if size is None else size.method
        known = None if size is None else basis(method)
        found.append(PlannedCost(entry, size, known, "" if known else f"no measured points of {method}"))
    return found
