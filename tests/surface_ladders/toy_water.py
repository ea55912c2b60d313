"""Stiff water molecules on anything, in milliseconds: springs within a water, pair potentials between all else.

A water is an O with two H right after it. Zn and O of water attract each other by a well 0.9 eV deep at 2.05 angstrom
within the reach, everything else by a Lennard-Jones potential whose depth and distance belong to the pair of elements.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.neighborlist import neighbor_list

OH, HH = 0.97, 1.53
STIFF = 20.0
REACH = 4.5
NUMBERS = {"H": 1, "O": 8, "Zn": 30}
WELLS = {
    ("O", "Zn"): (0.9, 2.05),
    ("Zn", "Zn"): (0.25, 2.7),
    ("O", "O"): (0.03, 3.0),
    ("H", "O"): (0.06, 2.0),
    ("H", "Zn"): (0.01, 2.7),
    ("H", "H"): (0.005, 2.4),
}
"""Depth, eV, and distance, angstrom, by the elements of a pair."""
TABLE = np.zeros((31, 31, 2))
for (_one, _other), _well in WELLS.items():
    TABLE[NUMBERS[_one], NUMBERS[_other]] = TABLE[NUMBERS[_other], NUMBERS[_one]] = _well


class ToyWater(Calculator):
    """The potential of this module."""

    implemented_properties: ClassVar[list[str]] = ["energy", "forces", "stress"]

    def calculate(
        self, atoms: Atoms | None = None, properties: Any = ("energy",), system_changes: Any = all_changes
    ) -> None:
        """Compute energy, forces and stress."""
        super().calculate(atoms, properties, system_changes)
        assert self.atoms is not None
        symbols = self.atoms.get_chemical_symbols()
        water = np.arange(len(symbols)) - len(symbols)  # a number of its own for what is no water
        for i in range(len(symbols) - 2):
            if symbols[i : i + 3] == ["O", "H", "H"]:
                water[i : i + 3] = i
        i, j, distance, vector = neighbor_list("ijdD", self.atoms, REACH)
        depths, lengths = TABLE[self.atoms.numbers[i], self.atoms.numbers[j]].T
        rest = np.where(self.atoms.numbers[i] + self.atoms.numbers[j] == 2, HH, OH)
        values, slopes = _pair(depths, lengths, distance)
        bonds = (water[i] == water[j]) & (distance < 1.9)
        values = np.where(bonds, STIFF * (distance - rest) ** 2, values)
        slopes = np.where(bonds, 2 * STIFF * (distance - rest), slopes)
        pulls = (slopes / distance)[:, None] * vector
        energy, forces = float(values.sum() / 2), np.zeros((len(symbols), 3))
        np.add.at(forces, i, pulls)
        virial = vector.T @ pulls / 2
        self.results = {"energy": energy, "forces": forces}
        if self.atoms.pbc.all():
            stress = virial / self.atoms.get_volume()
            self.results["stress"] = stress.flat[[0, 4, 8, 5, 2, 1]]


def _pair(depth: np.ndarray, length: np.ndarray, distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return energies and slopes of Lennard-Jones potentials that go smoothly to zero at the reach."""
    r6 = (length / distance) ** 6
    value, slope = depth * (r6**2 - 2 * r6), -12 * depth * (r6**2 - r6) / distance
    x = (distance / REACH) ** 2
    return value * (1 - x) ** 2, slope * (1 - x) ** 2 - value * 4 * (1 - x) * distance / REACH**2
