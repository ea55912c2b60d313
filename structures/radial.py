"""Radial distribution functions of pairs of elements, and the first shell of neighbours that they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ase.neighborlist import neighbor_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ase import Atoms

    from .packing import Pair

Array = np.ndarray

REACH = 8.0
"""Angstrom to which distributions are worked out, where the cell is wide enough."""
STEP = 0.01
WIDTH = 0.06
"""Standard deviation of the Gaussian that every distance is drawn as, angstrom: about the thermal motion of a bond."""
SMOOTH = 0.15
"""The same where the end of a shell is looked for, so that a gap between two distances is none."""
TAIL = 4.0
"""Standard deviations that a Gaussian reaches: g(r) ends so far below the distance of an atom to its own image."""


@dataclass(frozen=True)
class Shell:
    """The first neighbours of a pair of elements.

    Attributes:
        peak: distance of the highest value of g(r) within the shell, angstrom.
        end: first minimum of g(r) after the first maximum, angstrom.
        neighbours: of the second element around an atom of the first, on the mean, within the end.
        reverse: of the first element around an atom of the second.
    """

    peak: float
    end: float
    neighbours: float
    reverse: float


def reach_of(atoms: Atoms) -> float:
    """Return up to where distances are those of different atoms, at most 8 angstrom: the least height of the cell."""
    return float(min(REACH, _heights(atoms).min()))


def repeated(crystal: Atoms) -> Atoms:
    """Repeat a crystal until it is at least 8 angstrom wide: an atom and its image are two atoms of a crystal.

    Args:
        crystal: not changed.
    """
    return crystal * [int(np.ceil(REACH / height)) for height in _heights(crystal)]


def radial_distribution(structures: Sequence[Atoms], pair: Pair, width: float = WIDTH) -> tuple[Array, Array]:
    """Return g(r) of a pair of elements: their density at a distance over that of atoms everywhere.

    Args:
        structures: periodic, of one composition; the mean over them is taken.
        pair: two elements.
        width: standard deviation of the Gaussian that every distance is drawn as, angstrom.

    Returns:
        Distances, angstrom, and g(r) at them.
    """
    reach = min(map(reach_of, structures)) - TAIL * width
    distances = np.arange(STEP, reach, STEP)
    parts = [_density(atoms, pair, distances, width) for atoms in structures]
    mean: Array = np.mean(parts, axis=0)
    return distances, mean


def first_shell(structures: Sequence[Atoms], pair: Pair) -> Shell | None:
    """Find the first shell of neighbours; none where g(r) has none within reach.

    Args:
        structures: periodic, of one composition.
        pair: two elements.
    """
    distances, smooth = radial_distribution(structures, pair, SMOOTH)
    inner = np.arange(1, len(distances) - 1)
    tops = [k for k in inner if smooth[k] > 1.0 and smooth[k] >= smooth[k - 1] and smooth[k] > smooth[k + 1]]
    if not tops:
        return None
    bottoms = [k for k in inner if k > tops[0] and smooth[k] < smooth[k - 1] and smooth[k] <= smooth[k + 1]]
    if not bottoms:
        return None
    end = bottoms[0]
    _, fine = radial_distribution(structures, pair)
    counts = [_count(atoms, pair, float(distances[end])) for atoms in structures]
    ahead, back = np.mean(counts, axis=0)
    return Shell(float(distances[np.argmax(fine[:end])]), float(distances[end]), float(ahead), float(back))


def _heights(atoms: Atoms) -> Array:
    """Return the distances between opposite faces of the cell, angstrom."""
    heights: Array = 1.0 / np.linalg.norm(np.linalg.inv(atoms.cell.array), axis=0)
    return heights


def _density(atoms: Atoms, pair: Pair, distances: Array, width: float) -> Array:
    reach = float(distances[-1]) + TAIL * width
    counts, _ = np.histogram(_lengths(atoms, pair, reach), np.arange(STEP / 2, reach, STEP))
    around = np.arange(-TAIL * width, TAIL * width + STEP / 2, STEP)
    gaussian = np.exp(-0.5 * (around / width) ** 2)
    drawn = np.convolve(counts / STEP, gaussian / gaussian.sum(), mode="same")[: len(distances)]
    first, second = (atoms.get_chemical_symbols().count(element) for element in pair)
    ideal = 4 * np.pi * distances**2 * first * second / atoms.get_volume()
    density: Array = drawn / ideal
    return density


def _count(atoms: Atoms, pair: Pair, end: float) -> tuple[float, float]:
    bonds = len(_lengths(atoms, pair, end))
    first, second = (atoms.get_chemical_symbols().count(element) for element in pair)
    return bonds / first, bonds / second


def _lengths(atoms: Atoms, pair: Pair, reach: float) -> Array:
    """Return the distance from every atom of the first element to every one of the second within reach."""
    first, lengths = neighbor_list("id", atoms, {pair: reach})
    # between unlike elements the list has every pair twice, once from either side
    found: Array = lengths[atoms.symbols[first] == pair[0]] if pair[0] != pair[1] else lengths
    return found
