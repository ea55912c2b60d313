"""The layers of a layered crystal: which bonds hold each together, and which of them a facet may break."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import StructureError
from .connectivity import STRETCH, is_metal

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray
Bonds = dict[tuple[str, str], float]


def layer_bonds(crystal: Atoms) -> Bonds | None:
    """Find the bonds that hold the layers of a crystal together.

    A crystal is layered when its bonds, up to 1.2 times the sum of covalent radii and not between two metal atoms, lead
    from every atom back to its images in one and the same plane only; molecules and ions may lie between the layers.

    Args:
        crystal: periodic in three directions.

    Returns:
        Pairs of elements and the longest bond between them, angstrom; none where the crystal is not layered.
    """
    from ase.data import covalent_radii
    from ase.neighborlist import neighbor_list

    radii = STRETCH * covalent_radii[crystal.numbers]
    metals = np.array([is_metal(crystal, i) for i in range(len(crystal))])
    first, second, shifts = neighbor_list("ijS", crystal, radii)
    kept = ~(metals[first] & metals[second])
    first, second, shifts = first[kept], second[kept], shifts[kept]
    networks = _networks(len(crystal), first, second, shifts)
    if {len(vectors) for vectors in networks} not in ({2}, {0, 2}):
        return None
    if np.linalg.matrix_rank(np.vstack(networks)) > 2:
        return None
    symbols = np.array(crystal.symbols)
    pairs = {tuple(sorted(pair)) for pair in zip(symbols[first].tolist(), symbols[second].tolist(), strict=True)}
    longest = dict(zip(symbols.tolist(), radii.tolist(), strict=True))
    return {(one, other): longest[one] + longest[other] for one, other in sorted(pairs)}


def without_broken(intact: Mapping[tuple[str, str], float], broken: Sequence[str], label: str) -> Bonds | None:
    """Take the bonds that a facet may break from those that are to stay whole.

    Args:
        intact: pairs of elements and the longest bond between them, angstrom.
        broken: pairs as "Ti-S", in either order.
        label: of the crystal, for the message.

    Raises:
        StructureError: no such bond holds the layers of the crystal together.
    """
    left = dict(intact)
    for name in broken:
        pair = next((pair for pair in intact if sorted(pair) == sorted(name.split("-"))), None)
        if pair is None:
            known = ", ".join("-".join(pair) for pair in intact) or "none: it is not layered"
            raise StructureError(f"{label}: broken_bonds: {name} holds no layers together here; known are {known}")
        left.pop(pair, None)
    return left or None


def _networks(count: int, first: Array, second: Array, shifts: Array) -> list[Array]:
    """Return for each connected network independent vectors to its own images, in cells, shape (rank, 3)."""
    partners: list[list[tuple[int, Array]]] = [[] for _ in range(count)]
    for i, j, shift in zip(first.tolist(), second.tolist(), shifts, strict=True):
        partners[i].append((j, shift))
    image: dict[int, Array] = {}
    networks = []
    for start in range(count):
        if start in image:
            continue
        image[start] = np.zeros(3, dtype=int)
        queue, vectors = [start], np.zeros((0, 3), dtype=int)
        while queue:
            i = queue.pop()
            for j, shift in partners[i]:
                there = image[i] + shift
                if j not in image:
                    image[j] = there
                    queue.append(j)
                elif len(vectors) < 3 and (there != image[j]).any():
                    found = np.vstack([vectors, there - image[j]])
                    vectors = found if np.linalg.matrix_rank(found) == len(found) else vectors
        networks.append(vectors)
    return networks
