"""Kinds of claims about an electrode: per area and per volume against per mass, rates and times."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, PositiveFloat, model_validator

from .claim import Claim


class ArealCurrentClaim(Claim):
    """A current per area beside a current per mass and a loading."""

    PRINTED: ClassVar = ("areal_current",)

    kind: Literal["current_density"]
    current: PositiveFloat = Field(description="printed current per mass, A/g")
    loadings: list[PositiveFloat] = Field(
        min_length=1, max_length=2, description="printed loading, or its range, mg/cm2"
    )
    areal_current: PositiveFloat = Field(description="printed current per area, mA/cm2")


class ArealCapacityClaim(Claim):
    """A capacity per area beside a capacity per mass and a loading; one of the two latter may be missing."""

    PRINTED: ClassVar = ("areal_capacity",)

    kind: Literal["areal_capacity"]
    areal_capacity: PositiveFloat = Field(description="printed capacity per area, mAh/cm2")
    capacity: PositiveFloat | None = Field(None, description="capacity per mass, mAh/g; none where it is not printed")
    loadings: list[PositiveFloat] | None = Field(
        None, min_length=1, max_length=2, description="loading, or its range, mg/cm2; none where it is not printed"
    )

    @model_validator(mode="after")
    def _something_to_hold_it_against(self) -> Self:
        if self.capacity is None and self.loadings is None:
            raise ValueError("give capacity (mAh/g), loadings (mg/cm2) or both beside areal_capacity")
        return self


class VolumetricCapacityClaim(Claim):
    """A capacity per volume beside a capacity per mass and a density."""

    PRINTED: ClassVar = ("volumetric_capacity",)

    kind: Literal["volumetric_capacity"]
    capacity: PositiveFloat = Field(description="capacity per mass, mAh/g")
    density: PositiveFloat = Field(description="g/cm3")
    volumetric_capacity: PositiveFloat | None = Field(None, description="printed capacity per volume, mAh/cm3")


class RateClaim(Claim):
    """The time or the C-rate of a capacity at a current per mass."""

    PRINTED: ClassVar = ("time", "c_rate")

    kind: Literal["rate"]
    capacity: PositiveFloat = Field(description="capacity, mAh/g")
    current: PositiveFloat = Field(description="current per mass, A/g")
    time: PositiveFloat | None = Field(None, description="printed time of the charge or discharge, s")
    c_rate: PositiveFloat | None = Field(None, description="printed C-rate, 1/h")
