"""Flakes of graphene with hydrogen at their edges, pristine and doped with nitrogen; flat starting geometries."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from .organic import from_smiles

if TYPE_CHECKING:
    from ase import Atoms

BOND = 1.42
"""C-C and C-N, angstrom."""
CARBON_HYDROGEN = 1.09

PYRROLIC = "[nH]1c2ccc3ccc4ccc5ccc6ccc1c7c2c3c4c5c67"
"""Coronene with NH in the place of one CH=CH of its edge, phenanthro[1,10,9,8-cdefg]carbazole."""


def flake(rings: int) -> Atoms:
    """Build a hexagonal flake: 2 rings from middle to edge are coronene C24H12, 3 circumcoronene.

    Args:
        rings: benzene is 1; n rings give C(6n^2)H(6n).

    Returns:
        Atoms in the xy plane, its centre at the origin: C, from the middle outwards, then H.
    """
    from ase import Atoms

    first, second = np.sqrt(3) * BOND * np.array([[1, 0], [0.5, np.sqrt(0.75)]])
    indices = range(1 - rings, rings)
    centres = [i * first + j * second for i, j in product(indices, indices) if abs(i + j) < rings]
    # The corners of a hexagon lie 30 degrees off the directions to its neighbours.
    angles = np.radians(30 + 60 * np.arange(6))
    corners = BOND * np.column_stack([np.cos(angles), np.sin(angles)])
    places: list[np.ndarray] = []
    for corner in (centre + corner for centre in centres for corner in corners):
        if not any(np.linalg.norm(corner - known) < 0.1 for known in places):
            places.append(corner)
    places.sort(key=lambda place: (round(float(np.linalg.norm(place)), 3), round(float(np.arctan2(*place[::-1])), 3)))
    atoms = Atoms(f"C{len(places)}", positions=[(x, y, 0) for x, y in places])
    edge = [i for i in range(len(atoms)) if len(_neighbours(atoms, i)) == 2]
    hydrogens = []
    for i in edge:
        outward = atoms.positions[i] - atoms.positions[_neighbours(atoms, i)].mean(axis=0)
        hydrogens.append(atoms.positions[i] + CARBON_HYDROGEN * outward / np.linalg.norm(outward))
    atoms += Atoms("H" * len(hydrogens), positions=hydrogens)
    atoms.info = {"charge": 0, "spin": 1}
    return atoms


def graphitic_nitrogen(rings: int) -> Atoms:
    """Put N in the place of one C of the innermost hexagon; its extra pi electron is unpaired, a doublet."""
    atoms = flake(rings)
    atoms.symbols[0] = "N"
    atoms.info["spin"] = 2
    return atoms


def pyridinic_nitrogen(rings: int) -> Atoms:
    """Put N in the place of one CH of the edge; a singlet."""
    atoms = flake(rings)
    hydrogen = atoms.symbols.search("H")[0]
    carbon = int(np.argmin(np.where(atoms.symbols == "C", atoms.get_distances(hydrogen, range(len(atoms))), np.inf)))
    atoms.symbols[carbon] = "N"
    del atoms[hydrogen]
    return atoms


def pyridinic_vacancy() -> Atoms:
    """Take one inner C out of circumcoronene and put N in the places of its three neighbours, C50H18N3.

    The pocket in which single metal atoms sit. Each N brings one pi electron as the C it replaces did, the vacancy took
    one away: 53 of them, a doublet.
    """
    atoms = flake(3)
    for neighbour in _neighbours(atoms, 0):
        atoms.symbols[neighbour] = "N"
    del atoms[0]
    atoms.info["spin"] = 2
    return atoms


def pyrrolic_nitrogen() -> Atoms:
    """Build coronene with an N-H in a five-membered ring at its edge, C22H11N, a singlet; flattened."""
    atoms = from_smiles(PYRROLIC)
    atoms.positions -= atoms.get_center_of_mass()
    _, axes = atoms.get_moments_of_inertia(vectors=True)
    atoms.positions = atoms.positions @ np.array(axes).T
    atoms.positions[:, 2] = 0.0
    return atoms


def _neighbours(atoms: Atoms, index: int) -> list[int]:
    """Return the atoms one C-C bond away, in the order of their indices."""
    distances = atoms.get_distances(index, range(len(atoms)))
    return [int(i) for i in np.flatnonzero(np.abs(distances - BOND) < 0.1)]
