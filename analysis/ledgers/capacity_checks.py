"""Published capacities held against the ledger: which basis, number or charge would give the printed one."""

from __future__ import annotations

import math
from fractions import Fraction

from .capacity import (
    Basis,
    CapacityLedger,
    capacity_ledger,
    capacity_of_the_ion,
    ion_charge,
    same_case,
    specific_capacity,
)
from .charge_claims import CapacityClaim
from .claims import published_claims
from .findings import Checked, Comparison, compared, computed
from .formulas import molar_mass
from .oxidation import MetalBudget, metal_budget

COINCIDENCE = 2e-3
"""Relative deviation below which a wrong way to a number is taken for the way it was found."""


def check_capacity(claim: CapacityClaim) -> Checked:
    """Check a capacity; that the metal cannot give its electrons is a remark, for something else might."""
    if claim.n is None:
        return _without_number(claim)
    ledger = capacity_ledger(claim.host, claim.ion, claim.n, charge=claim.charge, support_mass=claim.support_mass)
    case = f"{claim.host} + {claim.n:g} {claim.ion}, {ledger.electrons:g} e"
    if claim.capacity is None:
        return Checked(case, _on_every_basis(ledger, claim.basis), _statement(ledger.metal))
    printed = claim.capacity
    basis = claim.basis or min(ledger.capacities, key=lambda entry: abs(entry.capacity - printed)).basis
    words = basis.words if claim.basis else f"{basis.words}, the nearest basis, for none is stated"
    comparison = compared(f"capacity per {words}", printed, ledger.on(basis), "mAh/g", claim.tolerance)
    remarks = [] if comparison.consistent else other_readings(ledger, printed, basis, claim.tolerance)
    return Checked(case, [comparison], [*remarks, *_statement(ledger.metal)])


def other_readings(ledger: CapacityLedger, printed: float, basis: Basis, tolerance: float) -> list[str]:
    """Say what would make a printed capacity right, and which mistake gives it.

    Args:
        ledger: the capacity on every basis.
        printed: the printed one, mAh/g.
        basis: the stated basis.
        tolerance: relative deviation that still counts as agreement.
    """
    readings = [
        f"it is the capacity per {entry.basis.words}, {entry.capacity:.2f} mAh/g"
        for entry in ledger.capacities
        if entry.basis is not basis and math.isclose(printed, entry.capacity, rel_tol=tolerance)
    ]
    largest = ledger.on(Basis.HOST)
    if printed > largest:
        readings.append(
            f"it does not follow on any basis: the lightest, {ledger.host} alone, gives {largest:.2f} mAh/g"
        )
    elif not readings and ledger.support_mass is None:
        support = ledger.host_mass * (largest / printed - 1)
        readings.append(f"with {support:.4g} g/mol of support per {ledger.host} it would be the capacity per both")
    number = ledger.ions_for(printed, basis)
    if number is not None:
        readings.append(f"{number:.3g} {ledger.ion} per {ledger.host} would give it on this basis")
    for charge in range(1, 4):
        if charge != ledger.charge and math.isclose(
            printed, ledger.on(basis) * charge / ledger.charge, rel_tol=tolerance
        ):
            readings.append(f"it follows with a charge of {charge} instead of {ledger.charge}")
    return [*readings, *_mass_of_the_ion(ledger, printed)]


def published_beside(ledger: CapacityLedger) -> list[str]:
    """Say of every capacity published for this very case whether it follows on any basis of a ledger.

    Args:
        ledger: a capacity on every basis.

    Returns:
        One statement for each; empty where nothing is published for this case.
    """
    claims = published_claims()
    return [
        _beside(ledger, claim, claim.capacity, claims.origin(claim))
        for claim in claims.claims.values()
        if isinstance(claim, CapacityClaim)
        and claim.n is not None
        and claim.capacity is not None
        and same_case(ledger, claim.host, claim.ion, claim.n, claim.charge or ion_charge(claim.ion))
    ]


def _beside(ledger: CapacityLedger, claim: CapacityClaim, capacity: float, origin: str) -> str:
    printed = f"published: {capacity:g} mAh/g ({origin})"
    for entry in ledger.capacities:
        if math.isclose(capacity, entry.capacity, rel_tol=claim.tolerance):
            return f"{printed}: follows per {entry.basis.words}"
    readings = other_readings(ledger, capacity, claim.basis or Basis.HOST, claim.tolerance)
    return f"{printed}: {'; '.join(readings)}"


def _on_every_basis(ledger: CapacityLedger, basis: Basis | None) -> list[Comparison]:
    """Give the capacity on a basis, or on each where none is asked for."""
    return [
        computed(f"capacity per {entry.basis.words}", entry.capacity, "mAh/g")
        for entry in ledger.capacities
        if basis in (None, entry.basis)
    ]


def _without_number(claim: CapacityClaim) -> Checked:
    """Work out the electrons of a capacity whose number of ions is not printed."""
    assert claim.capacity is not None, "a claim has n or a capacity"
    mass = molar_mass(claim.host) + (claim.support_mass or 0.0)
    electrons = claim.capacity / specific_capacity(1.0, mass)
    reduced = electrons if claim.direction == "discharge" else -electrons
    found = computed(f"electrons per {claim.host}, if all the mass is {claim.host}", electrons, "e")
    remarks = ["the number of ions is not printed", *_statement(metal_budget(claim.host, reduced))]
    return Checked(f"{claim.capacity:g} mAh/g of {claim.host}, {claim.direction}", [found], remarks)


def _statement(budget: MetalBudget | None) -> list[str]:
    return [] if budget is None else [budget.statement]


def _mass_of_the_ion(ledger: CapacityLedger, printed: float) -> list[str]:
    """Recognise the electrons per metal atom divided by the molar mass of the ion."""
    found = capacity_of_the_ion(ledger)
    if found is None or not math.isclose(printed, found[1], rel_tol=COINCIDENCE):
        return []
    per_metal, capacity = found
    share = Fraction(per_metal).limit_denominator(24)
    own = specific_capacity(ledger.charge, ledger.ion_mass)
    return [
        f"it is {share} of the {own:.1f} mAh/g of {ledger.ion} itself ({share} x {own:.1f} = {capacity:.1f}): "
        f"electrons per metal atom over the molar mass of {ledger.ion}, not of {ledger.host}"
    ]
