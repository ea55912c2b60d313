"""What a user decides about a heterostructure."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt

from .contact import Contact
from .matching import StrainPlace


class HeterostructureSettings(BaseModel):
    """Limits of the common cell, and how the two parts are brought together."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    strain: StrainPlace = Field("film", description="which part is strained to the common cell; both: half in each")
    max_strain: PositiveFloat = Field(0.05, description="largest stretch or compression of any direction, a fraction")
    max_area: PositiveFloat = Field(300.0, description="largest common cell, square angstrom")
    max_atoms: PositiveInt = Field(300, description="most atoms of both parts together")
    vacuum: PositiveFloat = Field(15.0, description="empty space between film and next image of the support, angstrom")
    contact: Contact | None = Field(
        None,
        description="how the gap is chosen: bonded (covalent radii) or van der Waals; none: bonded where either part "
        "has open bonds",
    )
    gap: PositiveFloat | None = Field(
        None, description="height of the film's lowest atom over the support's highest, angstrom; none: by the contact"
    )
    gap_offsets: tuple[float, ...] = Field(
        (0.0,), min_length=1, description="added to the gap, one candidate each, angstrom"
    )
    registry_step: PositiveFloat = Field(
        1.0, description="largest distance between the lateral shifts that are tried, angstrom"
    )
    image_distance: PositiveFloat = Field(
        8.0, description="smallest distance between atoms of neighbouring clusters, angstrom; layers have no use for it"
    )
    places: PositiveInt = Field(
        1,
        description="ways in which each face of a cluster is set down, with most interface bonds first; layers have "
        "their registries",
        exclude_if=lambda places: places == 1,  # written as before there was this key
    )
    condense: NonNegativeInt = Field(
        0,
        description="molecules of water that leave the cell when terminal oxygen of the film and hydroxyls of the "
        "support condense to bonds such as V-O-Ti",
        exclude_if=lambda waters: waters == 0,  # the same
    )
