"""Neighbours of an atom: how far, how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ase.data import atomic_numbers, covalent_radii
from ase.neighborlist import primitive_neighbor_list

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

_ROUNDS = 50

BOND = 1.3
"""Atoms closer than this multiple of the sum of their covalent radii (Cordero et al., Dalton Trans. 2008, 2832,
10.1039/b801115j) are neighbours: Zn-O up to 2.44 angstrom, Zn-S up to 2.95."""

FAINT = 1 / 3
"""A bond of a smaller weight does not count. The two long bonds of a 4+2 site, longer by 16 percent or more as those of
Mn3+ are, weigh less; the six far neighbours in hcp zinc, farther by 9 percent, weigh more."""

ANIONS = ("N", "O", "F", "P", "S", "Cl", "Se", "Br", "Te", "I")
"""Elements that coordinate a cation, where there are any."""


def neighbour_distances(atoms: Atoms, index: int, *, count: int = 12) -> Array:
    """Return the distances from one atom to its nearest neighbours, periodic images included.

    Args:
        atoms: the structure.
        index: the atom; negative counts from the end.
        count: how many.

    Returns:
        Ascending distances, angstrom, shape (count,), or fewer where no more atoms exist.
    """
    most = count if atoms.pbc.any() else min(count, len(atoms) - 1)
    reach = 4.0
    while True:
        found = np.sort(_within(atoms, index, reach)[1])
        if len(found) >= most:
            return found[:most]
        reach *= 1.5


def coordination_number(atoms: Atoms, index: int) -> int:
    """Count the neighbours that coordinate one atom: anions within ``BOND``; any atoms where no anion exists.

    Bonds much longer than the others do not count: those of a weight below ``FAINT`` (see [`bond_weights`][]), so
    that a 4+2 site has four neighbours.

    Args:
        atoms: the structure.
        index: the atom; negative counts from the end.

    Returns:
        The coordination number, periodic images counted.
    """
    return int(np.count_nonzero(bond_weights(bond_lengths(atoms, index)) >= FAINT))


def bond_weights(lengths: Array) -> Array:
    """Weigh bonds against their own weighted mean (Hoppe, Z. Kristallogr. 1979, 150, 23, 10.1524/zkri.1979.150.14.23).

    Args:
        lengths: of the bonds of one atom, angstrom, shape (n,).

    Returns:
        exp(1 - (length / mean)^6), shape (n,): one for equal bonds; their sum is the effective coordination number.
    """
    if not len(lengths):
        return np.zeros(0)
    mean = lengths.min()
    for _ in range(_ROUNDS):
        weights = np.exp(1 - (lengths / mean) ** 6)
        mean = float((weights * lengths).sum() / weights.sum())
    return np.asarray(weights)


def bond_lengths(atoms: Atoms, index: int) -> Array:
    """Return the lengths of all bonds of one atom, to anions where there are any, ascending, angstrom."""
    radii = covalent_radii[atoms.numbers]
    neighbours, distances = _within(atoms, index, BOND * float(radii[index] + radii.max()))
    bonded = distances < BOND * (radii[index] + radii[neighbours])
    anions = np.isin(atoms.numbers, [atomic_numbers[symbol] for symbol in ANIONS])
    anions[index] = False
    if anions.any():
        bonded &= anions[neighbours]
    return np.sort(distances[bonded])


def _within(atoms: Atoms, index: int, reach: float) -> tuple[Array, Array]:
    """Return indices and distances of everything up to ``reach`` (angstrom) from one atom."""
    centre = index % len(atoms)
    first, second, distances = primitive_neighbor_list(
        "ijd", atoms.pbc, atoms.cell.complete().array, atoms.positions, reach
    )
    mine = first == centre
    return second[mine], distances[mine]
