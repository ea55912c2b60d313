"""Adsorption studies: adsorption energies of one or several adsorbates on one or several surfaces."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from ...structures.building import build_bulk, build_from_bulk, slab_axes
from ...structures.molecules import is_known
from ...workflows.adsorption.flow import AdsorptionMaker
from ...workflows.adsorption.free_energies import FreeEnergySettings
from ...workflows.adsorption.placement import MOST_STARTS, capped_placements
from ...workflows.common.references import COHESIVE_ENERGY, reference_structures
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import AS_BUILT, MOLECULE, Use
from .base import BulkStudy
from .keys import Names
from .solids import LEFT_OUT, RELAX_BULK, bulk_task, indexed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from .base import Task
    from .context import Context


class AdsorptionStudy(BulkStudy):
    """Adsorption energies of one or several adsorbates on all distinct sites of one or several surfaces."""

    CORRECTABLE = True
    MOLECULE_KEYS = ("adsorbate",)

    kind: Literal["adsorption"] = Field(description="adsorption energies")
    system: Names = Field(description="name of the surface among the systems, or a list of names")
    adsorbate: Names = Field(
        default=["Zn"],
        description="Zn, H, O, OH, a molecule by name (H2O), name of a system that is a molecule, or a molecule file, "
        "relative to the campaign file; or a list of them",
    )
    sites: list[str] | None = Field(
        None, description="labels of the sites wanted, as a dry run lists them; all distinct sites when none"
    )
    max_starts: PositiveInt | None = Field(
        MOST_STARTS,
        description="most starts, sites times orientations, of one adsorbate on one surface: every site first, then "
        "further orientations; none: all",
    )
    free_energy: FreeEnergySettings | None = Field(
        None,
        description="free energies beside the energies, from vibrations or by a constant; none: energies alone",
        exclude_if=lambda free_energy: free_energy is None,  # written as before there was this key
    )

    @model_validator(mode="after")
    def _free_energies_of_what_has_them(self) -> Self:
        if self.free_energy is not None and (problem := self.free_energy.problem(self.adsorbate)):
            raise ValueError(problem)
        return self

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return self.system

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        molecules = [(name, MOLECULE) for name in self.adsorbate if not is_known(name)]
        return [*((name, AS_BUILT) for name in self.system), *molecules]

    def flows(self, context: Context) -> list[Flow]:
        """Make one flow for each adsorbate on each surface."""
        return [
            AdsorptionMaker(
                name=self._pair_name(adsorbate, system),
                adsorbate=context.adsorbate(adsorbate),
                calculator=context.calculator,
                settings=context.relax,
                cell=self.cell,
                sites=self.sites,
                max_starts=self.max_starts,
                free_energy=self.free_energy,
                literature=self.literature,
                place=(context.number, pair),
            ).make(context.recipe(system), context.shared.of(SharedJobs))
            for pair, (system, adsorbate) in enumerate(product(self.system, self.adsorbate))
        ]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the bulks, the surfaces, the references and the adsorbates on their sites."""
        for name in self.system:
            with context.system(name) as recipe:
                task, bulk = bulk_task(name, recipe, self.cell)
                yield task, bulk
                surface = build_from_bulk(recipe, bulk)
                cell = "" if recipe.slab is None else indexed(bulk, slab_axes(recipe))
                yield f"{name}: relax surface{cell}", surface
                for adsorbate in self.adsorbate:
                    source = context.adsorbate(adsorbate)
                    what = RELAX_BULK if adsorbate in COHESIVE_ENERGY else "relax molecule"
                    for part in reference_structures(source):
                        yield f"{part.info['label']}: {what}", part
                    starts, left_out = capped_placements(surface, source, self.sites, self.max_starts)
                    for start in starts:
                        atoms = start.structure.to_atoms()
                        if left_out and start is starts[-1]:
                            atoms.info[LEFT_OUT] = left_out
                        yield f"{adsorbate} on {name}, {start.name}: relax", atoms
                        if self._vibrates:
                            yield f"{adsorbate} on {name}, {start.name}: vibrations", start.structure.to_atoms()

    def single_points(self, context: Context) -> Iterator[Task]:
        """Build the bare surfaces, the references and the adsorbates on their sites."""
        for name in self.system:
            with context.system(name) as recipe:
                surface = build_from_bulk(recipe, build_bulk(recipe.bulk))
            yield f"{name}: single point", surface
            for adsorbate in self.adsorbate:
                source = context.adsorbate(adsorbate)
                for part in reference_structures(source):
                    yield f"{part.info['label']}: single point", part
                for start in capped_placements(surface, source, self.sites, self.max_starts)[0]:
                    yield f"{adsorbate} on {name}, {start.name}: single point", start.structure.to_atoms()

    @property
    def _vibrates(self) -> bool:
        return self.free_energy is not None and self.free_energy.constant is None

    def _pair_name(self, adsorbate: str, system: str) -> str:
        pair = f"{adsorbate} on {system}"
        if self.name is None:
            return pair
        return self.name if len(self.adsorbate) * len(self.system) == 1 else f"{self.name}: {pair}"
