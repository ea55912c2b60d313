"""Adsorption sites of a slab: every symmetry-distinct top, bridge and hollow of its upper face.

The sites are the critical points of a rolling sphere (``rolling``). No flat top layer is needed, so the hexagon centres
of graphene and the hollows of corrugated oxides are found as well.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from ase.constraints import FixAtoms
from ase.data import covalent_radii
from ase.geometry import find_mic
from ase.neighborlist import neighbor_list

from ..errors import StructureError
from .documents import StructureDocument
from .files import check_structure
from .labels import numbered
from .rolling import CriticalPoint, critical_points
from .rounding import all_rounded, rounded
from .surroundings import own_direction, protons_around
from .symmetry import SymmetryOperations, same_point, symmetry_operations
from .vacuum import LEAST_VACUUM

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

PROBE_DISTANCE = 2.5
"""Smallest distance of the rolling sphere's centre to an atom, angstrom: between a Zn-O and a Zn-metal bond."""

SURFACE_TOLERANCE = 0.05
"""Distance within which sites count as symmetry-equivalent, angstrom; wide enough for a relaxed slab."""

CONTACT = 1.2
"""An adsorbate starts where its first atom is at this multiple of the sum of covalent radii from a surface atom."""

HYDROGEN_CONTACT = 0.8
"""Added to that for hydrogen bonded within the molecule, angstrom; H...O is then 1.96, a usual hydrogen bond."""

_MERGE = 0.3
_BENEATH = 0.5
_DEPTH = 4.0
_KINDS = ("top", "bridge", "hollow")


@dataclass(frozen=True)
class AdsorptionSite:
    """A point of the upper face on which an adsorbate is put.

    Attributes:
        label: "top-Zn", "bridge-O-V", "hollow-hcp" (three atoms of an element, one more right beneath), "hollow-fcc"
            (none right beneath), otherwise the atoms around the hollow ("hollow-C6") and, where equal ones must be told
            apart, the atom beneath ("hollow-O3-over-Ti") or a number.
        position: Cartesian point at the mean height of the neighbours, angstrom.
        multiplicity: number of equivalent sites in the surface cell.
        neighbours: indices of the atoms that the site is above or between.
        direction: of the surface, in the plane, along which the x axis of an adsorbate is laid: a unit vector.
    """

    label: str
    position: tuple[float, float, float]
    multiplicity: int
    neighbours: tuple[int, ...]
    direction: tuple[float, float] = (1.0, 0.0)


def adsorption_sites(surface: Atoms, *, probe_distance: float | None = None) -> list[AdsorptionSite]:
    """Find all symmetry-distinct sites of the upper face.

    Equivalence is that of the whole slab, all layers included, under operations that keep the upper face up.

    Args:
        surface: slab or sheet with a and b in the xy plane, c along z and a vacuum of at least 6 angstrom.
        probe_distance: distance D of the rolling sphere's centre from the atoms, angstrom; by default 2.5 or the median
            nearest-neighbour distance, whichever is larger, and larger still if the sphere would fall through a sheet.

    Returns:
        Tops, then bridges, then hollows; each kind from the highest down, of equally high ones those first that have
        less around them.

    Raises:
        StructureError: not a slab in that orientation, or without vacuum.
    """
    positions = upright_positions(surface)
    orbits = _labelled_orbits(surface, probe_distance)
    return [_site(surface, positions, label, orbit) for label, orbit in orbits]


def equivalent_sites(surface: Atoms) -> list[list[AdsorptionSite]]:
    """Find all sites of the upper face, each with those that are equivalent to it.

    Args:
        surface: as for [`adsorption_sites`][].

    Returns:
        One list for each of the sites that ``adsorption_sites`` returns, in that order.

    Raises:
        StructureError: as for ``adsorption_sites``.
    """
    positions = upright_positions(surface)
    return [
        [_at_point(surface, positions, label, point, len(orbit)) for point in orbit]
        for label, orbit in _labelled_orbits(surface, None)
    ]


def face_operations(surface: Atoms) -> SymmetryOperations:
    """Find the symmetry of the upper face of a slab: operations of the whole slab that keep its face up.

    Args:
        surface: slab with a and b in the xy plane and c along z.

    Raises:
        StructureError: no symmetry could be found.
    """
    operations = symmetry_operations(surface, SURFACE_TOLERANCE)
    upwards = (operations.rotations[:, 2] == (0, 0, 1)).all(axis=1) & (operations.rotations[:, :2, 2] == 0).all(axis=1)
    climbs = operations.translations[:, 2] - np.rint(operations.translations[:, 2])
    keep = upwards & (np.abs(climbs) * surface.cell[2, 2] < SURFACE_TOLERANCE)
    translations = operations.translations[keep].copy()
    translations[:, 2] = 0.0
    return replace(operations, rotations=operations.rotations[keep], translations=translations)


