"""A square film on a square support whose energy at every registry is known by hand.

Each vanadium of the film is bound to the oxygen of the support below it by 0.1 (1 + cos 2 pi x / a + cos 2 pi y / a)
eV, x and y being its registry, at a height of 2 angstrom: by 0.3 on top and 0.1 on a bridge, and it is pushed away by
0.1 in a hollow, where a relaxation stays since there is no force. Film and support alone have no energy. Zinc sits in a
harmonic well of -2 eV above each vanadium and has -1.3 eV per atom as a metal: E_b(1) is -0.7 eV everywhere.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.geometry import find_mic

from azibflow.structures.documents import StructureDocument
from azibflow.structures.recipes import StructureRecipe

SPACING, HEIGHT, ABOVE, STIFFNESS, DEPTH = 3.0, 2.0, 2.4, 4.0, 0.1


class Registries(Calculator):
    """Energy and forces of the toy."""

    implemented_properties: ClassVar[list[str]] = ["energy", "forces", "stress"]

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes) -> None:
        super().calculate(atoms, properties, system_changes)
        film, support, zinc = (np.flatnonzero(atoms.symbols == symbol) for symbol in ("V", "O", "Zn"))
        forces, energy = np.zeros((len(atoms), 3)), -1.3 * len(zinc) if len(zinc) == len(atoms) else 0.0
        if len(film) and len(support):
            below = atoms.positions[support[0]]
            for i in film:
                phase = 2 * np.pi * (atoms.positions[i] - below)[:2] / SPACING
                rise = (atoms.positions[i, 2] - below[2]) % atoms.cell[2, 2] - HEIGHT
                energy += -DEPTH * (1 + np.cos(phase).sum()) + STIFFNESS * rise**2 / 2
                forces[i] -= [*(DEPTH * np.sin(phase) * 2 * np.pi / SPACING), STIFFNESS * rise]
        for i in zinc if len(film) else ():
            ways, lengths = find_mic(atoms.positions[i] - atoms.positions[film] - (0, 0, ABOVE), atoms.cell, atoms.pbc)
            energy += -2.0 + STIFFNESS * lengths.min() ** 2 / 2
            forces[i] -= STIFFNESS * ways[lengths.argmin()]
        self.results = {"energy": float(energy), "forces": forces, "stress": np.zeros(6)}


def sheet(symbol: str) -> StructureDocument:
    """Return one atom in a square cell."""
    cell = (SPACING, SPACING, 16.0)
    return StructureDocument.from_atoms(Atoms(symbol, positions=[(0.0, 0.0, 8.0)], cell=cell, pbc=True), symbol)


def square_pair(**keys: object) -> StructureRecipe:
    """Return the film on its support, two cells by two; further keys of the heterostructure."""
    pair = {"film": sheet("V"), "support": sheet("O"), "contact": "bonded", **keys}
    return StructureRecipe(heterostructure=pair, supercell=(2, 2, 1))
