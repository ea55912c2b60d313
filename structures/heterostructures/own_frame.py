"""The frame of a layer that comes from a file: origin and vectors by its atoms, not by how the file has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..surroundings import own_direction, protons_around
from .lattices import reduced_basis

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

_DIGITS = 6


def in_own_frame(layer: Atoms) -> Atoms:
    """Give a layer an origin, on one of its atoms, and shortest vectors of its lattice that follow from its atoms.

    Which registry and which way of turning the film come first, and what is found among equal ones, then does not
    depend on the corner at which a file begins, nor on whether it has a and b or -a and -b.

    Args:
        layer: as [`as_layer`][azibflow.structures.heterostructures.slab_files.as_layer] makes it.

    Returns:
        The same layer, turned about the normal and shifted in its plane; its angle is right or obtuse.
    """
    origin, x = _origin_and_direction(layer)
    turn = np.array([[x[0], -x[1]], [x[1], x[0]]])
    own = layer.copy()
    own.positions[:, :2] = (layer.positions - origin)[:, :2] @ turn
    vectors = np.zeros((3, 3))
    vectors[:2, :2] = _obtuse(layer.cell.array[:2, :2] @ turn)
    vectors[2, 2] = layer.cell[2, 2]
    own.set_cell(vectors)
    own.set_cell(np.round(vectors, _DIGITS), scale_atoms=True)  # rounding errors shall not choose among equal matches
    fractions = own.get_scaled_positions(wrap=False)
    fractions[:, :2] -= np.floor(fractions[:, :2] + 1e-4)
    own.set_scaled_positions(fractions)
    return own


def _origin_and_direction(layer: Atoms) -> tuple[Array, Array]:
    """Return the place of the most crowded atom, the uppermost of equal ones, and the direction of x there."""
    positions = layer.positions
    crowds = np.round([protons_around(layer, positions, place) for place in positions], 3)
    heights = np.round(positions[:, 2] - positions[:, 2].mean(), 2)
    first = max(zip(crowds.tolist(), heights.tolist(), strict=True))
    equal = [i for i, pair in enumerate(zip(crowds.tolist(), heights.tolist(), strict=True)) if pair == first]
    directions = [own_direction(layer, positions, positions[i]) for i in equal]
    best = max(range(len(equal)), key=lambda i: directions[i][0])
    return positions[equal[best]], directions[best][1]


def _obtuse(cell: Array) -> Array:
    """Return the vectors of a lattice, the first along x, the second the shortest to its left."""
    reduced = reduced_basis(np.eye(2, dtype=int), cell) @ cell
    steps = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]) @ reduced
    along = max(steps, key=lambda step: (round(step[0] / np.linalg.norm(step), 6), -np.linalg.norm(step)))
    left = [step for step in steps if step[1] > 1e-3]
    across = min(left, key=lambda step: (round(float(np.linalg.norm(step)), 4), step[0]))
    return np.array([along, across])
