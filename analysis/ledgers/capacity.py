"""Theoretical capacities on every mass basis: Q = z n F / (3.6 M)."""

from __future__ import annotations

import math
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from ...errors import AzibflowError
from .constants import mah_per_mole
from .formulas import molar_mass, same_substance
from .oxidation import TRANSITION_METALS, MetalBudget, metal_budget

CHARGES = {"H": 1, "Li": 1, "Na": 1, "K": 1, "NH4": 1, "H3O": 1, "Mg": 2, "Ca": 2, "Zn": 2, "Mn": 2, "Cu": 2, "Al": 3}
"""Charges of ions that have one usual charge."""

UNITS = {
    "host_mass": "g/mol",
    "ion_mass": "g/mol",
    "support_mass": "g/mol",
    "mass": "g/mol",
    "capacity": "mAh/g",
    "electrons": "per host formula",
}
"""Units of the numbers of a ledger."""


class Basis(StrEnum):
    """What the mass is that a capacity is divided by."""

    HOST = "host"
    DISCHARGED = "host+ions"
    COMPOSITE = "composite"
    DISCHARGED_COMPOSITE = "composite+ions"

    @property
    def words(self) -> str:
        """The basis in words."""
        return {
            Basis.HOST: "active host alone",
            Basis.DISCHARGED: "host with the ions (discharged)",
            Basis.COMPOSITE: "host and support",
            Basis.DISCHARGED_COMPOSITE: "host, support and ions",
        }[self]


class BasisCapacity(BaseModel):
    """The capacity on one basis."""

    model_config = ConfigDict(frozen=True)

    basis: Basis = Field(description="what the mass counts")
    mass: float = Field(description="mass per host formula, g/mol")
    capacity: float = Field(description="capacity, mAh/g")


class CapacityLedger(BaseModel):
    """The capacity of one host with n ions, on every basis."""

    model_config = ConfigDict(frozen=True)

    host: str = Field(description="formula of the host")
    ion: str = Field(description="formula of the ion, without its charge")
    n: float = Field(description="ions per host formula")
    charge: int = Field(description="charge number z of the ion")
    electrons: float = Field(description="electrons per host formula, z n")
    host_mass: float = Field(description="molar mass of the host, g/mol")
    ion_mass: float = Field(description="molar mass of the ion, g/mol")
    support_mass: float | None = Field(description="mass of the support per host formula, g/mol; none without support")
    capacities: list[BasisCapacity] = Field(description="capacity on each basis")
    metal: MetalBudget | None = Field(description="what the charge asks of the redox metal; none where that is open")

    def on(self, basis: Basis) -> float:
        """Return the capacity on one basis, mAh/g.

        Raises:
            AzibflowError: the basis needs the mass of a support, and none was given.
        """
        for entry in self.capacities:
            if entry.basis is basis:
                return entry.capacity
        raise AzibflowError(f"a capacity per {basis.words} needs the mass of the support per {self.host}")

    def ions_for(self, capacity: float, basis: Basis) -> float | None:
        """Return how many ions per host formula a capacity on one basis needs; none where no number does."""
        self.on(basis)
        mass = self.host_mass
        if basis in (Basis.COMPOSITE, Basis.DISCHARGED_COMPOSITE):
            mass += self.support_mass or 0.0
        per_ion = self.charge * mah_per_mole()
        if basis in (Basis.DISCHARGED, Basis.DISCHARGED_COMPOSITE):
            per_ion -= capacity * self.ion_mass  # each ion brings its own mass along
        return capacity * mass / per_ion if per_ion > 0 else None


def specific_capacity(electrons: float, mass: float) -> float:
    """Return Q = electrons F / (3.6 mass).

    Args:
        electrons: electrons per formula.
        mass: mass of the formula, g/mol.

    Returns:
        The capacity, mAh/g.

    Raises:
        AzibflowError: the mass is not positive or the electrons are negative.
    """
    _check("the number of electrons", electrons, lowest=0.0)
    if not (math.isfinite(mass) and mass > 0):
        raise AzibflowError(f"the mass must be positive, not {mass:g} g/mol")
    return electrons * mah_per_mole() / mass


def capacity_ledger(
    host: str, ion: str, n: float, *, charge: int | None = None, support_mass: float | None = None
) -> CapacityLedger:
    """Work out the capacity of a host with n ions on every mass basis.

    Args:
        host: formula of the host, such as V8O16.
        ion: formula of the ion without its charge, such as Zn.
        n: ions per host formula.
        charge: charge number of the ion; none for the usual one of a common ion.
        support_mass: mass of the support (graphene, MXene) per host formula, g/mol; none without support.

    Returns:
        The ledger; the bases with support only where there is one.

    Raises:
        AzibflowError: a formula cannot be read, the charge is not positive or not known, n or the mass of the support
            is negative.
    """
    host_mass, ion_mass = molar_mass(host), molar_mass(ion)
    z = ion_charge(ion) if charge is None else charge
    if z < 1:
        raise AzibflowError(f"the charge of the inserted ion must be 1 or more, not {z}")
    _check(f"the number of {ion} per {host}", n, lowest=0.0)
    masses = {Basis.HOST: host_mass, Basis.DISCHARGED: host_mass + n * ion_mass}
    if support_mass is not None:
        _check("the mass of the support", support_mass, lowest=0.0)
        masses[Basis.COMPOSITE] = host_mass + support_mass
        masses[Basis.DISCHARGED_COMPOSITE] = host_mass + support_mass + n * ion_mass
    return CapacityLedger(
        host=host,
        ion=ion,
        n=n,
        charge=z,
        electrons=z * n,
        host_mass=host_mass,
        ion_mass=ion_mass,
        support_mass=support_mass,
        capacities=[
            BasisCapacity(basis=basis, mass=mass, capacity=specific_capacity(z * n, mass))
            for basis, mass in masses.items()
        ],
        metal=metal_budget(host, z * n),
    )


def ion_charge(ion: str) -> int:
    """Return the usual charge of a common ion.

    Raises:
        AzibflowError: it has none.
    """
    if ion not in CHARGES:
        raise AzibflowError(f"the charge of {ion} is not known here; give it (known: {', '.join(CHARGES)})")
    return CHARGES[ion]


def capacity_of_the_ion(ledger: CapacityLedger) -> tuple[float, float] | None:
    """Return the capacity that comes out when the redox metal is given the mass of the ion.

    Dividing the electrons per metal atom by the molar mass of the ion instead of the host gives a number that looks
    like a capacity and is one: of the ion's own metal, times n per metal atom.

    Returns:
        Ions per metal atom, and that capacity, mAh/g; none where the host has no transition metal.
    """
    from .formulas import composition

    metals = sum(number for element, number in composition(ledger.host).items() if element in TRANSITION_METALS)
    if not metals or not ledger.n:
        return None
    return ledger.n / metals, specific_capacity(ledger.electrons / metals, ledger.ion_mass)


def same_case(ledger: CapacityLedger, host: str, ion: str, n: float, charge: int) -> bool:
    """Tell whether a ledger is about the same host, ion, number and charge."""
    return (
        same_substance(ledger.host, host)
        and same_substance(ledger.ion, ion)
        and math.isclose(ledger.n, n)
        and ledger.charge == charge
    )


def _check(what: str, value: float, lowest: float) -> None:
    if not math.isfinite(value) or value < lowest:
        raise AzibflowError(f"{what} must be a number of {lowest:g} or more, not {value:g}")
