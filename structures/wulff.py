"""The shape that a crystal takes where every facet keeps its surface energy (G. Wulff, 10.1524/zkri.1901.34.1.449)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import StructureError
from .symmetry import crystal_operations

if TYPE_CHECKING:
    from ase import Atoms

    from .axes import Axes

Array = np.ndarray
Miller = tuple[int, int, int]

FAR = 100.0
"""Edge of the box that an open shape would fill, in units of the largest surface energy."""
SAME = 1e-6


@dataclass(frozen=True)
class WulffFace:
    """A face of the shape.

    Attributes:
        miller: indices of the facet that it is equivalent to.
        normal: outward, of length one, shape (3,).
        corners: in order around the face, in units of surface energy, shape (n, 3).
        area: of the face, in these units squared.
    """

    miller: Miller
    normal: Array
    corners: Array
    area: float


def wulff_shape(crystal: Atoms, axes: Axes, energies: Mapping[Miller, float]) -> list[WulffFace]:
    """Build the Wulff shape of a crystal: what lies within all facets, each at the distance of its surface energy.

    Facets that the point group of the crystal makes equivalent are added, and their opposites: the surface energy of a
    slab is the mean of both its faces. The point group is that of the crystal, which may be lower than its lattice's.

    Args:
        crystal: periodic in three directions.
        axes: of the indices, in units of the vectors of the crystal's cell.
        energies: surface energy by facet, in any one unit.

    Returns:
        The faces; facets of too high an energy have none.

    Raises:
        StructureError: the facets enclose no volume, or an energy is not positive.
    """
    from scipy.spatial import HalfspaceIntersection, QhullError

    if min(energies.values(), default=0.0) <= 0:
        raise StructureError("a Wulff shape needs positive surface energies")
    facets = [(miller, normal) for miller in energies for normal in _equivalent(crystal, axes, miller)]
    far = FAR * max(energies.values())
    box = [[*direction, -far] for direction in (*np.eye(3), *-np.eye(3))]
    planes = np.array([*([*normal, -energies[miller]] for miller, normal in facets), *box])
    try:
        corners = np.unique(HalfspaceIntersection(planes, np.zeros(3)).intersections.round(9), axis=0)
    except QhullError as error:
        raise StructureError("the facets enclose no shape") from error
    if np.abs(corners).max() > far / 2:
        raise StructureError("the facets do not close a shape; give facets of more directions")
    faces = []
    for miller, normal in facets:
        on = corners[np.abs(corners @ normal - energies[miller]) < SAME * far]
        if len(on) > 2 and (face := _face(miller, normal, on)).area > SAME * energies[miller] ** 2:
            faces.append(face)
    return faces


def shares(faces: list[WulffFace]) -> dict[Miller, float]:
    """Return the share of each facet in the surface of a shape; facets without a face are not among them."""
    areas: dict[Miller, float] = {}
    for face in faces:
        areas[face.miller] = areas.get(face.miller, 0.0) + face.area
    total = sum(areas.values())
    return {miller: area / total for miller, area in areas.items()}


def _equivalent(crystal: Atoms, axes: Axes, miller: Miller) -> list[Array]:
    """Return the normals of a facet and of all that are equivalent to it, of length one."""
    cell = crystal.cell.array
    normal = np.linalg.inv(np.array(axes) @ cell) @ np.array(miller, dtype=float)
    normal /= np.linalg.norm(normal)
    found: list[Array] = []
    for rotation in crystal_operations(crystal).rotations:
        turned = cell.T @ rotation @ np.linalg.inv(cell.T) @ normal
        for one in (turned, -turned):
            one = one / np.linalg.norm(one)
            if all(np.abs(one - other).max() > 1e-3 for other in found):
                found.append(one)
    return found


def _face(miller: Miller, normal: Array, corners: Array) -> WulffFace:
    """Order the corners of a face around it."""
    middle = corners.mean(axis=0)
    first = (corners - middle)[np.linalg.norm(corners - middle, axis=1).argmax()]
    first = first / np.linalg.norm(first)
    second = np.cross(normal, first)
    angles = np.arctan2((corners - middle) @ second, (corners - middle) @ first)
    ordered = corners[np.argsort(angles, kind="stable")]
    around = np.cross(ordered - middle, np.roll(ordered, -1, axis=0) - middle)
    return WulffFace(miller, normal, ordered, float(np.abs(around @ normal).sum() / 2))
