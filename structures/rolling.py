"""Critical points of the surface on which the centre of a sphere moves when it is rolled over atoms.

The centre keeps at least the distance D to every atom and rests on the uppermost: its height is
h(x, y) = max_i [z_i + sqrt(D^2 - rho_i^2)], where rho_i is the lateral distance to atom i.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Array = np.ndarray
Kind = Literal["top", "bridge", "hollow"]

_TOUCH = 0.05
_HALF_TURN_TOLERANCE = np.radians(5.0)
_GRID = 0.15


@dataclass(frozen=True)
class CriticalPoint:
    """A place where the sphere is in balance.

    Attributes:
        kind: top of one atom (maximum of h), bridge between two (saddle point), hollow between more (minimum).
        height: of the sphere's centre, angstrom.
        neighbours: indices of the touched atoms, one entry for each periodic image.
        position: lateral place in the cell, and the mean height of the touched atoms, angstrom.
    """

    kind: Kind
    height: float
    neighbours: tuple[int, ...]
    position: tuple[float, float, float]


def critical_points(positions: Array, cell: Array, distance: float) -> list[CriticalPoint]:
    """Find all critical points of h in one cell, most of them several times.

    Args:
        positions: Cartesian, angstrom, shape (n, 3).
        cell: lateral cell vectors, rows, angstrom, shape (2, 2).
        distance: D, angstrom; enlarged while the sphere would fall through a gap between the atoms.

    Returns:
        Points in no particular order; those that coincide within 0.3 angstrom are one and the same.
    """
    face = _roll(positions, cell, distance)
    centres = [face.positions[: face.own] + np.array([0.0, 0.0, face.distance])]
    for atom in range(face.own):
        offsets = face.positions - face.positions[atom]
        lengths = np.linalg.norm(offsets, axis=1)
        near = offsets[(lengths > 1e-6) & (lengths < 2 * face.distance)]
        centres.append(face.positions[atom] + _touching_two(near, face.distance))
        centres.append(face.positions[atom] + _touching_three(near, face.distance))
    everywhere = np.concatenate(centres)
    everywhere[:, :2] -= np.floor(everywhere[:, :2] @ np.linalg.inv(face.cell) + 1e-4) @ face.cell
    _, first = np.unique(np.round(everywhere, 2), axis=0, return_index=True)
    return [point for centre in everywhere[first] if (point := _classify(face, centre)) is not None]


@dataclass(frozen=True)
class _Face:
    """The atoms that the sphere can touch, with their lateral images.

    Attributes:
        positions: Cartesian, the cell's own atoms first, angstrom, shape (n, 3).
        indices: index of each in the slab.
        own: how many are in the cell itself.
        cell: lateral cell vectors, rows, angstrom.
        distance: D, angstrom.
    """

    positions: Array
    indices: Array
    own: int
    cell: Array
    distance: float

    def heights(self, points: Array) -> Array:
        """Return the height of each atom's cap at lateral points, -inf beside it; shapes (m, 2) -> (m, n)."""
        squared = self.distance**2 - ((points[:, None, :] - self.positions[None, :, :2]) ** 2).sum(axis=-1)
        caps: Array = np.where(squared >= 0, self.positions[:, 2] + np.sqrt(np.maximum(squared, 0)), -np.inf)
        return caps


