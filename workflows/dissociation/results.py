"""What a study of water dissociation leaves: barriers, the products that were tried, and the path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from ...calculators.specs import CalculatorRecord
from ..common.results import Outcome, StudyLabel
from ..migration.results import MigrationResult

if TYPE_CHECKING:
    from ..migration.results import BarrierCorrection


class EndSettings(BaseModel):
    """Where OH and H are looked for, and where what stands beside the water begins."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    distance: PositiveFloat = Field(
        3.0, description="distance along the surface at which an atom beside the water begins, from its O, angstrom"
    )
    places: PositiveInt = Field(3, description="most places tried of an atom beside the water; the lowest is kept")
    reach: PositiveFloat = Field(3.5, description="largest distance along the surface of OH and H, angstrom")
    products: PositiveInt = Field(6, description="most products tried, the likeliest first; the lowest is kept")


class Product(BaseModel):
    """One way in which OH and H may stand, relaxed."""

    label: str = Field(description="sites of OH and H, and their distance along the surface, where it began")
    energy: float | None = Field(None, description="energy above the adsorbed water, eV")
    outcome: Outcome = Field(description="ok, or why it is no product")
    reason: str = Field("", description="what happened, in words")


class DissociationResult(StudyLabel):
    """Water on one surface, alone or beside another atom: what it costs to take it apart."""

    surface: str = Field(description="name of the surface")
    beside: str = Field("", description="neutral atom beside the water; empty: alone")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")
    barrier_forward: float | None = Field(None, description="E[saddle] - E[H2O*], eV")
    barrier_backward: float | None = Field(None, description="E[saddle] - E[OH* + H*], eV")
    reaction_energy: float | None = Field(None, description="E[OH* + H*] - E[H2O*], eV")
    e_water: float | None = Field(None, description="adsorption energy of H2O on the surface alone, vs H2O(g), eV")
    e_hydroxyl: float | None = Field(
        None, description="adsorption energy of OH on the surface alone, vs H2O(g) - 1/2 H2(g), eV"
    )
    e_hydrogen: float | None = Field(None, description="adsorption energy of H on the surface alone, vs 1/2 H2(g), eV")
    water_site: str = Field("", description="where the adsorbed water began")
    beside_site: str = Field("", description="where the atom beside it began")
    distance_initial: float | None = Field(None, description="from that atom to O beside the whole water, angstrom")
    distance_saddle: float | None = Field(None, description="likewise at the saddle, angstrom")
    distance_final: float | None = Field(None, description="likewise beside OH, angstrom")
    length_saddle: float | None = Field(None, description="of the bond of O and H that breaks, at the saddle, angstrom")
    product: str = Field("", description="sites of the OH and H that were kept")
    products: list[Product] = Field(default_factory=list, description="all that were tried")
    path: MigrationResult | None = Field(None, description="the band, with its structures")
    settings: EndSettings = Field(description="where ends were looked for")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")

    @property
    def better(self) -> BarrierCorrection | None:
        """The barriers of a better method, which are those of the result; none where the geometry's own are."""
        return None if self.path is None else self.path.refinement or self.path.correction
