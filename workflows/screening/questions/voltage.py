"""At what voltage against its metal a host takes ions up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jobflow import Flow
from pydantic import Field, PositiveInt

from ....calculators.specs import geometry_method
from ....structures.elements import Element
from ...common.results import Outcome
from ...common.shared_jobs import SharedJobs
from ...common.single_points import total
from ...common.uses import HOST
from ...insertion.voltage import VoltageMaker, voltage_study
from ..results import Found
from .base import Asked, Evidence, Question, nothing

if TYPE_CHECKING:
    from ....structures.recipes import StructureRecipe
    from ...insertion.results import Insertion


class VoltageQuestion(Question):
    """The mean voltage at which a host takes up the ions of its metal."""

    QUANTITY = "insertion voltage"
    UNIT = "V"
    PREFER = "highest"
    USE = HOST

    kind: Literal["voltage"] = Field("voltage", description="the insertion voltage against the metal")
    ion: Element = Field("Zn", description="chemical symbol of the ion")
    max_sites: PositiveInt = Field(4, description="most sites tried in a host without the ion, the roomiest")

    @property
    def about(self) -> str:
        """The ion."""
        return self.ion

    def study(self, system: str) -> str:
        """Name the study of one host."""
        return f"{self.ion} into {system}"

    def flow(self, structure: StructureRecipe, asked: Asked, pool: SharedJobs) -> tuple[Flow, Evidence]:
        """Compute the host with and without the ion, and the metal."""
        maker = VoltageMaker(
            name=asked.name,
            ion=self.ion,
            max_sites=self.max_sites,
            calculator=geometry_method(asked.calculator),
            settings=asked.relax,
            cell=asked.cell,
            place=asked.place,
        )
        flow = maker.make(structure, pool)
        return flow, {"insertion": flow.output}

    def compute(self, structure: StructureRecipe, asked: Asked, folder: Path | None = None) -> Evidence:
        """Compute the same without Jobflow."""
        found = voltage_study(
            structure,
            self.ion,
            geometry_method(asked.calculator),
            asked.relax,
            cell=asked.cell,
            max_sites=self.max_sites,
            folder=folder,
        )
        return {"insertion": found}

    def answer(self, evidence: Evidence) -> Found:
        """Take the most stable of the loaded states."""
        result: Insertion | None = evidence["insertion"]
        if result is None:
            reason = "the host, the metal or the search for sites failed; the run's log says why"
            return Found(outcome=Outcome.FAILED, reason=reason)
        effort = {
            "seconds": total([one.seconds for one in result.states if one.seconds is not None]),
            "force_calls": sum(one.force_calls for one in result.states),
        }
        if result.voltage is None:
            ended = [(one.name, one.outcome, one.reason) for one in result.states]
            ended.append((result.metal.state, result.metal.outcome, ""))
            return Found(**nothing(ended, "no loaded state with a result"), **effort)
        return Found(
            outcome=Outcome.OK,
            value=result.voltage,
            at=result.loaded.name if result.loaded is not None else "",
            trust=result.trust,
            n_atoms=result.n_atoms,
            **effort,
        )
