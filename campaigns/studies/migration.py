"""Migration studies: barriers of an ion in a host or on a surface, or between two structures."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from ...calculators.specs import CorrectedSpec
from ...errors import StructureError
from ...structures.building import build, build_host
from ...structures.documents import StructureDocument
from ...structures.elements import Element
from ...structures.endpoints import Pairing
from ...structures.vacuum import LEAST_VACUUM
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import AS_BUILT, REPEATED_HOST, Use
from ...workflows.migration.flow import MigrationMaker
from ...workflows.migration.hops import WAYS_THROUGH, HopSettings, hop_between, hop_starts
from ...workflows.migration.results import BandSettings
from ...workflows.migration.surface_flow import SurfaceMigrationMaker
from ...workflows.migration.surface_hops import SurfaceHops
from .adatoms import adatom_single_points, adatom_tasks, has_vacuum, is_surface
from .base import BulkStudy, Study
from .keys import SystemNames
from .solids import LEFT_OUT, host_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from ...structures.recipes import StructureRecipe
    from ...workflows.migration.hops import HopStart
    from .base import Task
    from .context import Context


class MigrationStudy(BulkStudy):
    """Barriers of an ion that hops between sites of a host or on a surface, or between two structures of the user's."""

    CORRECTABLE = True
    REFINABLE = True

    kind: Literal["migration"] = Field(description="a migration barrier")
    system: SystemNames | None = Field(
        None, description="name of the host or surface among the systems, or a list of names"
    )
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
        description="chemical symbol of the ion; none: Zn in a host or on a surface, and between endpoints what moves "
        "farthest",
    )
    hops: HopSettings | None = Field(
        None,
        description="which hops in a bulk host, in which supercell; none: those of the widest ways through it, six at "
        "most",
    )
    surface: SurfaceHops | None = Field(
        None,
        description="which hops on a surface (a slab, a sheet, a file with vacuum along c); none: those between "
        "neighbouring places of rest, six at most",
    )
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
        if self.hops == HopSettings():  # as earlier versions wrote down what the file did not say
            self.hops = None
        for key in ("hops", "surface", "cell"):
            if getattr(self, key) is not None:
                raise ValueError(f"{key}: belongs to a host; between endpoints both are those of the structures")
        return self

    @property
    def hopping_ion(self) -> str:
        """The ion that hops in a host."""
        return self.ion or "Zn"

    @property
    def hosts(self) -> list[str]:
        """Names of the hosts and surfaces; none between given endpoints."""
        return self.system or []

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [*self.hosts, *(self.endpoints or ())]

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each; what a host cannot be is said by ``problem_of``."""
        return [(name, AS_BUILT) for name in self.systems]

    def problem_of(self, system: StructureRecipe, name: str) -> str | None:
        """Say why a system is no host or surface of the hops that are named; none when it is."""
        if self.endpoints is not None:
            return None
        known = is_surface(system)
        if known and self.hops is not None and self.surface is None and (system.slab or self.hops.sites is None):
            return (
                f"hops: belongs to bulk hosts, and {name!r} is a {'slab' if system.slab else 'sheet'}, on which an "
                "adatom goes from one adsorption site to the next; name its hops by surface, or leave hops out"
            )
        if known is False and self.surface is not None and self.hops is None and not system.heterostructure:
            return (
                f"surface: belongs to slabs and sheets, and {name!r} is a bulk; cut a slab of it by slab, or leave "
                "surface out"
            )
        problem = REPEATED_HOST.problem(system) if known is False and not self._named_surface(system) else None
        return None if problem is None else f"system {name!r}: {problem}"

    def on_surface(self, system: StructureRecipe, name: str) -> bool:
        """Tell whether an adatom moves on a system, or an ion within it.

        Args:
            system: with absolute paths.
            name: of the system.

        Raises:
            StructureError: its file cannot be read, or is no surface although surface is named.
        """
        if self.surface is None and self.hops is not None:
            return False
        known = is_surface(system)
        if known is not None:
            return known or self._named_surface(system)
        if has_vacuum(system):
            return True
        if self._named_surface(system) and self.hops is None:
            raise StructureError(
                f"surface: belongs to slabs and sheets, and {name!r} has no vacuum of {LEAST_VACUUM:g} angstrom along c"
            )
        return False

    def _named_surface(self, system: StructureRecipe) -> bool:
        return self.surface is not None and (system.heterostructure is not None or is_surface(system) is None)

    @property
    def reordered(self) -> list[str]:
        """The second endpoint, whose atoms follow the order of the first."""
        return [] if self.endpoints is None else [self.endpoints[1]]

    def flows(self, context: Context) -> list[Flow]:
        """Make one flow for all hops of each host or surface."""
        if self.endpoints is not None:
            (between,) = self.starts(context)
            where = f"{between.ion} from {self.endpoints[0]} to {self.endpoints[1]}"
            return [self._maker(context, self.name or where, between.ion, (context.number,)).make_hop(between)]
        return [self._flow(context, name, number) for number, name in enumerate(self.hosts)]

    def _flow(self, context: Context, name: str, number: int) -> Flow:
        recipe, ion = context.recipe(name), self.hopping_ion
        place = (context.number, number) if len(self.hosts) > 1 else (context.number,)
        pool = context.shared.of(SharedJobs)
        if not self.on_surface(recipe, name):
            return self._maker(context, self._title_of(f"{ion} in {name}"), ion, place).make(recipe, pool)
        maker = SurfaceMigrationMaker(
            name=self._title_of(f"{ion} on {name}"),
            ion=ion,
            hops=self.surface or SurfaceHops(),
            band=self.band,
            calculator=context.calculator,
            settings=context.relax,
            cell=self.cell,
            literature=self.literature,
            place=place,
        )
        return maker.make(recipe, pool)

    def _maker(self, context: Context, name: str, ion: str, place: tuple[int, ...]) -> MigrationMaker:
        return MigrationMaker(
            name=name,
            ion=ion,
            hops=self.hops or WAYS_THROUGH,
            band=self.band,
            calculator=context.calculator,
            settings=context.relax,
            cell=self.cell,
            literature=self.literature,
            place=place,
        )

    def _title_of(self, one: str) -> str:
        """Name one host or surface of the study."""
        if self.name is None:
            return one
        return self.name if len(self.hosts) == 1 else f"{self.name}: {one}"

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the hosts and surfaces, and endpoints and band of every hop."""
        for name in self.hosts:
            with context.system(name) as host:
                if self.on_surface(host, name):
                    hops = self.surface or SurfaceHops()
                    yield from adatom_tasks(name, host, self.hopping_ion, hops, self.band.images, self.cell)
                else:
                    yield from host_tasks(name, host, self.cell)
                    yield from self._bands(self._starts_in(host), name)
        if self.endpoints is not None:
            yield from self._bands(self.starts(context), None)

    def _bands(self, starts: list[HopStart], name: str | None) -> Iterator[Task]:
        """Show endpoints and band of every hop."""
        for number, start in enumerate(starts, start=1):
            hop = f"{start.ion} in {name or start.host}, {start.label}"
            yield f"{hop}: relax endpoint", start.initial.to_atoms()
            if not start.symmetric:
                yield f"{hop}: relax second endpoint", start.final.to_atoms()
            pairing = "" if start.pairing is None else f"; {start.pairing}"
            atoms = start.initial.to_atoms()
            if number == len(starts) and start.network is not None and start.network.left_out:
                atoms.info[LEFT_OUT] = start.network.left_out
            yield f"{hop}: band of {self.band.images} images{pairing}", atoms

    def single_points(self, context: Context) -> Iterator[Task]:
        """Build the endpoints, which also stand for the saddle."""
        calculator = context.calculator
        refined = isinstance(calculator, CorrectedSpec) and calculator.refine is not None
        task = "refinement" if refined else "single point"
        for name in self.hosts:
            with context.system(name) as host:
                if self.on_surface(host, name):
                    hops = self.surface or SurfaceHops()
                    yield from adatom_single_points(name, host, self.hopping_ion, hops, task)
                else:
                    yield from _points(self._starts_in(host), name, task)
        if self.endpoints is not None:
            yield from _points(self.starts(context), None, task)

    def _starts_in(self, host: StructureRecipe) -> list[HopStart]:
        """Find the hops in a host as it is built and not yet relaxed."""
        REPEATED_HOST.require(host)
        hops = (self.hops or WAYS_THROUGH).placed(host)
        document = StructureDocument.from_atoms(build_host(host)).model_dump_json()
        return _starts(document, self.hopping_ion, hops.model_dump_json(), host.described)

    def starts(self, context: Context) -> list[HopStart]:
        """Take the given endpoints as a hop, as they are built and not yet relaxed; none where there are none.

        Raises:
            StructureError: a structure cannot be built, or the two are no two ends of a hop.
        """
        if self.endpoints is None:
            return []
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
        """Return this study of an earlier version in the words of the same study now.

        Early versions wrote Zn down where the file named no ion, and the shortest hop where it named no hops.
        """
        if not isinstance(now, MigrationStudy):
            return self
        unsaid: dict[str, None] = {}
        if now.hops is None and self.hops == HopSettings():
            unsaid["hops"] = None
        if now.ion is None and self.ion in {start.ion for start in now.starts(context)}:
            unsaid["ion"] = None
        return self.model_copy(update=unsaid)


@lru_cache(maxsize=16)
def _starts(host: str, ion: str, hops: str, label: str) -> list[HopStart]:
    """Find what a study asks for twice: for its bands, and for the single points of a better method."""
    crystal = StructureDocument.model_validate_json(host).to_atoms()
    return hop_starts(crystal, ion, HopSettings.model_validate_json(hops), label=label)


def _points(starts: list[HopStart], name: str | None, task: str) -> Iterator[Task]:
    for start in starts:
        hop = f"{start.ion} in {name or start.host}, {start.label}"
        yield f"{hop}: {task}, first endpoint", start.initial.to_atoms()
        if not start.symmetric:
            yield f"{hop}: {task}, second endpoint", start.final.to_atoms()
        yield f"{hop}: {task}, saddle", start.initial.to_atoms()


def _with_its_file(name: str, context: Context) -> str:
    file = context.systems[name].file
    return name if file is None else f"{name} ({file})"