def place(
    surface: Atoms,
    molecule: Atoms,
    site: AdsorptionSite,
    *,
    distance: float | None = None,
    contact: float = CONTACT,
) -> Atoms:
    """Put a molecule above a site.

    Args:
        surface: the slab that the site belongs to; its constraints are kept.
        molecule: as ``orientations`` turns it: the origin goes above the site, +z is up, x along the site's direction.
        site: the site.
        distance: height of the molecule's origin above the site, angstrom. By default the molecule comes down until an
            atom is in contact: at ``contact`` times the sum of covalent radii, for hydrogen that is bonded within
            the molecule ``HYDROGEN_CONTACT`` more.
        contact: multiple of the sum of covalent radii that counts as contact.

    Returns:
        The slab's atoms, then the molecule's with tag 0; in ``info`` what the slab had, with the charges summed.

    Raises:
        StructureError: the vacuum is too thin, or the given distance makes atoms overlap.
    """
    positions = upright_positions(surface)
    above = molecule.copy()
    above.set_tags(0)
    above.rotate(np.degrees(np.arctan2(*site.direction[::-1])), "z")
    above.positions += (site.position[0], site.position[1], 0.0)
    rise = _contact_height(surface, positions, above, contact) if distance is None else site.position[2] + distance
    above.positions[:, 2] += rise
    label = f"{molecule.info.get('label') or molecule.symbols} at {site.label}"
    room = positions[:, 2].min() + surface.cell[2, 2] - above.positions[:, 2].max()
    if room < LEAST_VACUUM / 2:
        raise StructureError(f"{label}: only {room:.2f} angstrom to the next slab above; use more vacuum")
    combined = surface.copy()
    combined.extend(above)
    combined.info["charge"] = surface.info.get("charge", 0) + molecule.info.get("charge", 0)
    check_structure(combined, label, periodic=True)
    return combined


def upright_positions(surface: Atoms) -> Array:
    """Return the positions of a slab in one piece: atoms above its vacuum are taken one cell down.

    Args:
        surface: slab with a and b in the xy plane and c along z.

    Returns:
        Cartesian positions, shape (n, 3), angstrom.

    Raises:
        StructureError: another orientation of the cell, or less than 6 angstrom of vacuum.
    """
    label = surface.info.get("label") or surface.get_chemical_formula()
    check_structure(surface, label, periodic=True)
    cell = surface.cell.array
    if np.abs([*cell[:2, 2], *cell[2, :2]]).max() > 1e-3 or cell[2, 2] < 0:
        raise StructureError(f"{label}: a surface needs the cell vectors a and b in the xy plane and c along z")
    height = cell[2, 2]
    positions: Array = surface.positions.copy()
    positions[:, 2] -= np.floor(positions[:, 2] / height + 1e-9) * height
    heights = np.sort(positions[:, 2])
    gaps = np.diff(heights, append=heights[0] + height)
    if gaps.max() < LEAST_VACUUM:
        raise StructureError(
            f"{label}: the widest gap along c is {gaps.max():.2f} angstrom; a surface needs {LEAST_VACUUM} or more"
        )
    positions[positions[:, 2] > heights[int(gaps.argmax())] + 1e-9, 2] -= height
    return positions


def _contact_height(surface: Atoms, positions: Array, molecule: Atoms, contact: float) -> float:
    """Return how far to lift the molecule so that its first contact is just made."""
    contacts = contact * (covalent_radii[molecule.numbers][:, None] + covalent_radii[surface.numbers])
    if len(molecule) > 1:
        contacts += np.where(molecule.numbers == 1, HYDROGEN_CONTACT, 0.0)[:, None]
    offsets = (positions[None, :, :2] - molecule.positions[:, None, :2]).reshape(-1, 2)
    _, lateral = find_mic(np.column_stack([offsets, np.zeros(len(offsets))]), surface.cell, pbc=(True, True, False))
    room = contacts**2 - lateral.reshape(contacts.shape) ** 2
    heights = positions[None, :, 2] - molecule.positions[:, None, 2] + np.sqrt(np.maximum(room, 0.0))
    return float(heights[room >= 0].max()) if (room >= 0).any() else float(positions[:, 2].max())


def _labelled_orbits(surface: Atoms, probe_distance: float | None) -> list[tuple[str, list[CriticalPoint]]]:
    """Return the label of each site and its points, in the order of ``adsorption_sites``."""
    bare = surface.copy()
    bare.info = {}
    bare.set_constraint([one for one in surface.constraints if isinstance(one, FixAtoms)])  # what symmetry looks at
    return _found(StructureDocument.from_atoms(bare).model_dump_json(), probe_distance)


@lru_cache(maxsize=16)
def _found(document: str, probe_distance: float | None) -> list[tuple[str, list[CriticalPoint]]]:
    """Find what studies ask of one surface again and again: for each adsorbate, each number of waters, each path."""
    surface = StructureDocument.model_validate_json(document).to_atoms()
    positions = upright_positions(surface)
    distance = probe_distance or max(PROBE_DISTANCE, _median_nearest_distance(surface))
    orbits = _orbits(surface, critical_points(positions, surface.cell.array[:2, :2], distance))
    orbits.sort(key=lambda orbit: _rank(surface, positions, orbit[0]))
    labels = numbered(_labels(surface, positions, [orbit[0] for orbit in orbits]))
    return list(zip(labels, orbits, strict=True))


