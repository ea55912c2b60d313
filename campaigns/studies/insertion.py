"""Insertion studies: energies, voltages and swelling of hosts that take up ions."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PositiveInt, model_validator

from ...calculators.specs import geometry_method
from ...errors import StructureError
from ...structures.elements import Element
from ...workflows.common.electrodes import Correction, electrode
from ...workflows.common.references import COHESIVE_ENERGY, reference_structures
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import INSERTION_HOST, Use
from ...workflows.insertion.flow import InsertionMaker
from ...workflows.insertion.results import PROTON
from ...workflows.insertion.sites import SiteSettings, filled_hosts, starting_sites
from ...workflows.insertion.task import InsertionTask
from .base import BulkStudy
from .keys import Names, one_or_more
from .solids import RELAX_BULK, unusual, whole_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms
    from jobflow import Flow

    from ...structures.recipes import StructureRecipe
    from .base import Task
    from .context import Context

RANGE = re.compile(r"(\d+)\s*\.\.\s*(\d+)")
"""1..4"""


def _numbers(value: Any) -> Any:
    """Let numbers of ions be written as one number, as a range, or as a list of both."""
    found: list[Any] = []
    for one in one_or_more(value) or []:
        ends = RANGE.fullmatch(one.strip()) if isinstance(one, str) else None
        found += range(int(ends[1]), int(ends[2]) + 1) if ends else [one]
    return list(dict.fromkeys(found))


def _ions(value: Any) -> Any:
    """Let one ion be written where a list is meant; one that is named twice counts once."""
    several = one_or_more(value)
    return list(dict.fromkeys(several)) if isinstance(several, list) else several


class InsertionStudy(BulkStudy):
    """Energy, voltage and swelling of one or several hosts that take up ions of one or several kinds."""

    kind: Literal["insertion"] = Field(description="insertion energies and voltages")
    system: Names = Field(
        description="name of the host among the systems, a crystal, a slab or a heterostructure, or a list of names"
    )
    ion: Annotated[list[Element], BeforeValidator(_ions), Field(min_length=1)] = Field(
        default=["Zn"], description="chemical symbol of the ion, or a list: Zn, H, Li, Na, K, Mg, Ca, Al"
    )
    n: Annotated[list[PositiveInt], BeforeValidator(_numbers), Field(min_length=1)] = Field(
        default=[1], description="ions per cell of the host: a number, a range such as 1..4, or a list"
    )
    sites: SiteSettings = Field(default_factory=SiteSettings, description="which sites are tried")
    ph: float | None = Field(
        None,
        description="pH of the protons that H comes from, by the computational hydrogen electrode at 0 V against SHE; "
        "none: H comes from 1/2 H2",
    )
    corrections: dict[Element, Correction] = Field(
        default_factory=dict,
        description="energy added to each ion of a kind, with its label: zero-point energy and entropy are not "
        "computed",
    )

    @model_validator(mode="after")
    def _ions_are_known(self) -> Self:
        for ion in self.ion:
            try:
                electrode(ion)
            except StructureError as error:
                raise ValueError(f"ion: {error}") from error
        if self.ph is not None and PROTON not in self.ion:
            raise ValueError("ph: it is of the protons that H comes from, and H is not among the ions")
        if odd := [ion for ion in self.corrections if ion not in self.ion]:
            raise ValueError(f"corrections: {odd[0]} is not among the ions")
        return self

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return self.system

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, INSERTION_HOST) for name in self.system]

    def problem_of(self, system: StructureRecipe, name: str) -> str | None:
        """Say that a molecule holds no ions."""
        return None if system.molecule is None else f"the system {name!r} is a molecule, which has no sites for ions"

    def flows(self, context: Context) -> list[Flow]:
        """Make one flow for each ion in each host."""
        return [
            InsertionMaker(
                name=self._pair_name(ion, system),
                ion=ion,
                numbers=tuple(self.n),
                sites=self.sites,
                ph=self.ph if ion == PROTON else None,
                added=self.corrections.get(ion),
                calculator=geometry_method(context.calculator),
                settings=context.relax,
                cell=self.cell,
                literature=self.literature,
                place=(context.number, pair),
            ).make(context.recipe(system), context.shared.of(SharedJobs))
            for pair, (system, ion) in enumerate(product(self.system, self.ion))
        ]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the hosts, the references, and the hosts with ions on all sites that are tried."""
        for name in self.system:
            with context.system(name) as recipe:
                relaxed = list(whole_tasks(name, recipe, self.cell))
                yield from relaxed
                _, host = relaxed[-1]
                for ion in self.ion:
                    what = RELAX_BULK if ion in COHESIVE_ENERGY else "relax molecule"
                    for part in reference_structures(ion):
                        yield f"{part.info['label']}: {what}", part
                    yield from self._loaded(name, host, recipe, ion, context)

    def _loaded(self, name: str, host: Atoms, recipe: StructureRecipe, ion: str, context: Context) -> Iterator[Task]:
        """Build a host with ions, and say which sites are not tried."""
        method = geometry_method(context.calculator)
        task = InsertionTask.of(recipe, ion, tuple(self.n), self.sites, method, context.relax)
        sites = starting_sites(host, ion, self.sites, task.region, task.places)
        for n in task.numbers:
            for label, loaded in filled_hosts(host, ion, n, sites, self.sites).items():
                start = f"{ion} in {name}{unusual(recipe, self.cell)}, n = {n}, from {label} (of {len(sites)} sites)"
                yield f"{start}: relax", loaded

    def _pair_name(self, ion: str, system: str) -> str:
        pair = f"{ion} in {system}"
        if self.name is None:
            return pair
        return self.name if len(self.ion) * len(self.system) == 1 else f"{self.name}: {pair}"
