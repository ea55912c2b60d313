"""Energies of insertion over the number of ions: stable numbers, voltages between them, and their capacities."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from ..ledgers.capacity import specific_capacity

if TYPE_CHECKING:
    from ...structures.documents import StructureDocument

SAME = 1e-9
"""Slopes closer than this (eV per ion) are equal."""


class Plateau(BaseModel):
    """Two neighbouring stable numbers of ions, and the voltage at which one becomes the other."""

    start: int = Field(description="ions before")
    end: int = Field(description="ions after")
    voltage: float = Field(description="against the metal and its ion, V")


def binding_energy(e_loaded: float, e_host: float, n: int, mu: float) -> float:
    """Return E_b(n) = E[S+nX] - E[S] - n mu, eV; negative binds (chen2026, 10.1039/d5mh02260f, with mu made explicit).

    Args:
        e_loaded: energy of the host with n ions, eV.
        e_host: energy of the host, eV.
        n: number of ions.
        mu: energy of the ion's bulk metal per atom, eV.
    """
    return e_loaded - e_host - n * mu


def lower_hull(energies: Mapping[int, float]) -> list[int]:
    """Return the numbers of ions that are stable against all others, the bare host and the bulk metal.

    These are the corners of the lower convex hull of E_b over n from (0, 0) on. The bulk metal, at no energy and no
    end of n, is the other end member: a segment that rises with n lies above the line towards it, so the hull ends
    at the minimum of E_b. (In the fraction x = n/(n+1), with E_b/(n+1), it is the usual hull with both ends at zero.)

    Args:
        energies: E_b by n, eV; n = 0 need not be there, and gaps may be.

    Returns:
        The corners in ascending order, 0 first.
    """
    points = sorted({**energies, 0: 0.0}.items())
    corners: list[tuple[int, float]] = []
    for point in points:
        while len(corners) > 1 and _slope(corners[-2], corners[-1]) >= _slope(corners[-1], point) - SAME:
            corners.pop()
        corners.append(point)
    while len(corners) > 1 and _slope(corners[-2], corners[-1]) > -SAME:
        corners.pop()
    return [n for n, _ in corners]


def hull_energy(energies: Mapping[int, float], n: int) -> float:
    """Return the energy of the hull at some number of ions, eV; beyond its end metal is plated at no energy."""
    known = {**energies, 0: 0.0}
    corners = lower_hull(energies)
    if n >= corners[-1]:
        return known[corners[-1]]
    after = next(corner for corner in corners if corner > n)
    before = corners[corners.index(after) - 1]
    return known[before] + (n - before) * (known[after] - known[before]) / (after - before)


def plateaus(energies: Mapping[int, float], charge: int) -> list[Plateau]:
    """Return the average voltages between stable numbers of ions, V = -dE_b / (z dn), against the metal and its ion.

    Energies stand for Gibbs energies: neither entropy nor the volume is in them.

    Args:
        energies: E_b by n, eV.
        charge: electrons per ion, z.
    """
    known = {**energies, 0: 0.0}
    corners = lower_hull(energies)
    return [
        Plateau(start=start, end=end, voltage=-(known[end] - known[start]) / (charge * (end - start)))
        for start, end in pairwise(corners)
    ]


def capacity(n: int, charge: int, molar_mass: float) -> float:
    """Return Q = z n F / (3.6 M), mAh/g.

    Args:
        n: ions per formula of mass M.
        charge: electrons per ion, z.
        molar_mass: M of what the capacity refers to, g/mol.
    """
    return specific_capacity(charge * n, molar_mass)


def molar_mass(structure: StructureDocument, indices: tuple[int, ...]) -> float:
    """Return the mass of some atoms of a structure, g/mol."""
    from ase.data import atomic_masses, atomic_numbers

    return float(sum(atomic_masses[atomic_numbers[structure.symbols[i]]] for i in indices))


def _slope(one: tuple[int, float], other: tuple[int, float]) -> float:
    return (other[1] - one[1]) / (other[0] - one[0])
