"""Interstitial sites: where a host has room for an ion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from ase.data import atomic_numbers, covalent_radii
from ase.geometry import get_distances
from scipy.optimize import nnls
from scipy.spatial import KDTree, Voronoi

from ..errors import StructureError
from .coordination import ANIONS
from .files import check_structure
from .labels import numbered
from .rounding import rounded
from .symmetry import SymmetryOperations, crystal_operations, same_point

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

CLEARANCE = 0.75
"""A site has room when every host atom is at least this multiple of the sum of covalent radii away."""

APART = 1.0
"""Places closer than this are one site, angstrom."""

_VACUUM = 2.0
_TOUCH = 0.1
_SAME = 0.1
_SHELL = 1.25
_SPHERE = 8.0


@dataclass(frozen=True)
class InterstitialSite:
    """A place for an ion, up to symmetry.

    Attributes:
        label: the atoms around it, "S6" or "O8", anions only where there are any; a number tells equal ones apart.
        fractional: one of the equivalent places, in fractional coordinates of the host.
        multiplicity: number of equivalent places in the host's cell.
        distance: to the nearest host atom, angstrom.
        clearance: smallest ratio of a host atom's distance to the sum of covalent radii.
        coordination: number of atoms in the label, those up to 1.25 times as far as the nearest of them.
    """

    label: str
    fractional: tuple[float, float, float]
    multiplicity: int
    distance: float
    clearance: float
    coordination: int


def interstitial_sites(
    host: Atoms, ion: str, *, clearance: float = CLEARANCE, apart: float = APART
) -> list[InterstitialSite]:
    """Find the symmetry-distinct sites for an ion: the local maxima of the distance to the nearest host atom.

    These are the vertices of the host's Voronoi cells that lie between the atoms nearest to them. Equivalent ones less
    than 1 angstrom apart are replaced by their centre.

    Args:
        host: periodic structure without the ion.
        ion: chemical symbol.
        clearance: least room, as a multiple of the sum of covalent radii; twice the sum counts as vacuum, no site.
        apart: of places closer than this the one with most room stays, angstrom.

    Returns:
        Sites, most room first.

    Raises:
        StructureError: the host is not a valid periodic structure, or the ion is no element.
    """
    symmetry = _check(host, ion)
    found = [site_at(host, ion, place, symmetry) for place in void_centres(host, symmetry)]
    roomy = [site for site in found if clearance <= site.clearance < _VACUUM]
    roomy.sort(key=lambda site: (-rounded(site.clearance, 3), -rounded(site.distance, 3), site.fractional))
    kept: list[InterstitialSite] = []
    for site in roomy:
        images = symmetry.images(np.array(site.fractional))
        if not any(same_point(images, np.array(other.fractional), host.cell.array, apart).any() for other in kept):
            kept.append(site)
    labels = numbered([site.label for site in kept])
    return [replace(site, label=label) for site, label in zip(kept, labels, strict=True)]


def site_at(
    host: Atoms, ion: str, fractional: Sequence[float] | Array, symmetry: SymmetryOperations | None = None
) -> InterstitialSite:
    """Describe a given place in a host as a site.

    Args:
        host: periodic structure; an atom at that place itself, an ion that is there already, does not count.
        ion: chemical symbol.
        fractional: the place, in fractional coordinates of the host.
        symmetry: operations of the host, found when not given.

    Returns:
        The site, at the place given.

    Raises:
        StructureError: as for ``interstitial_sites``.
    """
    symmetry = symmetry or _check(host, ion)
    place = np.asarray(fractional, dtype=float)
    everything = host.repeat(_repeats(host))
    _, rows = get_distances(place @ host.cell.array, everything.positions, cell=everything.cell, pbc=True)
    around = np.flatnonzero(rows[0] > _SAME)
    everything, distances = everything[around], rows[0][around]
    radii = covalent_radii[everything.numbers] + covalent_radii[atomic_numbers[ion]]
    anions = np.isin(everything.numbers, [atomic_numbers[symbol] for symbol in ANIONS])
    counted = anions if anions.any() else np.ones(len(everything), dtype=bool)
    shell = counted & (distances < _SHELL * distances[counted].min())
    content = Counter(str(symbol) for symbol in everything.symbols[shell])
    return InterstitialSite(
        label="".join(f"{symbol}{number}" for symbol, number in sorted(content.items())),
        fractional=(float(place[0]), float(place[1]), float(place[2])),
        multiplicity=len(equivalent_places(place, host, symmetry)),
        distance=float(distances.min()),
        clearance=float((distances / radii).min()),
        coordination=int(shell.sum()),
    )


def equivalent_places(fractional: Array, host: Atoms, symmetry: SymmetryOperations) -> Array:
    """Return all places of one cell that are equivalent to a place, itself first, fractional, shape (n, 3)."""
    places = [fractional]
    for image in symmetry.images(fractional):
        if not same_point(image, np.array(places), host.cell.array, _SAME).any():
            places.append(image)
    return np.array(places)


def _check(host: Atoms, ion: str) -> SymmetryOperations:
    label = host.info.get("label") or host.get_chemical_formula()
    if ion not in atomic_numbers:
        raise StructureError(f"{ion!r} is no chemical element")
    check_structure(host, label, periodic=True)
    return crystal_operations(host)


def _repeats(host: Atoms) -> tuple[int, int, int]:
    """Return repeats that make minimum-image distances right up to half of ``_SPHERE``."""
    heights = 1 / np.linalg.norm(host.cell.reciprocal().array, axis=1)
    a, b, c = (int(n) for n in np.ceil(_SPHERE / heights))
    return a, b, c


def void_centres(host: Atoms, symmetry: SymmetryOperations) -> list[Array]:
    """Return one fractional point for each set of equivalent local maxima of the distance to the nearest atom."""
    cell = host.cell.array
    reach = [np.arange(-n, n + 1) for n in _repeats(host)]
    shifts = np.stack(np.meshgrid(*reach, indexing="ij"), axis=-1).reshape(-1, 3) @ cell
    atoms = (host.positions + shifts[:, None]).reshape(-1, 3)
    tree = KDTree(atoms)
    vertices = Voronoi(atoms).vertices
    fractional = vertices @ np.linalg.inv(cell)
    inside = ((fractional > -0.01) & (fractional < 1.01)).all(axis=1)
    centres: list[Array] = []
    for vertex in vertices[inside]:
        if not _between_neighbours(vertex, atoms, tree):
            continue
        centre = _symmetrised(np.linalg.solve(cell.T, vertex), cell, symmetry)
        images = symmetry.images(centre)
        if not any(same_point(images, other, cell, _SAME).any() for other in centres):
            centres.append(min(np.round(images, 6) % 1.0, key=lambda image: np.round(image, 3).tolist()))
    return centres


def _between_neighbours(point: Array, atoms: Array, tree: KDTree) -> bool:
    """Tell whether the directions to the nearest atoms surround a point, so that every step away nears one of them."""
    nearest, _ = tree.query(point)
    directions = (atoms[tree.query_ball_point(point, nearest + _TOUCH)] - point) / nearest
    weights_of_zero = np.vstack([directions.T, np.ones(len(directions))])
    _, missing = nnls(weights_of_zero, np.array([0.0, 0.0, 0.0, 1.0]))
    return bool(missing < _TOUCH)


def _symmetrised(point: Array, cell: Array, symmetry: SymmetryOperations) -> Array:
    """Average a point over the operations that hardly move it, so that it is exact and twin maxima become one."""
    images = symmetry.rotations @ point + symmetry.translations
    images -= np.rint(images - point)
    stay = np.linalg.norm((images - point) @ cell, axis=1) < APART
    average: Array = images[stay].mean(axis=0)
    return average
