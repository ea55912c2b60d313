"""Frontier orbital levels of a converged mean field."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import BaseModel, Field


class FrontierOrbitals(BaseModel):
    """The highest occupied and the lowest empty orbital; of both spins the higher and the lower one."""

    homo: float = Field(description="energy of the highest occupied orbital, eV against vacuum")
    lumo: float | None = Field(description="energy of the lowest empty orbital, eV against vacuum; none in its basis")
    homo_spin: str = Field(description="spin of the highest occupied orbital: alpha, beta, or both when restricted")
    lumo_spin: str = Field(description="spin of the lowest empty orbital")

    @property
    def gap(self) -> float | None:
        """Difference of the two levels, eV."""
        return None if self.lumo is None else self.lumo - self.homo


def frontier_orbitals(mean_field: Any) -> FrontierOrbitals:
    """Read HOMO and LUMO.

    Orbital energies of a hybrid functional are Kohn-Sham levels, not ionisation energies: those need other charges.

    Args:
        mean_field: converged, restricted or unrestricted.

    Returns:
        The levels, eV.
    """
    from ase.units import Hartree

    restricted = np.ndim(mean_field.mo_energy) == 1
    channels = (
        [("both", mean_field.mo_energy, mean_field.mo_occ)]
        if restricted
        else list(zip(("alpha", "beta"), mean_field.mo_energy, mean_field.mo_occ, strict=True))
    )
    occupied = [(float(e[n > 0].max()) * Hartree, spin) for spin, e, n in channels if (n > 0).any()]
    empty = [(float(e[n == 0].min()) * Hartree, spin) for spin, e, n in channels if (n == 0).any()]
    homo, homo_spin = max(occupied)
    lumo, lumo_spin = min(empty) if empty else (None, "")
    return FrontierOrbitals(homo=homo, lumo=lumo, homo_spin=homo_spin, lumo_spin=lumo_spin)
