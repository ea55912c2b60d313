"""From a converged density to the electrostatic potential on its isosurface, and the file that keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .isosurface import density_isosurface
from .potential import ExactPotential, FittedPotential
from .statistics import FitError, SurfaceStatistics, surface_statistics

SAMPLES = 400
"""Surface points at which the fitted potential is corrected with exact values; large molecules have more."""
SAMPLES_PER_ATOM = 25
CONTROLS = 200
"""Further surface points at which its error is measured."""


@dataclass(frozen=True)
class EspSurface:
    """The electrostatic potential on an isodensity surface.

    Attributes:
        numbers: atomic numbers, shape (atoms,).
        positions: of the atoms, angstrom, shape (atoms, 3).
        vertices: angstrom, shape (n, 3).
        triangles: indices of vertices, outward by the right-hand rule, shape (m, 3).
        potential: at the vertices, kcal/mol per elementary charge, shape (n,).
        statistics: extrema, averages, variances.
    """

    numbers: np.ndarray
    positions: np.ndarray
    vertices: np.ndarray
    triangles: np.ndarray
    potential: np.ndarray
    statistics: SurfaceStatistics


def esp_surface(
    molecule: Any,
    density: np.ndarray,
    *,
    isovalue: float = 0.001,
    spacing: float = 0.25,
    method: Literal["fitted", "exact"] = "fitted",
) -> EspSurface:
    """Compute the electrostatic potential on an isodensity surface and its statistics.

    Args:
        molecule: PySCF molecule.
        density: total density matrix, that of both spins together.
        isovalue: electrons/bohr^3.
        spacing: of the grid near the surface, bohr.
        method: the fitted potential, its error measured; or exact integrals.

    Returns:
        The surface.
    """
    from ase import Atoms
    from ase.units import Bohr, Hartree, kcal, mol

    in_kcal = Hartree / (kcal / mol)
    surface = density_isosurface(molecule, density, isovalue, spacing)
    if method == "exact":
        potential, error = ExactPotential(molecule, density)(surface.vertices), None
    else:
        potential, error = _fitted(molecule, density, surface.vertices, in_kcal)
    atoms = Atoms([molecule.atom_pure_symbol(i) for i in range(molecule.natm)], molecule.atom_coords() * Bohr)
    statistics = surface_statistics(
        surface.vertices * Bohr, surface.triangles, potential * in_kcal, surface.volume * Bohr**3, atoms
    )
    return EspSurface(
        numbers=atoms.numbers,
        positions=atoms.positions,
        vertices=surface.vertices * Bohr,
        triangles=surface.triangles,
        potential=potential * in_kcal,
        statistics=statistics.model_copy(update={"fit_error": error}),
    )


def write_surface(path: Path, surface: EspSurface) -> None:
    """Write a surface with its potential as a NumPy archive.

    Args:
        path: .npz file; replaced in one step.
        surface: in single precision, which is finer than its mesh.
    """
    partial = path.with_name(path.name + ".new")
    with partial.open("wb") as file:
        np.savez_compressed(
            file,
            numbers=surface.numbers.astype(np.int16),
            positions=surface.positions,
            vertices=surface.vertices.astype(np.float32),
            triangles=surface.triangles.astype(np.int32),
            potential=surface.potential.astype(np.float32),
            statistics=np.array(surface.statistics.model_dump_json()),
        )
    partial.replace(path)


def read_surface(path: Path) -> EspSurface:
    """Read a surface that [`write_surface`][] wrote."""
    with np.load(path, allow_pickle=False) as kept:
        return EspSurface(
            numbers=kept["numbers"],
            positions=kept["positions"],
            vertices=kept["vertices"].astype(float),
            triangles=kept["triangles"],
            potential=kept["potential"].astype(float),
            statistics=SurfaceStatistics.model_validate_json(str(kept["statistics"])),
        )


def _fitted(
    molecule: Any, density: np.ndarray, vertices: np.ndarray, in_kcal: float
) -> tuple[np.ndarray, FitError | None]:
    """Return the fitted potential at all vertices, and its error at some that it did not see."""
    wanted = max(SAMPLES, SAMPLES_PER_ATOM * molecule.natm)
    order = np.random.default_rng(0).permutation(len(vertices))
    samples, controls = order[:wanted], order[wanted : wanted + CONTROLS]
    potential = FittedPotential(molecule, density, vertices[samples])(vertices)
    if not len(controls):
        return potential, None
    difference = (potential[controls] - ExactPotential(molecule, density)(vertices[controls])) * in_kcal
    return potential, FitError(
        rms=float(np.sqrt(np.mean(difference**2))), largest=float(np.abs(difference).max()), points=len(controls)
    )
