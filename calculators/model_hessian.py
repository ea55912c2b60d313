"""Curvature of the energy as bond lengths alone tell it: what an optimiser knows before its first step."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms
from ase.neighborlist import neighbor_list
from ase.units import Bohr, Hartree
from numpy.typing import NDArray

STRETCH = 0.45 * Hartree / Bohr**2
"""Force constant of a bond of reference length, eV/angstrom^2."""

DECAY = np.array([[1.0, 0.3949, 0.3949], [0.3949, 0.28, 0.28], [0.3949, 0.28, 0.28]]) / Bohr**2
"""How fast the constant falls with the square of the length, 1/angstrom^2, by the rows of the two elements."""

REFERENCE = np.array([[1.35, 2.10, 2.53], [2.10, 2.87, 3.40], [2.53, 3.40, 3.40]]) * Bohr
"""Reference lengths, angstrom, by the rows of the two elements: the first, the second, all others."""

REACH = 5.0
"""Atoms farther apart, angstrom, have no bond; its constant would be below 0.001 eV/angstrom^2."""

SIDEWAYS = 0.1
"""Part of a bond's constant that it has across itself, for the bends that are left out."""

SOFTEST = 3.0
"""Least curvature of any motion, eV/angstrom^2: a first step along a softer one would go too far."""


def model_hessian(atoms: Atoms) -> NDArray[np.float64]:
    """Estimate second derivatives from the lengths of bonds, without an evaluation.

    The stretches of Lindh's model (10.1016/0009-2614(95)00646-L), with a tenth of each across the bond in place of
    bends and torsions, and no curvature below ``SOFTEST``.

    Args:
        atoms: of n atoms; fixed ones move with none.

    Returns:
        eV/angstrom^2, shape (3n, 3n), positive definite.
    """
    first, second, lengths, vectors = neighbor_list("ijdD", atoms, REACH)
    row = np.digitize(atoms.numbers, [3, 11])
    kinds = row[first], row[second]
    constants = STRETCH * np.exp(DECAY[kinds] * (REFERENCE[kinds] ** 2 - lengths**2))
    along = vectors / lengths[:, None]
    shares = (1 - SIDEWAYS) * along[:, :, None] * along[:, None, :] + SIDEWAYS * np.eye(3)
    bonds = constants[:, None, None] * shares
    blocks = np.zeros((len(atoms), len(atoms), 3, 3))
    np.add.at(blocks, (first, first), bonds)
    np.subtract.at(blocks, (first, second), bonds)
    fixed = [
        index for constraint in atoms.constraints if isinstance(constraint, FixAtoms) for index in constraint.index
    ]
    blocks[fixed], blocks[:, fixed] = 0.0, 0.0
    values, modes = np.linalg.eigh(blocks.transpose(0, 2, 1, 3).reshape(3 * len(atoms), -1))
    hessian: NDArray[np.float64] = (modes * np.maximum(values, SOFTEST)) @ modes.T
    return hessian
