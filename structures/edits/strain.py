"""Strain of the lattice along its vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import ConfigDict, Field, model_validator

from ...errors import StructureError
from ..symmetry import symmetry_operations
from ..vacuum import LEAST_VACUUM, widest_gap
from .draft import Draft
from .keys import Edit

Fraction = Annotated[float, Field(gt=-0.5, lt=0.5)]
"""0.02 is two percent."""


def _none(strain: float) -> bool:
    return not strain


class LatticeStrain(Edit):
    """Stretch (positive) or compression of the lattice vectors; fractional coordinates and angles are kept."""

    model_config = ConfigDict(extra="forbid")
    KEY: ClassVar[str] = "strain"
    EXAMPLE: ClassVar[str] = "strain: {a: 0.02}"
    NAMED: ClassVar[str] = ""

    a: Fraction = Field(0.0, description="strain of the first vector, a fraction: 0.02 is 2 %", exclude_if=_none)
    b: Fraction = Field(0.0, description="strain of the second vector, a fraction", exclude_if=_none)
    c: Fraction = Field(
        0.0, description="strain of the third vector, a fraction; not where it spans a vacuum", exclude_if=_none
    )

    @classmethod
    def knows(cls, name: str) -> None:
        """Refuse everything that is no vector.

        Raises:
            ValueError: always.
        """
        raise ValueError(f"{name!r} is no vector of a lattice")

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not any((self.a, self.b, self.c)):
            raise ValueError("a strain of 0 leaves the lattice as it is; remove strain")
        return self

    def alternatives(self, draft: Draft) -> Iterator[Draft]:
        """Strain the lattice."""
        strains = np.array([self.a, self.b, self.c])
        for axis in np.flatnonzero(strains).tolist():
            if widest_gap(draft.built, axis)[0] >= LEAST_VACUUM:
                raise StructureError(
                    f"{draft.name}: {self.written}: along {'abc'[axis]} there is a vacuum, which nothing can strain; "
                    f"remove {'abc'[axis]}"
                )
        both = (draft.built.copy(), draft.actual.copy())
        for atoms in both:
            atoms.set_cell(atoms.cell.array * (1 + strains)[:, None], scale_atoms=True)
        words = ", ".join(f"{axis} {100 * value:+.2f} %" for axis, value in zip("abc", strains, strict=True) if value)
        told = (*draft.told, f"strained: {words}")
        yield replace(draft, built=both[0], actual=both[1], symmetry=symmetry_operations(both[0]), told=told)
