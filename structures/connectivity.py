"""Which atoms are bonded to which, judged by covalent radii; and whether a relaxation kept it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

Bond = tuple[int, int]

STRETCH = 1.2
"""Two atoms count as bonded up to this multiple of the sum of their covalent radii (10.1039/b801115j)."""
COORDINATION_RADIUS = 2.7
"""A donor atom this near to a metal ion, angstrom, is in its first shell: first shells of Zn2+ and VO2+ end at 2.4,
their second shells begin at 3.5."""
DONORS = ("N", "O", "F", "S", "Cl")
SATURATED = 4
"""Bonds that leave a donor element no lone pair."""


def covalent_bonds(atoms: Atoms) -> set[Bond]:
    """Return the bonds between non-metal atoms; those of metals come and go in relaxations of clusters."""
    return {(i, j) for i, j in _close_pairs(atoms) if not is_metal(atoms, i) and not is_metal(atoms, j)}


def first_shell(atoms: Atoms, ion: int) -> list[int]:
    """Return the donor atoms within the first shell of an ion, nearest first.

    Atoms with four bonds of their own, such as the sulfur of sulfate, have no lone pair to give, however near a
    bidentate ligand brings them.

    Args:
        atoms: a molecule.
        ion: index of the ion.
    """
    distances = atoms.get_distances(ion, range(len(atoms)))
    bonds = np.bincount(np.array(sorted(covalent_bonds(atoms)), dtype=int).ravel(), minlength=len(atoms))
    order = np.argsort(distances, kind="stable")
    near = [int(i) for i in order if i != ion and distances[i] < COORDINATION_RADIUS]
    return [i for i in near if atoms.symbols[i] in DONORS and bonds[i] < SATURATED]


def molecules_in(atoms: Atoms) -> list[list[int]]:
    """Return the covalently connected groups of atoms in the order of their first; a metal ion is one by itself."""
    group = list(range(len(atoms)))

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    for i, j in covalent_bonds(atoms):
        low, high = sorted((root(i), root(j)))
        group[high] = low
    roots = [root(i) for i in range(len(atoms))]
    return [[i for i in range(len(atoms)) if roots[i] == first] for first in dict.fromkeys(roots)]


def describe_change(before: Atoms, after: Atoms) -> str:
    """Say which covalent bonds a relaxation broke or formed; empty when none."""
    old, new = covalent_bonds(before), covalent_bonds(after)
    parts = [f"{_bond(before, bond)} broke" for bond in sorted(old - new)]
    parts += [f"{_bond(before, bond)} formed" for bond in sorted(new - old)]
    return ", ".join(parts)


def _close_pairs(atoms: Atoms) -> set[Bond]:
    from ase.data import covalent_radii

    radii = covalent_radii[atoms.numbers]
    close = atoms.get_all_distances() < STRETCH * (radii[:, None] + radii[None, :])
    return {(int(i), int(j)) for i, j in zip(*np.nonzero(np.triu(close, k=1)), strict=True)}


def is_metal(atoms: Atoms, i: int) -> bool:
    """Tell metal atoms from non-metal ones."""
    return atoms.symbols[i] not in _NON_METALS


def _bond(atoms: Atoms, bond: Bond) -> str:
    i, j = bond
    return f"{atoms.symbols[i]}{i}-{atoms.symbols[j]}{j}"


_NON_METALS = frozenset({"H", "He", "B", "C", "N", "O", "F", "Ne", "Si", "P", "S", "Cl", "Ar", "Se", "Br", "I"})
