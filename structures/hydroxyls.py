"""Where a hydrogen atom makes a hydroxyl group of an oxygen atom of a host: the middle of a void is no place for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from ase.data import covalent_radii
from ase.neighborlist import primitive_neighbor_list
from scipy.spatial import KDTree

from .interstitials import InterstitialSite, site_at, void_centres
from .labels import numbered
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
BONDED = 1.25
"""Longest O-H bond of the hydrogen that a host holds already, angstrom."""
REACH = 6.0
"""How far surroundings are looked at, angstrom."""
APART = 0.5
"""Places closer than this are one, angstrom."""
HYDROGEN, OXYGEN = 1, 8
GROUP = "OH"
"""What such a place is called."""


def hydroxyl_places(host: Atoms, symmetry: SymmetryOperations) -> list[Array]:
    """Find the distinct places 0.98 angstrom from an oxygen, towards the middle of a void beside it.

    Args:
        host: periodic structure.
        symmetry: its operations.

    Returns:
        Fractional coordinates, one for each set of equivalent places: for each distinct oxygen that with most room,
        most room first, then what else there is. Oxygen that holds two hydrogen atoms has none.
    """
    cell, around = host.cell.array, _Surroundings(host)
    inverse = np.linalg.inv(cell)
    found: list[tuple[float, Array, int]] = []
    for void in void_centres(host, symmetry):
        for oxygen, direction, index in around.oxygen_at(void @ cell):
            place = oxygen + LENGTH * direction
            room = around.room(place, oxygen)
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


def hydroxyl_sites(host: Atoms, symmetry: SymmetryOperations, apart: float) -> list[InterstitialSite]:
    """Describe the places of hydrogen on oxygen as sites.

    Args:
        host: periodic structure.
        symmetry: its operations.
        apart: of places closer than this the one with most room stays, angstrom.

    Returns:
        Sites, in the order of [`hydroxyl_places`][]; none in a host without oxygen that is free for one.
    """
    kept: list[Array] = []
    for place in hydroxyl_places(host, symmetry):
        images = symmetry.images(place)
        if not any(same_point(images, other, host.cell.array, apart).any() for other in kept):
            kept.append(place)
    labels = numbered([GROUP] * len(kept))
    return [
        replace(site_at(host, "H", place, symmetry), label=label) for label, place in zip(labels, kept, strict=True)
    ]


class _Surroundings:
    """The atoms of a host and their images, near enough to any point of the cell."""

    def __init__(self, host: Atoms) -> None:
        heights = 1 / np.linalg.norm(host.cell.reciprocal().array, axis=1)
        counts = [int(np.ceil(REACH / height)) if along else 0 for height, along in zip(heights, host.pbc, strict=True)]
        grid = np.stack(np.meshgrid(*[np.arange(-n, n + 1) for n in counts], indexing="ij"), axis=-1).reshape(-1, 3)
        self._positions = (host.get_positions(wrap=True) + (grid @ host.cell.array)[:, None]).reshape(-1, 3)
        self._indices = np.tile(np.arange(len(host)), len(grid))
        self._radii = (covalent_radii[host.numbers] + covalent_radii[HYDROGEN])[self._indices]
        self._tree = KDTree(self._positions)
        first, second = primitive_neighbor_list("ij", host.pbc, host.cell.array, host.positions, BONDED)
        hydrogens = np.bincount(first[host.numbers[second] == HYDROGEN], minlength=len(host))
        self._open = (host.numbers == OXYGEN) & (hydrogens < 2)

    def oxygen_at(self, void: Array) -> list[tuple[Array, Array, int]]:
        """Return the oxygen atoms around a void, each with the direction from it to the void's middle and its index."""
        nearest, _ = self._tree.query(void)
        near = self._tree.query_ball_point(void, min(SHELL * nearest, REACH))
        around = [(self._positions[one], int(self._indices[one])) for one in near]
        return [
            (position, (void - position) / np.linalg.norm(void - position), index)
            for position, index in around
            if self._open[index] and np.linalg.norm(void - position) > LENGTH
        ]

    def room(self, place: Array, oxygen: Array) -> float:
        """Return the smallest ratio of a distance to the sum of covalent radii, the bond itself left out."""
        near = np.array(self._tree.query_ball_point(place, REACH))
        others = near[np.linalg.norm(self._positions[near] - oxygen, axis=1) > 0.1]
        if not len(others):
            return np.inf
        return float((np.linalg.norm(self._positions[others] - place, axis=1) / self._radii[others]).min())
