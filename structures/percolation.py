"""How far ions get by hops: the easiest way that runs on through a crystal, and the highest saddle on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from ase.data import atomic_numbers, covalent_radii
from ase.geometry import get_distances

from .interstitials import equivalent_places
from .symmetry import SymmetryOperations, crystal_operations, same_point

if TYPE_CHECKING:
    from ase import Atoms

    from .hops import Hop

Array = np.ndarray
Axis = Literal["a", "b", "c"]
AXES: tuple[Axis, Axis, Axis] = ("a", "b", "c")

BASIN = 1.5
"""Interstitial places closer than this are one site to an ion on its way through a host, angstrom: shorter hops are
within a cage."""
POINTS = 21
"""Points of a hop at which its width is looked at."""
REACH = 3
"""Cells within which a way to an image of its start stays."""
_SAME = 0.1


@dataclass(frozen=True)
class Step:
    """A hop and its barriers.

    Attributes:
        initial: fractional coordinates in the host's cell.
        final: the same; it may lie in a neighbouring cell.
        forward: E[saddle] - E[initial], eV.
        backward: E[saddle] - E[final], eV.
    """

    initial: Sequence[float]
    final: Sequence[float]
    forward: float
    backward: float


@dataclass(frozen=True)
class Bottleneck:
    """What the easiest way along an axis has to get over.

    Attributes:
        barrier: highest saddle of the way above the lowest site that hops lead to from it, eV.
        step: place of the hop with that saddle among the steps.
    """

    barrier: float
    step: int


@dataclass(frozen=True)
class _Edge:
    """A hop from a site of one cell to a site of the cell that is ``shift`` away."""

    first: int
    last: int
    shift: tuple[int, ...]
    step: int


class _Basins:
    """Sites of a crystal that are connected so far, and the lattice vectors by which each leads to its own images."""

    def __init__(self, number: int) -> None:
        self.of_site = list(range(number))
        self.offsets = np.zeros((number, 3), dtype=int)
        self.ways: list[list[Array]] = [[] for _ in range(number)]

    def join(self, edge: _Edge) -> int:
        """Add a hop, and return the number of the basin that it belongs to."""
        own, other = self.of_site[edge.first], self.of_site[edge.last]
        around = self.offsets[edge.first] + edge.shift - self.offsets[edge.last]
        if own == other:
            self.ways[own].append(around)
            return own
        for site, basin in enumerate(self.of_site):
            if basin == other:
                self.of_site[site] = own
                self.offsets[site] += around
        self.ways[own] += self.ways[other]
        return own

    def runs_along(self, basin: int, axis: int) -> bool:
        """Tell whether a basin leads on along an axis without end."""
        return any(way[axis] != 0 for way in self.ways[basin])


def bottlenecks(
    host: Atoms, steps: Sequence[Step], symmetry: SymmetryOperations | None = None
) -> dict[Axis, Bottleneck]:
    """Find what an ion has to get over to run on along each axis.

    Every image of a step under the symmetry of the host is a hop of the crystal. Hops are added in the order of their
    saddles; the first that closes a way to an image of a site along an axis is the bottleneck of that axis. What counts
    is the saddle above the lowest of all sites that hops connect, where a dilute ion waits.

    Args:
        host: cell in whose fractional coordinates the steps are given.
        steps: hops with their barriers; energies of sites follow from them.
        symmetry: operations of the host; all of the crystal when none.

    Returns:
        The bottleneck of each axis that ions can run along by these steps; others are left out.

    Raises:
        StructureError: the host has no symmetry that could be found.
    """
    sites, edges = _network(host, steps, symmetry or crystal_operations(host))
    saddles = _saddles(len(sites), edges, steps)
    first = _first_ways(len(sites), edges, saddles.tolist())
    return {axis: Bottleneck(float(saddles[step]), step) for axis, step in first.items()}


def percolating_hops(host: Atoms, ion: str, hops: Sequence[Hop], most: int | None = None) -> list[Hop]:
    """Choose the hops of the widest ways by which an ion runs on through a host.

    A way is as wide as its narrowest point: the smallest ratio there of the distance to a host atom to the sum of
    covalent radii. Along each axis the widest way is taken, of several as wide that of the fewest hops.

    Args:
        host: cell of the hops.
        ion: chemical symbol.
        hops: distinct hops.
        most: number of hops; ways along further axes, the narrowest last, are left out where there would be more.

    Returns:
        The hops of these ways in the order given, those of the widest one at least; none where hops lead nowhere.
    """
    narrow = [-_width(host, ion, hop) for hop in hops]
    steps = [Step(hop.initial, hop.final, width, width) for hop, width in zip(hops, narrow, strict=True)]
    sites, edges = _network(host, steps, crystal_operations(host))
    ways = []
    for axis, found in _first_ways(len(sites), edges, narrow).items():
        open_edges = [edge for edge in edges if narrow[edge.step] <= narrow[found] + 1e-9]
        ways.append((narrow[found], _shortest_way(open_edges, AXES.index(axis))))
    chosen: set[int] = set()
    for _, way in sorted(ways, key=lambda one: one[0]):
        if not chosen or most is None or len(chosen | way) <= most:
            chosen |= way
    return [hop for number, hop in enumerate(hops) if number in chosen]


def _width(host: Atoms, ion: str, hop: Hop) -> float:
    """Return the smallest distance of a straight hop to a host atom, in units of the sum of covalent radii."""
    start, way = np.asarray(hop.initial) @ host.cell.array, np.asarray(hop.vector)
    points = start + np.linspace(0.0, 1.0, POINTS)[:, None] * way
    _, distances = get_distances(points, host.positions, cell=host.cell, pbc=host.pbc)
    radii = covalent_radii[host.numbers] + covalent_radii[atomic_numbers[ion]]
    others = ~((distances[[0, -1]] < _SAME).any(axis=0) & (host.numbers == atomic_numbers[ion]))
    return float((distances / radii)[:, others].min(initial=np.inf))


def _shortest_way(edges: Sequence[_Edge], axis: int) -> set[int]:
    """Return the steps of a way of the fewest hops from a site to one of its images along an axis."""
    ahead: dict[int, list[tuple[int, Array, int]]] = {}
    for edge in edges:
        shift = np.array(edge.shift)
        ahead.setdefault(edge.first, []).append((edge.last, shift, edge.step))
        ahead.setdefault(edge.last, []).append((edge.first, -shift, edge.step))
    best: tuple[int, ...] | None = None
    for start in sorted(ahead):
        way = _way_around(ahead, start, axis, None if best is None else len(best))
        if way is not None and (best is None or len(way) < len(best)):
            best = way
    return set(best or ())


def _way_around(
    ahead: Mapping[int, Sequence[tuple[int, Array, int]]], start: int, axis: int, shorter_than: int | None
) -> tuple[int, ...] | None:
    """Search breadth first for an image of a site along an axis; none where there is none by fewer hops."""
    reached = {(start, (0, 0, 0))}
    front: list[tuple[int, Array, tuple[int, ...]]] = [(start, np.zeros(3, dtype=int), ())]
    while front:
        ends = []
        for site, cell, way in front:
            if shorter_than is not None and len(way) + 1 >= shorter_than:
                continue
            for other, shift, step in ahead[site]:
                there = cell + shift
                if other == start and there[axis] != 0:
                    return (*way, step)
                key = (other, tuple(there.tolist()))
                if key not in reached and abs(there).max() <= REACH:
                    reached.add(key)
                    ends.append((other, there, (*way, step)))
        front = ends
    return None


def _first_ways(number: int, edges: Sequence[_Edge], heights: Sequence[float]) -> dict[Axis, int]:
    """Add hops in the order of a height, and return the step that first closes a way along each axis."""
    basins, found = _Basins(number), dict[Axis, int]()
    for edge in sorted(edges, key=lambda edge: (heights[edge.step], edge.step)):
        basin = basins.join(edge)
        for place, axis in enumerate(AXES):
            if axis not in found and basins.runs_along(basin, place):
                found[axis] = edge.step
    return found


def _network(host: Atoms, steps: Sequence[Step], symmetry: SymmetryOperations) -> tuple[Array, list[_Edge]]:
    """Return the sites of one cell, fractional, and every hop of the crystal that starts in it, once."""
    sites = np.empty((0, 3))
    for step in steps:
        for place in (step.initial, step.final):
            if not len(sites) or not same_point(np.asarray(place), sites, host.cell.array, _SAME).any():
                sites = np.concatenate([sites, equivalent_places(np.asarray(place), host, symmetry)])
    edges: dict[tuple[int, int, tuple[int, ...]], _Edge] = {}
    for number, step in enumerate(steps):
        for edge in _images(step, number, sites, host, symmetry):
            back = (edge.last, edge.first, tuple(-n for n in edge.shift))
            if back not in edges:
                edges.setdefault((edge.first, edge.last, edge.shift), edge)
    return sites, list(edges.values())


def _images(step: Step, number: int, sites: Array, host: Atoms, symmetry: SymmetryOperations) -> Iterator[_Edge]:
    """Yield the images of a step under all operations."""
    for rotation, translation in zip(symmetry.rotations, symmetry.translations, strict=True):
        ends = [rotation @ np.asarray(place) + translation for place in (step.initial, step.final)]
        names = [int(np.flatnonzero(same_point(end, sites, host.cell.array, _SAME))[0]) for end in ends]
        cells = [np.rint(end - sites[name]).astype(int) for end, name in zip(ends, names, strict=True)]
        yield _Edge(names[0], names[1], tuple((cells[1] - cells[0]).tolist()), number)


def _saddles(number: int, edges: Sequence[_Edge], steps: Sequence[Step]) -> Array:
    """Return the energy of the saddle of each step above the lowest site that hops connect with it.

    Energies of sites are those that agree best with all differences: steps computed in cells of different size do not
    agree to the last digit.
    """
    rows, differences = np.zeros((len(edges), number)), np.zeros(len(edges))
    together = _Basins(number)
    for row, edge in enumerate(edges):
        together.join(edge)
        rows[row, edge.last] += 1.0
        rows[row, edge.first] -= 1.0
        differences[row] = steps[edge.step].forward - steps[edge.step].backward
    energies = np.linalg.lstsq(rows, differences, rcond=None)[0] if len(edges) else np.zeros(number)
    basins = np.array(together.of_site, dtype=int)
    for basin in set(together.of_site):
        energies[basins == basin] -= energies[basins == basin].min()
    saddles = np.full(len(steps), np.inf)
    for edge in edges:
        step = steps[edge.step]
        saddles[edge.step] = (energies[edge.first] + step.forward + energies[edge.last] + step.backward) / 2
    return saddles
