"""Kinds of claims about charge: capacities, protons and pools of ions, masses per charge, shares of the charge."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import BaseModel, Field, PositiveFloat, model_validator

from .capacity import Basis
from .claim import STRICT, Claim


class CapacityClaim(Claim):
    """A capacity of a host that takes n ions."""

    PRINTED: ClassVar = ("capacity",)

    kind: Literal["specific_capacity"]
    host: str = Field(description="formula of the host")
    ion: str = Field("Zn", description="formula of the ion, without its charge")
    n: float | None = Field(None, ge=0, description="ions per host formula; none where the source does not say")
    charge: int | None = Field(None, ge=1, description="charge of the ion; none for its usual one")
    capacity: PositiveFloat | None = Field(None, description="printed capacity, mAh/g")
    basis: Basis | None = Field(None, description="mass that it is divided by; none where the source does not say")
    support_mass: float | None = Field(None, ge=0, description="mass of the support per host formula, g/mol")
    direction: Literal["discharge", "charge"] = Field(
        "discharge", description="whether the host is reduced (discharge) or oxidised (charge)"
    )

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.support_mass is None and self.basis in (Basis.COMPOSITE, Basis.DISCHARGED_COMPOSITE):
            raise ValueError(f"the basis {self.basis} needs support_mass, g/mol per host formula")
        if self.n is None and self.capacity is None:
            raise ValueError("give capacity (mAh/g, as printed), n (ions per host formula) or both")
        if self.n is not None and self.direction == "charge":
            raise ValueError("direction: charge is for a capacity without n, for n counts ions that go in")
        return self


class ProtonClaim(Claim):
    """Free protons of an electrolyte, and those that a capacity needs."""

    PRINTED: ClassVar = ("free", "needed")

    kind: Literal["proton_supply"]
    capacity: PositiveFloat = Field(description="capacity, mAh/g")
    mass: PositiveFloat = Field(description="active mass, mg")
    share: float = Field(1.0, gt=0, le=1, description="part of the charge that protons carry")
    ph: float = Field(description="pH of the electrolyte")
    volume: PositiveFloat = Field(description="volume of the electrolyte, uL")
    free: PositiveFloat | None = Field(None, description="printed free protons, nmol")
    needed: PositiveFloat | None = Field(None, description="printed protons needed, umol")


class PoolClaim(Claim):
    """The ions of an electrolyte, and the charge that they can take or give beside the electrode's."""

    PRINTED: ClassVar = ("amount",)

    kind: Literal["ion_pool"]
    ion: str = Field(description="what the pool is of, in words such as VO2+")
    concentration: PositiveFloat | None = Field(None, description="its concentration, mol/L")
    ph: float | None = Field(None, description="pH, for a pool of free protons")
    volume: PositiveFloat = Field(description="volume of the electrolyte, uL")
    electrons: PositiveFloat | None = Field(None, description="electrons that each ion takes or gives")
    capacity: PositiveFloat | None = Field(None, description="capacity of the electrode in the same cell, mAh/g")
    mass: PositiveFloat | None = Field(None, description="its active mass, mg")
    amount: PositiveFloat | None = Field(None, description="printed amount, umol")

    @model_validator(mode="after")
    def _one_way_to_the_amount(self) -> Self:
        if (self.concentration is None) == (self.ph is None):
            raise ValueError("give concentration (mol/L) or, for free protons, ph")
        if (self.capacity is None) != (self.mass is None):
            raise ValueError("capacity (mAh/g) and mass (mg) of the electrode go together")
        return self


class BalanceClaim(Claim):
    """The mass per charge of a quartz balance, given to one carrier or to none."""

    PRINTED: ClassVar = ("measured",)

    kind: Literal["mass_per_charge"]
    ion: str | None = Field(
        None, description="formula of the carrier the source names, without its charge; none without"
    )
    charge: int | None = Field(None, ge=1, description="its charge; none for its usual one")
    waters: float = Field(0.0, ge=0, description="water molecules the source lets each carrier bring")
    measured: PositiveFloat = Field(description="printed mass per mole of electrons, g/mol")


class InsertedIon(BaseModel):
    """How much of an ion goes in."""

    model_config = STRICT

    n: float = Field(ge=0, description="ions per host formula")
    charge: int | None = Field(None, ge=1, description="its charge; none for its usual one")


class ShareClaim(Claim):
    """Which ion carries the charge."""

    PRINTED: ClassVar = ("carrier",)

    kind: Literal["charge_share"]
    inserted: dict[str, InsertedIon] = Field(description="ions that go in, by formula without charge")
    carrier: str = Field(description="the ion that the claim is about")
    share: float | None = Field(
        None, gt=0, le=1, description="its printed share of the charge; none where it is called the main carrier"
    )

    @model_validator(mode="after")
    def _carrier_is_inserted(self) -> Self:
        if self.carrier not in self.inserted:
            raise ValueError(f"the carrier {self.carrier!r} is not among the inserted ions {', '.join(self.inserted)}")
        return self
