"""How much a host swells when it takes up ions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...structures.heterostructures import film_and_support

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ase import Atoms


def volume_change(before: Atoms, after: Atoms) -> float:
    """Return the change of the volume of a cell, %."""
    return float(100.0 * (after.get_volume() / before.get_volume() - 1.0))


def height_change(before: Atoms, after: Atoms, axis: int) -> float:
    """Return the change of the height of a cell along the normal of its layers, angstrom.

    Args:
        before: host without ions.
        after: host with ions.
        axis: cell vector along which the layers stack.
    """
    first, second = (1.0 / float(np.linalg.norm(atoms.cell.reciprocal()[axis])) for atoms in (before, after))
    return second - first


def gap_change(before: Atoms, after: Atoms) -> float:
    """Return how far the mean heights of film and support moved apart, angstrom.

    Args:
        before: heterostructure without ions, tagged, its layers normal to the plane of the first two vectors.
        after: the same atoms first, then the ions.

    Raises:
        StructureError: no tags tell film and support.
    """
    film, support = film_and_support(before)
    return _apart(after, film, support) - _apart(before, film, support)


def _apart(atoms: Atoms, film: Sequence[int], support: Sequence[int]) -> float:
    normal = atoms.cell.reciprocal()[2]
    heights = atoms.positions @ (normal / np.linalg.norm(normal))
    return float(heights[list(film)].mean() - heights[list(support)].mean())
