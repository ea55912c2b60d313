"""Graphene and its nitrogen-doped forms: one flat layer in vacuum along c."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from .catalogue import register

A_GRAPHENE = 2.464
VACUUM = 15.0
"""Distance of a layer from its periodic image, angstrom."""

SUPERCELL = (5, 5, 1)
REBONDED = 1.70
"""Bond that closes the pentagons of the divacancy before relaxation, angstrom."""


@register("graphene", space_group=191, sheet=True)
def graphene() -> Atoms:
    """Graphene, P6/mmm, a = 2.464 angstrom, C-C 1.423 angstrom.

    The in-plane cell of graphite, AFLOW prototype A_hP4_194_bc (Mehl et al., Comput. Mater. Sci. 136, S1 (2017),
    10.1016/j.commatsci.2017.01.017).
    """
    atoms = Atoms("C2", cell=[A_GRAPHENE, A_GRAPHENE, VACUUM, 90, 90, 120], pbc=True)
    atoms.set_scaled_positions([(1 / 3, 2 / 3, 1 / 2), (2 / 3, 1 / 3, 1 / 2)])
    return atoms


@register("graphene-graphitic-N", space_group=187, aliases=("graphitic-N",), sheet=True)
def graphitic_n() -> Atoms:
    """One N in the place of one C of a 5 x 5 cell, C49N (2 atomic percent), P-6m2, on unrelaxed graphene positions."""
    atoms = graphene() * SUPERCELL
    atoms.symbols[0] = "N"
    return atoms


@register("graphene-pyridinic-N", space_group=187, aliases=("pyridinic-N",), sheet=True)
def pyridinic_n() -> Atoms:
    """A vacancy whose three edge atoms are N in a 5 x 5 cell, C46N3, P-6m2, on unrelaxed graphene positions.

    Each N has two C at 1.423 angstrom and lies in a six-membered ring, as in pyridine.
    """
    atoms = graphene() * SUPERCELL
    atoms.symbols[_neighbours(atoms, 0)] = "N"
    del atoms[0]
    return atoms


@register("graphene-pyrrolic-N", space_group=6, aliases=("pyrrolic-N",), sheet=True)
def pyrrolic_n() -> Atoms:
    """One N in a five-membered ring of the 5-8-5 divacancy of a 5 x 5 cell, C47N, Pm.

    Constructed. A pyrrolic nitrogen gives two electrons to the pi system from a five-membered ring; without hydrogen,
    an infinite sheet holds it in a pentagon with three C neighbours, and of the small defects only the reconstructed
    divacancy leaves no dangling bond elsewhere. The edge atoms are paired at 1.70 angstrom, all else stays on graphene
    positions, so that the bonds beside the pentagons are stretched to 1.76 angstrom. Relax before use.
    """
    atoms = graphene() * SUPERCELL
    partner = _neighbours(atoms, 0)[0]
    pairs = [[i for i in _neighbours(atoms, gone) if i not in (0, partner)] for gone in (0, partner)]
    for i, j in pairs:
        apart = atoms.get_distance(i, j, mic=True, vector=True)
        shift = (1 - REBONDED / np.linalg.norm(apart)) / 2 * apart
        atoms.positions[i] += shift
        atoms.positions[j] -= shift
    atoms.symbols[pairs[0][0]] = "N"
    del atoms[[0, partner]]
    return atoms


def _neighbours(atoms: Atoms, index: int) -> list[int]:
    """Return the three nearest neighbours of an atom of a perfect layer, in the order of their indices."""
    distances = atoms.get_all_distances(mic=True)[index].round(6)
    return sorted(int(i) for i in np.argsort(distances, kind="stable")[1:4])
