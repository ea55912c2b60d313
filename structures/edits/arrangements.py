"""Ways of choosing some of many places of a crystal, each counted once where symmetry makes several equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from ..rounding import all_rounded, rounded

if TYPE_CHECKING:
    from ..symmetry import SymmetryOperations

Array = np.ndarray

LIMIT = 20_000
"""Ways of choosing that are looked at one by one; of more, only those are found that spread over the cell."""
_ROUNDING = 1e-3
SAME = 0.1
"""Distance within which two places are the same one, angstrom."""


@dataclass(frozen=True)
class Places:
    """Places of one kind in a cell, and what makes them equal.

    Attributes:
        fractional: shape (n, 3).
        distances: between them, nearest images, angstrom, shape (n, n).
        images: index of the place that an operation moves each to, shape (operations, n).
        order: number of each place, the first to be taken first; equal for places that symmetry makes equal.
        excluded: pairs that cannot be taken together, shape (n, n).
        shares: a number for each place, such as that of its face; of each number equally many are taken.
    """

    fractional: Array
    distances: Array
    images: Array
    order: Array
    excluded: Array
    shares: Array

    @classmethod
    def of(
        cls,
        fractional: Array,
        cell: Array,
        symmetry: SymmetryOperations,
        order: Array,
        shares: Array | None = None,
    ) -> Places:
        """Find out what is equal to what.

        Args:
            fractional: the places, shape (n, 3).
            cell: vectors, rows, angstrom.
            symmetry: operations; those that lead to a point that is no place are left out.
            order: number of each place; see the attributes, as for the others.
            shares: none asks for no equal shares.
        """
        count = len(fractional)
        return cls(
            fractional=fractional,
            distances=distances(fractional @ cell, cell),
            images=images_of(fractional, cell, symmetry)[0],
            order=order,
            excluded=np.zeros((count, count), dtype=bool),
            shares=np.zeros(count, dtype=int) if shares is None else shares,
        )

    def beside(self, least: float) -> Array:
        """Tell which pairs of different places are nearer than a distance, angstrom, shape (n, n)."""
        close: Array = (self.distances < least - _ROUNDING) & ~np.eye(len(self.fractional), dtype=bool)
        return close

    def room_for(self, place: int, taken: Sequence[int], count: int) -> bool:
        """Tell whether a place can be taken beside others, when ``count`` are taken in the end."""
        share = count // len(set(self.shares.tolist()))
        there = int(np.count_nonzero(self.shares[list(taken)] == self.shares[place]))
        return there < share and not bool(self.excluded[place, list(taken)].any())


@dataclass(frozen=True)
class Arrangement:
    """One choice of places.

    Attributes:
        members: indices of the places.
        multiplicity: number of choices that are equal to it.
        shortest: smallest distance between two of them, angstrom; none of a single one.
    """

    members: tuple[int, ...]
    multiplicity: int
    shortest: float | None


def images_of(fractional: Array, cell: Array, symmetry: SymmetryOperations) -> tuple[Array, Array]:
    """Return which place each operation moves each place to.

    Args:
        fractional: places, shape (n, 3).
        cell: vectors, rows, angstrom.
        symmetry: operations.

    Returns:
        Indices, shape (m, n), and the numbers of the m operations that permute the places.
    """
    from scipy.spatial import KDTree

    tree = KDTree(_wrapped(fractional), boxsize=1.0)
    moved = np.einsum("gij,nj->gni", symmetry.rotations, fractional) + symmetry.translations[:, None]
    _, nearest = tree.query(_wrapped(moved))
    away = moved - fractional[nearest]
    away -= np.rint(away)
    close = (np.linalg.norm(away @ cell, axis=-1) < SAME).all(axis=1)
    once = (np.sort(nearest, axis=1) == np.arange(len(fractional))).all(axis=1)
    kept = np.flatnonzero(close & once)
    return nearest[kept], kept


def arrangements(places: Places, count: int) -> list[Arrangement]:
    """Find the ways of taking some of the places that symmetry does not make equal.

    Args:
        places: the places.
        count: how many are taken.

    Returns:
        Those whose nearest two places are farthest apart first, then those that are more evenly apart, then by the
        order of the places. All there are, unless there are more than ``LIMIT`` ways: then one for each first place,
        to which always the place farthest from those taken is added.
    """
    ordered = np.lexsort((*(all_rounded(places.fractional, 3) % 1.0).T[::-1], places.order)).tolist()
    ways = comb(len(ordered), count)
    found = _all_of(places, ordered, count) if ways <= LIMIT else _spread(places, ordered, count)
    found.sort(key=lambda one: (*_nearness(places, one.members), sorted(places.order[list(one.members)].tolist())))
    return found


def distances(positions: Array, cell: Array) -> Array:
    """Return the distances between nearest images of places, angstrom, shape (n, n)."""
    from ase.geometry import get_distances

    return np.asarray(get_distances(positions.reshape(-1, 3), cell=cell, pbc=True)[1])


def _all_of(places: Places, ordered: list[int], count: int) -> list[Arrangement]:
    seen: set[tuple[int, ...]] = set()
    found = []
    for members in combinations(ordered, count):
        if tuple(sorted(members)) not in seen and _fits(places, members):
            equal = _equal(places, members)
            seen.update(map(tuple, equal.tolist()))
            found.append(_arrangement(places, members, len(equal)))
    return found


def _spread(places: Places, ordered: list[int], count: int) -> list[Arrangement]:
    seen: set[int] = set()
    found = []
    for first in ordered:
        if first in seen:
            continue
        seen.update(places.images[:, first].tolist())
        members = [first]
        while len(members) < count:
            room = [place for place in ordered if place not in members and places.room_for(place, members, count)]
            if not room:
                break
            members.append(min(room, key=lambda place: _nearness(places, (*members, place))))
        if len(members) == count:
            found.append(_arrangement(places, tuple(members), len(_equal(places, members))))
    return found


def _fits(places: Places, members: tuple[int, ...]) -> bool:
    if places.excluded[np.ix_(members, members)].any():
        return False
    numbers = set(places.shares.tolist())
    taken = Counter(places.shares[list(members)].tolist())
    return len(numbers) == 1 or all(taken[number] == len(members) // len(numbers) for number in numbers)


def _equal(places: Places, members: Sequence[int]) -> Array:
    return np.unique(np.sort(places.images[:, list(members)], axis=1), axis=0)


def _arrangement(places: Places, members: tuple[int, ...], multiplicity: int) -> Arrangement:
    between = _between(places, members)
    return Arrangement(members, multiplicity, float(between.min()) if len(between) else None)


def _between(places: Places, members: Sequence[int]) -> Array:
    first, second = np.triu_indices(len(members), k=1)
    taken = np.array(members)
    return np.asarray(places.distances[taken[first], taken[second]])


def _nearness(places: Places, members: Sequence[int]) -> tuple[float, float]:
    between = _between(places, members)
    if not len(between):
        return 0.0, 0.0
    return -rounded(float(between.min()), 2), rounded(float((1 / np.maximum(between, SAME)).sum()), 3)


def _wrapped(fractional: Array) -> Array:
    wrapped = fractional % 1.0
    wrapped[wrapped >= 1.0] = 0.0
    return np.asarray(wrapped)
