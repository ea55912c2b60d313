"""Interface studies: work of adhesion, interface bonds and strain of heterostructures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from ...calculators.specs import geometry_method
from ...structures.building import build
from ...structures.heterostructures import both_sides
from ...workflows.common.uses import TWO_SIDES, Use
from ...workflows.interfaces.flow import InterfaceMaker
from .base import RelaxingStudy
from .keys import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from ...structures.recipes import StructureRecipe
    from .base import Task
    from .context import Context


class InterfaceStudy(RelaxingStudy):
    """Work of adhesion, interface bonds and strain of one or several heterostructures."""

    kind: Literal["interface"] = Field(description="interface energetics")
    system: Names = Field(description="name of the heterostructure among the systems, or a list of names")

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return self.system

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, TWO_SIDES) for name in self.system]

    def problem_of(self, system: StructureRecipe, name: str) -> str | None:
        """Say that a system has no two sides."""
        if system.heterostructure is not None:
            return None
        return (
            f"needs a heterostructure, and the system {name!r} is none; write it as {name}: "
            "{heterostructure: V8O16/graphene}"
        )

    def flows(self, context: Context) -> list[Flow]:
        """Make one flow for each heterostructure."""
        return [
            InterfaceMaker(
                name=self.name if self.name is not None and len(self.system) == 1 else system,
                calculator=geometry_method(context.calculator),
                settings=context.relax,
                literature=self.literature,
                place=(context.number, place),
            ).make(context.recipe(system))
            for place, system in enumerate(self.system)
        ]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the heterostructures, their films and their supports."""
        for name in self.system:
            with context.system(name) as recipe:
                host = build(recipe)
                film, support = both_sides(host)
                yield f"{name}: relax", host
                yield f"{name}: relax film alone", host[film]
                yield f"{name}: relax support alone", host[support]
