"""A Morse potential between all pairs: right in any cell of any orientation, with forces and stress."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.data import covalent_radii
from ase.neighborlist import primitive_neighbor_list
from ase.stress import full_3x3_to_voigt_6_stress


class PairMorse(Calculator):
    """Wells at the sum of the covalent radii; energy and force end smoothly at ``reach`` times that sum.

    All lengths scale with the radii, so that every pair of elements has a well of its own; ``depth`` in eV.
    """

    implemented_properties: ClassVar[list[str]] = ["energy", "forces", "stress"]

    def __init__(self, depth: float = 0.4, steepness: float = 4.0, reach: float = 2.0) -> None:
        super().__init__()
        self.depth, self.steepness, self.reach = depth, steepness, reach

    def calculate(self, atoms: Atoms | None = None, properties=("energy",), system_changes=all_changes) -> None:
        super().calculate(atoms, properties, system_changes)
        assert atoms is not None
        radii = covalent_radii[atoms.numbers]
        cell = atoms.cell.complete().array
        i, j, lengths, vectors = primitive_neighbor_list(
            "ijdD", atoms.pbc, cell, atoms.positions, list(self.reach * radii)
        )
        bonds = radii[i] + radii[j]
        energies, slopes = self._pair(lengths / bonds)
        pulls = (slopes / bonds / lengths)[:, None] * vectors
        forces = np.zeros((len(atoms), 3))
        np.add.at(forces, i, pulls)
        self.results = {"energy": float(energies.sum()) / 2, "forces": forces}
        if atoms.cell.rank == 3:
            virial = vectors.T @ pulls / 2 / atoms.get_volume()
            self.results["stress"] = full_3x3_to_voigt_6_stress(virial)

    def _pair(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return energy and its derivative at lengths in units of the bond."""
        decay = np.exp(-self.steepness * (x - 1))
        value, slope = self.depth * ((1 - decay) ** 2 - 1), 2 * self.depth * self.steepness * decay * (1 - decay)
        y = np.clip((x - 0.7 * self.reach) / (0.3 * self.reach), 0.0, 1.0)
        share, change = 1 - y**3 * (10 - 15 * y + 6 * y**2), -30 * y**2 * (1 - y) ** 2 / (0.3 * self.reach)
        return value * share, slope * share + value * change
