"""Single metal atoms in nitrogen-doped graphene: one flat layer in vacuum along c.

All are constructed, on unrelaxed positions of graphene: the divacancy of a 5 x 5 cell, its four edge atoms N and the
metal in the middle, 1.882 angstrom from each. It is the M-N4 site by which Fei et al., Nat. Commun. 6, 8668 (2015),
10.1038/ncomms9668, explain single cobalt atoms in nitrogen-doped graphene; no published coordinates are behind it.
"""

from __future__ import annotations

import numpy as np
from ase import Atoms

from .carbons import SUPERCELL, graphene
from .catalogue import register


@register("graphene-Co-N4", space_group=65, aliases=("Co-N4", "Co-N4-C"), sheet=True)
def cobalt_n4() -> Atoms:
    """One Co bound by four pyridinic N, C44CoN4, Cmmm; constructed, not published. Relax before use."""
    return _m_n4("Co")


@register("graphene-Fe-N4", space_group=65, aliases=("Fe-N4", "Fe-N4-C"), sheet=True)
def iron_n4() -> Atoms:
    """One Fe bound by four pyridinic N, C44FeN4, Cmmm; constructed, not published. Relax before use."""
    return _m_n4("Fe")


@register("graphene-Cu-N4", space_group=65, aliases=("Cu-N4", "Cu-N4-C"), sheet=True)
def copper_n4() -> Atoms:
    """One Cu bound by four pyridinic N, C44CuN4, Cmmm; constructed, not published. Relax before use."""
    return _m_n4("Cu")


def _m_n4(metal: str) -> Atoms:
    atoms = graphene() * SUPERCELL
    distances = atoms.get_all_distances(mic=True).round(6)
    partner = int(np.argsort(distances[0], kind="stable")[1])
    edge = [i for i in range(len(atoms)) if i not in (0, partner) and min(distances[i, [0, partner]]) < 1.6]
    atoms.symbols[edge] = "N"
    atoms.positions[0] += atoms.get_distance(0, partner, mic=True, vector=True) / 2
    atoms.symbols[0] = metal
    del atoms[partner]
    return atoms
