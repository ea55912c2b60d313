"""A family of hosts: the candidates of a heterostructure that differ in how film and support touch."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

    from .assembly import Heterostructure

TOUCHING = 4.0
"""Atoms of film and support farther apart than this do not say how the two touch, angstrom."""
SAME = 0.02
"""Two candidates touch alike where their sorted distances differ by no more, angstrom: symmetry makes them one."""


def family(candidates: Iterable[Heterostructure], most: int) -> list[Heterostructure]:
    """Return the first candidates that touch differently, in their order; registries equal by symmetry count once.

    Args:
        candidates: most interface bonds first.
        most: how many.
    """
    return list(islice(_different(candidates), most))


def rigidly_alike(one: Atoms, other: Atoms) -> bool:
    """Tell whether two groups of atoms are the same up to a shift and a turn: what is relaxed of one is of both."""
    if list(one.symbols) != list(other.symbols):
        return False
    return bool(np.allclose(one.get_all_distances(), other.get_all_distances(), atol=SAME))


def _different(candidates: Iterable[Heterostructure]) -> Iterable[Heterostructure]:
    known: list[tuple[int, np.ndarray]] = []
    for candidate in candidates:
        distances = _across(candidate)
        if not any(
            len(candidate.atoms) == atoms
            and len(distances) == len(other)
            and np.allclose(distances, other, atol=SAME, rtol=0)
            for atoms, other in known
        ):
            known.append((len(candidate.atoms), distances))
            yield candidate


def _across(pair: Heterostructure) -> np.ndarray:
    """Return the distances between film and support that are short, sorted, angstrom."""
    from ase.neighborlist import neighbor_list

    first, second, distances = neighbor_list("ijd", pair.atoms, TOUCHING)
    of_film = np.isin(np.arange(len(pair.atoms)), pair.film)
    return np.sort(distances[of_film[first] & ~of_film[second]])
