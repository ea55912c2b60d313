"""Water on a surface and what it falls into: where a second atom stands beside it, and where OH and H may end.

Atoms keep their places in the list: the surface first, then O, H, H of the water, then what stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from ase.geometry import find_mic

from ..errors import StructureError
from .sites import equivalent_sites, place

if TYPE_CHECKING:
    from ase import Atoms

    from .sites import AdsorptionSite

WHOLE, APART = 1.36, 1.5
"""Distances of O and H, angstrom: up to which they are bonded (1.4 bond lengths of water), from which they are not."""
DRIFT = 2.0
"""How far along the surface OH may move off the place of the water, angstrom."""
CLOSE = 1.6
"""Distance that H keeps at least from the O it left and from all else that is adsorbed, angstrom."""
FREE = 1.8
"""Distance that an atom beside the water keeps at least from it, angstrom."""
SAME = 0.2
"""Products whose H is as far from O within this, angstrom, on sites of one kind are taken for one."""


@dataclass(frozen=True)
class Water:
    """Which atoms are the water: their indices.

    Attributes:
        oxygen: of O.
        hydrogens: of both H.
    """

    oxygen: int
    hydrogens: tuple[int, int]

    @classmethod
    def of(cls, atoms: Atoms, n_surface: int) -> Water:
        """Find the water behind the atoms of a surface.

        Args:
            atoms: surface atoms first, then the three of the water in any order, then others.
            n_surface: number of surface atoms.

        Raises:
            StructureError: they are no water.
        """
        own = [n_surface + i for i in range(min(3, len(atoms) - n_surface))]
        symbols = sorted(str(atoms.symbols[i]) for i in own)
        if symbols != ["H", "H", "O"]:
            raise StructureError(
                f"dissociation is that of H2O; {''.join(symbols) or 'nothing'} cannot fall into OH and H"
            )
        oxygen = next(i for i in own if atoms.symbols[i] == "O")
        first, second = (i for i in own if i != oxygen)
        return cls(oxygen, (first, second))

    def bonded(self, atoms: Atoms) -> list[int]:
        """Return the indices of its H that are bonded to its O."""
        return [i for i in self.hydrogens if atoms.get_distance(self.oxygen, i, mic=True) < WHOLE]


@dataclass(frozen=True)
class Split:
    """One way in which water may have fallen into OH and H, not yet relaxed.

    Attributes:
        label: where OH and H are, in words.
        atoms: in the order of the whole water.
        leaving: index of the H that left.
    """

    label: str
    atoms: Atoms
    leaving: int


def beside(atoms: Atoms, bare: Atoms, element: str, distance: float) -> list[tuple[str, Atoms]]:
    """Put a neutral atom beside the water of a surface, on the site of each kind that is nearest to a distance.

    Args:
        atoms: surface with water.
        bare: the same surface without, for its sites.
        element: chemical symbol.
        distance: wanted from its O, along the surface, angstrom.

    Returns:
        Labels of the sites and structures with the atom last, the site nearest to the distance first.

    Raises:
        StructureError: no site is free.
    """
    from .molecules import adsorbate

    water = Water.of(atoms, len(bare))
    centre = atoms.positions[water.oxygen]
    found: dict[str, tuple[float, Atoms]] = {}
    for site in chain.from_iterable(equivalent_sites(bare)):
        apart = _lateral(np.array(site.position) - centre, bare)[1]
        if site.label in found and found[site.label][0] <= abs(apart - distance) + 1e-6:
            continue
        placed = place(bare, adsorbate(element), site)[len(bare) :]
        both = atoms.copy()
        both.extend(placed)
        if both.get_distances(-1, [water.oxygen, *water.hydrogens], mic=True).min() > FREE:
            found[site.label] = (abs(apart - distance), both)
    if not found:
        raise StructureError(f"no site for {element} beside the water; take a larger supercell")
    ordered = sorted(found.items(), key=lambda item: round(item[1][0], 3))
    return [(label, structure) for label, (_, structure) in ordered]


def splits(
    atoms: Atoms,
    bare: Atoms,
    hydroxyl: Mapping[str, float],
    hydrogen: Mapping[str, float],
    reach: float,
) -> list[Split]:
    """Take a water apart: OH on a site near its place, H on a site near that.

    Of the two H that which is nearest to the site leaves, and the other goes with O as it is turned; what is left of
    the whole system stays. Where no site of OH is near, it stays where the water is.

    Args:
        atoms: surface with water, relaxed.
        bare: the same surface without, for its sites.
        hydroxyl: energies of OH alone by label of its sites, eV; other sites are not tried.
        hydrogen: the same of H.
        reach: largest distance along the surface between O and H, angstrom.

    Returns:
        Those that are distinct, by the sum of both energies, then the shorter way of H first.
    """
    water, sites = Water.of(atoms, len(bare)), list(chain.from_iterable(equivalent_sites(bare)))
    guesses: dict[tuple[str, str, float], tuple[float, float, Split]] = {}
    for label, energy, moved in _hydroxyls(atoms, bare, water, sites, hydroxyl):
        for site in sites:
            if site.label not in hydrogen:
                continue
            found = _split(moved, atoms, bare, water, site, reach)
            if found is None:
                continue
            leaving, structure, apart, way = found
            split = Split(f"OH {label}, H {site.label}, {apart:.1f} A apart", structure, leaving)
            key = (label, site.label, round(apart / SAME))
            guess = (round(energy + hydrogen[site.label], 3), round(way, 3), split)
            if key not in guesses or guess[1] < guesses[key][1]:
                guesses[key] = guess
    return [split for _, _, split in sorted(guesses.values(), key=lambda guess: guess[:2])]


def _hydroxyls(
    atoms: Atoms, bare: Atoms, water: Water, sites: Sequence[AdsorptionSite], hydroxyl: Mapping[str, float]
) -> list[tuple[str, float, Atoms]]:
    """Move the water as a whole to where its OH may be: to each near site of OH, else nowhere."""
    from .molecules import adsorbate, orientations

    (upright,) = orientations(adsorbate("OH"))
    nearest: dict[str, tuple[float, float, Atoms]] = {}
    for site in sites:
        if site.label not in hydroxyl:
            continue
        shift, apart = _lateral(np.array(site.position) - atoms.positions[water.oxygen], bare)
        if apart > DRIFT or (site.label in nearest and nearest[site.label][0] <= apart + 1e-6):
            continue
        placed = place(bare, upright.atoms, site)[len(bare) :]
        height = float(placed.positions[placed.numbers == 8][0, 2]) - atoms.positions[water.oxygen, 2]
        moved = atoms.copy()
        moved.positions[[water.oxygen, *water.hydrogens]] += [*shift[:2], height]
        nearest[site.label] = (apart, hydroxyl[site.label], moved)
    if not nearest:
        return [("in place", 0.0, atoms)]
    return [(label, energy, moved) for label, (_, energy, moved) in nearest.items()]


def _split(
    moved: Atoms, atoms: Atoms, bare: Atoms, water: Water, site: AdsorptionSite, reach: float
) -> tuple[int, Atoms, float, float] | None:
    """Put one H on a site; return which, the structure, its distance to O along the surface and its way, or none."""
    from .molecules import adsorbate

    offset, apart = _lateral(np.array(site.position) - moved.positions[water.oxygen], bare)
    if apart > reach:
        return None
    height = place(bare, adsorbate("H"), site).positions[-1, 2]
    target = np.array([*(moved.positions[water.oxygen] + offset)[:2], height])
    leaving = min(water.hydrogens, key=lambda i: float(np.linalg.norm(target - atoms.positions[i])))
    structure = moved.copy()
    structure.positions[leaving] = target
    others = [i for i in range(len(bare), len(atoms)) if i != leaving]
    if structure.get_distances(leaving, others, mic=True).min() < CLOSE:
        return None
    return leaving, structure, apart, float(np.linalg.norm(target - atoms.positions[leaving]))


def _lateral(vector: np.ndarray, surface: Atoms) -> tuple[np.ndarray, float]:
    """Return the shortest image of a vector along the surface, angstrom, without height, and its length."""
    (shortest,), (length,) = find_mic(np.array([vector * (1, 1, 0)]), surface.cell, (True, True, False))
    return np.asarray(shortest), float(length)
