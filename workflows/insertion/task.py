"""What an insertion study computes of one host: which ion, how many, on which sites, and where the ions come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from ...calculators.specs import CalculatorSpec
from ...structures.documents import Vector
from ...structures.places import named_places
from ..common.electrodes import Correction, electrode
from ..common.relaxation_jobs import layer_axis
from ..common.results import RelaxSettings
from .sites import Region, SiteSettings

if TYPE_CHECKING:
    from ...structures.recipes import StructureRecipe


class InsertionTask(BaseModel):
    """One ion in one host."""

    model_config = ConfigDict(frozen=True)

    host_name: str = Field(description="name of the host")
    ion: str = Field(description="chemical symbol of the ion")
    numbers: tuple[PositiveInt, ...] = Field(description="numbers of ions per cell, smallest first")
    sites: SiteSettings = Field(description="which sites are tried")
    region: Region = Field(description="where they are")
    places: dict[str, Vector] = Field(
        default_factory=dict,
        description="names that the prototype of the host gives places, fractional coordinates in the host",
        exclude_if=lambda places: not places,  # written as before there was this field
    )
    stacking_axis: int | None = Field(None, description="axis (0, 1, 2) along which layers stack")
    ph: float | None = Field(None, description="pH of the protons that H comes from; none: from 1/2 H2")
    correction: Correction | None = Field(None, description="energy added by hand to each ion in the host")
    calculator: CalculatorSpec = Field(description="calculator of everything")
    settings: RelaxSettings = Field(description="convergence targets")

    @classmethod
    def of(
        cls,
        host: StructureRecipe,
        ion: str,
        numbers: tuple[int, ...],
        sites: SiteSettings,
        calculator: CalculatorSpec,
        settings: RelaxSettings,
        *,
        ph: float | None = None,
        correction: Correction | None = None,
    ) -> InsertionTask:
        """Make the task of a host.

        Raises:
            StructureError: no reference for the ion is known.
        """
        electrode(ion)
        return cls(
            host_name=host.label,
            ion=ion,
            numbers=tuple(sorted(set(numbers))),
            sites=sites,
            region=sites.region or region_of(host),
            places=named_places(host),
            stacking_axis=layer_axis(host),
            ph=ph,
            correction=correction,
            calculator=calculator,
            settings=settings,
        )


def region_of(host: StructureRecipe) -> Region:
    """Return where a host takes up ions: a heterostructure between its parts, everything else inside."""
    return "inside" if host.heterostructure is None else "gap"
