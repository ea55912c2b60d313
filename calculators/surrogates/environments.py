"""How far the surroundings of an atom are from all that a network learned, in the network's own features."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from ...errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Array = np.ndarray

MOST = 300
"""Environments kept of each element: those farthest from each other."""
LEAST_SPREAD = 1e-3
"""Directions in which training varies less than this share of the largest variance count as if they varied so much."""
SMALLEST = 1e-12
"""Least variance of features where all environments are the same."""


@dataclass(frozen=True)
class Environments:
    """Environments of atoms that a network learned from, by atomic number.

    Distances are in standard deviations of the environments of that element along their principal axes; distances to
    the data of training in the space of a network's features: 10.1039/C9SC02298H.

    Attributes:
        known: environments, shape (environments, features).
        axes: turns features into those units, shape (features, features).
    """

    known: dict[int, Array]
    axes: dict[int, Array]

    def distance(self, numbers: Array, features: Array) -> float:
        """Return the distance of the atom farthest from everything known of its element.

        Args:
            numbers: atomic numbers, shape (atoms,).
            features: of the network, shape (atoms, features).

        Returns:
            The largest over atoms of the distance to the nearest known environment; infinite for an unknown element,
            not a number where the features are none.
        """
        from scipy.spatial.distance import cdist

        farthest = 0.0
        for number in sorted(set(numbers.tolist())):
            if number not in self.known:
                return float("inf")
            nearest = cdist(features[numbers == number] @ self.axes[number], self.known[number]).min(axis=1)
            farthest = float(np.maximum(farthest, nearest.max()))  # unlike max, np.maximum keeps what is no number
        return farthest

    def write(self, path: Path) -> None:
        """Write them as a compressed NumPy archive."""
        arrays = {f"known_{z}": known for z, known in self.known.items()}
        arrays |= {f"axes_{z}": axes for z, axes in self.axes.items()}
        with path.open("wb") as file:
            single = {name: array.astype(np.float32) for name, array in arrays.items()}
            np.savez_compressed(file, allow_pickle=False, **single)

    @classmethod
    def read(cls, path: Path) -> Environments:
        """Read them from a file.

        Raises:
            WeightsError: it is no such file.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                found: dict[str, dict[int, Array]] = {"known": {}, "axes": {}}
                for name in arrays.files:
                    kind, _, number = name.partition("_")
                    found[kind][int(number)] = arrays[name].astype(float)
            return cls(**found)
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise WeightsError(f"surrogate: {path} cannot be read: {error}") from error


def learned_environments(described: Iterable[tuple[Array, Array]]) -> Environments:
    """Keep the environments of training, thinned by farthest points.

    Args:
        described: atomic numbers, shape (atoms,), and features, shape (atoms, features), of each structure.
    """
    collected: dict[int, list[Array]] = defaultdict(list)
    for numbers, features in described:
        for number in set(numbers.tolist()):
            collected[number].append(features[numbers == number])
    known, axes = {}, {}
    for number, parts in sorted(collected.items()):
        features = np.concatenate(parts)
        axes[number] = _axes(features)
        known[number] = _farthest_points(features @ axes[number])
    return Environments(known, axes)


def _axes(features: Array) -> Array:
    """Return principal axes, each divided by the standard deviation along it."""
    variances, directions = np.linalg.eigh(np.atleast_2d(np.cov(features.T, ddof=0)))
    least = max(LEAST_SPREAD * float(variances[-1]), SMALLEST)
    return np.asarray(directions / np.sqrt(np.maximum(variances, least)))


def _farthest_points(points: Array) -> Array:
    """Choose the point nearest the mean, then again and again the one farthest from all chosen."""
    chosen = [int(((points - points.mean(axis=0)) ** 2).sum(axis=1).argmin())]
    away = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < MOST and away.max() > 0:
        chosen.append(int(away.argmax()))
        away = np.minimum(away, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return np.asarray(points[chosen])
