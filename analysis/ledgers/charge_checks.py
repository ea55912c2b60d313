"""Published protons, pools of ions, masses per charge and shares of the charge held against the ledgers."""

from __future__ import annotations

import math

from .capacity import ion_charge
from .charge_claims import BalanceClaim, PoolClaim, ProtonClaim, ShareClaim
from .constants import mah_per_mole
from .eqcm import carrier, protons_with_hydroxide, splits, waters_per_ion
from .findings import Checked, Comparison, compared, computed
from .formulas import molar_mass
from .protons import ZINC_PKA, charge_shares, free_protons, hydrolysis_ph, proton_ledger

LITRES_PER_UL = 1e-6
UMOL_PER_MOL = 1e6
PKAS = {"Zn2+": ZINC_PKA}
"""Of the aqua ions whose hydrolysis makes a solution sour by itself."""


def check_protons(claim: ProtonClaim) -> Checked:
    """Check the free protons of an electrolyte, and those that a capacity needs."""
    ledger = proton_ledger(
        capacity=claim.capacity,
        mass=claim.mass / 1e3,
        ph=claim.ph,
        volume=claim.volume * LITRES_PER_UL,
        share=claim.share,
    )
    needed, free = ledger.needed * UMOL_PER_MOL, ledger.free * 1e9
    comparisons = [
        compared("free protons", claim.free, free, "nmol", claim.tolerance),
        compared("protons needed", claim.needed, needed, "umol", claim.tolerance),
        computed("protons needed for each that is free", ledger.needed_per_free, ""),
        computed("Zn4(OH)6SO4.5H2O that forms, amount", ledger.hydroxide * UMOL_PER_MOL, "umol"),
        computed("Zn4(OH)6SO4.5H2O that forms, mass", ledger.hydroxide_mass, "mg"),
    ]
    remarks = []
    if claim.needed is not None and not comparisons[1].consistent:
        remarks.append(
            f"{needed / 2:.3g} umol would be the Zn2+ of the same charge, or the protons of half of it; "
            f"the printed number is {claim.needed / needed:.2f} of what follows"
        )
    carried = "all by H+" if claim.share == 1 else f"{claim.share:.0%} by H+"
    case = f"{claim.mass:g} mg at {claim.capacity:g} mAh/g, {claim.volume:g} uL of pH {claim.ph:g}, {carried}"
    return Checked(case, comparisons, remarks)


def check_pool(claim: PoolClaim) -> Checked:
    """Check the amount of an ion in a volume of electrolyte, and the charge that it could take or give."""
    litres = claim.volume * LITRES_PER_UL
    if claim.ph is not None:
        words, moles = f"pH {claim.ph:g}", free_protons(claim.ph, litres)
    else:
        words, moles = f"{claim.concentration:g} mol/L", (claim.concentration or 0.0) * litres
    comparisons = [compared(f"{claim.ion}, {words}", claim.amount, moles * UMOL_PER_MOL, "umol", claim.tolerance)]
    remarks = []
    if claim.concentration is not None and claim.ion in PKAS:
        sour = hydrolysis_ph(claim.concentration, PKAS[claim.ion])
        comparisons.append(computed("pH that its hydrolysis alone gives", sour, ""))
    if claim.electrons is not None:
        charge = claim.electrons * moles * mah_per_mole()
        comparisons.append(computed(f"charge of {claim.electrons:g} e for each {claim.ion}", charge, "mAh"))
        if claim.capacity is not None and claim.mass is not None:
            electrode = claim.capacity * claim.mass / 1e3
            comparisons.append(computed(f"charge of {claim.mass:g} mg at {claim.capacity:g} mAh/g", electrode, "mAh"))
            remarks.append(f"the pool holds {charge / electrode:.2g} times the charge of the electrode")
    return Checked(f"{claim.volume:g} uL of electrolyte", comparisons, remarks)


def check_balance(claim: BalanceClaim) -> Checked:
    """Check whether a mass per charge is that of the carrier it is given to."""
    if claim.ion is None:
        remarks = other_carriers(claim.measured, "Zn", ion_charge("Zn"), claim.tolerance)
        return Checked(f"{claim.measured:g} g/mol given to no carrier", [], remarks)
    charge = claim.charge or ion_charge(claim.ion)
    named = carrier(claim.ion, charge, waters=claim.waters)
    quantity = f"mass per mole of electrons of {named.name}"
    comparison = compared(quantity, claim.measured, named.mass_per_electron, "g/mol", claim.tolerance)
    remarks = [] if comparison.consistent else other_carriers(claim.measured, claim.ion, charge, claim.tolerance)
    return Checked(f"{claim.measured:g} g/mol given to {named.name}", [comparison], remarks)


def other_carriers(measured: float, ion: str, charge: int, tolerance: float) -> list[str]:
    """Say which carriers a mass per charge fits.

    Args:
        measured: mass per mole of electrons, g/mol.
        ion: formula of the ion that may bring water.
        charge: its charge.
        tolerance: relative deviation that still counts as agreement.
    """
    readings = []
    if charge > 1 and math.isclose(measured, molar_mass(ion), rel_tol=tolerance):
        readings.append(f"it is the molar mass of {ion}, not yet divided by {charge} electrons")
    readings += [
        f"it is the mass of {bare.name}"
        for bare in (carrier("H", 1), carrier("H3O", 1), carrier("Zn", 2))
        if math.isclose(measured, bare.mass_per_electron, rel_tol=tolerance)
    ]
    waters = waters_per_ion(measured, ion, charge)
    if waters is not None:
        readings.append(f"{waters:.2f} H2O with every {carrier(ion, charge).name} would give it")
    mixtures = splits(measured, [carrier("H", 1), carrier("Zn", 2), protons_with_hydroxide()])
    return [*readings, *(f"{mixture.statement} would give it" for mixture in mixtures)]


def check_share(claim: ShareClaim) -> Checked:
    """Check which ion carries the charge."""
    inserted = {ion: (entry.n, entry.charge or ion_charge(ion)) for ion, entry in claim.inserted.items()}
    shares = charge_shares(inserted)
    share = shares[claim.carrier]
    case = " + ".join(f"{number:g} {ion}" for ion, (number, _) in inserted.items())
    remarks = [", ".join(f"{ion} carries {part:.1%} of the charge" for ion, part in shares.items())]
    if claim.share is not None:
        return Checked(case, [compared(f"share of {claim.carrier}", claim.share, share, "", claim.tolerance)], remarks)
    main = Comparison(
        quantity=f"share of {claim.carrier}, more than half if it is the main carrier",
        printed=0.5,
        computed=share,
        unit="",
        consistent=share > 0.5,
    )
    return Checked(case, [main], remarks)
