"""Migration studies: barriers of an ion that hops between sites of a host, or between two structures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from ...calculators.specs import CorrectedSpec
from ...structures.elements import Element
from ...structures.endpoints import Pairing
from ...structures.recipes import build, build_host
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import AS_BUILT, HOST, Use
from ...workflows.migration.flow import MigrationMaker
from ...workflows.migration.hops import HopSettings, hop_between, hop_starts
from ...workflows.migration.results import BandSettings
from .base import BulkStudy, Study
from .solids import host_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from ...workflows.migration.hops import HopStart
    from .base import Task
    from .context import Context


class MigrationStudy(BulkStudy):
    """Barriers of an ion that hops between sites of a host, or between two structures of the user's."""

    CORRECTABLE = True
    REFINABLE = True

    kind: Literal["migration"] = Field(description="a migration barrier")
    system: str | None = Field(None, description="name of the host among the systems")
    endpoints: tuple[str, str] | None = Field(
        None, description="names of two systems between which an ion hops, instead of one host"
    )
    pairing: Pairing | None = Field(
        None,
        description="which atom of the second endpoint is which of the first: nearest (the least movement, also when "
        "none) or as-given (in the order of the files, for atoms that change places)",
    )
    ion: Element | None = Field(
        None,
        description="chemical symbol of the ion; none: Zn in a host, and between endpoints what moves farthest",
    )
    hops: HopSettings = Field(default_factory=HopSettings, description="which hops of a host, in which supercell")
    band: BandSettings = Field(default_factory=BandSettings, description="images and convergence of the band")

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if (self.system is None) == (self.endpoints is None):
            found = "neither" if self.system is None else "both"
            raise ValueError(f"a migration study needs either system or endpoints; found {found}")
        if self.endpoints is None:
            if self.pairing is not None:
                raise ValueError("pairing: belongs to endpoints; the hops of a host are built in one order of atoms")
            self.ion = self.hopping_ion
            return self
        if self.endpoints[0] == self.endpoints[1]:
            raise ValueError(f"endpoints: both are {self.endpoints[0]!r}; a hop needs two structures")
        for key, default in (("hops", HopSettings()), ("cell", None)):
            if getattr(self, key) != default:
                raise ValueError(f"{key}: belongs to a host; between endpoints both are those of the structures")
        return self

    @property
    def hopping_ion(self) -> str:
        """The ion that hops in a host."""
        return self.ion or "Zn"

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system] if self.system is not None else list(self.endpoints or ())

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, HOST if self.endpoints is None else AS_BUILT) for name in self.systems]

    @property
    def reordered(self) -> list[str]:
        """The second endpoint, whose atoms follow the order of the first."""
        return [] if self.endpoints is None else [self.endpoints[1]]

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of all hops."""
        between = self.starts(context)[0] if self.endpoints is not None else None
        ion = self.hopping_ion if between is None else between.ion
        where = f"in {self.systems[0]}" if between is None else f"from {self.systems[0]} to {self.systems[1]}"
        maker = MigrationMaker(
            name=self.name or f"{ion} {where}",
            ion=ion,
            hops=self.hops,
            band=self.band,
            calculator=context.calculator,
            settings=context.relax,
            cell=self.cell,
            literature=self.literature,
            place=(context.number,),
        )
        if between is not None:
            return [maker.make_hop(between)]
        return [maker.make(context.recipe(self.systems[0]), context.shared.of(SharedJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the host, and endpoints and band of every hop."""
        if self.endpoints is None:
            (name,) = self.systems
            with context.system(name) as host:
                yield from host_tasks(name, host, self.cell)
        for start in self.starts(context):
            hop = f"{start.ion} in {self.system or start.host}, {start.label}"
            yield f"{hop}: relax endpoint", start.initial.to_atoms()
            if not start.symmetric:
                yield f"{hop}: relax second endpoint", start.final.to_atoms()
            pairing = "" if start.pairing is None else f"; {start.pairing}"
            yield f"{hop}: band of {self.band.images} images{pairing}", start.initial.to_atoms()

    def single_points(self, context: Context) -> Iterator[Task]:
        """Build the endpoints, which also stand for the saddle."""
        calculator = context.calculator
        refined = isinstance(calculator, CorrectedSpec) and calculator.refine is not None
        task = "refinement" if refined else "single point"
        for start in self.starts(context):
            name = f"{start.ion} in {self.system or start.host}, {start.label}"
            yield f"{name}: {task}, first endpoint", start.initial.to_atoms()
            if not start.symmetric:
                yield f"{name}: {task}, second endpoint", start.final.to_atoms()
            yield f"{name}: {task}, saddle", start.initial.to_atoms()

    def starts(self, context: Context) -> list[HopStart]:
        """Find the hops, on structures as they are built and not yet relaxed.

        Raises:
            StructureError: a structure cannot be built, or has no hop of the kind asked for.
        """
        if self.endpoints is None:
            (host,) = self.systems
            with context.system(host) as recipe:
                hops = self.hops.placed(recipe)
                return hop_starts(build_host(recipe), self.hopping_ion, hops, label=recipe.described)
        states = []
        for name in self.endpoints:
            with context.system(name) as recipe:
                states.append(build(recipe))
        first, second = (_with_its_file(name, context) for name in self.endpoints)
        return [
            hop_between(
                states[0],
                states[1],
                ion=self.ion,
                pairing=self.pairing or "nearest",
                systems=self.endpoints,
                names=(first, second),
            )
        ]

    def as_said_now(self, now: Study, context: Context) -> Study:
        """Leave the ion of a hop open, as the same study now does, where it is the one that the structures say.

        Early versions wrote Zn down where the file named no ion.
        """
        if not isinstance(now, MigrationStudy) or now.ion is not None:
            return self
        (found,) = now.starts(context)
        return self.model_copy(update={"ion": None}) if self.ion == found.ion else self


def _with_its_file(name: str, context: Context) -> str:
    file = context.systems[name].file
    return name if file is None else f"{name} ({file})"
