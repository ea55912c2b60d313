"""Straight jumps between the sites of a crystal: which there are, which are alike, which are blocked."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from ase.data import atomic_numbers, covalent_radii

from .files import OVERLAP
from .interstitials import equivalent_places
from .rounding import all_rounded, rounded
from .symmetry import SymmetryOperations, same_point

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

SHORTEST = 1.0
"""Places closer than this are one site to an ion, angstrom."""

_SAME = 0.1
_ASIDE = 0.5


class Site(Protocol):
    """A place where an ion rests, up to symmetry."""

    @property
    def label(self) -> str:
        """Its name."""

    @property
    def fractional(self) -> tuple[float, float, float]:
        """One of the equivalent places."""


@dataclass(frozen=True)
class Jump:
    """A straight way from one site to another.

    Attributes:
        first: the site it starts from.
        last: the site it ends at.
        initial: start, fractional.
        final: end, fractional; it may lie in a neighbouring cell.
        vector: from start to end, Cartesian, angstrom.
    """

    first: Site
    last: Site
    initial: Array
    final: Array
    vector: Array

    @property
    def distance(self) -> float:
        """Length, angstrom."""
        return float(np.linalg.norm(self.vector))


def jumps_between(host: Atoms, sites: Sequence[Site], symmetry: SymmetryOperations, max_distance: float) -> list[Jump]:
    """List all jumps up to a length from one place of each site, shortest first; of equal ones from the first site.

    Args:
        host: periodic structure.
        sites: distinct sites.
        symmetry: operations of the host.
        max_distance: longest jump, angstrom.

    Returns:
        Jumps, equivalent ones included.
    """
    cell = host.cell.array
    shifts = _shifts(cell, max_distance)
    found: list[tuple[tuple[float, ...], Jump]] = []
    for (i, first), (j, last) in itertools.product(enumerate(sites), repeat=2):
        initial = np.array(first.fractional)
        for place in equivalent_places(np.array(last.fractional), host, symmetry):
            finals = place + shifts
            vectors = (finals - initial) @ cell
            lengths = np.linalg.norm(vectors, axis=1)
            for k in np.flatnonzero((lengths > SHORTEST) & (lengths <= max_distance)):
                jump = Jump(first, last, initial, finals[k], vectors[k])
                found.append(((rounded(jump.distance, 2), i, j, *(-all_rounded(vectors[k], 2))), jump))
    found.sort(key=lambda entry: entry[0])
    return [jump for _, jump in found]


def distinct_jumps(jumps: list[Jump], host: Atoms, symmetry: SymmetryOperations) -> list[Jump]:
    """Keep the first of those that an operation of the host maps onto each other, or onto the reverse."""
    kept: list[Jump] = []
    lengths = np.array([jump.distance for jump in jumps])
    lengths_kept = np.empty(0)
    for jump, length in zip(jumps, lengths, strict=True):
        alike = [kept[index] for index in np.flatnonzero(np.abs(lengths_kept - length) < _SAME)]
        if not (alike and _equivalent(jump, alike, host.cell.array, symmetry)):
            kept.append(jump)
            lengths_kept = np.append(lengths_kept, length)
    return kept


def _equivalent(jump: Jump, others: list[Jump], cell: Array, symmetry: SymmetryOperations) -> bool:
    """Tell whether an operation maps a jump onto one of some others, or onto the reverse of one."""
    starts = symmetry.rotations @ jump.initial + symmetry.translations
    steps = symmetry.rotations @ (jump.final - jump.initial)
    initial, final = (np.array([getattr(other, end) for other in others]) for end in ("initial", "final"))
    for begin, end in ((initial, final), (final, initial)):
        parallel = np.linalg.norm((steps[:, None] - (end - begin)) @ cell, axis=-1) < _SAME
        operation, other = np.nonzero(parallel)
        if same_point(starts[operation], begin[other], cell, _SAME).any():
            return True
    return False


def passes_a_site(jump: Jump, sites: Sequence[Site], host: Atoms, symmetry: SymmetryOperations) -> bool:
    """Tell whether a site lies near the inner part of a jump, so that it is two jumps."""
    places = np.concatenate([equivalent_places(np.array(site.fractional), host, symmetry) for site in sites])
    offsets, _ = _images_around(jump, places, host.cell.array, _ASIDE)
    along = offsets @ jump.vector / jump.distance**2
    aside = np.linalg.norm(offsets - np.outer(along, jump.vector), axis=1)
    return bool(((np.abs(along) < 0.4) & (aside < _ASIDE)).any())


def goes_by_way_of_a_site(jump: Jump, sites: Sequence[Site], host: Atoms, symmetry: SymmetryOperations) -> bool:
    """Tell whether some site is nearer to both ends of a jump than they are to each other, so that it is two jumps.

    The jumps that are left make up the relative neighbourhood graph (G. T. Toussaint, Pattern Recognition 12, 261
    (1980), 10.1016/0031-3203(80)90066-7), in which every site is reached from every other.
    """
    places = np.concatenate([equivalent_places(np.array(site.fractional), host, symmetry) for site in sites])
    offsets, _ = _images_around(jump, places, host.cell.array, jump.distance)
    ends = [np.linalg.norm(offsets - side * jump.vector / 2, axis=1) for side in (-1, 1)]
    return bool((np.maximum(*ends) < jump.distance - _SAME).any())


def passes_an_atom(jump: Jump, host: Atoms, ion: str) -> bool:
    """Tell whether a jump of an ion comes closer to a host atom than ``OVERLAP`` allows."""
    radii = covalent_radii[host.numbers] + covalent_radii[atomic_numbers[ion]]
    places = host.get_scaled_positions(wrap=False)
    offsets, atoms = _images_around(jump, places, host.cell.array, OVERLAP * float(radii.max()))
    points = np.linspace(-0.5, 0.5, 21)[:, None] * jump.vector
    distances = np.linalg.norm(points[:, None] - offsets, axis=2)
    at_the_ends = (distances[[0, -1]] < _SAME).any(axis=0)
    return bool((distances < OVERLAP * radii[atoms])[:, ~at_the_ends].any())


def _images_around(jump: Jump, places: Array, cell: Array, margin: float) -> tuple[Array, Array]:
    """Return every image of some fractional places beside a jump: the way from its middle, and whose image it is."""
    radius = jump.distance / 2 + margin
    ways = places - (jump.initial + jump.final) / 2
    ways = ways - np.rint(ways)
    offsets = (ways[:, None] + _shifts(cell, radius)) @ cell
    index, image = np.nonzero(np.linalg.norm(offsets, axis=2) <= radius)
    return offsets[index, image], index


def _shifts(cell: Array, distance: float) -> Array:
    """Return the lattice translations, in cell vectors, that lead up to a distance away from one cell and further."""
    heights = 1 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    reach = [np.arange(-n, n + 1) for n in np.ceil(distance / heights).astype(int) + 1]
    return np.stack(np.meshgrid(*reach, indexing="ij"), axis=-1).reshape(-1, 3)
