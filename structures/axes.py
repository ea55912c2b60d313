"""The cell that Miller indices refer to: the conventional one, in the axes of whoever gave the crystal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import StructureError
from .symmetry import symmetry_operations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ase import Atoms

Array = np.ndarray
Axes = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

OWN: Axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
"""Indices refer to the cell as it is given."""
MONOCLINIC, ORTHORHOMBIC = 3, 16
"""The first space groups that are monoclinic, and that are more than that."""

_RIGHT = 0.1
_PARALLEL = 1 - 1e-6


def index_axes(crystal: Atoms) -> Axes:
    """Find the cell that Miller indices of a crystal refer to.

    A cell of conventional shape keeps its own axes, in the order and setting in which they are given: (100) of V2O5 in
    Pmmn is not that of Pmnm. A supercell along them is divided. Anything else, above all a primitive cell of a centred
    lattice, whose (100) is (111) of the fcc cube, is brought to the conventional cell of its space group (hexagonal
    axes for rhombohedral ones). No atom is moved.

    Args:
        crystal: periodic in three directions.

    Returns:
        Its vectors, each in units of the vectors of the given cell.
    """
    symmetry = symmetry_operations(crystal)
    given, conventional = crystal.cell.array, symmetry.conventional_lattice
    cosines = _unit(given) @ _unit(conventional).T
    partners = np.abs(cosines).argmax(axis=1)
    if (np.abs(cosines).max(axis=1) > _PARALLEL).all():
        signs = np.sign(cosines[range(3), partners])
        chosen = conventional[partners] * signs[:, None]
    elif _is_of_conventional_shape(crystal, symmetry.number):
        return OWN
    else:
        chosen = conventional
    cells = max(round(abs(np.linalg.det(given) / np.linalg.det(symmetry.primitive_lattice))), 1)
    a, b, c = (np.rint(chosen @ np.linalg.inv(given) * cells) / cells).tolist()
    return tuple(a), tuple(b), tuple(c)


def index_in_cell(index: Sequence[int], axes: Axes) -> tuple[int, int, int]:
    """Write a Miller index in the given cell.

    Args:
        index: three indices that refer to ``axes``.
        axes: as [`index_axes`][] returns them.

    Returns:
        The index of the same plane in the given cell, without common factor: h = M h' for axes M.
    """
    raw = np.linalg.solve(np.array(axes), np.array(index, dtype=float))
    scaled = raw / np.abs(raw).max()
    for factor in range(1, 500):
        whole = scaled * factor
        if np.abs(whole - np.rint(whole)).max() < 1e-6 * factor:
            h, k, l = (int(value) for value in np.rint(whole))  # noqa: E741
            return h, k, l
    raise StructureError(f"({' '.join(str(i) for i in index)}) has no small indices in the cell that was given")


def check_four_indices(crystal: Atoms, axes: Axes, name: str) -> None:
    """Refuse four indices for a cell that they are not defined for.

    Raises:
        StructureError: the cell is not hexagonal: a = b, 120 degrees between them, c perpendicular.
    """
    a, b, _, alpha, beta, gamma = _parameters(np.array(axes) @ crystal.cell.array)
    if abs(a - b) > 1e-2 * a or max(abs(alpha - 90), abs(beta - 90), abs(gamma - 120)) > 0.5:
        raise StructureError(
            f"{name}: four indices (hkil) belong to hexagonal cells, a = b with 120 degrees between them, and this one "
            f"has a {a:.3f}, b {b:.3f} and {gamma:.1f} degrees; give three"
        )


def describe_axes(crystal: Atoms, axes: Axes) -> str:
    """Say in words which cell indices refer to; nothing where that is one of usual shape and the one given."""
    if axes == OWN:
        unusual = sum(_right_angles(crystal)) < 2
        return "triclinic cell that was given" if unusual else ""
    lengths = " x ".join(f"{length:.2f}" for length in _parameters(np.array(axes) @ crystal.cell.array)[:3])
    return f"conventional cell of {lengths} angstrom"


def _is_of_conventional_shape(crystal: Atoms, number: int) -> bool:
    """Tell whether people would index by a cell that is not that of its space group, such as that of a defect."""
    right = _right_angles(crystal)
    if number < MONOCLINIC or all(right):
        return True
    a, b, _, _, _, gamma = crystal.cell.cellpar()
    hexagonal = right[0] and right[1] and abs(gamma - 120) < _RIGHT and abs(a - b) < 1e-3 * a
    return hexagonal or (number < ORTHORHOMBIC and sum(right) == 2)


def _right_angles(crystal: Atoms) -> list[bool]:
    return [abs(float(angle) - 90) < _RIGHT for angle in crystal.cell.angles()]


def _unit(vectors: Array) -> Array:
    unit: Array = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    return unit


def _parameters(vectors: Array) -> list[float]:
    from ase.cell import Cell

    return [float(value) for value in Cell(vectors).cellpar()]
