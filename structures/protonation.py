"""Protons on the oxygens of a host that bind them best: which oxygens these are, and where on them a proton goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from ase.data import covalent_radii
from ase.neighborlist import primitive_neighbor_list

from .coordination import BOND
from .hydroxyls import BONDED, HYDROGEN, LENGTH, OXYGEN, ROOM

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

SOFTNESS = 0.37
"""Of bond valence with distance, angstrom: Brown and Altermatt 1985, 10.1107/S0108768185002063."""
ALIKE = 0.01
"""Oxygens whose valences differ by less, as a share, are taken for equivalent."""
HYDROGENS_APART = 1.5
"""Least distance between two hydrogen atoms that are put in, or they would leave as a molecule, angstrom."""
DIRECTIONS = 200
"""Directions from an oxygen that are looked at."""


def basic_oxygens(atoms: Atoms, among: Sequence[int]) -> list[int]:
    """Return oxygens, those with the fewest and longest bonds first: they bind a proton best.

    They are ordered by the sum of their bond valences, exp((R - d) / 0.37 angstrom), R being the sum of covalent radii.

    Args:
        atoms: periodic structure.
        among: indices that are looked at.

    Returns:
        Indices; of oxygens that are alike one, and none that holds two hydrogen atoms.
    """
    sums, hydrogens = _valences(atoms)
    oxygens = [i for i in among if atoms.numbers[i] == OXYGEN and hydrogens[i] < 2]
    kept: list[int] = []
    for oxygen in sorted(oxygens, key=lambda i: (round(float(sums[i]), 3), i)):
        if not any(abs(sums[oxygen] - sums[other]) < ALIKE * sums[other] for other in kept):
            kept.append(oxygen)
    return kept


def with_proton(atoms: Atoms, oxygen: int) -> Atoms:
    """Put a hydrogen atom on an oxygen, 0.98 angstrom from it, as the last atom.

    Of the directions in which it makes no second bond it takes that towards the nearest other oxygen.

    Args:
        atoms: periodic structure; not changed.
        oxygen: index of the oxygen.
    """
    from ase import Atoms as Proton
    from ase.geometry import get_distances

    places = atoms.positions[oxygen] + LENGTH * _directions()
    others = np.arange(len(atoms)) != oxygen
    _, lengths = get_distances(places, atoms.positions[others], cell=atoms.cell, pbc=atoms.pbc)
    numbers = atoms.numbers[others]
    least = ROOM * (covalent_radii[numbers] + covalent_radii[HYDROGEN])
    least[numbers == HYDROGEN] = HYDROGENS_APART
    room = (lengths / least).min(axis=1)
    acceptors = numbers == OXYGEN
    nearest = lengths[:, acceptors].min(axis=1) if acceptors.any() else np.zeros(len(places))
    free = np.flatnonzero(room >= 1.0)
    best = min(free, key=lambda one: (round(float(nearest[one]), 3), one)) if len(free) else int(room.argmax())
    protonated = atoms.copy()
    protonated.info = dict(atoms.info)
    return protonated + Proton("H", positions=[places[best]])


def free_hydrogens(atoms: Atoms, added: int) -> int:
    """Count the hydrogen atoms among the last atoms of a structure that are on no oxygen."""
    first, second = primitive_neighbor_list("ij", atoms.pbc, atoms.cell.complete().array, atoms.positions, BONDED)
    held = set(first[atoms.numbers[second] == OXYGEN].tolist())
    return sum(i not in held for i in range(len(atoms) - added, len(atoms)))


def _valences(atoms: Atoms) -> tuple[Array, Array]:
    """Return for every atom the sum of its bond valences, and how many hydrogen atoms it holds."""
    radii = covalent_radii[atoms.numbers]
    reach = BOND * 2 * float(radii.max())
    cell = atoms.cell.complete().array
    first, second, lengths = primitive_neighbor_list("ijd", atoms.pbc, cell, atoms.positions, reach)
    sums = radii[first] + radii[second]
    bonded = lengths < BOND * sums
    valences = np.exp((sums - lengths)[bonded] / SOFTNESS)
    hydrogens = first[(lengths < BONDED) & (atoms.numbers[second] == HYDROGEN)]
    size = len(atoms)
    return np.bincount(first[bonded], weights=valences, minlength=size), np.bincount(hydrogens, minlength=size)


def _directions() -> Array:
    """Return directions that cover a sphere evenly, shape (n, 3)."""
    numbers = np.arange(DIRECTIONS) + 0.5
    height, turn = 1 - 2 * numbers / DIRECTIONS, np.pi * (1 + np.sqrt(5)) * numbers
    flat = np.sqrt(1 - height**2)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), height], axis=1)
