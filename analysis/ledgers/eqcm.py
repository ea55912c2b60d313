"""What a quartz balance says: mass per mole of electrons, and which carriers it fits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from pydantic import BaseModel, ConfigDict, Field

from ...errors import AzibflowError
from .constants import faraday
from .formulas import molar_mass
from .protons import PROTONS_PER_ZHS, hydroxide_molar_mass


class Carrier(BaseModel):
    """What moves to the electrode with its charge, and what precipitates for it."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="name, such as Zn2+ or H3O+")
    mass_per_electron: float = Field(description="mass that the electrode gains per mole of electrons, g/mol")


class Split(BaseModel):
    """Two carriers that together have a measured mass per charge."""

    model_config = ConfigDict(frozen=True)

    light: Carrier = Field(description="the lighter carrier")
    heavy: Carrier = Field(description="the heavier carrier")
    heavy_share: float = Field(description="share of the charge that the heavier one carries, from 0 to 1")

    @property
    def light_share(self) -> float:
        """Share of the charge that the lighter one carries."""
        return 1.0 - self.heavy_share

    @property
    def statement(self) -> str:
        """The split in words."""
        return f"{self.heavy_share:.1%} {self.heavy.name}, {self.light_share:.1%} {self.light.name}"


def mass_per_electron(mass_change: float, charge: float) -> float:
    """Return F dm/dQ.

    Args:
        mass_change: mass that the electrode gained, g.
        charge: charge that the ions brought, C, with the sign of the mass it should bring.

    Returns:
        Mass per mole of electrons, g/mol.

    Raises:
        AzibflowError: no charge has passed.
    """
    if not math.isfinite(charge) or charge == 0:
        raise AzibflowError("no charge has passed, so there is no mass per charge")
    return faraday() * mass_change / charge


def carrier(ion: str, charge: int, *, waters: float = 0.0) -> Carrier:
    """Describe an ion that goes in with its shell or a part of it.

    Args:
        ion: formula without charge.
        charge: charge number.
        waters: water molecules that go in with each ion.

    Raises:
        AzibflowError: the formula cannot be read, the charge is below 1 or the water negative.
    """
    if charge < 1 or not waters >= 0:
        raise AzibflowError(f"{ion}: a carrier needs a charge of 1 or more and no negative water")
    shell = f" with {waters:g} H2O" if waters else ""
    mass = molar_mass(ion) + waters * molar_mass("H2O")
    return Carrier(name=f"{ion}{charge if charge > 1 else ''}+{shell}", mass_per_electron=mass / charge)


def protons_with_hydroxide(hydrate_water: float = 5.0) -> Carrier:
    """Describe protons that go in while Zn4(OH)6SO4.xH2O precipitates on the electrode, one for every six."""
    mass = molar_mass("H") + hydroxide_molar_mass(hydrate_water) / PROTONS_PER_ZHS
    return Carrier(name=f"H+ with Zn4(OH)6SO4.{hydrate_water:g}H2O", mass_per_electron=mass)


def mixture_mass(shares: Sequence[tuple[Carrier, float]]) -> float:
    """Return the mass per mole of electrons of several carriers at once.

    Args:
        shares: carriers with their shares of the charge.

    Returns:
        Mass per mole of electrons, g/mol.

    Raises:
        AzibflowError: the shares are negative or do not sum to one.
    """
    if any(not share >= 0 for _, share in shares) or not math.isclose(sum(share for _, share in shares), 1.0):
        raise AzibflowError("shares of the charge must not be negative and must sum to one")
    return math.fsum(share * each.mass_per_electron for each, share in shares)


def split(measured: float, first: Carrier, second: Carrier) -> Split:
    """Find the mixture of two carriers that has a measured mass per charge.

    Args:
        measured: mass per mole of electrons, g/mol.
        first: one carrier.
        second: the other.

    Raises:
        AzibflowError: both weigh the same, or the measured mass does not lie between theirs.
    """
    light, heavy = sorted((first, second), key=lambda each: each.mass_per_electron)
    low, high = light.mass_per_electron, heavy.mass_per_electron
    if math.isclose(low, high):
        raise AzibflowError(f"{light.name} and {heavy.name} weigh the same per electron: no mass tells them apart")
    if not low <= measured <= high:
        raise AzibflowError(
            f"{measured:g} g/mol is not between {light.name} ({low:.2f}) and {heavy.name} ({high:.2f}): "
            f"they cannot explain it together"
        )
    return Split(light=light, heavy=heavy, heavy_share=(measured - low) / (high - low))


def splits(measured: float, carriers: Sequence[Carrier]) -> list[Split]:
    """Return every pair of carriers that explains a measured mass per charge; one number cannot decide between them."""
    pairs = [sorted(pair, key=lambda each: each.mass_per_electron) for pair in combinations(carriers, 2)]
    return [
        split(measured, light, heavy)
        for light, heavy in pairs
        if light.mass_per_electron < heavy.mass_per_electron
        and light.mass_per_electron <= measured <= heavy.mass_per_electron
    ]


def waters_per_ion(measured: float, ion: str, charge: int) -> float | None:
    """Return how much water would have to come with every ion.

    Args:
        measured: mass per mole of electrons, g/mol.
        ion: formula without charge.
        charge: charge number.

    Returns:
        Water molecules per ion; none where the measured mass is below that of the bare ion.
    """
    waters = (charge * measured - molar_mass(ion)) / molar_mass("H2O")
    return waters if waters >= 0 else None
