"""What is taken off an ion: so many of one ligand, others staying beside them."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from ...errors import StructureError
from ...structures.clusters.complexes import HYDRONIUM, MOST_LIGANDS, Ligand, formula, require_ligand
from ...structures.recipes import StructureRecipe

MOST_AROUND_HYDRONIUM = 3


class LigandShell(BaseModel):
    """The ligand that a ladder takes off, and what stays on the ion beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ligand: str = Field("H2O", description="what is taken off")
    beside: dict[str, PositiveInt] = Field(
        default_factory=dict, description="ligands that stay on the ion at every step, and how many of each"
    )

    @model_validator(mode="after")
    def _ligands_are_known(self) -> Self:
        for name in (self.ligand, *self.beside):
            try:
                require_ligand(name)
            except StructureError as error:
                raise ValueError(str(error)) from error
        if require_ligand(self.ligand).name in {require_ligand(name).name for name in self.beside}:
            raise ValueError(f"beside: {self.ligand} is what is taken off; remove it")
        return self

    @property
    def of_water(self) -> bool:
        """Whether it is water alone."""
        return self.taken.name == "H2O" and not self.beside

    @property
    def taken(self) -> Ligand:
        """What is taken off."""
        return require_ligand(self.ligand)

    @property
    def staying(self) -> int:
        """How many ligands stay."""
        return sum(self.beside.values())

    def check(self, ion: str, most: int) -> None:
        """Refuse more ligands than a shell has places.

        Raises:
            StructureError: says how many there may be.
        """
        if ion == HYDRONIUM and not (self.of_water and most <= MOST_AROUND_HYDRONIUM):
            raise StructureError(f"{HYDRONIUM}+ has a shell of at most {MOST_AROUND_HYDRONIUM} H2O and nothing else")
        if most + self.staying > MOST_LIGANDS:
            raise StructureError(
                f"{most} {self.ligand} and {self.staying} beside them are {most + self.staying} ligands; a first shell "
                f"is built of {MOST_LIGANDS} at most"
            )

    def name(self, ion: str, charge: int, count: int) -> str:
        """Write the ion with its ligands as molecules are named.

        Args:
            ion: symbol.
            charge: of the bare ion.
            count: of the ligand that is taken off.
        """
        if ion == HYDRONIUM and count == 0:
            return f"{HYDRONIUM}+"
        return formula(ion, charge, [*((require_ligand(n), k) for n, k in self.beside.items()), (self.taken, count)])

    def total(self, charge: int, count: int) -> int:
        """Return the charge of the whole complex, elementary charges.

        Args:
            charge: of the bare ion.
            count: of the ligand that is taken off.
        """
        staying = sum(require_ligand(name).charge * k for name, k in self.beside.items())
        return charge + staying + count * self.taken.charge

    def recipe(self, ion: str, charge: int, count: int) -> StructureRecipe:
        """Return the recipe of the ion with its ligands."""
        return StructureRecipe(molecule=self.name(ion, charge, count))

    @property
    def free(self) -> StructureRecipe:
        """The recipe of the free ligand."""
        return StructureRecipe(molecule=self.taken.name)
