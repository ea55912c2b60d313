"""Atoms at random in a cube of a given density, none closer to another than it could be in a solid."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np
from ase.neighborlist import neighbor_list

from ..errors import StructureError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ase import Atoms

Array = np.ndarray
Pair = tuple[str, str]
"""Two elements in alphabetical order."""

SHARE = 0.85
"""Atoms are packed no closer than this share of their shortest distance in the crystal."""
DENSEST = 0.64
"""Share of the volume that spheres packed at random fill at the most (Scott and Kilgour, J. Phys. D 2, 863 (1969))."""
ROUNDS = 500
GRAMS_PER_CM3 = 1.66053906660
"""1 u/angstrom^3 in g/cm3."""
FARTHEST = 6.0
"""Angstrom up to which neighbours in a crystal are looked for."""


def density_of(atoms: Atoms) -> float:
    """Return the density of periodic atoms, g/cm3."""
    return float(atoms.get_masses().sum() / atoms.get_volume() * GRAMS_PER_CM3)


def element_pairs(atoms: Atoms) -> list[Pair]:
    """Return all pairs of elements of a structure, in alphabetical order."""
    return list(combinations_with_replacement(sorted(set(atoms.symbols)), 2))


def shortest_distances(atoms: Atoms) -> dict[Pair, float]:
    """Return the shortest distance of every pair of elements, angstrom; of pairs beyond 6 angstrom none."""
    first, second, lengths = neighbor_list("ijd", atoms, FARTHEST)
    symbols = np.array(atoms.get_chemical_symbols())
    found = {}
    for pair in element_pairs(atoms):
        mask = (symbols[first] == pair[0]) & (symbols[second] == pair[1])
        if mask.any():
            found[pair] = float(lengths[mask].min())
    return found


def at_density(atoms: Atoms, density: float) -> Atoms:
    """Return periodic atoms in a cell of the same shape with another density.

    Args:
        atoms: not changed.
        density: g/cm3.
    """
    changed = atoms.copy()
    changed.info = dict(atoms.info)
    changed.set_cell(atoms.cell * (density_of(atoms) / density) ** (1 / 3), scale_atoms=True)
    return changed


def packed(crystal: Atoms, density: float, seed: int) -> Atoms:
    """Put the atoms of a crystal into a cube at random, and push those apart that are too close.

    Args:
        crystal: gives the atoms, and how close pairs of elements may come: to 0.85 of their shortest distance in it.
        density: g/cm3.
        seed: the same seed gives the same structure.

    Returns:
        Periodic atoms, without constraints, tags and moments.

    Raises:
        StructureError: so many atoms do not fit into the cube.
    """
    from ase import Atoms

    edge = float((crystal.get_masses().sum() / density * GRAMS_PER_CM3) ** (1 / 3))
    limits = {pair: SHARE * length for pair, length in shortest_distances(crystal).items() if SHARE * length < edge}
    places = np.random.default_rng(seed).random((len(crystal), 3))
    loose = Atoms(crystal.symbols, scaled_positions=places, cell=[edge] * 3, pbc=True, info=dict(crystal.info))
    filled = sum(np.pi / 6 * limits.get((symbol, symbol), 0.0) ** 3 for symbol in loose.symbols) / loose.get_volume()
    for _ in range(ROUNDS if filled < DENSEST else 0):
        moves = _apart(loose, limits)
        if moves is None:
            return loose
        loose.positions += moves
        loose.wrap()
    raise StructureError(
        f"{loose.get_chemical_formula()} cannot be packed at {density:g} g/cm3: atoms stay closer than {SHARE:g} of "
        "their shortest distance in the crystal; lower the density"
    )


def _apart(atoms: Atoms, limits: Mapping[Pair, float]) -> Array | None:
    """Return the moves that bring atoms which are too close to their limit, pair by pair; none where none are."""
    first, second, lengths, vectors = neighbor_list("ijdD", atoms, dict(limits))
    if len(first) == 0:
        return None
    symbols = atoms.get_chemical_symbols()
    wanted = np.array([limits[_pair(symbols[i], symbols[j])] for i, j in zip(first, second, strict=True)])
    moves = np.zeros((len(atoms), 3))
    # half of the overlap for each of the two, and a little more, or the last ones would never be apart
    pushes = -0.52 * (wanted - lengths + 1e-3) / np.maximum(lengths, 1e-6)
    np.add.at(moves, first, pushes[:, None] * vectors)
    return moves


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one <= other else (other, one)
