"""How costly the surfaces of a crystal are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from jobflow import Flow
from pydantic import Field, PositiveFloat, PositiveInt

from ....calculators.specs import geometry_method
from ....structures.recipes import Miller
from ...common.results import Outcome
from ...common.shared_jobs import SharedJobs
from ...common.uses import CRYSTAL
from ...surfaces.flow import SurfaceMaker, surface_study
from ..results import Found
from .base import Asked, Evidence, Question, nothing

if TYPE_CHECKING:
    from ....structures.recipes import StructureRecipe
    from ...surfaces.results import SurfaceResult


class SurfaceQuestion(Question):
    """The lowest surface energy among some facets of a crystal."""

    QUANTITY = "surface energy"
    UNIT = "J/m^2"
    PREFER = "lowest"
    USE = CRYSTAL

    kind: Literal["surface"] = Field("surface", description="the lowest surface energy among some facets")
    facets: Annotated[list[Miller], Field(min_length=1)] = Field(
        default=[(0, 0, 1), (1, 0, 0), (1, 1, 0), (1, 1, 1)], description="facets, as people write them"
    )
    layers: PositiveInt = Field(4, description="slab thickness in repeat layers of the bulk")
    vacuum: PositiveFloat = Field(15.0, description="empty space between a slab and its image, angstrom")

    def study(self, system: str) -> str:
        """Name the study of one crystal."""
        return f"surfaces of {system}"

    def flow(self, structure: StructureRecipe, asked: Asked, pool: SharedJobs) -> tuple[Flow, Evidence]:
        """Compute every termination of every facet."""
        maker = SurfaceMaker(
            name=asked.name,
            millers=self.facets,
            layers=[self.layers],
            vacuum=self.vacuum,
            calculator=geometry_method(asked.calculator),
            settings=asked.relax,
            cell=asked.cell,
            place=asked.place,
        )
        flow = maker.make(structure, pool)
        return flow, {"surfaces": flow.output}

    def compute(self, structure: StructureRecipe, asked: Asked, folder: Path | None = None) -> Evidence:
        """Compute every termination without Jobflow."""
        result = surface_study(
            structure,
            self.facets,
            geometry_method(asked.calculator),
            asked.relax,
            layers=[self.layers],
            vacuum=self.vacuum,
            cell=asked.cell,
            folder=folder,
        )
        return {"surfaces": result}

    def answer(self, evidence: Evidence) -> Found:
        """Take the lowest surface energy."""
        result: SurfaceResult | None = evidence["surfaces"]
        if result is None:
            reason = "the bulk failed, or no slab could be cut; the run's log says why"
            return Found(outcome=Outcome.FAILED, reason=reason)
        names = ["({}{}{})".format(*row.miller) + f" t{row.termination}" for row in result.rows]
        sound = [
            (row.gamma, name, row)
            for name, row in zip(names, result.rows, strict=True)
            if row.outcome is Outcome.OK and row.gamma is not None
        ]
        if not sound:
            ended = [(name, row.outcome, row.reason) for name, row in zip(names, result.rows, strict=True)]
            return Found(**nothing(ended, "no facet with a result"))
        gamma, name, best = min(sound, key=lambda one: one[0])
        return Found(outcome=Outcome.OK, value=gamma, at=name, n_atoms=best.n_atoms)
