"""Dissociation studies: what it costs water on a surface to fall into OH and H, alone and beside other atoms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from ...structures.building import build_bulk, build_from_bulk, slab_axes
from ...structures.dissociation import beside as standing_beside
from ...structures.dissociation import splits
from ...structures.elements import Element
from ...structures.sites import adsorption_sites
from ...workflows.adsorption.placement import placements
from ...workflows.common.references import reference_structures
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import AS_BUILT, Use
from ...workflows.dissociation.flow import ADSORBATES, DissociationMaker
from ...workflows.dissociation.results import EndSettings
from ...workflows.migration.results import BandSettings
from .base import BulkStudy
from .keys import Names
from .solids import bulk_task, indexed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ase import Atoms
    from jobflow import Flow

    from .base import Task
    from .context import Context


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class DissociationStudy(BulkStudy):
    """What it costs water on a surface to fall into OH and H: barriers both ways, alone and beside other atoms."""

    CORRECTABLE = True
    REFINABLE = True

    kind: Literal["dissociation"] = Field(description="barriers of water dissociation")
    system: Names = Field(description="name of the surface among the systems, or a list of names")
    molecule: Literal["H2O"] = Field("H2O", description="what falls apart; water, the only one there is a guide for")
    beside: Annotated[list[Element], BeforeValidator(_list)] = Field(
        default_factory=list,
        description="neutral atoms beside the water, by element, each in a row of its own: Zn, Li, Na, Mg; water alone "
        "is always computed",
    )
    ends: EndSettings = Field(default_factory=EndSettings, description="where both ends of the path are looked for")
    band: BandSettings = Field(default_factory=BandSettings, description="images and convergence of the band")
    sites: list[str] | None = Field(
        None, description="labels of the adsorption sites tried of H2O, OH and H; all distinct sites when none"
    )

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return self.system

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, AS_BUILT) for name in self.system]

    def flows(self, context: Context) -> list[Flow]:
        """Make one flow for each surface."""
        return [
            DissociationMaker(
                name=self._name_on(system),
                beside=list(self.beside),
                ends=self.ends,
                band=self.band,
                calculator=context.calculator,
                settings=context.relax,
                cell=self.cell,
                sites=self.sites,
                literature=self.literature,
                place=(context.number, number),
            ).make(context.recipe(system), context.shared.of(SharedJobs))
            for number, system in enumerate(self.system)
        ]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the surfaces, what is adsorbed on them, and ends of each path as they may be."""
        for name in self.system:
            with context.system(name) as recipe:
                task, bulk = bulk_task(name, recipe, self.cell)
                yield task, bulk
                surface = build_from_bulk(recipe, bulk)
                cell = "" if recipe.slab is None else indexed(bulk, slab_axes(recipe))
                yield f"{name}: relax surface{cell}", surface
                for adsorbate in ADSORBATES:
                    for part in reference_structures(adsorbate):
                        yield f"{part.info['label']}: relax molecule", part
                    for start in placements(surface, adsorbate, self.sites):
                        yield f"{adsorbate} on {name}, {start.name}: relax", start.structure.to_atoms()
                yield from self._paths(name, surface)

    def single_points(self, context: Context) -> Iterator[Task]:
        """Build the surfaces with what is adsorbed on them, and ends that stand for the saddles too."""
        for name in self.system:
            with context.system(name) as recipe:
                surface = build_from_bulk(recipe, build_bulk(recipe.bulk))
                yield f"{name}: single point", surface
                for adsorbate in ADSORBATES:
                    for part in reference_structures(adsorbate):
                        yield f"{part.info['label']}: single point", part
                    for start in placements(surface, adsorbate, self.sites):
                        yield f"{adsorbate} on {name}, {start.name}: single point", start.structure.to_atoms()
                for element, waters in self._waters(surface):
                    aside = f" beside {element}" if element else ""
                    for state in ("H2O", "OH and H", "saddle"):
                        yield f"{state}{aside} on {name}: single point", waters[0]

    def _paths(self, name: str, surface: Atoms) -> Iterator[Task]:
        """Show the ends of the paths from a water that is not relaxed; those of the run follow from what it finds."""
        labels = [site.label for site in adsorption_sites(surface) if self.sites is None or site.label in self.sites]
        alike = dict.fromkeys(labels, 0.0)
        for element, waters in self._waters(surface):
            aside = f" beside {element}" if element else ""
            if element:
                for water in waters:
                    yield f"H2O{aside} on {name}: relax", water
            for split in splits(waters[0], surface, alike, alike, self.ends.reach)[: self.ends.products]:
                yield f"OH and H{aside} on {name}: relax", split.atoms
            yield f"H2O to OH and H{aside} on {name}: band of {self.band.images} images", waters[0]

    def _waters(self, surface: Atoms) -> Iterator[tuple[str, list[Atoms]]]:
        """Build water alone and beside each atom, at all places of that, not relaxed."""
        alone = placements(surface, "H2O", self.sites)[0].structure.to_atoms()
        yield "", [alone]
        for element in self.beside:
            found = standing_beside(alone, surface, element, self.ends.distance)
            yield element, [atoms for _, atoms in found[: self.ends.places]]

    def _name_on(self, system: str) -> str:
        about = f"{self.molecule} dissociation on {system}"
        if self.name is None:
            return about
        return self.name if len(self.system) == 1 else f"{self.name}: {about}"
