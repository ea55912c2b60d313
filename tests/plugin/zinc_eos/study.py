"""The keys of an equation of state in a campaign file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from jobflow import Flow
from pydantic import Field

from azibflow.calculators.specs import geometry_method
from azibflow.campaigns.studies.base import BulkStudy, Task
from azibflow.campaigns.studies.context import Context
from azibflow.campaigns.studies.solids import bulk_task
from azibflow.workflows.common.shared_jobs import SharedJobs
from azibflow.workflows.common.uses import CRYSTAL, Use

from .flow import EosMaker, strained


class EosStudy(BulkStudy):
    """The bulk modulus of a crystal, from its energy at several volumes."""

    kind: Literal["equation-of-state"] = Field(description="a bulk modulus")
    system: str = Field(description="name of the crystal among the systems")
    strains: Annotated[list[float], Field(min_length=5)] = Field(
        default=[-0.04, -0.02, 0.0, 0.02, 0.04], description="linear strains of the relaxed cell, as fractions"
    )

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system]

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its system; keys of it that a crystal does not honour are refused."""
        return [(self.system, CRYSTAL)]

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow; the relaxed bulk is shared with other studies of the campaign."""
        maker = EosMaker(
            name=self.name or f"equation of state of {self.system}",
            strains=tuple(self.strains),
            calculator=geometry_method(context.calculator),
            settings=context.relax,
            cell=self.cell,
            literature=self.literature,
            place=(context.number,),
        )
        return [maker.make(context.recipe(self.system), context.shared.of(SharedJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Show what would be computed."""
        with context.system(self.system) as recipe:
            task, bulk = bulk_task(self.system, recipe, self.cell)
            yield task, bulk
            for strain in self.strains:
                yield f"{self.system}: energy at {strain:+.1%}", strained(bulk, strain)
