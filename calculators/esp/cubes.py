"""Cube files of density and electrostatic potential, which VMD, Multiwfn and VESTA open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .isosurface import density_isosurface, electron_density
from .potential import FittedPotential
from .surface import SAMPLES

MARGIN = 3.0
"""Distance from the outermost nuclei to the border of the cube, angstrom: beyond the 0.001 surface of any atom."""


def write_cubes(molecule: Any, density: np.ndarray, folder: Path, spacing: float = 0.2) -> list[Path]:
    """Write ``density.cube`` (electrons/bohr^3) and ``esp.cube`` (hartree per elementary charge).

    Args:
        molecule: PySCF molecule.
        density: total density matrix.
        folder: where.
        spacing: of the grid, angstrom.

    Returns:
        The two files.
    """
    from ase.units import Bohr

    origin, shape, points = _grid(molecule, spacing / Bohr)
    surface = density_isosurface(molecule, density, spacing=0.5).vertices
    samples = surface[np.random.default_rng(0).permutation(len(surface))[:SAMPLES]]
    potential = FittedPotential(molecule, density, samples)
    files = []
    for name, values in (("density", electron_density(molecule, density, points)), ("esp", potential(points))):
        path = folder / f"{name}.cube"
        _write(path, molecule, origin, spacing / Bohr, values.reshape(shape), name)
        files.append(path)
    return files


def _grid(molecule: Any, spacing: float) -> tuple[np.ndarray, tuple[int, int, int], np.ndarray]:
    from ase.units import Bohr

    coordinates = molecule.atom_coords()
    origin = coordinates.min(axis=0) - MARGIN / Bohr
    counts = np.ceil((coordinates.max(axis=0) + MARGIN / Bohr - origin) / spacing).astype(int) + 1
    axes = [origin[i] + spacing * np.arange(counts[i]) for i in range(3)]
    points = np.array(np.meshgrid(*axes, indexing="ij")).reshape(3, -1).T
    return origin, (int(counts[0]), int(counts[1]), int(counts[2])), points


def _write(path: Path, molecule: Any, origin: np.ndarray, spacing: float, values: np.ndarray, title: str) -> None:
    from ase import Atoms
    from ase.io.cube import write_cube
    from ase.units import Bohr

    atoms = Atoms([molecule.atom_pure_symbol(i) for i in range(molecule.natm)], molecule.atom_coords() * Bohr)
    atoms.set_cell(np.diag(values.shape) * spacing * Bohr)
    partial = path.with_name(path.name + ".new")
    with partial.open("w") as file:
        write_cube(file, atoms, data=values, origin=origin * Bohr, comment=f"azibflow {title}, atomic units")
    partial.replace(path)
