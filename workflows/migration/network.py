"""What the hops of one host have in common: the crystal or surface they belong to, and what was left out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ...structures.documents import StructureDocument

Mechanism = Literal["hop", "exchange"]
"""An adatom goes over the surface, or takes the place of a surface atom that comes out."""


class SiteFate(BaseModel):
    """What became of an adatom that was put on one adsorption site."""

    model_config = ConfigDict(frozen=True)

    site: str = Field(description="label of the adsorption site")
    energy: float | None = Field(None, description="above the lowest place, eV; none where it is no place of rest")
    fate: str = Field("", description="what became of it, in words; empty where the adatom rests there")


class AdatomSurface(BaseModel):
    """The surface that an adatom moves on."""

    model_config = ConfigDict(frozen=True)

    monolayers: float = Field(description="coverage: adatoms per atom of the topmost plane")
    coverage: float = Field(description="adatoms per surface area, 1/nm^2")
    layers: int | None = Field(None, description="layers of the slab; none: a sheet, or a slab from a file")
    fixed_layers: int | None = Field(None, description="those of them that are held fixed; none: no layers are known")
    n_fixed: int = Field(description="atoms held fixed")
    sites: list[SiteFate] = Field(description="adsorption sites that were tried")


class HopNetwork(BaseModel):
    """Where the hops of one host were found."""

    model_config = ConfigDict(frozen=True)

    crystal: StructureDocument = Field(
        description="relaxed cell of the host, or bare surface, in whose fractional coordinates sites are"
    )
    surface: AdatomSurface | None = Field(None, description="of an adatom; none in the bulk")
    left_out: str = Field("", description="what a cap on sites or hops left out, in words; empty for nothing")