def _roll(positions: Array, cell: Array, distance: float) -> _Face:
    """Find the atoms touched by the sphere somewhere, enlarging it until it falls through nowhere."""
    steps = np.ceil(np.linalg.norm(cell, axis=1) / _GRID).astype(int)
    mesh = np.stack(np.meshgrid(np.arange(steps[0]) / steps[0], np.arange(steps[1]) / steps[1]), axis=-1)
    points = mesh.reshape(-1, 2) @ cell
    while True:
        face = _with_images(positions, np.arange(len(positions)), cell, distance)
        touched: set[int] = set()
        covered = True
        for chunk in np.array_split(points, len(points) // 2000 + 1):
            caps = face.heights(chunk)
            highest = caps.max(axis=1, keepdims=True)
            covered = covered and bool(np.isfinite(highest).all())
            touched.update(face.indices[(caps > highest - _TOUCH).any(axis=0)].tolist())
        if covered:
            return _with_images(positions, np.array(sorted(touched)), cell, distance)
        distance *= 1.2


def _with_images(positions: Array, indices: Array, cell: Array, distance: float) -> _Face:
    widths = abs(np.linalg.det(cell)) / np.linalg.norm(cell, axis=1)[::-1]
    reach = np.ceil(2 * distance / widths).astype(int) + 1
    shifts = [
        (i, j) for i in range(-reach[0], reach[0] + 1) for j in range(-reach[1], reach[1] + 1) if (i, j) != (0, 0)
    ]
    own = positions[indices]
    copies = [own, *(own + np.append(np.array(shift) @ cell, 0.0) for shift in shifts)]
    return _Face(np.concatenate(copies), np.tile(indices, len(copies)), len(indices), cell, distance)


def _touching_two(offsets: Array, distance: float) -> Array:
    """Return the highest centres at ``distance`` from the origin and from each atom, shape (m, 3)."""
    squares = (offsets**2).sum(axis=1, keepdims=True)
    up = np.array([0.0, 0.0, 1.0]) - offsets * offsets[:, 2:] / squares
    norms = np.linalg.norm(up, axis=1, keepdims=True)
    slanted = norms[:, 0] > 1e-3
    centres: Array = (offsets / 2 + up / np.maximum(norms, 1e-3) * np.sqrt(distance**2 - squares / 4))[slanted]
    return centres


def _touching_three(offsets: Array, distance: float) -> Array:
    """Return the upper centres at ``distance`` from the origin and from each pair of atoms, shape (m, 3)."""
    first, second = np.triu_indices(len(offsets), k=1)
    b, c = offsets[first], offsets[second]
    normal = np.cross(b, c)
    squares = (normal**2).sum(axis=1)
    upright = np.abs(normal[:, 2]) > 1e-3
    b, c, normal, squares = b[upright], c[upright], normal[upright], squares[upright]
    bb, cc = (b**2).sum(axis=1)[:, None], (c**2).sum(axis=1)[:, None]
    middle = (cc * np.cross(normal, b) + bb * np.cross(c, normal)) / (2 * squares[:, None])
    rest = distance**2 - (middle**2).sum(axis=1)
    reached = rest > 0
    rise = np.sqrt(rest[reached]) / np.sqrt(squares[reached]) * np.sign(normal[reached, 2])
    centres: Array = middle[reached] + normal[reached] * rise[:, None]
    return centres


def _classify(face: _Face, centre: Array) -> CriticalPoint | None:
    """Tell from the directions of the touched atoms, towards which h rises, whether h is critical here."""
    caps = face.heights(centre[None, :2])[0]
    if caps.max() > centre[2] + _TOUCH:
        return None
    touched = np.flatnonzero(caps > centre[2] - _TOUCH)
    lateral = face.positions[touched, :2] - centre[:2]
    kind = _kind(lateral)
    if kind is None:
        return None
    x, y, height = (float(value) for value in centre)
    z = float(face.positions[touched, 2].mean())
    return CriticalPoint(kind, height, tuple(face.indices[touched].tolist()), (x, y, z))


def _kind(lateral: Array) -> Kind | None:
    distances = np.linalg.norm(lateral, axis=1)
    if (distances < _TOUCH).any():
        return "top"
    angles = np.sort(np.arctan2(lateral[:, 1], lateral[:, 0]))
    widest = np.diff(angles, append=angles[0] + 2 * np.pi).max()
    if widest < np.pi - _HALF_TURN_TOLERANCE:
        return "hollow"
    return "bridge" if widest < np.pi + _HALF_TURN_TOLERANCE else None
