"""Structures that nobody should have trained on: what a domain check has to find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ase.data import atomic_numbers, covalent_radii

from .rounding import all_rounded
from .vacuum import LEAST_VACUUM, widest_gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ase import Atoms

REPLACEMENTS = ("Mg", "Mn", "Al", "F", "N", "Cl")
"""Elements that take the place of others; the first that is unknown to a surrogate is used."""
SQUEEZED = 0.85
"""Length of a squeezed structure over its length before."""
BOND = 1.25
"""Two atoms nearer than this multiple of their covalent radii's sum are bonded."""
TEAR = (0.8, 1.6)
"""By how much a torn structure is opened, angstrom: bonds are broken but both sides still feel each other."""
SLIDE = 1.5
"""Largest sideways shift of a torn structure, angstrom."""


def foreign_structures(atoms: Atoms, known: Iterable[str], seed: int) -> dict[str, Atoms]:
    """Make structures that lie outside what a surrogate of these atoms was trained for.

    Args:
        atoms: a structure inside; not changed.
        known: elements that the surrogate has seen.
        seed: of the random numbers.

    Returns:
        By what was done: an element it does not know, two atoms of different elements exchanged, everything squeezed
        together, and the structure torn across its most bonds as a broken interface is. What cannot be done to these
        atoms (there is one element only, or no bond) is left out.
    """
    generator = np.random.default_rng(seed)
    made: dict[str, Callable[[Atoms, np.random.Generator], Atoms | None]] = {
        "unknown element": lambda a, g: _replaced(a, g, set(known)),
        "atoms exchanged": _exchanged,
        "squeezed": _squeezed,
        "torn": _torn,
    }
    found = {name: make(_copy(atoms), generator) for name, make in made.items()}
    return {name: structure for name, structure in found.items() if structure is not None}


def _copy(atoms: Atoms) -> Atoms:
    copy = atoms.copy()
    copy.info = {key: value for key, value in atoms.info.items() if key in ("charge", "spin")}
    copy.set_constraint()
    return copy


def _replaced(atoms: Atoms, generator: np.random.Generator, known: set[str]) -> Atoms | None:
    new = next((symbol for symbol in REPLACEMENTS if symbol not in known), None)
    if new is None:
        return None
    atoms.numbers[generator.integers(len(atoms))] = atomic_numbers[new]
    return atoms


def _exchanged(atoms: Atoms, generator: np.random.Generator) -> Atoms | None:
    elements = sorted(set(atoms.numbers.tolist()))
    if len(elements) < 2:
        return None
    first, second = generator.choice(elements, size=2, replace=False)
    one = generator.choice(np.flatnonzero(atoms.numbers == first))
    other = generator.choice(np.flatnonzero(atoms.numbers == second))
    atoms.numbers[[one, other]] = atoms.numbers[[other, one]]
    return atoms


def _squeezed(atoms: Atoms, _: np.random.Generator) -> Atoms | None:
    if len(atoms) < 2:
        return None
    if atoms.pbc.any():
        atoms.set_cell(atoms.cell.array * SQUEEZED, scale_atoms=True)
    else:
        atoms.positions *= SQUEEZED
    return atoms


def _torn(atoms: Atoms, generator: np.random.Generator) -> Atoms | None:
    """Cut across the plane that most bonds cross, and move the upper part away and aside."""
    from ase.neighborlist import neighbor_list

    normal = _made_whole(atoms)
    first, vectors = neighbor_list("iD", atoms, [BOND * covalent_radii[z] for z in atoms.numbers])
    heights = atoms.positions @ normal
    middles = (np.unique(all_rounded(heights, 2))[1:] + np.unique(all_rounded(heights, 2))[:-1]) / 2
    if not len(first) or not len(middles):
        return None
    lower, upper = heights[first], heights[first] + vectors @ normal
    crossing = [int(((lower < z) & (upper > z)).sum()) for z in middles]
    if not max(crossing):
        return None
    above = heights > middles[int(np.argmax(crossing))]
    aside = generator.uniform(-1, 1, size=2)
    aside *= generator.uniform(0, SLIDE) / float(np.linalg.norm(aside))
    atoms.positions[above] += np.array([*aside, generator.uniform(*TEAR)]) @ _axes_around(normal)
    return atoms


def _made_whole(atoms: Atoms) -> np.ndarray:
    """Bring the atoms of a slab to one side of its vacuum and return its normal; z of what has no vacuum."""
    axes = (2, 0, 1) if atoms.cell.rank == 3 else ()
    for axis in axes:
        gap, bottom = widest_gap(atoms, axis)
        if LEAST_VACUUM <= gap < np.inf:
            fractions = atoms.get_scaled_positions(wrap=False)[:, axis]
            atoms.positions -= np.outer(np.floor(fractions - bottom), atoms.cell[axis])
            normal: np.ndarray = atoms.cell.reciprocal()[axis]
            normal /= np.linalg.norm(normal)
            return normal
    return np.array([0.0, 0.0, 1.0])


def _axes_around(normal: np.ndarray) -> np.ndarray:
    """Return two directions across a normal and the normal, as rows; x, y, z for z."""
    x = np.eye(3)[0] if abs(normal[0]) < 0.9 else np.eye(3)[1]
    x = x - (x @ normal) * normal
    x /= np.linalg.norm(x)
    return np.array([x, np.cross(normal, x), normal])
