"""The constants of all ledgers, CODATA 2018 as ASE has them."""

from __future__ import annotations

from functools import cache

COULOMB_PER_MAH = 3.6
"""One milliampere hour, C."""

ROOM_TEMPERATURE = 298.15
"""Temperature where none is given, K."""


@cache
def faraday() -> float:
    """Return the Faraday constant, 96485.33212 C/mol."""
    units = _codata()
    return units["_e"] * units["_Nav"]


@cache
def gas_constant() -> float:
    """Return the gas constant, 8.314462618 J/(mol K)."""
    units = _codata()
    return units["_k"] * units["_Nav"]


def mah_per_mole() -> float:
    """Return the charge of one mole of electrons, 26801.48 mAh/mol."""
    return faraday() / COULOMB_PER_MAH


def _codata() -> dict[str, float]:
    from ase.units import create_units

    return {name: float(create_units("2018")[name]) for name in ("_e", "_Nav", "_k")}
