"""The electrostatic potential of a molecule: exact integrals, and a fitted density that is far cheaper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

AUXILIARY = "def2-universal-jkfit"
"""Basis of the fitted density (10.1002/jcc.20702). The smaller def2-universal-jfit leaves four times the error."""
BLOCK_BYTES = 1.5e8
"""Memory that one block of integrals may take."""
DAMPING = 2.0
"""Distance from any nucleus, bohr, inside which the correction fades: fitted outside, it means nothing there, where the
fitted density alone is right to 1 kcal/mol."""
DIFFUSE = 0.1
"""Exponent of the Gaussian charges of the correction, 1/bohr^2. Part of the charge that a fit misses is in the tail of
the density, outside the surface, where point multipoles cannot put it: without these the error is several times as
large."""
TERMS = 10
"""Terms of the correction per atom: a charge, a diffuse charge, three of a dipole, five of a quadrupole."""
RIDGE = 1e-5
"""Weight of the size of the multipoles against the error that they correct, in the fit: less gains little on the
surface and costs much between surface and nuclei."""
DEPENDENT = 1e-12
"""Eigenvalue of the Coulomb metric, relative to the largest, below which functions count as linearly dependent."""
NUCLEUS = 0.05
"""Nearest approach to a nucleus, bohr: grid points that fall on one get a large number instead of infinity."""


class Potential(Protocol):
    """Gives the electrostatic potential at points."""

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the potential, hartree per elementary charge, at points in bohr, shape (n, 3)."""


class ExactPotential:
    """The potential of nuclei and electron density from analytic integrals.

    Args:
        molecule: PySCF molecule.
        density: total density matrix.
    """

    def __init__(self, molecule: Any, density: np.ndarray) -> None:
        self._molecule = molecule
        self._density = density

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the potential at points."""
        electrons = np.empty(len(points))
        orbitals = self._molecule.nao
        for block in blocks(len(points), 8 * orbitals**2):
            integrals = self._molecule.intor("int1e_grids", grids=points[block])
            # The points vary fastest in memory: this order needs no copy.
            electrons[block] = self._density.T.reshape(-1) @ integrals.T.reshape(orbitals**2, -1)
        return nuclear_potential(self._molecule, points) - electrons


class FittedPotential:
    """The potential of a density fitted in an auxiliary basis, with multipoles on the atoms for what the fit misses.

    The Coulomb fit is that of 10.1063/1.438313. Charges, dipoles, quadrupoles and diffuse Gaussian charges on the atoms
    are then fitted by least squares to the difference from the exact potential at sample points; their total charge
    makes that of the molecule exact, so that the potential far away is right.

    Args:
        molecule: PySCF molecule.
        density: total density matrix.
        samples: points where the exact potential is computed, bohr, shape (n, 3): of the region where it is wanted.
    """

    def __init__(self, molecule: Any, density: np.ndarray, samples: np.ndarray) -> None:
        from pyscf import df, gto

        self._molecule = molecule
        auxiliary = df.addons.make_auxmol(molecule, AUXILIARY)
        # Spherical whatever the orbitals are: the Cartesian functions of this set are linearly dependent.
        auxiliary.cart = False
        self._coefficients = _fit_density(molecule, auxiliary, density)
        self._shells = auxiliary.nbas
        self._with_constant = gto.conc_mol(auxiliary, _constant())
        self._corrections = np.zeros(TERMS * molecule.natm)
        residual = ExactPotential(molecule, density)(samples) - self(samples)
        # The fit loses a little charge: the multipoles give it back, electrons counting negative.
        lost = molecule.nelectron - float(self._integrals("int1e_ovlp") @ self._coefficients)
        self._corrections = _fit_corrections(molecule, samples, residual, charge=-lost)

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Return the potential at points."""
        electrons = np.empty(len(points))
        for block in blocks(len(points), 8 * len(self._coefficients) * 2):
            electrons[block] = self._integrals("int1e_grids", grids=points[block]) @ self._coefficients
        corrected = nuclear_potential(self._molecule, points) - electrons
        if self._corrections.any():
            for block in blocks(len(points), 8 * 4 * len(self._corrections)):
                corrected[block] += _correction_potentials(self._molecule, points[block]) @ self._corrections
        return corrected

    def _integrals(self, name: str, **options: Any) -> np.ndarray:
        """Return one-electron integrals of single functions: those of their products with a constant."""
        ends = (0, self._shells, self._shells, self._shells + 1)
        return np.asarray(self._with_constant.intor(name, shls_slice=ends, **options)[..., 0])


