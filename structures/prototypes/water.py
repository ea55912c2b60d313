"""Hydrogen that X-rays do not find: put on water and hydroxide where a refinement has only their oxygen."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list

from ..rounding import all_rounded

Array = np.ndarray

O_H_BOND = 0.97
"""Of water and hydroxide, angstrom; that of gaseous OH."""
H_O_H = 104.5
"""Degrees, of gaseous water."""
ACCEPTING = ("O", "Cl", "F")
REACH = 3.8
"""Longest distance between a water oxygen and what its hydrogen points to, angstrom."""
CATION_REACH = 2.6
"""Longest bond of a water oxygen to a cation, from which its hydrogens turn away, angstrom."""


def with_water(framework: Atoms, oxygens: Array) -> Atoms:
    """Add water molecules with their oxygens at given places, one after the other.

    The hydrogens of each point to the two acceptors between which the angle is nearest to that of water and that are
    nearest, away from hydrogens and cations that are there already. Constructed, not refined: relax before use.

    Args:
        framework: periodic, without the water.
        oxygens: fractional coordinates, shape (n, 3).

    Returns:
        The framework, then the oxygens in their order, then two hydrogens for each.
    """
    atoms = framework + Atoms(f"O{len(oxygens)}", scaled_positions=oxygens, cell=framework.cell, pbc=True)
    for index in range(len(framework), len(framework) + len(oxygens)):
        for direction in _directions(atoms, index):
            atoms += Atoms("H", positions=[atoms.positions[index] + O_H_BOND * direction])
    return atoms


def with_hydroxide(framework: Atoms, oxygens: list[int]) -> Atoms:
    """Add one hydrogen to each of some oxygens, away from the cations around it.

    Args:
        framework: periodic.
        oxygens: indices.

    Returns:
        The framework, then one hydrogen for each oxygen.
    """
    first, second, vectors = neighbor_list("ijD", framework, CATION_REACH)
    atoms = framework.copy()
    for index in oxygens:
        cations = vectors[(first == index) & ~np.isin(framework.symbols[second], [*ACCEPTING, "H"])]
        away = -(cations / np.linalg.norm(cations, axis=1)[:, None]).sum(axis=0)
        atoms += Atoms("H", positions=[framework.positions[index] + O_H_BOND * away / np.linalg.norm(away)])
    return atoms


def _directions(atoms: Atoms, oxygen: int) -> tuple[Array, Array]:
    """Return the unit vectors from a water oxygen to its two hydrogens."""
    symbols, distances, vectors = _around(atoms, oxygen)
    accepting = np.isin(symbols, ACCEPTING) & (distances > CATION_REACH - 0.2)
    acceptors, lengths = vectors[accepting], distances[accepting]
    repelling = vectors[~np.isin(symbols, ACCEPTING)]
    best = min(
        combinations(range(len(acceptors)), 2),
        key=lambda pair: _strain(acceptors[list(pair)], lengths[list(pair)], repelling),
    )
    return _pair(acceptors[list(best)])


def _around(atoms: Atoms, index: int) -> tuple[Array, Array, Array]:
    """Return symbols, distances and vectors of the atoms within reach of one, images too, in an order of their own."""
    fractional = atoms.get_scaled_positions() - atoms.get_scaled_positions()[index]
    shifts = np.array(list(product(range(-2, 3), repeat=3)))
    vectors = ((fractional - np.rint(fractional))[:, None] + shifts) @ atoms.cell.array
    distances = np.linalg.norm(vectors, axis=2)
    near = (distances < REACH) & (distances > 0)
    symbols = np.repeat(np.array(atoms.symbols)[:, None], len(shifts), axis=1)[near]
    order = np.lexsort((*all_rounded(vectors[near], 3).T, all_rounded(distances[near], 3)))
    return symbols[order], distances[near][order], vectors[near][order]


def _strain(acceptors: Array, lengths: Array, repelling: Array) -> float:
    """Score two acceptors: how far from the angle of water, how far away, how near to other hydrogens and cations."""
    if np.linalg.norm(np.cross(*acceptors)) < 1e-3 * np.prod(lengths):
        return np.inf
    angle = np.degrees(np.arccos(np.clip(acceptors[0] @ acceptors[1] / np.prod(lengths), -1, 1)))
    hydrogens = O_H_BOND * np.array(_pair(acceptors))
    near = np.linalg.norm(hydrogens[:, None] - repelling[None], axis=2)
    return float(np.round(abs(angle - H_O_H) / 10 + lengths.sum() + 20 * (np.clip(2.0 - near, 0, None) ** 2).sum(), 3))


def _pair(acceptors: Array) -> tuple[Array, Array]:
    """Open the angle of water about the bisector of two directions, in their plane."""
    one, other = acceptors / np.linalg.norm(acceptors, axis=1)[:, None]
    middle = (one + other) / np.linalg.norm(one + other)
    across = (one - other) / np.linalg.norm(one - other)
    half = np.radians(H_O_H / 2)
    return np.cos(half) * middle + np.sin(half) * across, np.cos(half) * middle - np.sin(half) * across
