"""Water on a rigid layer of Cu, made of Morse bonds between pairs of atoms: whole and apart are both minima of it.

Two H of one water are held apart by a bond of their own, at the distance that they have in water. Zn binds O.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from azibflow.calculators.specs import AseSpec

BONDS = {
    ("Cu", "H"): (0.5, 1.75, 2.2),
    ("Cu", "O"): (0.3, 2.1, 2.2),
    ("H", "O"): (1.6, 0.97, 3.0),
    ("H", "H"): (0.2, 1.6, 2.5),
    ("O", "Zn"): (0.35, 2.1, 1.6),
    ("Cu", "Zn"): (0.3, 2.5, 1.4),
    ("H", "Zn"): (0.02, 2.6, 1.6),
    ("Cu", "Cu"): (0.3, 2.6, 1.4),
}
"""Depth (eV), length (angstrom) and steepness (1/angstrom) of every kind of bond."""
NONE = (0.0, 1.0, 1.0)
CUTOFF = 5.0


class ToyWater(Calculator):
    """Sum of Morse bonds, their energies and forces shifted to zero at the cutoff."""

    implemented_properties: ClassVar[list[str]] = ["energy", "forces"]

    def calculate(
        self, atoms: Atoms | None = None, properties: Any = None, system_changes: list[str] = all_changes
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        symbols = self.atoms.get_chemical_symbols()
        images = np.array([(i, j, 0) for i in (-1, 0, 1) for j in (-1, 0, 1)]) @ self.atoms.cell.array
        positions = self.atoms.positions
        vectors = positions[None, :, None] + images - positions[:, None, None]  # from, to, image
        lengths = np.linalg.norm(vectors, axis=-1)
        bonds = np.array([[BONDS.get((min(a, b), max(a, b)), NONE) for b in symbols] for a in symbols])
        bonded = (lengths > 1e-6) & (lengths < CUTOFF)
        value, slope = _morse(np.where(bonded, lengths, 1.0), *(bonds[..., k, None] for k in range(3)))
        forces = (np.where(bonded, slope / np.where(bonded, lengths, 1.0), 0.0)[..., None] * vectors).sum(axis=(1, 2))
        energy = float(np.where(bonded, value, 0.0).sum()) / 2
        self.results = {"energy": energy, "free_energy": energy, "forces": forces}


def _morse(
    lengths: np.ndarray, depth: np.ndarray, length: np.ndarray, steepness: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return energies and their derivatives by the length."""

    def bare(distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        decay = np.exp(-steepness * (distances - length))
        return depth * (decay**2 - 2 * decay), 2 * depth * steepness * (decay - decay**2)

    value, slope = bare(lengths)
    end, end_slope = bare(np.array(CUTOFF))
    return value - end - end_slope * (lengths - CUTOFF), slope - end_slope


TOY = AseSpec(calculator="toy_splitting:ToyWater", elements=("Cu", "H", "O", "Zn"), charges=(0,))
