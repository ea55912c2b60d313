"""Places for one more ion in a structure without symmetry: pores, gaps of an interface, and what lies open on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ase.data import atomic_numbers, covalent_radii

from ..errors import StructureError
from .coordination import ANIONS
from .rounding import all_rounded

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

CLOSEST, FARTHEST = 0.8, 1.15
"""Room of a place: the smallest ratio of a distance to the sum of covalent radii. Closer, atoms overlap; beyond, the
ion touches nothing and only a relaxation would bring it to a site that is sampled anyway."""
SPACING = 0.5
"""Of the grid on which places are looked for, angstrom; an ion relaxes by more."""
APART = 1.0
"""Least distance between two places, angstrom."""
BONDING, WIDTH = 1.05, 0.15
"""An anion at the first, as a ratio to the sum of covalent radii, counts one; farther and nearer ones the less. Zn-O in
ZnO is at 1.05 (tetrahedral, 1.98 angstrom) and 1.12 in octahedra."""
TOUCHED = 0.25
"""Least count of anions of a place."""
MOST_NEIGHBOURS = 12
"""Atoms of one element that are counted around a place."""


def insertion_sites(atoms: Atoms, ion: str, most: int, seed: int = 0, apart: float = APART) -> Array:
    """Find the places for an ion where most anions are at bonding distance.

    Points of a grid that keep their distance from every atom and touch an anion; of these the one with most anions at
    bonding distance, then the next that is not too near, and so on. Points spread evenly instead would nearly all touch
    a single anion, from where an ion does not find its way into a better place: for the first Zn on one and the same
    V8O16/graphene such a search ended at E_b = +0.25 eV, where a few steps from better places reached -1.8 eV.
    The order of the atoms does not matter.

    Args:
        atoms: periodic along at least two vectors; ions that are already there keep their places.
        ion: chemical symbol.
        most: number of places wanted; fewer when there is less room.
        seed: shifts the grid, so that searches with different seeds look at different places.
        apart: least distance between two places, angstrom.

    Returns:
        Places, angstrom, shape (n, 3); n = 0 when there is no room.

    Raises:
        StructureError: the ion is no element.
    """
    if ion not in atomic_numbers:
        raise StructureError(f"{ion!r} is no chemical element")
    points = _grid(atoms, seed)
    room, anions = _surroundings(atoms, points, ion)
    open_points = (room >= CLOSEST) & (room <= FARTHEST) & (anions > TOUCHED)
    return _chosen(points[open_points], anions[open_points], atoms, most, apart)


def _grid(atoms: Atoms, seed: int) -> Array:
    """Fill the cell, or the slab and as far above and below it as an ion can touch, with points."""
    cell = atoms.cell.complete().array
    divisions = np.maximum(np.ceil(np.linalg.norm(cell, axis=1) / SPACING).astype(int), 1)
    shift = np.random.default_rng(seed).random(3) if seed else np.zeros(3)
    axes = [(np.arange(n) + offset) / n for n, offset in zip(divisions, shift, strict=True)]
    fractional = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    return np.asarray(fractional @ cell)


def _surroundings(atoms: Atoms, points: Array, ion: str) -> tuple[Array, Array]:
    """Return the room of each point, and a smooth count of the anions at bonding distance."""
    from scipy.spatial import KDTree

    radii = covalent_radii[atoms.numbers] + covalent_radii[atomic_numbers[ion]]
    images, kinds = _images(atoms, reach=float(1.5 * radii.max()))
    room, touching = np.full(len(points), np.inf), np.zeros(len(points))
    for number in sorted(set(atoms.numbers)):
        contact = covalent_radii[number] + covalent_radii[atomic_numbers[ion]]
        tree = KDTree(images[kinds == number])
        distances, _ = tree.query(points, k=MOST_NEIGHBOURS, distance_upper_bound=1.5 * contact)
        ratios = distances / contact
        room = np.minimum(room, ratios[:, 0])
        if number in {atomic_numbers[symbol] for symbol in ANIONS}:
            touching += np.exp(-(((ratios - BONDING) / WIDTH) ** 2)).sum(axis=1)
    return room, touching


def _images(atoms: Atoms, reach: float) -> tuple[Array, Array]:
    """Return positions and atomic numbers of the atoms in the cell and of their images up to ``reach`` around it."""
    cell = atoms.cell.complete().array
    heights = 1 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    wrapped = atoms.get_positions(wrap=True)
    counts = [
        int(np.ceil(reach / height)) if periodic else 0 for height, periodic in zip(heights, atoms.pbc, strict=True)
    ]
    shifts = (
        np.stack(np.meshgrid(*[np.arange(-n, n + 1) for n in counts], indexing="ij"), axis=-1).reshape(-1, 3) @ cell
    )
    images = (wrapped + shifts[:, None]).reshape(-1, 3)
    kinds = np.tile(atoms.numbers, len(shifts))
    fractional = images @ np.linalg.inv(cell)
    near = ((fractional * heights > -reach) & ((fractional - 1) * heights < reach)).all(axis=1)
    return images[near], kinds[near]


def _chosen(points: Array, weights: Array, atoms: Atoms, most: int, apart: float) -> Array:
    """Choose the heaviest point, then always the heaviest that is far enough from those chosen."""
    from ase.geometry import find_mic

    points = points[np.lexsort((*all_rounded(points, 3).T, -np.round(weights, 6)))]
    chosen: list[Array] = []
    while len(points) and len(chosen) < most:
        chosen.append(points[0])
        _, lengths = find_mic(points - points[0], atoms.cell, atoms.pbc)
        points = points[np.round(lengths, 6) >= apart]
    return np.array(chosen).reshape(-1, 3)
