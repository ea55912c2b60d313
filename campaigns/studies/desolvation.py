"""Desolvation studies: the energy of taking the water molecules, or other ligands, off an ion one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, PositiveInt, model_validator

from ...errors import StructureError
from ...structures.building import build
from ...structures.clusters.complexes import HYDRONIUM, require_ligand
from ...structures.elements import element
from ...structures.recipes import MoleculeName
from ...workflows.common.uses import CARRIER, NEUTRAL_SURFACE, Use
from ...workflows.molecular.desolvation import DesolvationMaker
from ...workflows.molecular.molecules import MoleculeJobs, assembled
from ...workflows.molecular.shells import LigandShell
from ...workflows.molecular.surface_states import ShellSettings
from .base import BulkStudy
from .keys import Names
from .molecules import MolecularStudy, counterpoise_has_no_meaning, first_start
from .surface_ladders import check_ion, ladder_flows, ladder_single_points, ladder_structures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from ...calculators.specs import AnyMethod
    from .base import Task
    from .context import Context

OF_SURFACES = ("shells", "relax", "cell")
OF_MOLECULES = ("charge", "support", "counterpoise", "molecule", "ligand", "beside")


def _ion(symbol: str) -> str:
    return symbol if symbol == HYDRONIUM else element(symbol)


class DesolvationStudy(MolecularStudy, BulkStudy):
    """The energy of taking the water molecules off an ion one by one, free, on a flake or cluster, or on a surface."""

    CORRECTABLE = True
    MOLECULE_KEYS = ("support",)

    kind: Literal["desolvation"] = Field(description="a desolvation ladder")
    ion: Annotated[str, AfterValidator(_ion)] = Field(
        "Zn", description=f"chemical symbol of the ion, or {HYDRONIUM} with charge: 1"
    )
    charge: PositiveInt = Field(
        2, description="charge of the bare ion, elementary charges; cells of surfaces are neutral and have none"
    )
    waters: tuple[Annotated[int, Field(ge=1, le=6)], Annotated[int, Field(ge=0, le=5)]] = Field(
        (6, 0), description="most and fewest water molecules, or other ligands"
    )
    ligand: str = Field(
        "H2O",
        description="what is taken off: H2O, NH3, Cl-, SO42-, OTf- or a molecule that has a donor atom (acetonitrile, "
        "NMP); charges add up",
    )
    beside: dict[str, PositiveInt] = Field(
        default_factory=dict,
        description="ligands that stay on the ion at every step, and how many of each: {H2O: 2}",
    )
    support: MoleculeName | None = Field(
        None,
        description="flake or cluster that carries the ion: name of a system, a molecule by name, or a molecule file, "
        "relative to the campaign file; none for the free ion",
    )
    counterpoise: bool = Field(False, description="correct free ladders for basis-set superposition too")
    surface: Names | None = Field(
        None,
        description="periodic surface that carries the ion, a name among the systems or a list of names; none for a "
        "ladder of molecules",
    )
    shells: ShellSettings = Field(
        default_factory=ShellSettings, description="starting arrangements of the waters on a surface"
    )

    @model_validator(mode="after")
    def _falls(self) -> Self:
        if self.waters[0] <= self.waters[1]:
            raise ValueError(f"waters: the ladder falls, so {self.waters[0]} must be more than {self.waters[1]}")
        if self.counterpoise and self.support is not None:
            raise ValueError("counterpoise: corrects the ladders of free ions only; remove it, or support")
        return self

    @model_validator(mode="after")
    def _ligands_fit(self) -> Self:
        try:
            shell = self.shell
            shell.check(self.ion, self.waters[0])
        except StructureError as error:
            raise ValueError(str(error)) from error
        if self.counterpoise and shell.taken.charge:
            raise ValueError(
                f"counterpoise: splits off neutral ligands only, and {shell.taken.name} is none; remove it"
            )
        if self.ion == HYDRONIUM and (self.charge != 1 or self.counterpoise):
            raise ValueError(f"ion: {HYDRONIUM} needs charge: 1, and has no counterpoise correction")
        return self

    @model_validator(mode="after")
    def _keys_fit_together(self) -> Self:
        if self.surface is None:
            for key in OF_SURFACES:
                if self._is_set(key):
                    raise ValueError(f"{key}: belongs to a ladder on a surface; name the surface, or remove {key}")
            return self
        for key in OF_MOLECULES:
            if self._is_set(key):
                raise ValueError(
                    f"{key}: belongs to a ladder of molecules; on a surface the cell is neutral and relaxed as relax "
                    f"says; remove {key}, or surface"
                )
        check_ion(self.ion)
        return self

    def _is_set(self, key: str) -> bool:
        """Tell whether a key says anything else than usual; a campaign that was written out has all keys."""
        usual = type(self).model_fields[key].get_default(call_default_factory=True)
        return bool(getattr(self, key) != usual)

    @property
    def shell(self) -> LigandShell:
        """What is taken off, and what stays.

        Raises:
            StructureError: a ligand is unknown, or has no donor atom.
        """
        for name in (self.ligand, *self.beside):
            require_ligand(name)
        return LigandShell(ligand=self.ligand, beside=self.beside)

    @property
    def title(self) -> str:
        """Name of the study in tables."""
        if self.surface is not None:
            return self.name or f"desolvation of {self.ion} on {', '.join(self.surface)}"
        where = f" on {self.support}" if self.support else ""
        what = "desolvation of" if self.shell.taken.name == "H2O" else f"loss of {self.shell.taken.name} from"
        beside = "".join(f", beside {count} {name}" for name, count in self.beside.items())
        size = self.charge if self.ion != HYDRONIUM else ""
        return self.name or f"{what} {self.ion}{size}+{where}{beside}"

    @property
    def of_solids(self) -> bool:
        """Whether it relaxes solids, and the targets of the campaign are its own too."""
        return self.surface is not None

    @property
    def systems(self) -> list[str]:
        """Names of the surfaces."""
        return self.surface or []

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        molecules = [] if self.support is None else [(self.support, CARRIER)]
        return [*((name, NEUTRAL_SURFACE) for name in self.systems), *molecules]

    def settings(self, context: Context) -> str:
        """Return what tells the calculations of one structure apart."""
        return (BulkStudy if self.of_solids else MolecularStudy).settings(self, context)

    def problem_with(self, calculator: AnyMethod) -> str | None:
        """Say why a ladder cannot be corrected for basis-set superposition."""
        return counterpoise_has_no_meaning(calculator) if self.counterpoise else None

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of the ladder, or one for each surface."""
        if self.surface is not None:
            return ladder_flows(self, context)
        most, fewest = self.waters
        maker = DesolvationMaker(
            ion=self.ion,
            charge=self.charge,
            most=most,
            fewest=fewest,
            counterpoise=self.counterpoise,
            shell=self.shell,
            **self.maker_fields(context),
        )
        support = None if self.support is None else context.recipe(self.support)
        return [maker.make(support, context.shared.of(MoleculeJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the free ligand, the support, and the members of the ladder."""
        if self.surface is not None:
            yield from ladder_structures(self, context)
            return
        water, *members = self._members(context)
        yield f"{water[0]}: relax", water[1]
        if self.support is not None:
            carrier = first_start(context, self.support)
            yield f"{carrier.info['label']}: relax", carrier
        for name, atoms in members:
            yield f"{name}: relax", atoms

    def single_points(self, context: Context) -> Iterator[Task]:
        """Build the free ligand and the members of the ladder."""
        if self.surface is not None:
            yield from ladder_single_points(self, context)
            return
        for name, atoms in self._members(context):
            yield f"{name}: single point", atoms

    def _members(self, context: Context) -> Iterator[Task]:
        """Build the species whose energies make a ladder: the ligand, then the members from the most of it down."""
        yield self.shell.taken.name, build(self.shell.free)
        carrier = None if self.support is None else first_start(context, self.support)
        for waters in range(self.waters[0], self.waters[1] - 1, -1):
            hydrate = build(self.shell.recipe(self.ion, self.charge, waters))
            atoms = hydrate if carrier is None else assembled([carrier, hydrate])[0]
            yield str(atoms.info["label"]), atoms
