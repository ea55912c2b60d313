"""Space-group operations of atoms, in the cell and the setting in which the atoms are given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import spglib
from ase.constraints import FixAtoms

from ..errors import StructureError

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

SYMMETRY_TOLERANCE = 0.01
"""Distance within which atoms count as symmetry-equivalent, angstrom (pymatgen's default too)."""


@dataclass(frozen=True)
class SymmetryOperations:
    """Operations x' = R x + t on fractional coordinates, and the primitive lattice behind them.

    Attributes:
        rotations: matrices, of integers where they keep the given lattice, shape (n, 3, 3).
        translations: shape (n, 3).
        number: of the space group.
        primitive_lattice: rows are primitive lattice vectors, angstrom, oriented as the given cell.
        conventional_lattice: likewise of the conventional cell in the standard setting of the space group.
        primitive_atoms: indices of one atom for each atom of the primitive cell.
        orbits: for each atom the index of the first atom that an operation maps it to.
        site_symmetries: for each atom the point group of its site, as the tables of space groups write it.
    """

    rotations: Array
    translations: Array
    number: int
    primitive_lattice: Array
    conventional_lattice: Array
    primitive_atoms: tuple[int, ...]
    orbits: Array
    site_symmetries: tuple[str, ...]

    def images(self, point: Array) -> Array:
        """Return every image of a fractional point, wrapped into the cell, shape (n, 3)."""
        images: Array = (self.rotations @ point + self.translations) % 1.0
        return images


def symmetry_operations(atoms: Atoms, tolerance: float = SYMMETRY_TOLERANCE) -> SymmetryOperations:
    """Find the symmetry of periodic atoms with spglib.

    Atoms are different where their initial magnetic moments are, and where one is held fixed and the other is not.

    Args:
        atoms: structure with a full cell.
        tolerance: distance within which atoms count as equivalent, angstrom.

    Returns:
        The operations, identity included.

    Raises:
        StructureError: spglib finds no symmetry, as for overlapping atoms.
    """
    moments = np.round(atoms.get_initial_magnetic_moments(), 3)
    held = np.zeros(len(atoms))
    for constraint in atoms.constraints:
        if isinstance(constraint, FixAtoms):
            held[constraint.index] = 1
    _, kinds = np.unique(np.column_stack([atoms.numbers, moments, held]), axis=0, return_inverse=True)
    cell = (atoms.cell.array, atoms.get_scaled_positions(), kinds.ravel() + 1)
    try:
        dataset = spglib.get_symmetry_dataset(cell, symprec=tolerance)
    except spglib.SpglibError as error:
        raise StructureError(f"{atoms.get_chemical_formula()}: no symmetry found: {error}") from error
    if dataset is None:
        raise StructureError(f"{atoms.get_chemical_formula()}: no symmetry found; do atoms overlap?")
    _, first = np.unique(dataset.mapping_to_primitive, return_index=True)
    return SymmetryOperations(
        rotations=np.array(dataset.rotations),
        translations=np.array(dataset.translations),
        number=int(dataset.number),
        primitive_lattice=np.array(dataset.primitive_lattice),
        conventional_lattice=np.linalg.inv(np.array(dataset.transformation_matrix)).T @ atoms.cell.array,
        primitive_atoms=tuple(int(i) for i in first),
        orbits=np.array(dataset.equivalent_atoms),
        site_symmetries=tuple(str(symbol) for symbol in dataset.site_symmetry_symbols),
    )


def crystal_operations(atoms: Atoms) -> SymmetryOperations:
    """Find the symmetry of the crystal behind periodic atoms, also what the given cell does not have.

    A cell of 1 x 2 x 1 cubes has not the rotations of the cube. Here they are among the operations, their matrices no
    longer integers, each once with every lattice translation of the crystal within the cell: points and directions are
    equivalent in the crystal if one of them maps the one onto the other.

    Args:
        atoms: structure with a full cell.

    Raises:
        StructureError: as for [`symmetry_operations`][].
    """
    given = symmetry_operations(atoms)
    count = round(abs(np.linalg.det(atoms.cell.array) / np.linalg.det(given.primitive_lattice)))
    if count == 1:
        return given
    primitive = atoms[list(given.primitive_atoms)]
    primitive.set_cell(given.primitive_lattice)
    own = symmetry_operations(primitive)
    if len(given.rotations) == count * len(own.rotations):
        return given
    into_given = np.linalg.inv(atoms.cell.array).T @ given.primitive_lattice.T
    rotations = into_given @ own.rotations @ np.linalg.inv(into_given)
    shifts = given.translations[(given.rotations == np.eye(3)).all(axis=(1, 2))]
    translations = (own.translations @ into_given.T)[:, None] + shifts
    repeated = np.round(np.repeat(rotations, len(shifts), axis=0), 9)
    return replace(given, rotations=repeated, translations=translations.reshape(-1, 3))


def same_point(first: Array, second: Array, cell: Array, tolerance: float) -> Array:
    """Tell which fractional points are lattice translations of another.

    Args:
        first: fractional points, shape (..., 3).
        second: fractional points, shape (..., 3), broadcast against ``first``.
        cell: cell vectors, rows, angstrom.
        tolerance: distance that counts as the same, angstrom.

    Returns:
        Booleans, shape (...).
    """
    difference = first - second
    difference = difference - np.round(difference)
    near: Array = np.linalg.norm(difference @ cell, axis=-1) < tolerance
    return near
