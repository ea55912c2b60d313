"""Substitution: atoms of one element in the places of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Self

from pydantic import Field, PositiveInt, model_validator

from ...errors import StructureError
from ..elements import Element
from .arrangements import arrangements
from .draft import Draft, Keeping
from .keys import AT_PLANE, Edit, Plane
from .places import atoms_of, described_atoms, places_of_atoms


class Substitution(Edit):
    """Atoms of one element in the places of another: `{Zn: In}` puts In where Zn was."""

    KEY: ClassVar[str] = "substitute"
    EXAMPLE: ClassVar[str] = "substitute: {Zn: In}"
    NAMED: ClassVar[str] = "element"
    __pydantic_extra__: dict[str, Annotated[Element, Field(description="the element that takes its place")]] = Field(
        init=False
    )

    count: PositiveInt = Field(1, description="how many atoms", exclude_if=lambda count: count == 1)
    at: Plane | None = Field(None, description=AT_PLANE, exclude_if=lambda at: at is None)

    @model_validator(mode="after")
    def _one_pair(self) -> Self:
        if len(self.amounts) > 1:
            raise ValueError("replaces one element by one other; write a list of several: [{Zn: In}, {Zn: Bi}]")
        ((old, new),) = self.amounts.items()
        if old == new:
            raise ValueError(f"{old} in the place of {old} leaves the structure as it is; name another element")
        return self

    def alternatives(self, draft: Draft) -> Iterator[Draft]:
        """Replace the atoms in every distinct way."""
        ((old, new),) = self.amounts.items()
        indices = atoms_of(draft, old, self.at, self.written)
        if self.count > len(indices):
            where = "" if self.at is None else " there"
            raise StructureError(
                f"{draft.name}: {self.written}: there are {len(indices)} {old}{where}, fewer than {self.count}"
            )
        places = places_of_atoms(draft, indices)
        for arrangement in arrangements(places, self.count):
            taken = [indices[member] for member in arrangement.members]
            what = f"{self.count} {new}" if self.count > 1 else new
            told = f"{what} for {old} {described_atoms(draft, taken, arrangement, places)}"
            yield draft.replaced(taken, new, Keeping(places, arrangement), told)
