"""What the cost of a self-consistent field goes by: k-points, bands, basis functions, grid."""

from __future__ import annotations

from math import pi, prod

from ase.units import Bohr, Hartree
from pydantic import BaseModel, ConfigDict, Field

SPARE_BANDS = 1.2
"""Bands beside the occupied ones that a plane-wave code computes, as a factor."""


class Size(BaseModel):
    """How large one self-consistent field is."""

    model_config = ConfigDict(frozen=True)

    method: str = Field(description="code and algorithm: only sizes of the same can be compared")
    atoms: int = Field(description="atoms in the cell")
    electrons: float = Field(description="valence electrons")
    spins: int = Field(1, description="1, or 2 where the spins are computed apart")
    kpoints: int = Field(1, description="k-points that are computed, k and -k once")
    bands: int = Field(description="orbitals of each spin and k-point")
    functions: float = Field(description="plane waves of each k-point, or basis functions")
    grid: float = Field(description="points of the density grid")
    products: float = Field(0.0, description="values of products of Gaussians on the grid; none of plane waves")

    @property
    def orbitals(self) -> int:
        """Orbitals of all spins and k-points."""
        return self.spins * self.kpoints * self.bands


def plane_waves(volume: float, cutoff: float) -> float:
    """Return the number of plane waves below a cutoff: the volume of their sphere in reciprocal space.

    Args:
        volume: of the cell, angstrom^3.
        cutoff: eV.
    """
    return float(volume / Bohr**3 * (2 * cutoff / Hartree) ** 1.5 / (6 * pi**2))


def computed_kpoints(mesh: tuple[int, int, int]) -> int:
    """Return the points of a mesh around the zone centre of which none is minus another.

    Args:
        mesh: points along the three reciprocal vectors.
    """
    own_opposites = prod(1 if number % 2 else 2 for number in mesh)
    return (prod(mesh) + own_opposites) // 2
