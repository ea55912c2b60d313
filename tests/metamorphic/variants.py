"""One and the same crystal or slab, written down in other ways."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from ase import Atoms

Variant = Callable[[Atoms], Atoms]


def as_it_is(atoms: Atoms) -> Atoms:
    """Nothing changes."""
    return atoms.copy()


def shuffled(atoms: Atoms) -> Atoms:
    """Atoms in another order."""
    return atoms[np.random.default_rng(3).permutation(len(atoms))]


def scattered(atoms: Atoms) -> Atoms:
    """Every atom some whole cells away."""
    other = atoms.copy()
    other.positions += np.random.default_rng(4).integers(-2, 3, (len(atoms), 3)) @ atoms.cell.array
    return other


def translated(atoms: Atoms) -> Atoms:
    """Everything moved by a fraction of the cell, and not wrapped."""
    other = atoms.copy()
    other.positions += np.array([0.137, 0.291, 0.413]) @ atoms.cell.array
    return other


def straddling(atoms: Atoms) -> Atoms:
    """Everything moved until the boundary of the cell runs close by one of the middle atoms, and wrapped."""
    other = atoms.copy()
    other.positions -= atoms.positions[len(atoms) // 2] + np.array([0.013, 0.017, 0.011])
    other.wrap()
    return other


def rotated(atoms: Atoms) -> Atoms:
    """Atoms and cell turned about no axis in particular."""
    other = atoms.copy()
    other.rotate(77.0, (0.3, -0.5, 0.81), rotate_cell=True)
    return other


def turned(atoms: Atoms) -> Atoms:
    """Atoms and cell turned about z."""
    other = atoms.copy()
    other.rotate(77.0, "z", rotate_cell=True)
    return other


def mirrored(atoms: Atoms) -> Atoms:
    """The mirror image, whose cell is left-handed."""
    other = atoms.copy()
    other.set_cell(atoms.cell.array * (-1, 1, 1))
    other.positions = atoms.positions * (-1, 1, 1)
    return other


def left_handed(atoms: Atoms) -> Atoms:
    """No atom moves, the first two cell vectors change places."""
    other = atoms.copy()
    other.set_cell(atoms.cell.array[[1, 0, 2]])
    return other


def backwards(atoms: Atoms) -> Atoms:
    """No atom moves, the first two cell vectors point the other way."""
    other = atoms.copy()
    other.set_cell(atoms.cell.array * np.array([[-1], [-1], [1]]))
    return other


def skewed(atoms: Atoms) -> Atoms:
    """No atom moves, the second cell vector is another one of the same lattice."""
    other = atoms.copy()
    other.set_cell(np.array([[1, 0, 0], [2, 1, 0], [0, 0, 1]]) @ atoms.cell.array)
    return other


def skewed_in_space(atoms: Atoms) -> Atoms:
    """No atom moves, the second cell vector leans along both others; the third stays."""
    other = atoms.copy()
    other.set_cell(np.array([[1, 0, 0], [1, 1, 1], [0, 0, 1]]) @ atoms.cell.array)
    return other


def rewritten(atoms: Atoms) -> Atoms:
    """Turned, in another order, atoms in other cells, the cell left-handed."""
    return left_handed(scattered(shuffled(rotated(atoms))))


def rewritten_mirror_image(atoms: Atoms) -> Atoms:
    """The mirror image, moved across the boundary, in a cell of other vectors."""
    return skewed_in_space(straddling(mirrored(atoms)))


def rewritten_slab(atoms: Atoms) -> Atoms:
    """Turned about z, in another order, in a skewed and left-handed cell."""
    return left_handed(skewed(shuffled(turned(atoms))))


CRYSTAL: tuple[Variant, ...] = (
    shuffled,
    scattered,
    translated,
    straddling,
    rotated,
    mirrored,
    left_handed,
    backwards,
    skewed,
    skewed_in_space,
    rewritten,
    rewritten_mirror_image,
)
"""Ways to write a crystal."""

SLAB: tuple[Variant, ...] = (
    shuffled,
    translated,
    straddling,
    turned,
    mirrored,
    left_handed,
    backwards,
    skewed,
    rewritten_slab,
)
"""Ways to write a slab whose surface lies in the xy plane; ``straddling`` puts the boundary inside it."""

SEVERAL_AT_ONCE = (rewritten, rewritten_mirror_image, rewritten_slab, straddling, mirrored)


def one_by_one(ways: tuple[Variant, ...]) -> list[object]:
    """Make parameters of ways: those that change several things at once run by default, one by one they are slow."""
    return [pytest.param(way, marks=[] if way in SEVERAL_AT_ONCE else [pytest.mark.slow]) for way in ways]
