"""From force constants to frequencies, and from frequencies to enthalpies and Gibbs energies of an ideal gas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, Field

from .symmetry_number import symmetry_number

if TYPE_CHECKING:
    from ase import Atoms

IMAGINARY = -15.0
"""A mode below this wavenumber, cm-1, is imaginary. Softer negative ones are rotations and translations that numerical
integration grids let leak in, or floppy torsions: they count as real with their absolute value."""
QUASI_HARMONIC = 100.0
"""Wavenumber, cm-1, around which entropies of soft modes go over from vibrations to free rotors."""
LINEAR = 1e-2
"""A principal moment of inertia below this, u angstrom^2, belongs to a linear molecule; relaxed ones are never quite
straight."""
RIGID_MOTIONS = {"monatomic": 3, "linear": 5, "nonlinear": 6}


class Thermochemistry(BaseModel):
    """Ideal-gas, rigid-rotor, harmonic-oscillator corrections to an electronic energy."""

    frequencies: list[float] = Field(description="wavenumbers of the normal modes, cm-1; imaginary ones negative")
    imaginary: int = Field(description="modes with wavenumbers below -15 cm-1; left out of all sums")
    temperature: float = Field(description="temperature, K")
    pressure: float = Field(description="pressure, Pa")
    symmetry_number: int = Field(description="rotations that map the molecule onto itself, as used in its entropy")
    zero_point_energy: float = Field(description="zero-point energy, eV")
    enthalpy_correction: float = Field(description="enthalpy minus electronic energy, eV")
    entropy: float = Field(description="entropy, harmonic, eV/K")
    gibbs_correction: float = Field(description="Gibbs energy minus electronic energy, harmonic, eV")
    gibbs_correction_quasi_harmonic: float = Field(
        description="the same with entropies of modes near and below 100 cm-1 going over to free rotors, eV"
    )


def harmonic_frequencies(force_constants: np.ndarray, atoms: Atoms) -> tuple[np.ndarray, np.ndarray]:
    """Diagonalise the mass-weighted force constants, translations and rotations projected out.

    Args:
        force_constants: second derivatives of the energy, eV/angstrom^2, shape (3N, 3N).
        atoms: geometry and masses.

    Returns:
        Wavenumbers, cm-1, ascending, imaginary ones negative, shape (n,); and Cartesian displacements of the modes,
        each normalised, shape (n, N, 3). n is 3N - 6, 3N - 5 for a linear molecule, 0 for an atom.
    """
    from ase import units

    roots = np.sqrt(np.repeat(atoms.get_masses(), 3))
    # Singular values fall: what is no motion of its own, such as the rotation of a rod about its axis, comes last.
    basis, _, _ = np.linalg.svd(_rigid_motions(atoms), full_matrices=True)
    internal = basis[:, RIGID_MOTIONS[_shape(atoms)] :]
    weighted = (force_constants + force_constants.T) / 2 / np.outer(roots, roots)
    squares, vectors = np.linalg.eigh(internal.T @ weighted @ internal)
    # In ASE's units eV, angstrom and u the root of a force constant over a mass is an angular frequency; hbar in them:
    energies = np.sign(squares) * np.sqrt(np.abs(squares)) * units._hbar * units.J * units.s
    modes = (internal @ vectors).T / roots
    modes /= np.linalg.norm(modes, axis=1, keepdims=True)
    return energies / units.invcm, modes.reshape(len(energies), len(atoms), 3)


def thermochemistry(
    atoms: Atoms, frequencies: np.ndarray, temperature: float = 298.15, pressure: float = 101325.0
) -> Thermochemistry:
    """Compute enthalpy and Gibbs energy corrections of an ideal gas of rigid rotors and harmonic oscillators.

    The quasi-harmonic entropy is that of S. Grimme, Chem. Eur. J. 2012, 18, 9955, 10.1002/chem.201200497, with the mean
    moment of inertia of the molecule; energies stay harmonic. The symmetry number is that of the point group within
    0.05 angstrom; the electronic entropy that of the spin alone.

    Args:
        atoms: geometry; multiplicity in ``info["spin"]``.
        frequencies: wavenumbers, cm-1, imaginary ones negative.
        temperature: K.
        pressure: Pa.

    Returns:
        The corrections; imaginary modes are counted and left out.
    """
    from ase import units
    from ase.thermochemistry import IdealGasThermo

    from .dft.molecule import multiplicity

    real = [abs(float(wavenumber)) * units.invcm for wavenumber in frequencies if wavenumber >= IMAGINARY]
    symmetry = symmetry_number(atoms)
    gas = IdealGasThermo(
        vib_energies=real,
        geometry=_shape(atoms),
        atoms=atoms,
        symmetrynumber=symmetry,
        spin=(multiplicity(atoms) - 1) / 2,
        vib_selection="all",
    )
    gibbs = float(gas.get_gibbs_energy(temperature, pressure, verbose=False))
    return Thermochemistry(
        frequencies=[float(wavenumber) for wavenumber in frequencies],
        imaginary=int((np.asarray(frequencies) < IMAGINARY).sum()),
        temperature=temperature,
        pressure=pressure,
        symmetry_number=symmetry,
        zero_point_energy=sum(real) / 2,
        enthalpy_correction=float(gas.get_enthalpy(temperature, verbose=False)),
        entropy=float(gas.get_entropy(temperature, pressure, verbose=False)),
        gibbs_correction=gibbs,
        gibbs_correction_quasi_harmonic=gibbs - temperature * _entropy_change(atoms, real, temperature),
    )


def _entropy_change(atoms: Atoms, energies: list[float], temperature: float) -> float:
    """Return by how much modes going over to free rotors change the entropy of harmonic ones, eV/K.

    ``IdealGasThermo`` accepts modes of its own making and disregards them, so the change is added to its result.
    """
    from ase.thermochemistry import HarmonicMode, RRHOMode

    inertia = float(np.mean(atoms.get_moments_of_inertia()))
    return sum(
        float(RRHOMode(energy, mean_inertia=inertia, tau=QUASI_HARMONIC).get_entropy(temperature, contributions=False))
        - float(HarmonicMode(energy).get_entropy(temperature, contributions=False))
        for energy in energies
    )


def _shape(atoms: Atoms) -> str:
    if len(atoms) == 1:
        return "monatomic"
    return "linear" if atoms.get_moments_of_inertia().min() < LINEAR else "nonlinear"


def _rigid_motions(atoms: Atoms) -> np.ndarray:
    """Return mass-weighted translations and rotations as columns, shape (3N, 6)."""
    roots = np.sqrt(atoms.get_masses())[:, None]
    arms = atoms.positions - atoms.get_center_of_mass()
    axes = np.eye(3)
    motions = [roots * axis for axis in axes] + [roots * np.cross(axis, arms) for axis in axes]
    return np.array([np.broadcast_to(motion, arms.shape).ravel() for motion in motions]).T
