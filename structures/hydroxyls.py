"""Where a hydrogen atom makes a hydroxyl group of an oxygen atom of a host: the middle of a void is no place for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ase.data import covalent_radii
from ase.neighborlist import primitive_neighbor_list

from .interstitials import void_centres
from .rounding import rounded
from .symmetry import SymmetryOperations, same_point

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

LENGTH = 0.98
"""Of an O-H bond, angstrom."""
ROOM = 1.1
"""Least distance to every other atom, as a multiple of the sum of covalent radii: no second bond."""
SHELL = 1.3
"""An oxygen is at a void up to this multiple of the distance of the void's nearest atom."""
APART = 0.5
"""Places closer than this are one, angstrom."""
HYDROGEN, OXYGEN = 1, 8


def hydroxyl_places(host: Atoms, symmetry: SymmetryOperations) -> list[Array]:
    """Find the distinct places 0.98 angstrom from an oxygen, towards the middle of a void beside it.

    Args:
        host: periodic structure.
        symmetry: its operations.

    Returns:
        Fractional coordinates, one for each set of equivalent places: for each distinct oxygen that with most room,
        most room first, then what else there is. Oxygen that holds two hydrogen atoms has none.
    """
    cell = host.cell.array
    inverse = np.linalg.inv(cell)
    open_oxygen = [index for index in np.flatnonzero(host.numbers == OXYGEN) if _hydrogens(host, int(index)) < 2]
    found: list[tuple[float, Array, int]] = []
    for void in void_centres(host, symmetry):
        for oxygen, direction, index in _around(host, void @ cell, open_oxygen):
            place = oxygen + LENGTH * direction
            room = _room(host, place, oxygen)
            if room >= ROOM:
                found.append((room, (place @ inverse) % 1.0, int(symmetry.orbits[index])))
    found.sort(key=lambda one: (-rounded(one[0], 3), np.round(one[1], 3).tolist()))
    kept: list[tuple[Array, int]] = []
    for _, place, orbit in found:
        images = symmetry.images(place)
        if not any(same_point(images, other, cell, APART).any() for other, _ in kept):
            kept.append((place, orbit))
    orbits = [orbit for _, orbit in kept]
    firsts = [place for number, (place, orbit) in enumerate(kept) if orbit not in orbits[:number]]
    return firsts + [place for number, (place, orbit) in enumerate(kept) if orbit in orbits[:number]]


def _around(host: Atoms, void: Array, oxygen: list[int]) -> list[tuple[Array, Array, int]]:
    """Return the oxygen atoms around a void, each with the direction from it to the void's middle and its index."""
    positions, indices = _images(host, void)
    distances = np.linalg.norm(positions - void, axis=1)
    near = distances < SHELL * distances.min()
    return [
        (position, (void - position) / distance, int(index))
        for position, index, distance, close in zip(positions, indices, distances, near, strict=True)
        if close and distance > LENGTH and index in oxygen
    ]


def _images(host: Atoms, point: Array, reach: float = 6.0) -> tuple[Array, Array]:
    """Return positions of all atoms and images within reach of a point, and their indices in the host."""
    heights = 1 / np.linalg.norm(host.cell.reciprocal().array, axis=1)
    counts = [int(np.ceil(reach / height)) + 1 if along else 0 for height, along in zip(heights, host.pbc, strict=True)]
    grid = np.stack(np.meshgrid(*[np.arange(-n, n + 1) for n in counts], indexing="ij"), axis=-1).reshape(-1, 3)
    everything = (host.get_positions(wrap=True) + (grid @ host.cell.array)[:, None]).reshape(-1, 3)
    numbers = np.tile(np.arange(len(host)), len(grid))
    near = np.linalg.norm(everything - point, axis=1) < reach
    return everything[near], numbers[near]


def _room(host: Atoms, place: Array, oxygen: Array) -> float:
    """Return the smallest ratio of a distance to the sum of covalent radii, the bond itself left out."""
    positions, indices = _images(host, place)
    others = np.linalg.norm(positions - oxygen, axis=1) > 0.1
    distances = np.linalg.norm(positions[others] - place, axis=1)
    radii = covalent_radii[host.numbers[indices[others]]] + covalent_radii[HYDROGEN]
    return float((distances / radii).min())


def _hydrogens(host: Atoms, index: int) -> int:
    """Count the hydrogen atoms bonded to an atom."""
    first, second = primitive_neighbor_list("ij", host.pbc, host.cell.array, host.positions, 1.25)
    return int((host.numbers[second[first == index]] == HYDROGEN).sum())
