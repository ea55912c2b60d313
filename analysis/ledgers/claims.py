"""Published claims about capacity, charge and mass, as a YAML file states them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator

from ...data.literature import Source
from ...errors import AzibflowError
from ...input_files.yaml_files import read_model
from .capacity import Basis

STRICT = ConfigDict(extra="forbid", frozen=True)


class Claim(BaseModel):
    """What all claims have."""

    model_config = STRICT

    source: str = Field("", description="key of a source of the file, or a source in words")
    locator: str = Field("", description="where in the source")
    note: str = Field("", description="what to know beside the arithmetic")
    tolerance: float = Field(0.01, gt=0, lt=1, description="relative deviation that still counts as consistent")


class CapacityClaim(Claim):
    """A capacity of a host that takes n ions."""

    kind: Literal["specific_capacity"]
    host: str = Field(description="formula of the host")
    ion: str = Field("Zn", description="formula of the ion, without its charge")
    n: float | None = Field(None, ge=0, description="ions per host formula; none where the source does not say")
    charge: int | None = Field(None, ge=1, description="charge of the ion; none for its usual one")
    capacity: PositiveFloat = Field(description="printed capacity, mAh/g")
    basis: Basis | None = Field(None, description="mass that it is divided by; none where the source does not say")
    support_mass: float | None = Field(None, ge=0, description="mass of the support per host formula, g/mol")

    @model_validator(mode="after")
    def _support(self) -> Self:
        if self.support_mass is None and self.basis in (Basis.COMPOSITE, Basis.DISCHARGED_COMPOSITE):
            raise ValueError(f"the basis {self.basis} needs support_mass, g/mol per host formula")
        return self


class ProtonClaim(Claim):
    """Free protons of an electrolyte, and those that a capacity needs."""

    kind: Literal["proton_supply"]
    capacity: PositiveFloat = Field(description="capacity, mAh/g")
    mass: PositiveFloat = Field(description="active mass, mg")
    share: float = Field(1.0, gt=0, le=1, description="part of the charge that protons carry")
    ph: float = Field(description="pH of the electrolyte")
    volume: PositiveFloat = Field(description="volume of the electrolyte, uL")
    free: PositiveFloat | None = Field(None, description="printed free protons, nmol")
    needed: PositiveFloat | None = Field(None, description="printed protons needed, umol")

    @model_validator(mode="after")
    def _something_printed(self) -> Self:
        if self.free is None and self.needed is None:
            raise ValueError("give free (nmol), needed (umol) or both, as printed")
        return self


class BalanceClaim(Claim):
    """The mass per charge of a quartz balance, given to one carrier or to none."""

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


class ArealClaim(Claim):
    """A current per area beside a current per mass and a loading."""

    kind: Literal["current_density"]
    current: PositiveFloat = Field(description="printed current per mass, A/g")
    loadings: list[PositiveFloat] = Field(
        min_length=1, max_length=2, description="printed loading, or its range, mg/cm2"
    )
    areal_current: PositiveFloat = Field(description="printed current per area, mA/cm2")


KINDS = ("specific_capacity", "proton_supply", "mass_per_charge", "charge_share", "current_density")

AnyClaim = Annotated[CapacityClaim | ProtonClaim | BalanceClaim | ShareClaim | ArealClaim, Field(discriminator="kind")]


class Claims(BaseModel):
    """A file of claims."""

    model_config = STRICT

    sources: dict[str, Source] = Field(default_factory=dict, description="the papers, by short name")
    claims: dict[str, AnyClaim] = Field(min_length=1, description="the claims, by name")

    @model_validator(mode="before")
    @classmethod
    def _kinds_are_given(cls, data: Any) -> Any:
        """Ask for a kind in words; the check of tagged unions would only say that it found no tag."""
        claims = data.get("claims") if isinstance(data, dict) else None
        for name, claim in (claims if isinstance(claims, dict) else {}).items():
            if isinstance(claim, dict) and "kind" not in claim:
                raise ValueError(f"claim {name!r} has no kind; it is one of {', '.join(KINDS)}")
        return data

    def origin(self, claim: Claim) -> str:
        """Return citation, DOI and locator of a claim."""
        source = self.sources.get(claim.source)
        named = [source.citation, source.doi] if source else [claim.source]
        return ", ".join(part for part in (*named, claim.locator) if part)


def load_claims(path: Path) -> Claims:
    """Read a file of claims.

    Args:
        path: YAML file with ``claims``, and ``sources`` to name papers by.

    Returns:
        The claims.

    Raises:
        AzibflowError: the file cannot be read or is not valid; names the line and the key.
    """
    return read_model(path, Claims, "claims", "a mapping with claims, each with a kind", AzibflowError)


@cache
def published_claims() -> Claims:
    """Return the published claims that come with the package."""
    return load_claims(Path(str(files("azibflow.data") / "claims.yaml")))
