"""Breathing studies: how many ions an interface takes before its bonds no longer come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from ...calculators.specs import geometry_method
from ...structures.building import build
from ...structures.elements import Element
from ...workflows.breathing.flow import BreathingMaker
from ...workflows.breathing.hosts import fullest, protonated
from ...workflows.breathing.tasks import BreathingSettings
from ...workflows.common.references import reference_structures
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import AS_BUILT, Use
from .base import RelaxingStudy
from .solids import RELAX_BULK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from .base import Task
    from .context import Context


class BreathingStudy(RelaxingStudy):
    """How many ions an interface takes before its bonds no longer come back, and what capacity that is."""

    kind: Literal["breathing"] = Field(description="the interfacial-breathing capacity limit")
    system: str = Field(description="name of the heterostructure among the systems")
    ion: Element = Field("Zn", description="chemical symbol of the ion")
    breathing: BreathingSettings = Field(
        default_factory=BreathingSettings, description="how far the interface is loaded, and how hard sites are sought"
    )

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system]

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(self.system, AS_BUILT)]

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of the host and all its loadings."""
        maker = BreathingMaker(
            name=self.name or f"{self.ion} in {self.system}",
            ion=self.ion,
            calculator=geometry_method(context.calculator),
            relax=context.relax,
            settings=self.breathing,
            literature=self.literature,
            place=(context.number,),
        )
        return [maker.make(context.recipe(self.system), context.shared.of(SharedJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the host, empty and as full as it gets, and the reference of the ion."""
        name = self.system
        with context.system(name) as recipe:
            host = build(recipe)
            yield f"{name}: relax and anneal", host
            yield f"{name}: search up to n = {self.breathing.ions}", fullest(host, self.ion, self.breathing)
            for part in reference_structures(self.ion):
                yield f"{part.info['label']}: {RELAX_BULK}", part
            if self.breathing.protons.most:
                yield f"{name}: up to {self.breathing.protons.most} H beside them", protonated(host, self.breathing)
                for part in reference_structures("H"):
                    yield f"{part.info['label']}: relax molecule", part
