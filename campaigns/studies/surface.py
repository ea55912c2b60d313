"""Surface studies: surface energies of facets of one bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from ...calculators.specs import geometry_method
from ...structures.building import build_host, intact_bonds, slab_axes
from ...structures.recipes import BondName, Miller
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import CRYSTAL, Use
from ...workflows.surfaces.flow import SurfaceMaker
from ...workflows.surfaces.slabs import slab_starts
from .base import BulkStudy
from .solids import host_tasks, indexed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from .base import Task
    from .context import Context


class SurfaceStudy(BulkStudy):
    """Surface energies of facets of one bulk."""

    kind: Literal["surface"] = Field(description="surface energies")
    system: str = Field(description="name of the bulk among the systems")
    facets: Annotated[list[Miller], Field(min_length=1)] = Field(
        description='facets as people write them: "(002)", "(10-10)", [1, 0, 0]; indices of the conventional cell in '
        "the axes of the file, also where that holds a primitive cell or a supercell"
    )
    layers: list[PositiveInt] = Field(
        default=[8], min_length=1, description="slab thicknesses in repeat layers of the bulk"
    )
    vacuum: PositiveFloat = Field(15.0, description="empty space between a slab and its image, angstrom")
    broken_bonds: tuple[BondName, ...] = Field(
        (),
        description="bonds within the layers of a layered crystal that these facets may break, such as [Ti-S]; none: "
        "layers stay whole",
        exclude_if=lambda bonds: not bonds,  # written as before there was this key
    )

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system]

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(self.system, CRYSTAL)]

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of all facets."""
        maker = SurfaceMaker(
            name=self.name or f"surfaces of {self.system}",
            millers=self.facets,
            layers=self.layers,
            vacuum=self.vacuum,
            calculator=geometry_method(context.calculator),
            settings=context.relax,
            cell=self.cell,
            broken_bonds=self.broken_bonds,
            literature=self.literature,
            place=(context.number,),
        )
        return [maker.make(context.recipe(self.system), context.shared.of(SharedJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the bulk and every slab."""
        name = self.system
        with context.system(name) as recipe:
            yield from host_tasks(name, recipe, self.cell)
            bulk, axes, bonds = build_host(recipe), slab_axes(recipe), intact_bonds(recipe, self.broken_bonds)
            cell = indexed(bulk, axes)
            for start in slab_starts(bulk, self.facets, self.layers, self.vacuum, bonds, axes):
                facet = "({}{}{})".format(*start.miller)
                what = f"{name}{facet} t{start.termination}, {start.layers} layers{cell}: relax"
                yield what, start.structure.to_atoms()
