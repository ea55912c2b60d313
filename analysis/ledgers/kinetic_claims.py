"""Kinds of claims about rates: job sharing, activation energies, GITT, the b-value of a voltammogram."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, PositiveFloat, model_validator

from .claim import Claim
from .constants import ROOM_TEMPERATURE

Pair = Annotated[list[PositiveFloat], Field(min_length=2, max_length=2)]
"""Two of a quantity, in the order of the temperatures, scan rates or processes they belong to."""


class JobSharingClaim(Claim):
    """The diffusion coefficient of an ion whose electrons move in another phase."""

    PRINTED: ClassVar = ("relative_diffusion", "diffusion", "form")

    kind: Literal["job_sharing"]
    charge: int = Field(2, ge=1, description="charge number z of the ion")
    electrons: Literal["metal", "dilute"] = Field("metal", description="whose electrons: those of a metal, or dilute")
    space_charge: float = Field(0.0, description="c F d(phi_a - phi_b)/dc, in units of RT")
    ratio: float | None = Field(None, ge=0, description="s_i/s_e; D is in units of that of the dilute ion then")
    ion_conductivity: PositiveFloat | None = Field(None, description="s_i in phase a, S/m; the ion is dilute")
    electron_conductivity: PositiveFloat | None = Field(None, description="s_e in phase b, S/m; none for infinite")
    concentration: PositiveFloat | None = Field(None, description="of the ion, mol/m3; needed with ion_conductivity")
    temperature: PositiveFloat = Field(ROOM_TEMPERATURE, description="K")
    relative_diffusion: float | None = Field(None, description="printed D/D_i, with ratio")
    diffusion: float | None = Field(None, description="printed D, cm2/s, with ion_conductivity")
    form: Literal["z=1"] | None = Field(
        None, description="the equation as the source prints it, where it prints no number: without factors of z"
    )

    @model_validator(mode="after")
    def _relative_or_absolute(self) -> Self:
        if (self.ratio is None) == (self.ion_conductivity is None):
            raise ValueError("give ratio (s_i/s_e) or ion_conductivity (S/m), one of the two")
        if self.ratio is not None and (self.diffusion, self.electron_conductivity) != (None, None):
            raise ValueError("diffusion and electron_conductivity go with ion_conductivity, not with ratio")
        if self.ion_conductivity is not None and self.relative_diffusion is not None:
            raise ValueError("relative_diffusion goes with ratio, not with ion_conductivity")
        if self.ion_conductivity is not None and self.concentration is None:
            raise ValueError("ion_conductivity needs concentration, mol/m3")
        return self


class ArrheniusClaim(Claim):
    """Two rates, conductivities or diffusion coefficients at two temperatures, and their activation energy."""

    PRINTED: ClassVar = ("energy",)

    kind: Literal["arrhenius"]
    temperatures: Pair = Field(description="the two temperatures, K")
    values: list[PositiveFloat] = Field(
        min_length=1, max_length=2, description="the quantity at both, or at the first alone; any unit, the same"
    )
    energy: PositiveFloat | None = Field(None, description="printed activation energy, kJ/mol")
    form: Literal["k", "kT"] = Field(
        "k",
        description="what is proportional to exp(-E/RT): the quantity (k), or it times T (kT), as for conductivities",
    )

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.temperatures[0] == self.temperatures[1]:
            raise ValueError("the two temperatures are the same")
        if len(self.values) == 1 and self.energy is None:
            raise ValueError("give values at both temperatures, or energy (kJ/mol) beside the value at the first")
        return self

    @property
    def prints(self) -> bool:
        """Whether there is an energy to check; beside one value it says what the other is."""
        return self.energy is not None and len(self.values) == 2


class ActivationPairClaim(Claim):
    """Two activation energies, and the ratio of the two rates if their prefactors are the same."""

    PRINTED: ClassVar = ("ratio",)

    kind: Literal["activation_pair"]
    energies: Pair = Field(description="the two activation energies, kJ/mol")
    temperature: PositiveFloat = Field(ROOM_TEMPERATURE, description="K")
    ratio: PositiveFloat | None = Field(None, description="printed rate of the second over that of the first")


class GittClaim(Claim):
    """A diffusion coefficient from galvanostatic titration."""

    PRINTED: ClassVar = ("diffusion",)

    kind: Literal["gitt"]
    length: PositiveFloat = Field(description="diffusion length, m V_M/(M S) or thickness, um")
    pulse: PositiveFloat | None = Field(None, description="length of the current pulse, s")
    steady_step: PositiveFloat | None = Field(None, description="change of the rest potential by the pulse, mV")
    pulse_step: PositiveFloat | None = Field(None, description="change during the pulse, without the IR drop, mV")
    diffusion: PositiveFloat | None = Field(None, description="printed diffusion coefficient, cm2/s")

    @model_validator(mode="after")
    def _enough(self) -> Self:
        steps = (self.pulse, self.steady_step, self.pulse_step)
        if self.diffusion is None and None in steps:
            raise ValueError("give pulse (s), steady_step and pulse_step (mV), or diffusion (cm2/s) as printed")
        if (self.steady_step is None) != (self.pulse_step is None):
            raise ValueError("steady_step and pulse_step (mV) go together")
        return self


class BValueClaim(Claim):
    """The exponent b of i = a v^b, from currents at two scan rates or beside a capacitive share."""

    PRINTED: ClassVar = ("b",)

    kind: Literal["b_value"]
    b: PositiveFloat | None = Field(None, description="printed exponent")
    scan_rates: Pair | None = Field(None, description="two scan rates, any unit, the same")
    currents: Pair | None = Field(None, description="the peak currents at them, any unit, the same")
    shares: list[Annotated[float, Field(ge=0, le=1)]] | None = Field(
        None, min_length=1, max_length=2, description="printed capacitive share of the current, or its range"
    )

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if (self.scan_rates is None) != (self.currents is None):
            raise ValueError("scan_rates and currents go together")
        if self.scan_rates is not None and self.scan_rates[0] == self.scan_rates[1]:
            raise ValueError("the two scan rates are the same")
        if self.b is None and self.scan_rates is None:
            raise ValueError("give b as printed, or scan_rates and currents")
        return self
