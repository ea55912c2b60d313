"""Hops of an ion between the sites of a host, and the endpoint structures of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from ase.data import atomic_numbers, covalent_radii
from ase.geometry import find_mic, get_distances
from scipy.optimize import linear_sum_assignment

from ..errors import StructureError
from .files import OVERLAP, check_structure
from .interstitials import InterstitialSite, equivalent_places, interstitial_sites, site_at
from .labels import numbered
from .symmetry import SymmetryOperations, same_point, symmetry_operations

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray
Vector = tuple[float, float, float]
Repeats = tuple[int, int, int]

_SAME = 0.1
_SHORTEST = 0.5
_PARALLEL = np.cos(np.radians(10.0))
_FAR = 1.0


@dataclass(frozen=True)
class Operation:
    """A symmetry operation x' = R x + t on fractional coordinates of the host.

    Attributes:
        rotation: integer matrix R, rows.
        translation: t; lattice translations included.
    """

    rotation: tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]
    translation: Vector


@dataclass(frozen=True)
class Hop:
    """A jump of the ion from one site to another.

    Attributes:
        label: labels of the two sites, and the cell axis that the hop is parallel to, if any: "O8-O8 along b".
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
    direction: Literal["a", "b", "c"] | None = None,
) -> list[Hop]:
    """Find the symmetry-distinct hops of an ion.

    A host that already holds the ion gives hops of one of its ions into a vacancy at the place of another; one that does not
    gives hops between its interstitial sites. A straight way that runs through another site (two hops) or a host atom
    (closer than half the sum of covalent radii) is left out. A hop and its reverse count once.

    Args:
        host: periodic structure.
        ion: chemical symbol.
        sites: fractional coordinates of the sites, one for each set of equivalent ones at least; found when not given.
        max_distance: longest hop, angstrom.
        direction: only hops within 10 degrees of this cell axis.

    Returns:
        Hops, shortest first; of equally long ones those from the roomier site.

    Raises:
        StructureError: not a valid host, no site, or no such hop.
    """
    label = host.info.get("label") or host.get_chemical_formula()
    check_structure(host, label, periodic=True)
    symmetry = symmetry_operations(host)
    found = _distinct_sites(host, ion, sites, symmetry)
    if not found:
        raise StructureError(f"{label} has no interstitial site with room for {ion}; give sites")
    hops = _shortest_first(_candidates(host, ion, found, symmetry, max_distance), host, symmetry)
    if direction is not None:
        axis = host.cell.array["abc".index(direction)]
        hops = [hop for hop in hops if _cosine(hop.vector, axis) > _PARALLEL]
    if not hops:
        way = f" along {direction}" if direction else ""
        raise StructureError(f"{ion} in {label} has no hop{way} of at most {max_distance} angstrom")
    labels = numbered([hop.label for hop in hops])
    return [
        Hop(name, hop.initial, hop.final, hop.vector, hop.distance, hop.operation)
        for name, hop in zip(labels, hops, strict=True)
    ]
