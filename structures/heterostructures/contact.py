"""How close a film comes to its support: both are lowered onto each other until the first pair of atoms touches."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np
from ase.data import covalent_radii

from ..connectivity import is_metal

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray
Contact = Literal["bonded", "van der Waals"]

CLOSED = frozenset({"O", "F", "S", "Cl", "Se", "Br", "Te", "I"})
"""Elements that do not bond to each other across an interface: they hold their electrons already."""
PRESSED = 0.8
"""Atoms that cannot bond come this fraction of their van der Waals radii near where others beside them do: O...O 2.40
angstrom, the shared edges of vanadium oxides."""
BRIDGED = 0.7
"""Metal atoms and carbon, which an anion bridges: V...C 2.93 angstrom, as in V-O-C with 1.8, 1.43 angstrom and 130
degrees."""


def touching_distances(film: Atoms, support: Atoms, contact: Contact) -> Array:
    """Return how far apart every pair of atoms is when it touches.

    A bonded contact holds anions to metals and carbon, and metals to each other, at the sum of their covalent radii
    (Cordero et al., 10.1039/b801115j), all other pairs at a fraction of their van der Waals radii (Alvarez, Dalton
    Trans. 2013, 42, 8617, 10.1039/c3dt50599e); a van der Waals contact holds all pairs at these.

    Args:
        film: atoms above.
        support: atoms below.
        contact: which kind.

    Returns:
        Angstrom, shape (film, support).
    """
    from ase.data.vdw_alvarez import vdw_radii

    apart: Array = vdw_radii[film.numbers][:, None] + vdw_radii[support.numbers][None, :]
    if contact == "van der Waals":
        return apart
    bonded = covalent_radii[film.numbers][:, None] + covalent_radii[support.numbers][None, :]
    kinds = [np.array([_kind(atoms, i) for i in range(len(atoms))]) for atoms in (film, support)]
    touching = PRESSED * apart
    for (one, other), manner in _TOUCHING.items():
        for first, second in {(one, other), (other, one)}:
            among = (kinds[0] == first)[:, None] & (kinds[1] == second)[None, :]
            touching[among] = bonded[among] if manner == "bond" else BRIDGED * apart[among]
    return touching


def touching_gap(film: Array, support: Array, cell: Array, distances: Array) -> float:
    """Return the height of the film's lowest atom over the support's highest when the first pair touches.

    Args:
        film: positions, angstrom.
        support: positions, angstrom.
        cell: in-plane vectors of the periodic cell, rows, angstrom.
        distances: at which each pair touches, angstrom, shape (film, support).
    """
    reach = float(distances.max())
    upper, lower = film - [0, 0, film[:, 2].min()], support - [0, 0, support[:, 2].max()]
    low, high = np.flatnonzero(upper[:, 2] < reach), np.flatnonzero(lower[:, 2] > -reach)
    offsets = lower[high][None, :, :] - upper[low][:, None, :]
    apart = offsets[:, :, None, :2] - lattice_shifts(cell, offsets[..., :2], reach)
    squares = (apart**2).sum(axis=-1).min(axis=-1)
    rest = distances[np.ix_(low, high)] ** 2 - squares
    # Where the film is open enough that no pair touches from above, it goes down until the two planes meet.
    heights = np.where(rest > 0, offsets[..., 2] + np.sqrt(np.maximum(rest, 0.0)), 0.0)
    return float(heights.max())


def lattice_shifts(cell: Array, offsets: Array, reach: float) -> Array:
    """Return the lattice vectors that may bring any of some in-plane offsets within reach of zero, shape (n, 2)."""
    fractions = offsets.reshape(-1, 2) @ np.linalg.inv(cell)
    widths = abs(np.linalg.det(cell)) / np.linalg.norm(cell, axis=1)[::-1]
    margin = reach / widths
    low = np.floor(fractions.min(axis=0) - margin).astype(int)
    high = np.ceil(fractions.max(axis=0) + margin).astype(int)
    shifts: Array = np.array(list(product(range(low[0], high[0] + 1), range(low[1], high[1] + 1)))) @ cell
    return shifts


def _kind(atoms: Atoms, index: int) -> str:
    symbol = str(atoms.symbols[index])
    if symbol == "H":
        return "hydrogen"
    if symbol in CLOSED:
        return "closed"
    return "metal" if is_metal(atoms, index) else "open"


_TOUCHING = {
    ("closed", "metal"): "bond",
    ("closed", "open"): "bond",
    ("metal", "metal"): "bond",
    ("metal", "open"): "bridge",
}
"""How kinds of atoms touch in a bonded contact; all others are pressed together."""
