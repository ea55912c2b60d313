"""A heterostructure as it is built, and its two sides: what has to be relaxed in one cell."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from ...errors import StructureError
from ...structures.building import build_from_bulk
from ...structures.documents import StructureDocument
from ...structures.heterostructures import Heterostructure, both_sides
from ...structures.recipes import StructureRecipe

Side = Literal["film", "support"]
SIDES: tuple[Side, ...] = ("film", "support")


class InterfaceGeometry(BaseModel):
    """A heterostructure as it is built: what it takes to bring film and support into one cell."""

    name: str = Field(description="film and support")
    structure: StructureDocument = Field(description="heterostructure, not relaxed; tags tell film from support")
    mismatch: tuple[float, float] | None = Field(
        None, description="lengths of the support's vectors over those of the film, minus 1; none for a cluster"
    )
    film_strain: float = Field(0.0, description="largest stretch (positive) or compression of the film")
    support_strain: float = Field(0.0, description="the same for the support")

    @classmethod
    def of(cls, built: Heterostructure) -> InterfaceGeometry:
        """Take from a heterostructure what tables say of it."""
        return cls(
            name=built.name,
            structure=built.document,
            mismatch=None if built.match is None else built.match.mismatch,
            film_strain=built.film_strain.largest,
            support_strain=built.support_strain.largest,
        )


def build_interface(recipe: StructureRecipe) -> InterfaceGeometry:
    """Build the heterostructure of a recipe.

    Raises:
        StructureError: the recipe is none of a heterostructure, or its parts do not fit.
    """
    if recipe.heterostructure is None:
        raise StructureError(f"{recipe.described} is no heterostructure; name a film and a support")
    built = recipe.heterostructure.build()
    geometry = InterfaceGeometry.of(built)
    repeated = build_from_bulk(recipe, built.atoms, built.atoms)
    return geometry.model_copy(update={"structure": StructureDocument.from_atoms(repeated, recipe.label)})


def take_side(geometry: InterfaceGeometry, side: Side) -> StructureDocument:
    """Take film or support out of a heterostructure, in its cell."""
    atoms = geometry.structure.to_atoms()
    film, support = both_sides(atoms)
    alone = atoms[film if side == "film" else support]
    alone.info = dict(atoms.info)
    return StructureDocument.from_atoms(alone, f"{side} of {geometry.structure.label}")
