"""Free energies of atoms bound to a surface: all their motions are vibrations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, Field

from .thermochemistry import IMAGINARY

if TYPE_CHECKING:
    from ase import Atoms

LOWEST = 50.0
"""Wavenumber, cm-1, to which softer modes are raised. Rattling and turning on a surface is no harmonic vibration, and
the entropy of a harmonic one grows without bound as its frequency goes to zero, with every error of the forces."""


class BoundThermochemistry(BaseModel):
    """Harmonic corrections to the electronic energy of atoms of which no rotation or translation is left."""

    frequencies: list[float] = Field(description="wavenumbers of the modes, cm-1; imaginary ones negative")
    imaginary: int = Field(description="imaginary modes; left out of all sums, and the state is no minimum")
    raised: int = Field(description="soft modes that count with the lowest wavenumber instead of their own")
    lowest: float = Field(description="that wavenumber, cm-1")
    temperature: float = Field(description="temperature, K")
    zero_point_energy: float = Field(description="zero-point energy, eV")
    thermal_energy: float = Field(description="energy of the excited vibrations beyond it, eV")
    entropy: float = Field(description="entropy, eV/K")

    @property
    def free_energy_correction(self) -> float:
        """Helmholtz energy minus electronic energy, eV; for what is bound it stands for the Gibbs energy."""
        return self.zero_point_energy + self.thermal_energy - self.temperature * self.entropy


def bound_frequencies(force_constants: np.ndarray, atoms: Atoms) -> np.ndarray:
    """Diagonalise mass-weighted force constants of atoms in a frame that does not move; nothing is projected out.

    Args:
        force_constants: second derivatives of the energy, eV/angstrom^2, shape (3N, 3N).
        atoms: the N atoms that vibrate, for their masses.

    Returns:
        Wavenumbers, cm-1, ascending, imaginary ones negative, shape (3N,).
    """
    from ase import units

    roots = np.sqrt(np.repeat(atoms.get_masses(), 3))
    squares = np.linalg.eigvalsh((force_constants + force_constants.T) / 2 / np.outer(roots, roots))
    # In ASE's units eV, angstrom and u the root of a force constant over a mass is an angular frequency; hbar in them:
    energies = np.sign(squares) * np.sqrt(np.abs(squares)) * units._hbar * units.J * units.s
    return np.asarray(energies / units.invcm)


def bound_thermochemistry(
    frequencies: Sequence[float], temperature: float, lowest: float = LOWEST
) -> BoundThermochemistry:
    """Compute zero-point energy, thermal energy and entropy of harmonic oscillators.

    A mode softer than ``lowest`` counts as one of that wavenumber, in all three, also one that is imaginary by no more
    than that (or than 15 cm-1), as forces are never exact; a mode that is imaginary by more is left out.

    Args:
        frequencies: wavenumbers, cm-1, imaginary ones negative.
        temperature: K.
        lowest: cm-1.

    Returns:
        The corrections.
    """
    from ase import units
    from ase.thermochemistry import HarmonicMode

    limit = min(IMAGINARY, -lowest)
    real = [abs(wavenumber) for wavenumber in frequencies if wavenumber >= limit]
    modes = [HarmonicMode(max(wavenumber, lowest) * units.invcm) for wavenumber in real]
    zero_point = sum(float(mode.get_ZPE_correction()) for mode in modes)
    energy = sum(float(mode.get_internal_energy(temperature, contributions=False)) for mode in modes)
    return BoundThermochemistry(
        frequencies=[float(wavenumber) for wavenumber in frequencies],
        imaginary=len(frequencies) - len(real),
        raised=sum(wavenumber < lowest for wavenumber in real),
        lowest=lowest,
        temperature=temperature,
        zero_point_energy=zero_point,
        thermal_energy=energy - zero_point,
        entropy=sum(float(mode.get_entropy(temperature, contributions=False)) for mode in modes),
    )
