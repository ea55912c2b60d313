"""What surrounds a site of a surface: numbers and a direction that belong to the atoms and not to their file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

_NEARBY = 2.0
_AS_SHORT = 1e-3
_TO_ONE_SIDE = (1.1, 0.4, 1.2)  # angstrom along, to the left and down: in no mirror plane of a lattice


def protons_around(surface: Atoms, positions: Array, place: Array) -> float:
    """Count the protons around a place, the less the farther: a number that tells places at one height apart.

    Args:
        surface: slab with a and b in the xy plane.
        positions: of its atoms in one piece, Cartesian, angstrom.
        place: Cartesian, angstrom.
    """
    offsets = _offsets(surface, positions, place)
    squares = (offsets**2).sum(axis=-1)
    return float((surface.numbers[:, None] * np.exp(-squares / _NEARBY**2)).sum())


def own_direction(surface: Atoms, positions: Array, place: Array) -> tuple[float, Array]:
    """Choose one of the shortest lattice vectors by the atoms around a place.

    Args:
        surface: slab with a and b in the xy plane.
        positions: of its atoms in one piece, Cartesian, angstrom.
        place: Cartesian, angstrom.

    Returns:
        How crowded it is to one side of it, a number that differs between places which only a mirror makes equal; and
        the direction in the plane, a unit vector.
    """
    offsets = _offsets(surface, positions, place)
    directions = _shortest(surface.cell.array)
    along, aside, down = _TO_ONE_SIDE
    sides = np.array([(*(along * d + aside * np.array([-d[1], d[0]])), -down) for d in directions])
    squares = ((offsets[:, :, None] - sides) ** 2).sum(axis=-1)
    crowds = np.round(np.log(surface.numbers @ (1 / (1 + squares) ** 3).sum(axis=1)), 3)
    best = int(crowds.argmax())
    return float(crowds[best]), directions[best]


def _shortest(cell: Array) -> Array:
    """Return the directions of the shortest lattice vectors in the plane, that nearest to x first, shape (n, 2)."""
    from ase.geometry import minkowski_reduce

    first, second = minkowski_reduce(cell, pbc=(True, True, False))[0][:2, :2]
    vectors = np.array([i * first + j * second for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j])
    lengths = np.linalg.norm(vectors, axis=1)
    shortest = lengths < (1 + _AS_SHORT) * lengths.min()
    directions: Array = vectors[shortest] / lengths[shortest, None]
    return directions[np.argsort(-np.round(directions[:, 0], 6), kind="stable")]


def _offsets(surface: Atoms, positions: Array, place: Array) -> Array:
    """Return the ways from a place to every atom and its images nearby, shape (atoms, images, 3)."""
    cell = surface.cell.array[:2]
    widths = np.linalg.norm(np.cross(*cell)) / np.linalg.norm(cell, axis=1)[::-1]
    reach = [np.arange(-n, n + 1) for n in np.ceil(4 * _NEARBY / widths).astype(int) + 1]
    shifts = np.stack(np.meshgrid(*reach, indexing="ij"), axis=-1).reshape(-1, 2) @ cell
    offsets = positions - place
    lateral = np.linalg.solve(surface.cell.array.T, (offsets * (1, 1, 0)).T).T
    offsets = offsets - np.rint(lateral) @ surface.cell.array
    around: Array = offsets[:, None] + shifts
    return around
