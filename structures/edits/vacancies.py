"""Vacancies: atoms that are taken out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from pydantic import Field

from ...errors import StructureError
from .arrangements import arrangements
from .draft import Draft, Keeping
from .keys import AT_PLANE, Count, Edit, Plane, in_turn
from .places import atoms_of, described_atoms, places_of_atoms


class Vacancies(Edit):
    """Atoms that are taken out: elements with how many of each."""

    KEY: ClassVar[str] = "vacancies"
    EXAMPLE: ClassVar[str] = "vacancies: {O: 1}"
    NAMED: ClassVar[str] = "element"
    __pydantic_extra__: dict[str, Count] = Field(init=False)

    at: Plane | None = Field(None, description=AT_PLANE, exclude_if=lambda at: at is None)

    def alternatives(self, draft: Draft) -> Iterator[Draft]:
        """Take the atoms out in every distinct way, one element after the other."""
        yield from in_turn(draft, [partial(self._of, symbol, count) for symbol, count in self.amounts.items()])

    def _of(self, symbol: str, count: int, draft: Draft) -> Iterator[Draft]:
        indices = atoms_of(draft, symbol, self.at, self.written)
        if count > len(indices) or count == len(draft.built):
            where = "" if self.at is None else " there"
            left = "of which one has to stay" if count == len(draft.built) else f"fewer than {count}"
            raise StructureError(f"{draft.name}: {self.written}: there are {len(indices)} {symbol}{where}, {left}")
        places = places_of_atoms(draft, indices)
        for arrangement in arrangements(places, count):
            gone = [indices[member] for member in arrangement.members]
            what = f"{f'{count} vacancies' if count > 1 else 'vacancy'} of {symbol}"
            told = f"{what} {described_atoms(draft, gone, arrangement, places)}"
            yield draft.without(gone, Keeping(places, arrangement), told)
