"""Water on a rigid layer of Cu, made of Morse bonds between pairs of atoms: whole and apart are both minima of it.

Two H of one water are held apart by a bond of their own, at the distance that they have in water. Zn binds O.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.neighborlist import neighbor_list

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
CUTOFF = 5.0


class ToyWater(Calculator):
    """Sum of Morse bonds, their energies and forces shifted to zero at the cutoff."""

    implemented_properties: ClassVar[list[str]] = ["energy", "forces"]

    def calculate(
        self, atoms: Atoms | None = None, properties: Any = None, system_changes: list[str] = all_changes
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        first, second, lengths, vectors = neighbor_list("ijdD", self.atoms, CUTOFF)
        symbols = np.array(self.atoms.get_chemical_symbols())
        energy, forces = 0.0, np.zeros((len(symbols), 3))
        for (one, other), bond in BONDS.items():
            for a, b in {(one, other), (other, one)}:
                pairs = (symbols[first] == a) & (symbols[second] == b)
                value, slope = _morse(lengths[pairs], *bond)
                energy += float(value.sum()) / 2
                pull = (slope / lengths[pairs])[:, None] * vectors[pairs]
                np.add.at(forces, first[pairs], pull)
        self.results = {"energy": energy, "free_energy": energy, "forces": forces}


def _morse(lengths: np.ndarray, depth: float, length: float, steepness: float) -> tuple[np.ndarray, np.ndarray]:
    """Return energies and their derivatives by the length."""

    def bare(distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        decay = np.exp(-steepness * (distances - length))
        return depth * (decay**2 - 2 * decay), 2 * depth * steepness * (decay - decay**2)

    value, slope = bare(lengths)
    end, end_slope = bare(np.array(CUTOFF))
    return value - end - end_slope * (lengths - CUTOFF), slope - end_slope


TOY = AseSpec(calculator="toy_water:ToyWater", elements=("Cu", "H", "O", "Zn"), charges=(0,))
