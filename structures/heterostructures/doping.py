"""Nitrogen and vacancies in graphene, made once the cell is known and, where a film is anchored, beside its anchors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...errors import StructureError
from ..rounding import rounded

if TYPE_CHECKING:
    from ase import Atoms

Doping = Callable[["Atoms", Sequence[int]], "Atoms"]
"""Takes a sheet and the atoms that a film is anchored to; returns the doped sheet."""

_BOND = 1.6
"""Longest C-C bond, angstrom; that of graphene is 1.42."""


def graphitic(sheet: Atoms, anchors: Sequence[int] = ()) -> Atoms:
    """Put N in the place of one C: the first when nothing is anchored, or else one beside an anchor.

    Args:
        sheet: graphene supercell.
        anchors: atoms that a film is bonded to; they stay carbon.
    """
    doped = sheet.copy()
    doped.symbols[_nearest(sheet, anchors, [[i] for i in range(len(sheet))])] = "N"
    return doped


def pyridinic(sheet: Atoms, anchors: Sequence[int] = ()) -> Atoms:
    """Take one C out and put N in the places of its three neighbours, as near to the anchors as leaves them whole.

    Args:
        sheet: graphene supercell.
        anchors: atoms that a film is bonded to; they stay carbon.
    """
    distances = sheet.get_all_distances(mic=True)
    neighbours = [np.flatnonzero((row > 0.1) & (row < _BOND)).tolist() for row in distances]
    vacancy = _nearest(sheet, anchors, [[i, *neighbours[i]] for i in range(len(sheet))])
    doped = sheet.copy()
    doped.symbols[neighbours[vacancy]] = "N"
    del doped[vacancy]
    return doped


def reduced(sheet: Atoms, anchors: Sequence[int] = ()) -> Atoms:
    """Take one C out beside every anchor, and as few as that needs; the first where nothing is anchored.

    What is left of graphene oxide after its reduction has vacancies, at whose edges carbon has a valence free: there
    oxygen holds, while on the whole plane of graphene it costs a double bond and lets go.

    Args:
        sheet: graphene supercell.
        anchors: atoms that a film is bonded to; they stay.
    """
    if not anchors:
        return sheet[[i for i in range(len(sheet)) if i != 0]]
    distances = sheet.get_all_distances(mic=True)
    left, vacancies = set(anchors), []
    while left:
        beside = {
            i: {anchor for anchor in left if 0.1 < distances[i, anchor] < _BOND}
            for i in range(len(sheet))
            if i not in anchors
        }
        vacancy = max(beside, key=lambda i: (len(beside[i]), -i))
        if not beside[vacancy]:
            raise StructureError("graphene: the film is anchored to so many atoms that no vacancy is left beside them")
        vacancies.append(vacancy)
        left -= beside[vacancy]
    return sheet[[i for i in range(len(sheet)) if i not in vacancies]]


def _nearest(sheet: Atoms, anchors: Sequence[int], touched: Sequence[Sequence[int]]) -> int:
    """Return the atom nearest to an anchor whose replacement touches no anchor.

    Raises:
        StructureError: every atom is anchored.
    """
    if not anchors:
        return 0
    free = [i for i in range(len(sheet)) if not set(touched[i]) & set(anchors)]
    if not free:
        raise StructureError("graphene: the film is anchored to so many atoms that none is left for nitrogen")
    distances = sheet.get_all_distances(mic=True)[:, list(anchors)].min(axis=1)
    return min(free, key=lambda i: (rounded(distances[i], 3), i))
