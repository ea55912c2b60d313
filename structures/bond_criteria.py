"""When two atoms count as bonded: a distance below which a bond forms, and a longer one above which it breaks."""

from __future__ import annotations

from typing import Self

from ase.data import atomic_numbers, covalent_radii
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, field_validator, model_validator

from .coordination import ANIONS

NON_METALS = frozenset((*ANIONS, "H", "B", "C", "Si", "As"))
"""Two atoms of other elements are not bonded unless their pair is named: cations that share an oxygen stand closer
(2.6 to 3.3 angstrom) than their covalent radii would forbid, and no bond is between them."""


class BondLimits(BaseModel):
    """The two distances of one pair of elements."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    formed: PositiveFloat = Field(description="a bond forms below this distance, angstrom")
    broken: PositiveFloat = Field(description="a bond breaks above this distance, angstrom")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.formed >= self.broken:
            raise ValueError("formed has to be smaller than broken: a bond at the edge would flicker")
        return self


class BondCriteria(BaseModel):
    """When a bond forms and when it breaks: between the two distances it stays what it was.

    The defaults are multiples of the sum of covalent radii (10.1039/b801115j) that separate the shells of this
    package's prototypes: their bonds end at 1.16 (C-C 1.76, Zn-F 2.04 angstrom), their next neighbours begin at 1.46
    (Ti...O of Ti3C2O2, 3.30 angstrom). Only the long V...O contacts across the gaps of alpha-V2O5 (2.79) and H2V3O8
    (2.68 angstrom) and Ti...H of hydroxyl (2.56) lie between, where a bond once formed lasts but none forms.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    formed: PositiveFloat = Field(1.2, description="bonds form below this multiple of the sum of covalent radii")
    broken: PositiveFloat = Field(1.4, description="bonds break above this multiple of the sum of covalent radii")
    pairs: dict[str, BondLimits] = Field(
        default_factory=dict, description="distances of single pairs of elements instead, such as V-O; angstrom"
    )

    @field_validator("pairs")
    @classmethod
    def _sorted_names(cls, pairs: dict[str, BondLimits]) -> dict[str, BondLimits]:
        named: dict[str, BondLimits] = {}
        for name, limits in pairs.items():
            elements = name.split("-")
            if len(elements) != 2 or any(element not in atomic_numbers for element in elements):
                raise ValueError(f"{name!r} is no pair of elements such as V-O")
            if pair_name(*elements) in named:
                raise ValueError(f"the pair {pair_name(*elements)} is given twice")
            named[pair_name(*elements)] = limits
        return dict(sorted(named.items()))

    @model_validator(mode="after")
    def _apart(self) -> Self:
        BondLimits(formed=self.formed, broken=self.broken)
        return self

    def limits(self, one: str, other: str) -> BondLimits:
        """Return the distances of a pair of elements."""
        named = self.pairs.get(pair_name(one, other))
        if named is not None:
            return named
        radii = float(covalent_radii[atomic_numbers[one]] + covalent_radii[atomic_numbers[other]])
        return BondLimits(formed=self.formed * radii, broken=self.broken * radii)

    def bonds(self, one: str, other: str) -> bool:
        """Tell whether a pair of elements can be bonded at all: metals only when their pair is named."""
        return pair_name(one, other) in self.pairs or bool(NON_METALS.intersection((one, other)))


def pair_name(one: str, other: str) -> str:
    """Write a pair of elements in alphabetical order, such as O-V."""
    return "-".join(sorted((one, other)))
