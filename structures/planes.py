"""A crystal as a stack of atomic planes, or of whole sheets, along the normal of a surface."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ase.neighborlist import neighbor_list

from .rounding import all_rounded
from .symmetry import SymmetryOperations, symmetry_operations

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

PLANE_TOLERANCE = 0.1
"""Atoms whose heights differ by less than this belong to one atomic plane, angstrom."""


@dataclass(frozen=True)
class PlaneStack:
    """A primitive cell with two vectors in the surface and the normal along z; no plane straddles z = 0.

    Attributes:
        atoms: one primitive cell, all levels between 0 and ``spacing``.
        levels: height at which each atom counts, angstrom, shape (n,): its own, or the mean of its sheet.
        planes: atoms of each atomic plane, or of each sheet, of one period, from the lowest up. Cut k is below plane k.
        cuts: height of each cut, half-way between two planes, angstrom.
        gaps: empty height around each cut, angstrom.
        faces: equivalence class of each face under the symmetry of the bulk. Face (k, 1) bounds the crystal below cut
            k, face (k, -1) the crystal above it.
    """

    atoms: Atoms
    levels: Array
    planes: list[list[int]]
    cuts: Array
    gaps: Array
    faces: dict[tuple[int, int], tuple[int, int]]

    @property
    def spacing(self) -> float:
        """Height after which the planes repeat, angstrom."""
        return float(self.atoms.cell[2, 2])


def stack_planes(
    bulk: Atoms, miller: tuple[int, int, int], whole: Mapping[tuple[str, str], float] | None = None
) -> PlaneStack:
    """Turn a crystal so that a surface normal is along z and sort its atoms into planes.

    Args:
        bulk: periodic crystal.
        miller: index of the surface in the cell of ``bulk``, without common factor.
        whole: pairs of elements and the longest bond between them, angstrom; what such bonds hold together stays whole
            and is stacked as one, though no plane goes between it and the next (zinc hydroxide chloride, whose
            chlorides reach past those of the sheet above). None: atomic planes are stacked.

    Returns:
        The primitive crystal; its first vector is along x.
    """
    symmetry = symmetry_operations(bulk)
    normal = bulk.cell.reciprocal().array.T @ np.array(miller)
    vectors = _surface_basis(symmetry.primitive_lattice, normal, bulk.cell.array)
    x = vectors[0] / np.linalg.norm(vectors[0])
    z = normal / np.linalg.norm(normal)
    rotation = np.array([x, np.cross(z, x), z])
    atoms = bulk[list(symmetry.primitive_atoms)]
    atoms.set_cell(vectors @ rotation.T)
    atoms.positions = atoms.positions @ rotation.T
    levels = atoms.positions[:, 2].copy() if whole is None else _made_whole(atoms, whole)
    bottom = _lift_above_widest_gap(atoms, levels)
    planes = _planes(levels)
    lowest = np.array([levels[plane].min() for plane in planes])
    highest = np.array([levels[plane].max() for plane in planes])
    highest_below = np.roll(highest, 1) - np.array([atoms.cell[2, 2], *np.zeros(len(planes) - 1)])
    cuts = (lowest + highest_below) / 2
    faces = _face_classes(cuts + bottom, float(atoms.cell[2, 2]), symmetry, miller, 1 / float(np.linalg.norm(normal)))
    return PlaneStack(atoms, levels, planes, cuts, lowest - highest_below, faces)


def _surface_basis(lattice: Array, normal: Array, cell: Array) -> Array:
    """Return two short lattice vectors in the plane and one that climbs one plane: a primitive basis, right-handed."""
    raw = lattice @ normal
    index = np.rint(raw / np.abs(raw[np.abs(raw) > 1e-6]).min() * 12)
    index = (index / np.gcd.reduce(index.astype(int))).astype(int)
    reach = range(-int(np.abs(index).max()) - 1, int(np.abs(index).max()) + 2)
    combinations = np.array(list(itertools.product(reach, repeat=3)))
    levels = combinations @ index * np.sign(raw @ index)
    to_cell = np.linalg.inv(cell)

    def simplest_first(vectors: Array) -> Array:
        lengths = all_rounded(np.linalg.norm(vectors, axis=1), 3)
        parts = all_rounded(vectors @ to_cell, 3)
        keys = [*(-parts.T[::-1]), all_rounded(np.abs(parts).sum(axis=1), 3), (parts != 0).sum(axis=1), lengths]
        ordered: Array = vectors[np.lexsort(keys)]
        return ordered

    in_plane = simplest_first(combinations[(levels == 0) & combinations.any(axis=1)] @ lattice)
    first = in_plane[0]
    second = next(v for v in in_plane if np.linalg.norm(np.cross(first, v)) > 1e-3 * first @ first)
    if all_rounded(np.abs(first @ to_cell), 3).tolist() < all_rounded(np.abs(second @ to_cell), 3).tolist():
        first, second = second, first
    if np.cross(first, second) @ normal < 0:
        second = -second
    if np.isclose(first @ first, second @ second) and np.isclose(first @ second, first @ first / 2):
        second = second - first
    climb = simplest_first(combinations[levels == 1] @ lattice)[0]
    return np.array([first, second, climb])


def _made_whole(atoms: Atoms, bonds: Mapping[tuple[str, str], float]) -> Array:
    """Move atoms along the climbing vector to those they are bonded to; return the mean height of each such group.

    Bonds that lead on through the crystal along the normal are left as they are: every cut breaks them.
    """
    first, second, shifts = neighbor_list("ijS", atoms, dict(bonds))
    periods = np.zeros(len(atoms), dtype=int)
    levels = np.full(len(atoms), np.nan)
    for start in range(len(atoms)):
        if not np.isnan(levels[start]):
            continue
        group, found = [start], {start}
        for atom in group:  # it grows on the way
            for bond in np.flatnonzero(first == atom).tolist():
                other = int(second[bond])
                if other not in found:
                    periods[other] = periods[atom] + shifts[bond, 2]
                    found.add(other)
                    group.append(other)
        atoms.positions[group] += np.outer(periods[group], atoms.cell[2])
        levels[group] = atoms.positions[group, 2].mean()
    return levels


def _lift_above_widest_gap(atoms: Atoms, levels: Array) -> float:
    """Shift atoms and levels so that the middle of the widest gap between levels is at z = 0; return where it was."""
    climb = atoms.cell[2]
    heights = np.sort(np.round(levels, 6) % climb[2])
    gaps = all_rounded(np.diff(heights, append=heights[0] + climb[2]), 3)
    widest = int(np.argmax(gaps))
    bottom = float(heights[widest] + gaps[widest] / 2)
    atoms.positions[:, 2] -= bottom
    levels -= bottom
    periods = np.floor(levels / climb[2])
    atoms.positions -= np.outer(periods, climb)
    levels -= periods * climb[2]
    return bottom


def _planes(heights: Array) -> list[list[int]]:
    order = np.lexsort((np.arange(len(heights)), all_rounded(heights, 3)))
    starts = np.flatnonzero(np.diff(heights[order]) > PLANE_TOLERANCE) + 1
    return [plane.tolist() for plane in np.split(order, starts)]


def _face_classes(
    cuts: Array, spacing: float, symmetry: SymmetryOperations, miller: tuple[int, int, int], unit: float
) -> dict[tuple[int, int], tuple[int, int]]:
    """Group the faces that an operation of the bulk maps onto each other, by their smallest member.

    An operation keeps the surface plane when it maps the Miller index m to +m or -m; then it maps the height
    z = m.x / |g| to +z or -z plus m.t / |g|.
    """
    m = np.array(miller)
    turned = np.einsum("i,nij->nj", m, symmetry.rotations)
    shifts = symmetry.translations @ m * unit
    signs = np.where((turned == m).all(axis=1), 1, np.where((turned == -m).all(axis=1), -1, 0))
    classes = {}
    for k, side in itertools.product(range(len(cuts)), (1, -1)):
        mapped = signs * cuts[k] + shifts
        offsets = (mapped[:, None] - cuts[None, :]) / spacing
        nearest = np.argmin(np.abs(offsets - np.rint(offsets)), axis=1)
        images = zip(nearest[signs != 0].tolist(), (side * signs)[signs != 0].tolist(), strict=True)
        classes[k, side] = min(images)
    return classes
