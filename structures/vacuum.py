"""The empty space that tells a slab from a crystal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

LEAST_VACUUM = 6.0
"""Empty space that tells a slab from a crystal, angstrom; the widest van der Waals gaps, between hydrated layers, stay
below: their atoms are at most 5 apart."""


def widest_gap(atoms: Atoms, axis: int) -> tuple[float, float]:
    """Return the widest empty stretch along the normal of two vectors.

    Args:
        atoms: with a cell of three vectors.
        axis: the third of them (0, 1, 2).

    Returns:
        Its length, angstrom, and the fraction of the third vector at which it ends.
    """
    height = 1 / float(np.linalg.norm(atoms.cell.reciprocal()[axis]))
    fractions = atoms.get_scaled_positions(wrap=False)[:, axis]
    if not atoms.pbc[axis]:
        return np.inf, 0.0
    ordered = np.sort(fractions % 1.0)
    gaps = np.diff(ordered, append=ordered[0] + 1.0)
    widest = int(gaps.argmax())
    return float(gaps[widest] * height), float(ordered[(widest + 1) % len(ordered)]) - 1e-6
