"""Anchoring a cluster to a support through its oxygen: which face down, turned how, where, and in how large a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...errors import StructureError
from ..connectivity import STRETCH
from ..coordination import ANIONS
from .condensation import opened
from .contact import Contact, touching_distances
from .lattices import supercells

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

TURN = 15.0
"""Step of the rotations about the surface normal that are tried, degrees."""
SITE_STEP = 0.7
"""Distance of the lateral positions that are tried, angstrom."""
SAME_FACE = 10.0
"""Two faces whose normals differ by less than this are one, degrees."""
LARGEST = 400
"""Cells of the support beyond which no supercell is looked for."""
SAME_PLACE = 0.05
"""Two places of a face are one where every anion is as near to what it touches, as a share of the touching distance."""
DEEP = 4.0
"""Atoms deeper in their part than this, or farther to the side, touch nothing, angstrom."""


@dataclass(frozen=True)
class Anchored:
    """A cluster over a support.

    Attributes:
        cluster: where it stands, its lowest atom ``gap`` above zero.
        repeats: integer matrix that makes the cell from the support's vectors, rows.
        gap: height of its lowest atom over the support's highest, angstrom.
        turn: rotation about the normal, degrees.
        face: number of the face that is down, the one with most bonds first.
        bonds: how many it has.
    """

    cluster: Atoms
    repeats: Array
    gap: float
    turn: float
    face: int
    bonds: int


def anchored(
    cluster: Atoms,
    support: Atoms,
    *,
    contact: Contact,
    image_distance: float,
    gap: float | None = None,
    places: int = 1,
    waters: int = 0,
) -> list[Anchored]:
    """Set every face of a cluster on a support, each turned and shifted to where it has the most interface bonds.

    Equal numbers of bonds are told apart by how near all atoms come. The cell is the smallest one of the support in
    which no two atoms of neighbouring clusters are nearer than ``image_distance``.

    Args:
        cluster: atoms without a cell.
        support: one cell of the support, c along z.
        contact: how the gap is chosen when none is given.
        image_distance: angstrom.
        gap: height of the lowest atom over the support's highest, angstrom.
        places: most ways in which each face is set down.
        waters: terminal oxygen atoms that are taken off the face that is down.

    Returns:
        As many for each face as there are, most bonds first.

    Raises:
        StructureError: no supercell of reasonable size keeps the clusters apart, or no face has as many terminal
            oxygen atoms.
    """
    faces = sorted(
        (_best_places(face, support, contact, gap, places) for face in _opened_faces(cluster, waters)),
        key=lambda found: (-found[0].bonds, found[0].gap),
    )
    return [
        replace(place, face=number, repeats=supercell_around(place.cluster, support.cell.array[:2, :2], image_distance))
        for number, face in enumerate(faces)
        for place in face
    ]


def faces_down(cluster: Atoms) -> list[Atoms]:
    """Return the cluster with each face of its convex hull down, that with most atoms first, centred at x = y = 0."""
    from scipy.spatial import ConvexHull

    centred = cluster.copy()
    centred.positions -= centred.positions.mean(axis=0)
    hull = ConvexHull(centred.positions)
    normals: list[Array] = []
    sizes = np.array([np.linalg.norm(np.cross(b - a, c - a)) for a, b, c in centred.positions[hull.simplices]])
    for normal in hull.equations[np.argsort(-sizes, kind="stable"), :3]:
        if all(normal @ known < np.cos(np.radians(SAME_FACE)) for known in normals):
            normals.append(normal)
    faces = []
    for normal in normals:
        face = centred.copy()
        face.rotate(normal, "-z")
        face.positions[:, 2] -= face.positions[:, 2].min()
        faces.append(face)
    return sorted(faces, key=lambda face: -int((face.positions[:, 2] < 0.5).sum()))


def _opened_faces(cluster: Atoms, waters: int) -> list[Atoms]:
    """Return the faces without the terminal oxygen that leaves as water; those that have too little are left out."""
    if not waters:
        return faces_down(cluster)
    found, problem = [], None
    for face in faces_down(cluster):
        try:
            found.append(opened(face, waters))
        except StructureError as error:
            problem = error
    if not found and problem is not None:
        raise problem
    for face in found:
        face.positions[:, 2] -= face.positions[:, 2].min()
    return found


def supercell_around(cluster: Atoms, cell: Array, image_distance: float) -> Array:
    """Find the smallest supercell in which a cluster keeps its distance from its images; of equal ones the roundest.

    Args:
        cluster: atoms, no cell needed.
        cell: vectors of the support, rows, angstrom.
        image_distance: smallest lateral distance between atoms of neighbouring clusters, angstrom.

    Returns:
        Integer matrix whose rows make the supercell from ``cell``; right-handed.

    Raises:
        StructureError: none of up to ``LARGEST`` cells.
    """
    from scipy.spatial import ConvexHull

    hull = ConvexHull(cluster.positions[:, :2])
    # Outlines swollen by half the distance hardly overlap: a cell has about their area (Steiner) at least.
    swollen = hull.volume + hull.area * image_distance / 2 + np.pi * image_distance**2 / 4
    for count in range(max(1, int(0.9 * swollen / abs(np.linalg.det(cell)))), LARGEST + 1):
        fitting = [
            (float(np.linalg.norm(repeats @ cell, axis=1).sum()), repeats)
            for repeats in supercells(count, cell)
            if _apart(cluster.positions[:, :2], repeats @ cell, image_distance)
        ]
        if fitting:
            roundest: Array = min(fitting, key=lambda entry: round(entry[0], 6))[1]
            return roundest
    raise StructureError(
        f"no supercell of up to {LARGEST} cells of the support keeps clusters {image_distance:g} angstrom apart; ask "
        "for a smaller image_distance"
    )


@dataclass(frozen=True)
class _Turned:
    """One turn of a face at its best site: what it is chosen by, what is where, and how near its anions are."""

    order: tuple[int, float]
    anchored: Anchored
    nearness: Array


def _best_places(face: Atoms, support: Atoms, contact: Contact, gap: float | None, places: int) -> list[Anchored]:
    """Turn and shift a face over the support to where most of its anions are at bonding distance.

    Of several turns that the support's symmetry makes one, the first counts.
    """
    cell = support.cell.array[:2, :2]
    low = np.flatnonzero(face.positions[:, 2] < DEEP)
    patch = _patch(support, float(np.linalg.norm(face.positions[:, :2], axis=1).max()) + DEEP)
    distances = touching_distances(face[low], patch, contact)
    anions = np.isin(face.symbols[low], ANIONS)
    steps = np.maximum(np.ceil(np.linalg.norm(cell, axis=1) / SITE_STEP).astype(int), 1)
    sites = np.array(list(np.ndindex(*steps.tolist()))) / steps @ cell
    turns: list[_Turned] = []
    for turn in np.arange(0.0, 360.0, TURN):
        angle = np.radians(turn)
        rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        lateral = face.positions[:, :2] @ rotation
        across = lateral[low][None, :, None, :] + sites[:, None, None, :] - patch.positions[None, None, :, :2]
        squares = (across**2).sum(axis=-1)
        above = face.positions[low, 2][:, None] - patch.positions[None, :, 2]
        rest = distances**2 - squares
        touching = np.where(rest > 0, np.sqrt(np.maximum(rest, 0.0)) - above, 0.0).max(axis=(1, 2))
        gaps = touching if gap is None else np.full(len(sites), gap)
        ratios = np.sqrt(squares + (above + gaps[:, None, None]) ** 2) / distances
        bonds = (ratios.min(axis=2) < STRETCH)[:, anions].sum(axis=1)
        closeness = np.round(np.exp(-4 * ratios[:, anions].min(axis=2)).sum(axis=1), 6)
        site = int(np.lexsort((-closeness, -bonds))[0])
        placed = face.copy()
        placed.positions[:, :2] = lateral + sites[site]
        placed.positions[:, 2] += gaps[site]
        order = (int(bonds[site]), float(closeness[site]))
        one = Anchored(placed, np.eye(2, dtype=int), float(gaps[site]), float(turn), 0, order[0])
        turns.append(_Turned(order, one, ratios[site].min(axis=1)[anions]))
    return [turned.anchored for turned in _different(turns, places)]


def _different(turns: Sequence[_Turned], most: int) -> list[_Turned]:
    """Return the best turns that differ, the best first and the earlier one of equal ones."""
    found: list[_Turned] = []
    for turned in sorted(turns, key=lambda one: one.order, reverse=True):
        if len(found) == most:
            break
        if all(abs(turned.nearness - known.nearness).max(initial=0.0) > SAME_PLACE for known in found):
            found.append(turned)
    return found


def _patch(support: Atoms, size: float) -> Atoms:
    """Return the support's atoms around x = y = 0 that a cluster may touch, its highest atoms at zero."""
    cell = support.cell.array[:2, :2]
    widths = abs(np.linalg.det(cell)) / np.linalg.norm(cell, axis=1)[::-1]
    reach = np.ceil(size / widths).astype(int) + 1
    patch = support.repeat((2 * int(reach[0]) + 1, 2 * int(reach[1]) + 1, 1))
    patch.positions[:, :2] -= reach @ cell
    patch.positions[:, 2] -= patch.positions[:, 2].max()
    near = (np.linalg.norm(patch.positions[:, :2], axis=1) < size) & (patch.positions[:, 2] > -DEEP)
    return patch[near]


def _apart(places: Array, cell: Array, distance: float) -> bool:
    """Tell whether no lattice translation brings two atoms nearer than ``distance``; vectors are reduced."""
    if np.linalg.norm(cell, axis=1).min() < distance:
        return False
    shifts = np.array([(1, 0), (0, 1), (1, 1), (1, -1), (2, 0), (0, 2), (2, 1), (1, 2), (2, -1), (1, -2)]) @ cell
    differences = (places[:, None, :] - places[None, :, :]).reshape(-1, 2)
    apart = ((differences[None, :, :] + shifts[:, None, :]) ** 2).sum(axis=-1)
    return float(apart.min()) >= distance**2
