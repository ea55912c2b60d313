"""Meshes of k-points by their spacing, so that a cell and its repeats are sampled alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms


def mesh_by_spacing(atoms: Atoms, spacing: float) -> tuple[int, int, int]:
    """Return the smallest mesh whose points lie no farther apart than a spacing.

    Args:
        atoms: with three cell vectors; a direction without periodicity, or across a vacuum, needs one point.
        spacing: largest distance of neighbouring points, 1/angstrom, with the factor 2 pi in reciprocal vectors, as
            VASP's KSPACING.

    Returns:
        Points along the three reciprocal vectors.
    """
    lengths = 2 * np.pi * np.linalg.norm(atoms.cell.reciprocal(), axis=1)
    # A hair less than a whole number must not become one more by rounding.
    wanted = np.maximum(1, np.ceil(lengths / spacing - 1e-6)).astype(int)
    first, second, third = (
        int(number) if periodic and not across_vacuum(atoms, axis) else 1
        for axis, (number, periodic) in enumerate(zip(wanted, atoms.pbc, strict=True))
    )
    return first, second, third


def across_vacuum(atoms: Atoms, axis: int) -> bool:
    """Tell whether a cell vector leads across a vacuum, so that there is nothing to sample along it."""
    from ...structures.vacuum import LEAST_VACUUM, widest_gap

    gap, _ = widest_gap(atoms, axis)
    return bool(LEAST_VACUUM <= gap < np.inf)
