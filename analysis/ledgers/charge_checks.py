"""Published protons, masses per charge, shares of the charge and currents held against the ledgers."""

from __future__ import annotations

import math

from .capacity import ion_charge
from .claims import ArealClaim, BalanceClaim, ProtonClaim, ShareClaim
from .eqcm import carrier, protons_with_hydroxide, splits, waters_per_ion
from .findings import Checked, Comparison, compared
from .formulas import molar_mass
from .protons import charge_shares, proton_ledger


def check_protons(claim: ProtonClaim) -> Checked:
    """Check the free protons of an electrolyte, and those that a capacity needs."""
    ledger = proton_ledger(
        capacity=claim.capacity, mass=claim.mass / 1e3, ph=claim.ph, volume=claim.volume / 1e6, share=claim.share
    )
    needed, free = ledger.needed * 1e6, ledger.free * 1e9
    comparisons = []
    remarks = []
    if claim.free is not None:
        comparisons.append(compared("free protons", claim.free, free, "nmol", claim.tolerance))
    if claim.needed is not None:
        comparisons.append(compared("protons needed", claim.needed, needed, "umol", claim.tolerance))
        if not comparisons[-1].consistent:
            remarks.append(
                f"{needed / 2:.3g} umol would be the Zn2+ of the same charge, or the protons of half of it; "
                f"the printed number is {claim.needed / needed:.2f} of what follows"
            )
    remarks.append(f"{ledger.needed_per_free:.3g} protons needed for each that is free")
    case = f"{claim.mass:g} mg at {claim.capacity:g} mAh/g, {claim.volume:g} uL of pH {claim.ph:g}"
    return Checked(case, comparisons, remarks)


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


def check_areal_current(claim: ArealClaim) -> Checked:
    """Check a current per area; within a range of loadings the nearest counts."""
    low, high = min(claim.loadings), max(claim.loadings)
    implied = claim.areal_current / claim.current
    loading = min(max(implied, low), high)
    quantity = f"current per area at {loading:.4g} mg/cm2"
    comparison = compared(quantity, claim.areal_current, claim.current * loading, "mA/cm2", claim.tolerance)
    remarks = [
        f"{' to '.join(f'{claim.current * each:.3g}' for each in (low, high))} mA/cm2 would be consistent",
        f"{implied:.3g} mg/cm2 would give the printed current",
    ]
    case = f"{claim.current:g} A/g on {' to '.join(f'{each:g}' for each in sorted(set(claim.loadings)))} mg/cm2"
    return Checked(case, [comparison], [] if comparison.consistent else remarks)