def nuclear_potential(molecule: Any, points: np.ndarray) -> np.ndarray:
    """Return the potential of the nuclei (of the cores, where there are core potentials), hartree, shape (n,)."""
    total = np.zeros(len(points))
    for charge, position in zip(molecule.atom_charges(), molecule.atom_coords(), strict=True):
        total += charge / np.maximum(np.linalg.norm(points - position, axis=1), NUCLEUS)
    return total


def blocks(count: int, bytes_each: int) -> Iterator[slice]:
    """Cut a range of points into slices whose integrals fit into a block of memory."""
    size = max(int(BLOCK_BYTES / bytes_each), 16)
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def _fit_density(molecule: Any, auxiliary: Any, density: np.ndarray) -> np.ndarray:
    """Return the coefficients of the Coulomb fit in spherical auxiliary functions."""
    import scipy.linalg
    from pyscf import df, lib

    # PySCF has integrals of orbitals and auxiliary functions that are both Cartesian or both spherical.
    matching = auxiliary.copy()
    matching.cart = molecule.cart
    # Pairs of orbitals once: off-diagonal elements of the density count twice.
    packed = lib.pack_tril(density + density.T - np.diag(np.diag(density)))
    shells, functions = molecule.nbas, auxiliary.nbas
    loads = np.empty(matching.nao)
    pairs = molecule.nao * (molecule.nao + 1) // 2
    offsets = matching.ao_loc
    first = 0
    while first < functions:
        last = first + 1
        while last < functions and (offsets[last + 1] - offsets[first]) * pairs * 8 < BLOCK_BYTES:
            last += 1
        integrals = df.incore.aux_e2(
            molecule,
            matching,
            "int3c2e",
            aosym="s2ij",
            shls_slice=(0, shells, 0, shells, first, last),
        )
        loads[offsets[first] : offsets[last]] = packed @ integrals
        first = last
    if molecule.cart:
        loads = auxiliary.cart2sph_coeff(normalized="sp").T @ loads
    metric = auxiliary.intor("int2c2e")
    try:
        return np.asarray(scipy.linalg.solve(metric, loads, assume_a="pos"))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(metric, rcond=DEPENDENT, hermitian=True) @ loads)


def _constant() -> Any:
    """Return a PySCF molecule of one function that is 1 everywhere."""
    from pyscf import gto

    molecule = gto.fakemol_for_charges(np.zeros((1, 3)))
    _, _, _, _, _, exponent, coefficient, _ = molecule._bas[0]
    molecule._env[exponent] = 0.0
    molecule._env[coefficient] = np.sqrt(4 * np.pi)  # s functions carry Y_00
    return molecule


def _fit_corrections(molecule: Any, points: np.ndarray, residual: np.ndarray, charge: float) -> np.ndarray:
    """Fit the terms of ``_correction_potentials``, their charges adding up to a given one."""
    design = _correction_potentials(molecule, points)
    counts = np.zeros(design.shape[1])
    counts[0::TERMS] = counts[1::TERMS] = 1.0
    scale = RIDGE * np.trace(design.T @ design) / design.shape[1]
    # Least squares under one linear constraint: the Lagrange system.
    matrix = np.block(
        [[design.T @ design + scale * np.eye(design.shape[1]), counts[:, None]], [counts[None, :], np.zeros((1, 1))]]
    )
    solution = np.linalg.lstsq(matrix, np.append(design.T @ residual, charge), rcond=None)[0]
    return np.asarray(solution[:-1])


def _correction_potentials(molecule: Any, points: np.ndarray) -> np.ndarray:
    """Return the potential of each atom's charge, diffuse charge, dipole and quadrupole, shape (n, TERMS atoms)."""
    from scipy.special import erf

    coordinates = molecule.atom_coords()
    fade = np.ones(len(points))
    for position in coordinates:
        fade *= -np.expm1(-((np.sum((points - position) ** 2, axis=1) / DAMPING**2) ** 3))
    columns = []
    for position in coordinates:
        x, y, z = (points - position).T
        square = x**2 + y**2 + z**2
        distance = np.sqrt(np.maximum(square, 1e-6))
        dipole, quadrupole = fade / distance**3, fade / distance**5
        columns += [fade / distance, fade * erf(np.sqrt(DIFFUSE) * distance) / distance]
        columns += [x * dipole, y * dipole, z * dipole]
        columns += [x * y * quadrupole, y * z * quadrupole, x * z * quadrupole]
        columns += [(x**2 - y**2) / 2 * quadrupole, (3 * z**2 - square) / 2 * quadrupole]
    return np.array(columns).T
