"""Where the protons of a capacity come from: free acid, hydrolysis of Zn2+, and the hydroxide that must precipitate."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

from ...errors import AzibflowError
from .constants import COULOMB_PER_MAH, faraday
from .formulas import molar_mass

ZINC_PKA = 8.96
"""Zn2+ + H2O = ZnOH+ + H+; Baes and Mesmer, The Hydrolysis of Cations (Wiley, 1976)."""

PROTONS_PER_ZHS = 6
"""4 Zn2+ + SO4 2- + (6 + x) H2O = Zn4(OH)6SO4.xH2O + 6 H+."""
ZINC_PER_ZHS = 4
CHARGE_OF_ZINC = 2

UNITS = {
    "charge": "C",
    "electrons": "mol",
    "needed": "mol",
    "free": "mol",
    "salt": "mol",
    "from_hydrolysis": "mol",
    "hydroxide": "mol",
    "hydroxide_mass": "mg",
    "zinc_precipitated": "mol",
    "zinc_from_anode": "mol",
    "water_consumed": "mol",
}
"""Units of the numbers of a ledger that have one."""


class ProtonLedger(BaseModel):
    """The protons that a capacity needs, beside those there are."""

    model_config = ConfigDict(frozen=True)

    charge: float = Field(description="charge of the electrode, C")
    electrons: float = Field(description="electrons, mol")
    needed: float = Field(description="protons that carry their share of the charge, mol")
    free: float = Field(description="free protons at the pH of the electrolyte, taking activity as concentration, mol")
    needed_per_free: float = Field(description="protons needed per free proton")
    salt: float = Field(description="ZnSO4 in the electrolyte, mol")
    from_hydrolysis: float = Field(
        description="protons from water until all sulfate is in the hydroxide salt; zinc comes from the anode, mol"
    )
    supplied: bool = Field(description="whether free protons and hydrolysis together suffice")
    hydroxide: float = Field(description="Zn4(OH)6SO4.xH2O that forms as the counterpart, mol")
    hydroxide_mass: float = Field(description="its mass, mg")
    zinc_precipitated: float = Field(description="Zn2+ in it, mol")
    zinc_from_anode: float = Field(description="Zn2+ that the zinc anode dissolves for the protons' charge, mol")
    water_consumed: float = Field(description="water that gave its protons or was built in, mol")


def free_protons(ph: float, volume: float) -> float:
    """Return the free protons of an electrolyte, 10^-pH V.

    Args:
        ph: pH, with activity taken as concentration in mol/L.
        volume: volume, L.

    Returns:
        Amount, mol.

    Raises:
        AzibflowError: the volume is not positive.
    """
    return math.pow(10.0, -ph) * _positive("the volume of the electrolyte", volume, "L")


def protons_needed(capacity: float, mass: float, share: float = 1.0) -> float:
    """Return the protons behind a share of a capacity, share Q m 3.6 / F.

    Args:
        capacity: capacity, mAh/g.
        mass: active mass, g.
        share: part of the charge that protons carry, from 0 to 1.

    Returns:
        Amount, mol.

    Raises:
        AzibflowError: the mass or the capacity is not positive, or the share not within 0 and 1.
    """
    if not 0 <= share <= 1:
        raise AzibflowError(f"the share of the protons must be within 0 and 1, not {share:g}")
    total = _positive("the capacity", capacity, "mAh/g") * _positive("the active mass", mass, "g")
    return share * total * COULOMB_PER_MAH / faraday()


def proton_ledger(
    *,
    capacity: float,
    mass: float,
    ph: float,
    volume: float,
    share: float = 1.0,
    salt_concentration: float = 2.0,
    hydrate_water: float = 5.0,
) -> ProtonLedger:
    """Hold the protons that a capacity needs against those of the electrolyte.

    Args:
        capacity: capacity, mAh/g.
        mass: active mass, g.
        ph: pH of the electrolyte.
        volume: its volume, L.
        share: part of the charge that protons carry.
        salt_concentration: ZnSO4 in the electrolyte, mol/L.
        hydrate_water: x in Zn4(OH)6SO4.xH2O, known from 0.5 to 5.

    Returns:
        The ledger.

    Raises:
        AzibflowError: a quantity is not positive, or the share not within 0 and 1.
    """
    needed, free = protons_needed(capacity, mass, share), free_protons(ph, volume)
    salt = _positive("the concentration of ZnSO4", salt_concentration, "mol/L") * volume
    missing = max(needed - free, 0.0)
    hydroxide = missing / PROTONS_PER_ZHS
    # A zinc anode dissolves one Zn2+ for two protons, the salt takes four for six: sulfate runs out before zinc does.
    hydrolysed = salt * PROTONS_PER_ZHS
    electrons = protons_needed(capacity, mass)
    return ProtonLedger(
        charge=electrons * faraday(),
        electrons=electrons,
        needed=needed,
        free=free,
        needed_per_free=needed / free,
        salt=salt,
        from_hydrolysis=hydrolysed,
        supplied=missing <= hydrolysed,
        hydroxide=hydroxide,
        hydroxide_mass=1e3 * hydroxide * hydroxide_molar_mass(hydrate_water),
        zinc_precipitated=ZINC_PER_ZHS * hydroxide,
        zinc_from_anode=needed / CHARGE_OF_ZINC,
        water_consumed=(PROTONS_PER_ZHS + hydrate_water) * hydroxide,
    )


def hydroxide_molar_mass(hydrate_water: float = 5.0) -> float:
    """Return the molar mass of Zn4(OH)6SO4.xH2O, g/mol."""
    if not hydrate_water >= 0:
        raise AzibflowError(f"the water of Zn4(OH)6SO4.xH2O cannot be {hydrate_water:g}")
    return molar_mass("Zn4(OH)6SO4") + hydrate_water * molar_mass("H2O")


def hydrolysis_ph(concentration: float, pka: float = ZINC_PKA) -> float:
    """Return the pH that the hydrolysis of a cation alone gives, from x^2 / (c - x) = Ka, without activities.

    Args:
        concentration: of the cation, mol/L.
        pka: of its aqua ion.

    Raises:
        AzibflowError: the concentration is not positive.
    """
    c, ka = _positive("the concentration", concentration, "mol/L"), math.pow(10.0, -pka)
    return -math.log10(2 * c * ka / (ka + math.sqrt(ka * ka + 4 * ka * c)))  # the root without cancellation


def charge_shares(inserted: dict[str, tuple[float, int]]) -> dict[str, float]:
    """Return which share of the charge each inserted ion carries.

    Args:
        inserted: by ion, how many of them and their charge.

    Returns:
        Shares that sum to one.

    Raises:
        AzibflowError: nothing is inserted, a number is negative or a charge below one.
    """
    for ion, (number, charge) in inserted.items():
        if not number >= 0 or charge < 1:
            raise AzibflowError(f"{ion}: the number must not be negative and the charge 1 or more")
    total = math.fsum(number * charge for number, charge in inserted.values())
    if not total > 0:
        raise AzibflowError("no ion is inserted, so nothing carries the charge")
    return {ion: number * charge / total for ion, (number, charge) in inserted.items()}


def _positive(what: str, value: float, unit: str) -> float:
    if not (math.isfinite(value) and value > 0):
        raise AzibflowError(f"{what} must be positive, not {value:g} {unit}")
    return value