def _site(surface: Atoms, positions: Array, label: str, orbit: list[CriticalPoint]) -> AdsorptionSite:
    """Describe equivalent points by one of them; of those that only a mirror makes equal always by the same one."""
    directions = [own_direction(surface, positions, np.array(point.position)) for point in orbit]
    chosen = max(range(len(orbit)), key=lambda i: directions[i][0])
    return _at_point(surface, positions, label, orbit[chosen], len(orbit))


def _at_point(surface: Atoms, positions: Array, label: str, point: CriticalPoint, multiplicity: int) -> AdsorptionSite:
    x, y = own_direction(surface, positions, np.array(point.position))[1].tolist()
    return AdsorptionSite(label, point.position, multiplicity, tuple(sorted(set(point.neighbours))), (x, y))


def _median_nearest_distance(surface: Atoms) -> float:
    first, lengths = neighbor_list("id", surface, 4.0)
    return float(np.median([lengths[first == i].min() for i in np.unique(first)])) if len(first) else 0.0


def _orbits(surface: Atoms, points: list[CriticalPoint]) -> list[list[CriticalPoint]]:
    """Merge points that coincide and group the equivalent ones, ordered as sites are."""
    cell = surface.cell.array
    operations = face_operations(surface)
    rotations, translations = operations.rotations, operations.translations
    distinct: list[CriticalPoint] = []
    for point in sorted(points, key=lambda point: _order(point, cell)):
        if not any(same_point(_lateral(point, cell), _lateral(other, cell), cell, _MERGE) for other in distinct):
            distinct.append(point)
    orbits: list[list[CriticalPoint]] = []
    for point in distinct:
        images = rotations @ _lateral(point, cell) + translations
        home = next((o for o in orbits if same_point(images, _lateral(o[0], cell), cell, _MERGE).any()), None)
        if home is None:
            orbits.append([point])
        else:
            home.append(point)
    return orbits


def _lateral(point: CriticalPoint, cell: Array) -> Array:
    """Return fractional coordinates without height."""
    fractional: Array = np.linalg.solve(cell.T, np.array([*point.position[:2], 0.0]))
    return fractional


def _order(point: CriticalPoint, cell: Array) -> tuple[float, ...]:
    x, y, _ = all_rounded(_lateral(point, cell), 3)
    return (_KINDS.index(point.kind), -rounded(point.height, 2), -len(point.neighbours), x, y)


def _rank(surface: Atoms, positions: Array, point: CriticalPoint) -> tuple[float, ...]:
    """Return what numbers sites of one name: nothing that depends on the origin, the order or the vectors of a file."""
    surroundings = round(protons_around(surface, positions, np.array(point.position)), 4)
    return (_KINDS.index(point.kind), -rounded(point.height, 2), -len(point.neighbours), surroundings)


def _labels(surface: Atoms, positions: Array, points: list[CriticalPoint]) -> list[str]:
    plain = [_plain_label(surface, positions, point) for point in points]
    labels = []
    for label, point in zip(plain, points, strict=True):
        beneath = _beneath(surface, positions, point)
        ambiguous = point.kind == "hollow" and plain.count(label) > 1 and beneath is not None
        labels.append(f"{label}-over-{surface.symbols[beneath]}" if ambiguous else label)
    return labels


def _plain_label(surface: Atoms, positions: Array, point: CriticalPoint) -> str:
    symbols = sorted(str(surface.symbols[i]) for i in point.neighbours)
    if point.kind == "top":
        nearest = min(point.neighbours, key=lambda i: abs(positions[i, 2] - point.position[2]))
        return f"top-{surface.symbols[nearest]}"
    if point.kind == "bridge":
        return f"bridge-{symbols[0]}-{symbols[-1]}"
    flat = np.ptp(positions[list(point.neighbours), 2]) < _MERGE < np.ptp(positions[:, 2])
    if flat and len(symbols) == 3 and len(set(surface.symbols)) == 1:
        beneath = _beneath(surface, positions, point)
        spacing = point.position[2] - positions[positions[:, 2] < point.position[2] - _MERGE, 2].max()
        close = beneath is not None and positions[beneath, 2] > point.position[2] - 1.5 * spacing
        return "hollow-hcp" if close else "hollow-fcc"
    return "hollow-" + "".join(f"{symbol}{count}" for symbol, count in sorted(Counter(symbols).items()))


def _beneath(surface: Atoms, positions: Array, point: CriticalPoint) -> int | None:
    """Return the highest atom right below a site, if there is one."""
    cell = surface.cell.array
    at = np.array([*point.position[:2], 0.0])
    lateral = np.linalg.solve(cell.T, ((positions - at) * (1, 1, 0)).T).T
    below = (positions[:, 2] < point.position[2] - _MERGE) & (positions[:, 2] > point.position[2] - _DEPTH)
    candidates = np.flatnonzero(below & same_point(lateral, np.zeros(3), cell, _BENEATH))
    return int(max(candidates, key=lambda i: (rounded(positions[i, 2], 2), -i))) if len(candidates) else None
