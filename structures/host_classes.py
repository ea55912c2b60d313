"""Classes of hosts that errors of barriers are known of: layered oxides, spinels of oxygen, of sulfur and selenium."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from .connectivity import is_metal
from .coordination import BOND
from .layering import layer_bonds

if TYPE_CHECKING:
    from ase import Atoms

LAYERED, OXIDE_SPINEL, CHALCOGENIDE_SPINEL = "layered", "oxide spinel", "chalcogenide spinel"
"""As the compilation of published hops calls them; its layered hosts are oxides."""
OXYGEN, CHALCOGENS = {"O"}, {"S", "Se"}
SHARED_EDGES = 6
"""Each octahedron of a spinel shares an edge with six others, as in a layer of edge-sharing octahedra, but in three
dimensions; in rutile, ramsdellite and hollandite with two to four, in rock salt with twelve."""


def host_class(structure: Atoms, ion: str) -> str:
    """Tell of which class a host is, by what is bonded in it and not by its name.

    Args:
        structure: the host, with any content of the ion.
        ion: chemical symbol of the ion, all atoms of which are left out of the host.

    Returns:
        ``LAYERED``, ``OXIDE_SPINEL`` or ``CHALCOGENIDE_SPINEL``; empty for any other host.
    """
    framework = structure[[symbol != ion for symbol in structure.symbols]]
    metals = _metals(framework)
    others = set(framework.symbols[~metals])
    if not metals.any() or not others or not (others == OXYGEN or others <= CHALCOGENS):
        return ""
    oxide = others == OXYGEN
    if layer_bonds(framework) is not None:
        return LAYERED if oxide else ""
    if set(_shared_edges(framework, metals)) != {SHARED_EDGES}:
        return ""
    return OXIDE_SPINEL if oxide else CHALCOGENIDE_SPINEL


def _metals(framework: Atoms) -> np.ndarray:
    return np.array([is_metal(framework, atom) for atom in range(len(framework))], dtype=bool)


def _shared_edges(framework: Atoms, metals: np.ndarray) -> list[int]:
    """Count for each metal the others, periodic images told apart, that have two anions or more in common with it."""
    from ase.data import covalent_radii
    from ase.neighborlist import neighbor_list

    first, second, shifts = neighbor_list("ijS", framework, BOND * covalent_radii[framework.numbers])
    bonds = metals[first] & ~metals[second]
    of_anion: dict[int, list[tuple[int, np.ndarray]]] = {}
    for atom, anion, shift in zip(first[bonds].tolist(), second[bonds].tolist(), shifts[bonds], strict=True):
        of_anion.setdefault(anion, []).append((atom, shift))
    common = {int(atom): Counter[tuple[int, ...]]() for atom in np.flatnonzero(metals)}
    for bonded in of_anion.values():
        for atom, shift in bonded:
            common[atom].update((other, *(shift - its).tolist()) for other, its in bonded)
    for atom, count in common.items():
        del count[atom, 0, 0, 0]
    return [sum(number > 1 for number in count.values()) for count in common.values()]
