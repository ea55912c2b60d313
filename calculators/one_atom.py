"""Force constants of one atom while all others rest, from finite differences of the forces on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

STEP = 0.05
"""Displacement, angstrom: wide enough for the noise of networks in single precision on a flat surface."""


def force_constants_of_atom(atoms: Atoms, index: int, calculator: Any, step: float = STEP) -> np.ndarray:
    """Compute the force constants of one atom by central differences, six force calls.

    Args:
        atoms: geometry; not changed. Constraints are disregarded.
        index: of the atom; negative counts from the end.
        calculator: ASE calculator.
        step: displacement to either side, angstrom.

    Returns:
        Second derivatives of the energy, eV/angstrom^2, symmetric, shape (3, 3).
    """
    moving = atoms.copy()
    moving.calc = calculator

    def force(axis: int, displacement: float) -> np.ndarray:
        moving.positions[:] = atoms.positions
        moving.positions[index, axis] += displacement
        return np.asarray(moving.get_forces(apply_constraint=False)[index])

    rows = np.array([(force(axis, -step) - force(axis, step)) / (2 * step) for axis in range(3)])
    return np.asarray((rows + rows.T) / 2)
