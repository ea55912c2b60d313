"""Lattices in the plane."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def reduced_basis(repeats: Array, cell: Array) -> Array:
    """Return the shortest integer combinations of two vectors that span the same lattice as others (Gauss).

    Args:
        repeats: integer matrix, its rows make the lattice from ``cell``.
        cell: rows, angstrom.

    Returns:
        Integer matrix, right-handed with ``cell``, the shorter vector first.
    """
    first, second = np.array(repeats)
    while True:
        if np.linalg.norm(first @ cell) > np.linalg.norm(second @ cell) + 1e-9:
            first, second = second, first
        u, v = first @ cell, second @ cell
        steps = round(float(u @ v / (u @ u)) - 1e-9)
        if steps == 0:
            break
        second = second - steps * first
    reduced = np.array([first, second])
    if np.linalg.det(reduced @ cell) < 0:
        reduced[1] *= -1
    return reduced


def supercells(count: int, cell: Array) -> list[Array]:
    """Return every supercell of ``count`` cells, one for each Hermite normal form, its vectors reduced.

    Args:
        count: cells in the supercell.
        cell: rows, angstrom.
    """
    return [
        reduced_basis(np.array([[a, shear], [0, count // a]]), cell)
        for a in range(1, count + 1)
        if count % a == 0
        for shear in range(count // a)
    ]
