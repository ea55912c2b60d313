"""Desolvation studies: the energy of taking the water molecules off an ion one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from ...structures.elements import Element
from ...structures.recipes import MoleculeName, StructureRecipe, build
from ...workflows.common.uses import MOLECULE, Use
from ...workflows.molecular.desolvation import DesolvationMaker, hydrate_recipe
from ...workflows.molecular.molecules import MoleculeJobs, assembled
from .molecules import MolecularStudy, counterpoise_has_no_meaning, first_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from ...calculators.specs import AnyMethod
    from .base import Task
    from .context import Context


class DesolvationStudy(MolecularStudy):
    """The energy of taking the water molecules off an ion one by one, free or on a flake or cluster."""

    CORRECTABLE = True
    MOLECULE_KEYS = ("support",)

    kind: Literal["desolvation"] = Field(description="a desolvation ladder")
    ion: Element = Field("Zn", description="chemical symbol of the ion")
    charge: PositiveInt = Field(2, description="charge of the bare ion, elementary charges")
    waters: tuple[Annotated[int, Field(ge=1, le=6)], Annotated[int, Field(ge=0, le=5)]] = Field(
        (6, 0), description="most and fewest water molecules"
    )
    support: MoleculeName | None = Field(
        None,
        description="flake or cluster that carries the ion: name of a system, a molecule by name, or a molecule file, "
        "relative to the campaign file; none for the free ion",
    )
    counterpoise: bool = Field(False, description="correct free ladders for basis-set superposition too")

    @model_validator(mode="after")
    def _falls(self) -> Self:
        if self.waters[0] <= self.waters[1]:
            raise ValueError(f"waters: the ladder falls, so {self.waters[0]} must be more than {self.waters[1]}")
        if self.counterpoise and self.support is not None:
            raise ValueError("counterpoise: corrects the ladders of free ions only; remove it, or support")
        return self

    @property
    def title(self) -> str:
        """Name of the study in tables."""
        where = f" on {self.support}" if self.support else ""
        return self.name or f"desolvation of {self.ion}{self.charge}+{where}"

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [] if self.support is None else [(self.support, MOLECULE)]

    def problem_with(self, calculator: AnyMethod) -> str | None:
        """Say why a ladder cannot be corrected for basis-set superposition."""
        return counterpoise_has_no_meaning(calculator) if self.counterpoise else None

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of the ladder."""
        most, fewest = self.waters
        maker = DesolvationMaker(
            ion=self.ion,
            charge=self.charge,
            most=most,
            fewest=fewest,
            counterpoise=self.counterpoise,
            **self.maker_fields(context),
        )
        support = None if self.support is None else context.recipe(self.support)
        return [maker.make(support, context.shared.of(MoleculeJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build water, the support, and the members of the ladder."""
        water, *members = self._members(context)
        yield f"{water[0]}: relax", water[1]
        if self.support is not None:
            carrier = first_start(context, self.support)
            yield f"{carrier.info['label']}: relax", carrier
        for name, atoms in members:
            yield f"{name}: relax", atoms

    def single_points(self, context: Context) -> Iterator[Task]:
        """Build water and the members of the ladder."""
        for name, atoms in self._members(context):
            yield f"{name}: single point", atoms

    def _members(self, context: Context) -> Iterator[Task]:
        """Build the species whose energies make a ladder: water, then the members from the most waters down."""
        yield "H2O", build(StructureRecipe(molecule="H2O"))
        carrier = None if self.support is None else first_start(context, self.support)
        for waters in range(self.waters[0], self.waters[1] - 1, -1):
            hydrate = build(hydrate_recipe(self.ion, waters, self.charge))
            atoms = hydrate if carrier is None else assembled([carrier, hydrate])[0]
            yield str(atoms.info["label"]), atoms
