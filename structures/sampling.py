"""Structures around a structure: atoms shaken at random, the cell strained; what a surrogate learns the walls from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import StructureError
from .foreign import BOND

if TYPE_CHECKING:
    from ase import Atoms


def rattled(atoms: Atoms, count: int, amplitude: float, strain: float = 0.0, seed: int = 0) -> list[Atoms]:
    """Shake atoms, and strain the periodic directions of their cell.

    Args:
        atoms: not changed.
        count: structures wanted.
        amplitude: standard deviation of each coordinate's displacement in the last structure, angstrom; the first ones
            are shaken less, in equal steps, so that both the well and its walls are met.
        strain: largest absolute component of the random strain; directions without periodicity are not strained.
        seed: of the random numbers.

    Returns:
        New structures with the ``info`` of ``atoms`` and no constraints.
    """
    generator = np.random.default_rng(seed)
    found = []
    for number in range(count):
        shaken = without_constraints(atoms)
        if strain and atoms.pbc.any():
            shaken.set_cell(shaken.cell.array @ (np.eye(3) + _strain(generator, strain, atoms)), scale_atoms=True)
        width = amplitude * (number + 1) / count
        shaken.positions += generator.normal(scale=width, size=shaken.positions.shape)
        found.append(shaken)
    return found


def slid(atoms: Atoms, axis: int, generator: np.random.Generator) -> Atoms:
    """Slide layers past each other: each by a shift of its own along the two other cell vectors, drawn at random.

    Args:
        atoms: layers, not changed; what is bonded slides together.
        axis: cell vector along which they stack.
        generator: of random numbers.

    Returns:
        A new structure with the ``info`` of ``atoms`` and no constraints.

    Raises:
        StructureError: there is one layer only.
    """
    layers = bonded_parts(atoms)
    if len(layers) < 2:
        raise StructureError(f"{atoms.info.get('label') or atoms.symbols}: all of it is bonded, so no layer slides")
    moved = without_constraints(atoms)
    aside = [vector for vector in range(3) if vector != axis]
    for layer in layers[1:]:
        moved.positions[layer] += generator.uniform(0, 1, size=2) @ moved.cell.array[aside]
    return moved


def bonded_parts(atoms: Atoms) -> list[list[int]]:
    """Return the atoms of each part that no bond joins to another, the part of the first atom first.

    Two atoms nearer than [`BOND`][] times the sum of their covalent radii are bonded.
    """
    from ase.data import covalent_radii
    from ase.neighborlist import neighbor_list
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    first, second = neighbor_list("ij", atoms, BOND * covalent_radii[atoms.numbers])
    bonds = coo_array((np.ones(len(first)), (first, second)), shape=(len(atoms), len(atoms)))
    number, parts = connected_components(bonds, directed=False)
    return [np.flatnonzero(parts == part).tolist() for part in range(number)]


def without_constraints(atoms: Atoms) -> Atoms:
    """Copy atoms with their ``info`` but without constraints and calculator, so that all forces are the true ones."""
    copy = atoms.copy()
    copy.info = dict(atoms.info)
    copy.set_constraint()
    return copy


def spread(items: list[Atoms], count: int) -> list[Atoms]:
    """Choose ``count`` of the items, evenly over the list, first and last among them; all when there are fewer."""
    if len(items) <= count:
        return list(items)
    places = np.linspace(0, len(items) - 1, count).round().astype(int)
    return [items[place] for place in dict.fromkeys(places.tolist())]


def _strain(generator: np.random.Generator, strain: float, atoms: Atoms) -> np.ndarray:
    """Draw a symmetric strain that leaves directions without periodicity as they are."""
    drawn = generator.uniform(-strain, strain, size=(3, 3))
    symmetric = (drawn + drawn.T) / 2
    lattice = atoms.cell.array[np.asarray(atoms.pbc)]
    # Only strains within the span of the periodic vectors: the vacuum of a slab is not a lattice.
    onto = np.linalg.pinv(lattice) @ lattice
    return np.asarray(onto @ symmetric @ onto)
