"""Amorphous solids: crystals that are melted and quenched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, PositiveInt

from ...calculators.specs import geometry_method
from ...workflows.amorphous.flow import AmorphousMaker
from ...workflows.amorphous.protocol import MeltQuench
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import MELTED, Use
from .base import BulkStudy
from .solids import whole_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from ...structures.recipes import StructureRecipe
    from .base import Task
    from .context import Context


class AmorphousStudy(BulkStudy):
    """Amorphous solids of the composition of a crystal, by melting and quenching."""

    kind: Literal["amorphous"] = Field(description="amorphous solids by melting and quenching")
    system: str = Field(
        description="name of the crystal among the systems; its supercell says how many atoms are melted"
    )
    protocol: MeltQuench = Field(default_factory=MeltQuench, description="how it is melted and quenched")
    seeds: PositiveInt = Field(1, description="solids to make, each from a start and with random forces of its own")

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system]

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its system and what it does with it."""
        return [(self.system, MELTED)]

    def problem_of(self, system: StructureRecipe, name: str) -> str | None:
        """Say that a molecule is no crystal."""
        return None if system.molecule is None else f"the system {name!r} is a molecule; name a crystal"

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of all seeds."""
        maker = AmorphousMaker(
            name=self.name or f"amorphous {self.system}",
            protocol=self.protocol,
            seeds=self.seeds,
            calculator=geometry_method(context.calculator),
            settings=context.relax,
            cell=self.cell,
            literature=self.literature,
            place=(context.number,),
        )
        return [maker.make(context.recipe(self.system), context.shared.of(SharedJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the crystal, and what is melted."""
        name = self.system
        with context.system(name) as recipe:
            relaxed = list(whole_tasks(name, recipe, self.cell))
            yield from relaxed
            _, crystal = relaxed[-1]
            for seed in range(self.seeds):
                start = self.protocol.started(crystal, seed)
                start.info["label"] = name
                yield f"{name}: melt and quench, seed {seed}, {self.protocol.steps} steps", start
