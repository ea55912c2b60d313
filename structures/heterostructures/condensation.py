"""Condensation: groups of film and support join into V-O-Ti and water leaves, so that the whole stays neutral.

A terminal V=O takes two protons of hydroxyls with it, V-OH one, V-OH2 none; where they were, the metal of the film
holds to oxygen of the support. Film and support together have lost whole molecules of water: ten electrons each, no
charge, and no metal is oxidised or reduced by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ase.data import covalent_radii

from ...errors import StructureError
from ..connectivity import STRETCH, is_metal
from .interface_bonds import FILM_TAG, SUPPORT_TAG

if TYPE_CHECKING:
    from ase import Atoms

O_H = 1.2
"""Hydrogen nearer to an oxygen than this is bonded to it, angstrom."""
NEAR = 2.5
"""Groups that leave are no higher above the lowest atom of the film than this, angstrom."""
CROWDED = 1.3
"""A hydrogen would be nearer to an atom of the film than this times the sum of covalent radii: it cannot stay."""


def opened(film: Atoms, waters: int) -> Atoms:
    """Take terminal oxygen off the lower side of a film, with the hydrogen that it bears.

    Args:
        film: lower side down.
        waters: how many, the lowest first.

    Returns:
        The film without them.

    Raises:
        StructureError: it has fewer there.
    """
    distances = film.get_all_distances(mic=bool(film.pbc.any()))
    radii = covalent_radii[film.numbers]
    bonded = distances < STRETCH * (radii[:, None] + radii[None, :])
    metals = np.array([is_metal(film, i) for i in range(len(film))])
    heights = film.positions[:, 2] - film.positions[:, 2].min()
    terminal = [
        i
        for i in np.lexsort((np.arange(len(film)), heights.round(3))).tolist()
        if film.symbols[i] == "O" and (bonded[i] & metals).sum() == 1 and heights[i] < NEAR
    ]
    if len(terminal) < waters:
        raise StructureError(
            f"condense: {waters} molecules of water need as many terminal oxygen atoms on the film's lower side, which "
            f"has {len(terminal)}"
        )
    gone = {*terminal[:waters]}
    gone |= {h for h in np.flatnonzero(film.symbols == "H").tolist() if any(distances[h, o] < O_H for o in gone)}
    kept = film[[i for i in range(len(film)) if i not in gone]]
    kept.info = dict(film.info)
    return kept


def without_protons(support: Atoms) -> Atoms:
    """Take the hydrogen off the hydroxyls of the upper face of a support.

    Raises:
        StructureError: it has none there.
    """
    protons = _protons(support)
    if not protons:
        raise StructureError(
            "condense: the support has no hydroxyl on its upper face to condense with; take such as Ti3C2(OH)2"
        )
    bare = support[[i for i in range(len(support)) if i not in protons]]
    bare.info = dict(support.info)
    return bare


def protons_to_leave(film: Atoms, opened_film: Atoms, waters: int) -> int:
    """Return how many protons of the support leave in the water: two for each oxygen but for those it brings along."""
    lost = int((film.symbols == "H").sum() - (opened_film.symbols == "H").sum())
    return 2 * waters - lost


def with_protons(together: Atoms, leaving: int, length: float) -> Atoms | None:
    """Put hydrogen back on the support's oxygen but where the film holds to it, and where it is nearest to that.

    Args:
        together: film on a support whose upper face has lost all protons; the support's atoms first, tagged.
        leaving: how many do not come back.
        length: O-H, angstrom.

    Returns:
        The same with them, hydrogen behind the support's atoms; none where more of them stand in the film's way than
        leave, or there are not as many.
    """
    support, film = (np.flatnonzero(together.get_tags() == tag) for tag in (SUPPORT_TAG, FILM_TAG))
    top = together.positions[support, 2].max()
    oxygen = [int(i) for i in support if together.symbols[i] == "O" and together.positions[i, 2] > top - 0.5]
    places = together.positions[oxygen] + (0.0, 0.0, length)
    ratios = np.array([_nearest(together, place, film) for place in places])
    order = np.lexsort((np.arange(len(oxygen)), ratios.round(3)))
    if leaving > len(oxygen) or (ratios < CROWDED).sum() > leaving:
        return None
    back = places[sorted(order[leaving:].tolist())]
    from ase import Atoms as Protons

    protons = Protons(f"H{len(back)}", positions=back, tags=[SUPPORT_TAG] * len(back))
    whole: Atoms = together[support.tolist()] + protons + together[film.tolist()]
    return whole


def bond_length(support: Atoms) -> float:
    """Return the length of the O-H bonds of a support's upper face, angstrom."""
    proton = _protons(support)[0]
    oxygen = support.symbols == "O"
    return float(support.get_distances(proton, np.flatnonzero(oxygen), mic=True).min())


def _protons(support: Atoms) -> list[int]:
    middle = (support.positions[:, 2].max() + support.positions[:, 2].min()) / 2
    oxygen = np.flatnonzero(support.symbols == "O")
    return [
        int(h)
        for h in np.flatnonzero(support.symbols == "H")
        if support.positions[h, 2] > middle and len(oxygen) and support.get_distances(h, oxygen, mic=True).min() < O_H
    ]


def _nearest(together: Atoms, place: np.ndarray, film: np.ndarray) -> float:
    """Return how near hydrogen at a place would be to the film, in units of the sum of covalent radii."""
    from ase.geometry import get_distances

    _, lengths = get_distances(place, together.positions[film], cell=together.cell, pbc=together.pbc)
    return float((lengths[0] / (covalent_radii[together.numbers[film]] + covalent_radii[1])).min())
