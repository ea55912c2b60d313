"""Where an adatom rests on a surface, its hops from there to the next place, and its exchange with surface atoms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from ase.geometry import find_mic

from ..errors import StructureError
from .bond_criteria import NON_METALS
from .hops import Hop, hop_of, map_endpoint, operation_between
from .jumps import SHORTEST, Jump, distinct_jumps, goes_by_way_of_a_site, jumps_between
from .labels import numbered
from .rounding import rounded
from .symmetry import SymmetryOperations, same_point

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray
Vector = tuple[float, float, float]

ONE_CELL = (1, 1, 1)
_NEIGHBOUR = 1.25
_TOP = 0.5


@dataclass(frozen=True)
class AdatomSite:
    """A place where an adatom rests, up to the symmetry of the bare surface.

    Attributes:
        label: of the adsorption site it relaxed from.
        fractional: the place, in fractional coordinates of the surface.
        energy: of surface and adatom, eV.
        moved: how far it went from that site, angstrom.
    """

    label: str
    fractional: Vector
    energy: float
    moved: float = 0.0


@dataclass(frozen=True)
class AdatomHop:
    """A hop of an adatom over the surface, or by exchange with an atom of it.

    Attributes:
        hop: from where the adatom rests to where it, or the atom that comes out, rests then.
        first: the place it starts from.
        last: the place it ends at, one of those that are equivalent.
        atom: index of the surface atom whose place the adatom takes; none over the surface.
    """

    hop: Hop
    first: AdatomSite
    last: AdatomSite
    atom: int | None = None


def resting_place(surface: Atoms, position: Array, symmetry: SymmetryOperations) -> Vector:
    """Return where an adatom rests, in fractional coordinates: the mean of the equivalent places right beside it.

    Args:
        surface: the bare surface.
        position: of the adatom, Cartesian, angstrom.
        symmetry: operations of its upper face.
    """
    place = np.linalg.solve(surface.cell.array.T, position)
    images = symmetry.rotations @ place + symmetry.translations
    images -= np.rint(images - place)
    beside = np.linalg.norm((images - place) @ surface.cell.array, axis=1) < SHORTEST / 2
    a, b, c = images[beside].mean(axis=0).tolist()
    return a, b, c


def distinct_sites(
    surface: Atoms, sites: Sequence[AdatomSite], symmetry: SymmetryOperations
) -> tuple[list[AdatomSite], dict[str, str]]:
    """Keep one of the sites that are one place: less than 1 angstrom apart, or equivalent to such.

    Args:
        surface: the bare surface.
        sites: with different labels.
        symmetry: operations of its upper face.

    Returns:
        Of each place one site, lowest energy first, of equal ones that from which the adatom went least; and for each
        other site the label of the one it became.
    """
    kept: list[AdatomSite] = []
    merged: dict[str, str] = {}
    for site in sorted(sites, key=lambda site: (rounded(site.energy, 2), rounded(site.moved, 2))):
        images = symmetry.images(np.array(site.fractional))
        same = (
            other
            for other in kept
            if same_point(images, np.array(other.fractional), surface.cell.array, SHORTEST).any()
        )
        twin = next(same, None)
        if twin is None:
            kept.append(site)
        else:
            merged[site.label] = twin.label
    return kept, merged


def neighbour_hops(
    surface: Atoms, sites: Sequence[AdatomSite], symmetry: SymmetryOperations, max_distance: float
) -> list[AdatomHop]:
    """Find the distinct hops between neighbouring places: no other place is nearer to both ends of a hop.

    Args:
        surface: the bare surface.
        sites: distinct places.
        symmetry: operations of its upper face.
        max_distance: longest hop, angstrom.

    Returns:
        Hops, shortest first, in fractional coordinates of the surface.
    """
    jumps = distinct_jumps(jumps_between(surface, sites, symmetry, max_distance), surface, symmetry)
    direct = [jump for jump in jumps if not goes_by_way_of_a_site(jump, sites, surface, symmetry)]
    return _relabelled([_between(jump, hop_of(surface, jump, symmetry)) for jump in direct])


def exchanges(
    surface: Atoms, states: Mapping[str, Atoms], sites: Sequence[AdatomSite], symmetry: SymmetryOperations
) -> list[AdatomHop]:
    """Find the distinct exchanges: an adatom goes into the surface, and an atom beside it comes out on its other side.

    The mechanism of P. J. Feibelman, Phys. Rev. Lett. 65, 729 (1990), 10.1103/PhysRevLett.65.729.

    Args:
        surface: the bare surface, of metals.
        states: surface with the adatom last, relaxed, by the label of the site.
        sites: distinct places.
        symmetry: operations of the upper face.

    Returns:
        One for each site and distinct surface atom beside it that is free to move.

    Raises:
        StructureError: the surface holds elements that are no metals.
    """
    check_metals(surface)
    found = []
    for site in sites:
        beside = [_way_in(surface, site, atom) for atom in _free_atoms_beside(states[site.label])]
        for way_in in distinct_jumps([jump for jump, _ in beside], surface, symmetry):
            atom = next(atom for jump, atom in beside if jump is way_in)
            way_out = _farthest(surface, site, way_in, sites, symmetry)
            if way_out is not None:
                hop = hop_of(surface, way_out, symmetry)
                label = f"exchange, {hop.label.replace(', ', f' with {surface.symbols[atom]}, ', 1)}"
                found.append(_between(way_out, replace(hop, label=label, operation=None), atom))
    return _relabelled(sorted(found, key=lambda exchange: rounded(exchange.hop.distance, 2)))


def check_metals(surface: Atoms) -> None:
    """Refuse a surface whose atoms an adatom does not change places with.

    Raises:
        StructureError: it holds elements that are no metals.
    """
    if others := sorted(NON_METALS.intersection(surface.get_chemical_symbols())):
        raise StructureError(
            f"exchange is for surfaces of metals, and this one holds {', '.join(others)}; leave exchange out"
        )


def ends_of(
    surface: Atoms, states: Mapping[str, Atoms], hop: AdatomHop, symmetry: SymmetryOperations
) -> tuple[Atoms, Atoms]:
    """Build both ends of a hop from the relaxed places, atoms in the same order and the adatom last.

    Args:
        surface: the bare surface.
        states: surface with the adatom last, relaxed, by the label of the site.
        hop: between two of these sites.
        symmetry: operations of the upper face.

    Returns:
        The first end as it was relaxed; the second carried there with its surroundings by a symmetry operation. After
        an exchange the adatom is in the surface, where the atom was that rests above it now.
    """
    initial, final = states[hop.first.label], states[hop.last.label].copy()
    final.positions[:-1] = surface.positions
    final.positions[-1] = np.array(hop.hop.final) @ surface.cell.array
    operation = operation_between(surface, np.array(hop.last.fractional), np.array(hop.hop.final), symmetry)
    carried = replace(hop.hop, initial=hop.last.fractional, operation=operation)
    final = map_endpoint(states[hop.last.label], final, carried, ONE_CELL) or final
    if hop.atom is not None:
        final.positions[[hop.atom, -1]] = final.positions[[-1, hop.atom]]
    return initial.copy(), final


def atoms_on_top(heights: Array) -> int:
    """Count the atoms of the topmost plane, up to 0.5 angstrom beneath the highest, from heights in one piece."""
    return int((heights > heights.max() - _TOP).sum())


def _free_atoms_beside(state: Atoms) -> list[int]:
    """Return the atoms that an adatom touches and that are not held fixed."""
    fixed = {int(index) for constraint in state.constraints for index in constraint.index}
    _, distances = find_mic(state.positions[:-1] - state.positions[-1], state.cell, state.pbc)
    near = np.flatnonzero(distances < _NEIGHBOUR * distances.min())
    return [atom for atom in near.tolist() if atom not in fixed]


@dataclass(frozen=True)
class _Atom:
    """A surface atom as the end of a jump."""

    label: str
    fractional: Vector


def _way_in(surface: Atoms, site: AdatomSite, atom: int) -> tuple[Jump, int]:
    start = np.array(site.fractional)
    ways, _ = find_mic([surface.positions[atom] - start @ surface.cell.array], surface.cell, surface.pbc)
    a, b, c = (start + np.linalg.solve(surface.cell.array.T, ways[0])).tolist()
    return Jump(site, _Atom(surface.symbols[atom], (a, b, c)), start, np.array([a, b, c]), ways[0]), atom


def _farthest(
    surface: Atoms, site: AdatomSite, way_in: Jump, sites: Sequence[AdatomSite], symmetry: SymmetryOperations
) -> Jump | None:
    """Return the jump from a site to that place beside a surface atom which is farthest away, across the atom."""
    reach = _NEIGHBOUR * way_in.distance
    beside = [
        jump
        for jump in jumps_between(surface, sites, symmetry, 2 * reach)
        if jump.first is site and np.linalg.norm(jump.vector - way_in.vector) < reach
    ]
    return max(beside, key=lambda jump: rounded(jump.distance, 1), default=None)


def _between(jump: Jump, hop: Hop, atom: int | None = None) -> AdatomHop:
    assert isinstance(jump.first, AdatomSite)  # jumps start and end at the places given
    assert isinstance(jump.last, AdatomSite)
    return AdatomHop(hop, jump.first, jump.last, atom)


def _relabelled(hops: list[AdatomHop]) -> list[AdatomHop]:
    labels = numbered([one.hop.label for one in hops])
    return [replace(one, hop=replace(one.hop, label=label)) for one, label in zip(hops, labels, strict=True)]
