"""Stacking whole layers: the supercells of a match, their lateral shifts, and both in one cell."""

from __future__ import annotations

from itertools import product
from math import gcd, lcm
from typing import TYPE_CHECKING

import numpy as np

from .interface_bonds import FILM_TAG, SUPPORT_TAG
from .lattices import reduced_basis

if TYPE_CHECKING:
    from ase import Atoms

    from .matching import LatticeMatch, Repeats

Array = np.ndarray


def repeated(slab: Atoms, repeats: Repeats, cell: Array) -> Atoms:
    """Repeat a slab in its plane and strain it to a cell; nothing changes along the normal.

    Args:
        slab: c along z, in the middle of its vacuum.
        repeats: integer matrix that makes the supercell from the surface vectors, rows.
        cell: two rows that the supercell is strained to, angstrom.

    Returns:
        A slab with as many atoms as repeats ask for.
    """
    from ase.build import make_supercell

    matrix = np.eye(3, dtype=int)
    matrix[:2, :2] = repeats
    larger = make_supercell(slab, matrix)
    vectors = np.zeros((3, 3))
    vectors[:2, :2] = cell
    vectors[2] = slab.cell[2]
    larger.set_cell(vectors, scale_atoms=True)
    return larger


def registry_shifts(match: LatticeMatch, cell: Array, step: float, *, support_period: Repeats | None = None) -> Array:
    """Return the lateral shifts that make different interfaces, on a grid.

    A shift by a lattice vector of either part changes nothing, so that the grid covers one cell of the lattice which
    both lattices together generate: small where the lattices hardly agree, that of the parts where they are equal.

    Args:
        match: of film and support.
        cell: the common cell, rows, angstrom.
        step: largest distance between neighbouring grid points, angstrom.
        support_period: repeats by which the support is really periodic when defects make that more than its own cell.

    Returns:
        Shifts of the film, angstrom, shape (n, 2), zero first.
    """
    own = np.array(support_period or ((1, 0), (0, 1)))
    film, support = np.array(match.film_repeats), np.linalg.solve(own.T, np.array(match.support_repeats).T).T
    denominator = lcm(round(abs(np.linalg.det(film))), round(abs(np.linalg.det(support))))
    rows = np.vstack([np.linalg.inv(film), np.linalg.inv(support)]) * denominator
    generated = _spanned(np.rint(rows).astype(int).tolist())
    vectors = reduced_basis(generated, cell) @ cell / denominator
    steps = np.maximum(np.ceil(np.linalg.norm(vectors, axis=1) / step - 1e-6).astype(int), 1)
    return np.array([np.array([i, j]) / steps @ vectors for i, j in product(range(steps[0]), range(steps[1]))])


def joined(film: Atoms, support: Atoms, cell: Array, gap: float, vacuum: float) -> Atoms:
    """Put a film over a support, the support's atoms first.

    Args:
        film: strained to the cell already, or a cluster.
        support: likewise.
        cell: common vectors, rows, angstrom.
        gap: height of the film's lowest atom over the support's highest, angstrom.
        vacuum: empty space over the film, angstrom.

    Returns:
        Atoms, periodic, in the middle of the cell; tags say which part they belong to.
    """
    upper, lower = film.copy(), support.copy()
    upper.set_tags(FILM_TAG)
    lower.set_tags(SUPPORT_TAG)
    upper.positions[:, 2] += lower.positions[:, 2].max() + gap - upper.positions[:, 2].min()
    together: Atoms = lower + upper
    heights = together.positions[:, 2]
    height = float(np.ptp(heights)) + vacuum
    together.positions[:, 2] += height / 2 - (heights.max() + heights.min()) / 2
    vectors = np.zeros((3, 3))
    vectors[:2, :2] = cell
    vectors[2, 2] = height
    together.set_cell(vectors)
    together.pbc = True
    return together


def _spanned(rows: list[list[int]]) -> Array:
    """Return two vectors that span the same lattice as some integer vectors (Hermite normal form)."""
    first, rest = [0, 0], 0
    for row in rows:
        other = list(row)
        while other[0]:
            quotient = first[0] // other[0]
            first, other = other, [a - quotient * b for a, b in zip(first, other, strict=True)]
        rest = gcd(rest, other[1])
    return np.array([first, [0, rest]])
