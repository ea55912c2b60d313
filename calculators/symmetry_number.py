"""How many rotations map a molecule onto itself: the symmetry number of its rotational entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

TOLERANCE = 0.05
"""Distance, angstrom, within which a rotation has to bring every atom to one of its element."""

Permutation = tuple[int, ...]


def symmetry_number(atoms: Atoms, tolerance: float = TOLERANCE) -> int:
    """Return the number of proper rotations that map a molecule onto itself.

    Rotations are found through the permutations of atoms they stand for, and only those are counted that form a group,
    so that a nearly symmetric molecule gives a number of some point group, or 1, and never something between.

    Args:
        atoms: the molecule.
        tolerance: largest distance of an atom from where the rotation should bring it, angstrom.

    Returns:
        The number; 1 for an atom, 2 or 1 for a linear molecule.
    """
    if len(atoms) == 1:
        return 1
    # The centre of the atoms rather than of their masses: isotopes are no matter of this number.
    positions = atoms.positions - atoms.positions.mean(axis=0)
    spread, axes = np.linalg.svd(positions)[1:]
    if len(atoms) == 2 or spread[1] < tolerance * np.sqrt(len(atoms)):
        flipped = _permutation(atoms.numbers, positions, -np.outer(positions @ axes[0], axes[0]), 2 * tolerance)
        return 1 if flipped is None else 2
    found = _permutations(atoms.numbers, positions, tolerance)
    group = [one for one in found if all(tuple(one[i] for i in other) in found for other in found)]
    return len(group)


def _permutations(numbers: np.ndarray, positions: np.ndarray, tolerance: float) -> set[Permutation]:
    """Return the permutation of every proper rotation, by trying all images of two atoms."""
    first, second = _reference(numbers, positions)
    frame = _frame(positions[first], positions[second])
    found: set[Permutation] = {tuple(range(len(numbers)))}
    for one in np.flatnonzero(numbers == numbers[first]):
        for other in np.flatnonzero(numbers == numbers[second]):
            pair = positions[[first, second]] @ positions[[first, second]].T
            image = positions[[one, other]] @ positions[[one, other]].T
            if one == other or not np.allclose(np.sqrt(np.diag(pair)), np.sqrt(np.diag(image)), atol=2 * tolerance):
                continue
            rotation = _frame(positions[one], positions[other]) @ frame.T
            # Two atoms alone point roughly; all of them, fitted, exactly.
            rough = _permutation(numbers, positions, positions @ rotation.T, 10 * tolerance)
            if rough is None:
                continue
            fitted = positions @ _best_rotation(positions, positions[list(rough)]).T
            permutation = _permutation(numbers, positions, fitted, tolerance)
            if permutation is not None:
                found.add(permutation)
    return found


def _permutation(
    numbers: np.ndarray, positions: np.ndarray, rotated: np.ndarray, tolerance: float
) -> Permutation | None:
    """Return which atom each rotated atom falls on; none when one falls on none of its element."""
    distances = np.linalg.norm(rotated[:, None] - positions[None], axis=2)
    distances[numbers[:, None] != numbers[None]] = np.inf
    nearest = distances.argmin(axis=1)
    if distances.min(axis=1).max() > tolerance or len(set(nearest.tolist())) < len(numbers):
        return None
    return tuple(nearest.tolist())


def _reference(numbers: np.ndarray, positions: np.ndarray) -> tuple[int, int]:
    """Choose two atoms that fix an orientation well and have few others of their elements."""
    areas = np.linalg.norm(np.cross(positions[:, None], positions[None]), axis=2)
    alike = (numbers[:, None] == numbers[None]).sum(axis=1)
    good = areas > 0.3 * areas.max()
    first, second = np.unravel_index(np.where(good, alike[:, None] * alike[None], np.inf).argmin(), areas.shape)
    return int(first), int(second)


def _frame(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return right-handed axes as columns: along the first vector, in the plane of both, and normal to it."""
    along = first / np.linalg.norm(first)
    normal = np.cross(first, second)
    normal = normal / max(float(np.linalg.norm(normal)), 1e-12)
    return np.array([along, np.cross(normal, along), normal]).T


def _best_rotation(positions: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return the proper rotation of least squares (W. Kabsch, 10.1107/S0567739476001873)."""
    left, _, right = np.linalg.svd(images.T @ positions)
    sign = np.sign(np.linalg.det(left @ right))
    return np.asarray(left @ np.diag([1.0, 1.0, sign]) @ right)
