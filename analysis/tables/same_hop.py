"""The same hop in a system and in its parent: of its length and coordination and, in cells of one form, direction."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ...workflows.migration.results import MigrationResult
    from .model import Row

Array = np.ndarray

LONGER = 1.25
"""Hops whose lengths differ by more than this factor are not the same."""
TURNED = 30.0
"""... nor those that point apart by more than this, degrees ..."""
NEIGHBOURS = 1
"""... nor those whose ion begins with more neighbours or fewer than by this: a vacancy takes one, a dopant none."""
PARALLEL = 10.0
"""Cells have one set of axes where each pair of them is parallel within this, degrees ..."""
WHOLE = 0.1
"""... and their lengths are whole multiples of each other within this share."""
SAME_LENGTH = 0.02
"""Vectors of a lattice that a rotation makes one of the other agree within this share."""


def same_hop(row: Row, candidates: Sequence[Row], results: Sequence[MigrationResult]) -> tuple[Row | None, str]:
    """Find the hop of the parent that a hop of a system is.

    Args:
        row: the hop.
        candidates: hops of the parent.
        results: behind the rows of the table.

    Returns:
        The hop of the parent and how far it is the same, or none and why it is none.
    """
    by_hop = {(result.study, result.hop): result for result in results}
    own = _result(row, by_hop)
    if own is None or own.hop_distance is None:
        return None, "its length is not known"
    found = []
    for other in candidates:
        theirs = _result(other, by_hop)
        if theirs is None or theirs.hop_distance is None:
            continue
        apart, reason = _apart(own, theirs)
        found.append((reason is not None, apart, theirs.barrier_forward or 0.0, other, reason or _words(own, theirs)))
    if not found:
        return None, "no hop of the parent has a length"
    unlike, _, _, nearest, words = min(found, key=lambda one: one[:3])
    return (None, f"the nearest of the parent, {nearest.cells['hop']}, {words}") if unlike else (nearest, words)


def _result(row: Row, by_hop: dict[tuple[str, str], MigrationResult]) -> MigrationResult | None:
    return by_hop.get((str(row.cells.get("study")), str(row.cells.get("hop"))))


def _apart(own: MigrationResult, theirs: MigrationResult) -> tuple[float, str | None]:
    """Return how unlike two hops are, 1 for each limit reached, and why they are not the same; none where they are."""
    assert own.hop_distance is not None
    assert theirs.hop_distance is not None
    stretch = abs(math.log(own.hop_distance / theirs.hop_distance))
    angle = _angle(own, theirs)
    first, last = own.coordination_initial, theirs.coordination_initial
    neighbours = 0 if first is None or last is None else abs(first - last)
    apart = stretch / math.log(LONGER) + (angle or 0.0) / TURNED + neighbours / (NEIGHBOURS + 1)
    if stretch > math.log(LONGER):
        return apart, f"is {theirs.hop_distance:.2f} angstrom long and not {own.hop_distance:.2f}"
    if angle is not None and angle > TURNED:
        return apart, f"points {angle:.0f} degrees away"
    if neighbours > NEIGHBOURS:
        return apart, f"begins with {last} neighbours and not {first}"
    return apart, None


def _words(own: MigrationResult, theirs: MigrationResult) -> str:
    angle = _angle(own, theirs)
    direction = "in cells of another form, directions not compared" if angle is None else f"{angle:.0f} degrees apart"
    first, last = own.coordination_initial, theirs.coordination_initial
    return f"{own.hop_distance:.2f} and {theirs.hop_distance:.2f} angstrom, CN {first} and {last}, {direction}"


def _angle(own: MigrationResult, theirs: MigrationResult) -> float | None:
    """Return the least angle between a hop and those that the lattice of the parent makes of the other, degrees.

    None where a hop has no endpoints, or where the cells have not one set of axes.
    """
    vectors, cells = (_vector(own), _vector(theirs)), (_cell(own), _cell(theirs))
    if vectors[0] is None or vectors[1] is None or cells[0] is None or cells[1] is None:
        return None
    if not _one_set_of_axes(cells[0], cells[1]):
        return None
    images = _lattice_rotations(cells[1]) @ vectors[1]
    cosines = images @ vectors[0] / np.linalg.norm(vectors[0]) / np.linalg.norm(vectors[1])
    return math.degrees(math.acos(min(1.0, float(np.abs(cosines).max()))))


def _vector(result: MigrationResult) -> Array | None:
    """Return the way of the ion that moves farthest, angstrom, between the relaxed endpoints."""
    if result.initial is None or result.final is None:
        return None
    from ase.geometry import find_mic

    initial, final = result.initial.to_atoms(), result.final.to_atoms()
    moves, lengths = find_mic(final.positions - initial.positions, initial.cell, initial.pbc)
    ions = np.array(initial.get_chemical_symbols()) == result.ion
    vector: Array = moves[int(np.where(ions, lengths, -1.0).argmax())]
    return vector


def _cell(result: MigrationResult) -> Array | None:
    """Return the cell of the host, rows, angstrom: that of the endpoints by the repeats."""
    if result.initial is None:
        return None
    cell: Array = np.array(result.initial.cell) / np.array(result.supercell or (1, 1, 1))[:, None]
    return cell


def _one_set_of_axes(one: Array, other: Array) -> bool:
    lengths = np.linalg.norm(one, axis=1), np.linalg.norm(other, axis=1)
    if min(lengths[0].min(), lengths[1].min()) == 0:
        return False
    cosines = np.abs((one * other).sum(axis=1)) / lengths[0] / lengths[1]
    ratio = np.maximum(lengths[0] / lengths[1], lengths[1] / lengths[0])
    whole = np.abs(ratio - np.rint(ratio)) <= WHOLE * ratio
    return bool((cosines > math.cos(math.radians(PARALLEL))).all() and whole.all())


def _lattice_rotations(cell: Array) -> Array:
    """Return all rotations and mirrors of a lattice as Cartesian matrices, of a cell that is about reduced."""
    indices = np.array(list(itertools.product((-1, 0, 1), repeat=9))).reshape(-1, 3, 3)
    metric = cell @ cell.T
    scale = np.sqrt(np.outer(np.diag(metric), np.diag(metric)))
    turned = indices @ metric @ indices.transpose(0, 2, 1)
    kept = indices[(np.abs(turned - metric) <= SAME_LENGTH * scale).all(axis=(1, 2))]
    rotations: Array = np.linalg.inv(cell) @ kept @ cell
    return rotations.transpose(0, 2, 1)
