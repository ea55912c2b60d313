"""Hops of an ion between the sites of a host, and the endpoint structures of each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from ase.data import atomic_numbers
from ase.geometry import find_mic, get_distances

from ..errors import StructureError
from .endpoints import least_movement
from .files import check_size, check_structure
from .hydroxyls import hydroxyl_sites
from .interstitials import APART, InterstitialSite, interstitial_sites, site_at
from .jumps import Jump, distinct_jumps, jumps_between, passes_a_site, passes_an_atom
from .labels import numbered
from .rounding import rounded
from .symmetry import SymmetryOperations, crystal_operations, same_point

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray
Vector = tuple[float, float, float]
Repeats = tuple[int, int, int]

_SAME = 0.1
_PARALLEL = np.cos(np.radians(10.0))
_LOST = 1.5
_AS_NEAR = 0.02
_WHOLE = 1e-6


@dataclass(frozen=True)
class Operation:
    """A symmetry operation x' = R x + t on fractional coordinates of the host.

    Attributes:
        rotation: matrix R, rows; of integers where it keeps the host's lattice, else that of the crystal alone.
        translation: t; lattice translations included.
    """

    rotation: tuple[Vector, Vector, Vector]
    translation: Vector


@dataclass(frozen=True)
class Hop:
    """A jump of the ion from one site to another.

    Attributes:
        label: the two sites, the cell axis that the hop is parallel to, if any, and its length, as in "O8 to O8 along
            b, 3.56 A".
        initial: fractional coordinates in the host's cell.
        final: the same; it may lie in a neighbouring cell.
        vector: from the one to the other, Cartesian, angstrom.
        distance: length of the vector, angstrom.
        operation: maps the host onto itself and the initial onto the final site; None where no such operation exists.
    """

    label: str
    initial: Vector
    final: Vector
    vector: Vector
    distance: float
    operation: Operation | None


def distinct_hops(
    host: Atoms,
    ion: str,
    *,
    sites: Sequence[Sequence[float]] | None = None,
    max_distance: float = 5.0,
    apart: float = APART,
    direction: Literal["a", "b", "c"] | None = None,
) -> list[Hop]:
    """Find the symmetry-distinct hops of an ion.

    A host that already holds the ion gives hops of one of its ions into a vacancy at the place of another; one that
    does not gives hops between its interstitial sites; those of H are on oxygen where the host has any: the middle of a
    void is no place for it. A straight way that runs through another site (two hops) or a
    host atom (closer than half the sum of covalent radii) is left out, and so are hops below 1 angstrom. A hop and its
    reverse count once.

    Args:
        host: periodic structure.
        ion: chemical symbol.
        sites: fractional coordinates of the sites, one for each set of equivalent ones at least; found when not given.
        max_distance: longest hop, angstrom.
        apart: places for an ion closer than this are one site, angstrom; not of given sites, or of ions of the host.
        direction: only hops within 10 degrees of this cell axis.

    Returns:
        Hops, shortest first; of equally long ones those from the roomier site.

    Raises:
        StructureError: not a valid host, no site, or no such hop.
    """
    label = host.info.get("label") or host.get_chemical_formula()
    check_structure(host, label, periodic=True)
    symmetry = crystal_operations(host)
    found = _distinct_sites(host, ion, sites, symmetry, apart)
    if not found:
        raise StructureError(f"{label} has no interstitial site with room for {ion}; give sites")
    jumps = jumps_between(host, found, symmetry, max_distance)
    if direction is not None:
        axis = host.cell.array["abc".index(direction)]
        jumps = [jump for jump in jumps if _cosine(jump.vector, axis) > _PARALLEL]
    hops = [
        hop_of(host, jump, symmetry)
        for jump in distinct_jumps(jumps, host, symmetry)
        if not passes_a_site(jump, found, host, symmetry) and not passes_an_atom(jump, host, ion)
    ]
    if not hops:
        way = f" along {direction}" if direction else ""
        raise StructureError(f"{ion} in {label} has no hop{way} of at most {max_distance} angstrom")
    labels = numbered([hop.label for hop in hops])
    return [replace(hop, label=label) for label, hop in zip(labels, hops, strict=True)]


def hop_supercell(host: Atoms, hop: Hop, *, min_length: float = 8.0) -> Repeats:
    """Choose a supercell in which the hop is unambiguous and images of the ion are far apart.

    Args:
        host: the host's cell.
        hop: the hop.
        min_length: least distance between opposite faces, angstrom.

    Returns:
        Repeats along a, b, c: faces at least ``min_length`` and more than twice the hop's advance apart, and the start
        nearer to the end than all of its images.
    """
    normals = host.cell.reciprocal().array
    heights = 1 / np.linalg.norm(normals, axis=1)
    advance = np.abs(normals @ np.array(hop.vector)) * heights
    repeats = np.ceil(np.maximum(min_length, 2.05 * advance) / heights - 1e-6).astype(int)
    while (image := _nearer_image(hop.vector, host.cell.array * repeats[:, None])) is not None:
        repeats[np.where(image != 0, repeats * heights, np.inf).argmin()] += 1
    a, b, c = repeats.tolist()
    return a, b, c


def hop_endpoints(host: Atoms, ion: str, hop: Hop, supercell: Repeats) -> tuple[Atoms, Atoms]:
    """Build both endpoints of a hop, not relaxed.

    Args:
        host: the host's cell, with or without the ion.
        ion: chemical symbol.
        hop: a hop of ``distinct_hops`` in this host.
        supercell: repeats along a, b, c.

    Returns:
        Initial and final structure, atoms in the same order, the moving ion last. Its final position is not wrapped, so
        that a straight line joins the two. Ions of the host at either place are removed. The charge is the host's.

    Raises:
        StructureError: the supercell is so small that the reverse way to a periodic image is as short as the hop.
    """
    check_size(len(host) * math.prod(supercell), str(host.info.get("label") or host.symbols))
    crowd = host.repeat(supercell)
    crowd.info = {"charge": host.info.get("charge", 0) * int(np.prod(supercell))}
    label = f"{host.info.get('label') or host.get_chemical_formula()} with {ion}"
    image = _nearer_image(hop.vector, crowd.cell.array)
    if image is not None:
        axes = " and ".join("abc"[axis] for axis in np.flatnonzero(image))
        raise StructureError(
            f"{label}: supercell {supercell} is too small along {axes}: an image of the start is as near the end"
        )
    start = np.array(hop.initial) @ host.cell.array
    ends = np.array([start, start + np.array(hop.vector)])
    _, distances = get_distances(ends, crowd.positions, cell=crowd.cell, pbc=True)
    del crowd[np.flatnonzero((distances < _SAME).any(axis=0) & (crowd.numbers == atomic_numbers[ion]))]
    initial, final = crowd.copy(), crowd.copy()
    for name, structure, position in (("initial", initial, ends[0]), ("final", final, ends[1])):
        structure.append(ion)
        structure.positions[-1] = position
        structure.info["label"] = f"{label}, {name}"
        check_structure(structure, structure.info["label"], periodic=True)
    return initial, final


def map_endpoint(relaxed_initial: Atoms, final: Atoms, hop: Hop, supercell: Repeats) -> Atoms | None:
    """Make the relaxed final endpoint out of the relaxed initial one by the symmetry of the hop.

    The energy of the two is the same and the forces are those of the first, rotated, for any potential that knows the
    symmetry of space.

    Args:
        relaxed_initial: the initial endpoint after relaxation at fixed cell.
        final: the final endpoint of ``hop_endpoints``; gives the order of the atoms and their periodic images.
        hop: the hop.
        supercell: the repeats given to ``hop_endpoints``.

    Returns:
        The relaxed final endpoint, every atom within 1.5 angstrom of its place in ``final``; None where no operation of
        the host maps the one onto the other, or none that the supercell has.
    """
    if hop.operation is None:
        return None
    rotation = np.array(hop.operation.rotation)
    translation = np.array(hop.operation.translation)
    n = np.array(supercell)
    in_supercell = rotation * n[None, :] / n[:, None]
    if np.abs(in_supercell - np.rint(in_supercell)).max() > _WHOLE:
        return None
    cell = relaxed_initial.cell.array / n[:, None]
    fractional = relaxed_initial.positions @ np.linalg.inv(cell)
    forwards = fractional @ rotation.T + translation
    backwards = (fractional - translation) @ np.linalg.inv(rotation).T
    # a vacancy moves against the ion, so it is the inverse that maps its endpoints
    candidates = [_moves_to(final, relaxed_initial.numbers, places @ cell) for places in (forwards, backwards)]
    moves = min(candidates, key=lambda moves: float(np.linalg.norm(moves, axis=1).max()))
    if np.linalg.norm(moves, axis=1).max() > _LOST:
        return None
    mapped = final.copy()
    mapped.positions += moves
    return mapped


def _distinct_sites(
    host: Atoms, ion: str, sites: Sequence[Sequence[float]] | None, symmetry: SymmetryOperations, apart: float
) -> list[InterstitialSite]:
    if sites is not None:
        places = [np.asarray(site, dtype=float) % 1.0 for site in sites]
    elif ion in host.get_chemical_symbols():
        atoms = np.unique(symmetry.orbits[host.numbers == atomic_numbers[ion]])
        places = list(host.get_scaled_positions()[atoms])
    else:
        on_oxygen = hydroxyl_sites(host, symmetry, apart) if ion == "H" else []
        return on_oxygen or interstitial_sites(host, ion, apart=apart)
    kept: list[Array] = []
    for place in places:
        if not any(same_point(symmetry.images(place), other, host.cell.array, _SAME).any() for other in kept):
            kept.append(place)
    return [site_at(host, ion, place, symmetry) for place in kept]


def _nearer_image(vector: Array | Vector, cell: Array) -> Array | None:
    """Return the cell vectors to the image of a start that is nearer to the end, or as near; none where none is.

    In a skewed cell that can be one along a diagonal, although the end is less than half a cell away along each vector.
    """
    from ase.geometry import minkowski_reduce

    reduced, changes = minkowski_reduce(cell)
    steps = np.array([step for step in itertools.product((-1, 0, 1), repeat=3) if any(step)])
    lengths = np.linalg.norm(np.asarray(vector) - steps @ reduced, axis=1)
    nearest = int(lengths.argmin())
    if lengths[nearest] > np.linalg.norm(vector) + _AS_NEAR:
        return None
    image: Array = steps[nearest] @ changes
    return image


def hop_of(host: Atoms, jump: Jump, symmetry: SymmetryOperations) -> Hop:
    """Describe a jump as a hop, with an operation that maps its start onto its end where there is one.

    Args:
        host: the host's cell.
        jump: the jump.
        symmetry: operations of the host.
    """
    axes = [axis for axis, row in zip("abc", host.cell.array, strict=True) if abs(_cosine(jump.vector, row)) > 0.999]
    along = f" along {axes[0]}" if axes else ""
    return Hop(
        label=f"{jump.first.label} to {jump.last.label}{along}, {rounded(jump.distance, 2):.2f} A",
        initial=_vector(jump.initial),
        final=_vector(jump.final),
        vector=_vector(jump.vector),
        distance=jump.distance,
        operation=operation_between(host, jump.initial, jump.final, symmetry),
    )


def operation_between(host: Atoms, initial: Array, final: Array, symmetry: SymmetryOperations) -> Operation | None:
    """Choose an operation that maps a place onto another: a translation, else one that suits any supercell.

    Args:
        host: the host's cell.
        initial: fractional coordinates.
        final: the same.
        symmetry: operations of the host.

    Returns:
        The operation, lattice translations included; none where there is none.
    """
    starts = symmetry.rotations @ initial + symmetry.translations
    fitting = np.flatnonzero(same_point(starts, final, host.cell.array, _SAME))
    if not len(fitting):
        return None

    def preference(index: int) -> tuple[bool, float, int, int]:
        rotation = symmetry.rotations[index]
        leaves_lattice = bool(np.abs(rotation - np.rint(rotation)).max() > _WHOLE)
        return leaves_lattice, float(np.abs(rotation - np.eye(3)).sum()), int(np.count_nonzero(rotation)), index

    best = min(fitting.tolist(), key=preference)
    a, b, c = (_vector(row) for row in symmetry.rotations[best])
    return Operation((a, b, c), _vector(symmetry.translations[best] + np.rint(final - starts[best])))


def _moves_to(reference: Atoms, numbers: Array, positions: Array) -> Array:
    """Return for each atom of a reference the way to the position that belongs to it, shape (n, 3)."""
    order = least_movement(reference, numbers, positions)
    moves: Array = find_mic(positions[order] - reference.positions, reference.cell, reference.pbc)[0]
    return moves


def _cosine(one: Array | Vector, other: Array) -> float:
    return float(np.dot(one, other) / np.linalg.norm(one) / np.linalg.norm(other))


def _vector(values: Array) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z
