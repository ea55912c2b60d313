"""An ion with its shell of water on a surface: where relaxations of such a complex start.

The ion stands above a site, the waters around it where the surface leaves room, as far from each other as that allows,
their hydrogen atoms turned to where they have most room. Sites, heights and the turn about the surface normal differ
from start to start; the same seed makes the same starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, product, zip_longest
from typing import TYPE_CHECKING

import numpy as np
from ase.data import covalent_radii
from ase.data.vdw_alvarez import vdw_radii

from ..errors import StructureError
from .carried_sites import chosen_sites
from .clusters.solvation import ZINC_OXYGEN, water_towards
from .coordination import neighbour_distances
from .sites import AdsorptionSite, place, upright_positions
from .vacuum import LEAST_VACUUM

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

MOST_WATERS = 6
"""In one shell."""
CLEAR = 0.75
"""Oxygen atoms of a shell stay this fraction of the van der Waals radii (10.1039/c3dt50599e) away from the surface:
2.9 angstrom from Zn, 2.3 from O."""
APART = 2.5
"""Shortest distance between oxygen atoms of a shell, angstrom; of an octahedron around Zn2+ it is 2.98."""
FROM_IMAGES = 3.5
"""Shortest distance from an ion to the waters of its images, angstrom: first shells of Zn2+ end at 2.4."""
HYDROGEN_APART = 1.6
"""Shortest distance of a hydrogen atom to anything it is not bound to, angstrom: a short hydrogen bond."""
CLIMB = 0.25
"""Steps by which the ion is raised until its shell has room, angstrom."""
HIGHEST = 5.0
"""Rise above contact at which there is room for every shell, angstrom."""
RAISED = 1.0
"""Every other start of a site has its ion this much higher than it has to be, angstrom."""
GOLDEN = np.pi * (3 - np.sqrt(5))
"""Turn about the surface normal from one start of a site to the next, radians: no two alike."""
SAME_DISTANCE = 0.15
"""Waters are alike when no distance to one of their eight neighbours differs by more than this, angstrom."""
STEEP = 8
"""Oxygen atoms of a shell repel each other by the inverse of this power of their distance: the nearest one counts."""
DIRECTIONS = 600
TURNS = 12


@dataclass(frozen=True)
class Shell:
    """One start.

    Attributes:
        name: the site that the ion stands above, how far above contact (angstrom) and how the shell is turned
            (degrees); or what it was made from.
        atoms: the surface, the ion, then O, H, H of each water.
    """

    name: str
    atoms: Atoms


def surface_shells(
    surface: Atoms,
    ion: str,
    waters: int,
    count: int,
    *,
    sites: list[str] | None = None,
    seed: int = 0,
    planned: Atoms | None = None,
) -> list[Shell]:
    """Put an ion with its shell of water on a surface in several ways.

    The first starts are on different sites, a top, a bridge and a hollow in turn; then come the same sites again, the
    shell turned, the ion raised in every other of them. A bare ion has one start on a site.

    Args:
        surface: relaxed slab or sheet with a vacuum above.
        ion: symbol.
        waters: in the shell, 0 to 6.
        count: starts wanted.
        sites: labels of the sites wanted; all when none.
        seed: of the turns of the waters.
        planned: the surface as it was planned, whose sites are meant; none: those of ``surface``.

    Returns:
        At most ``count`` starts.

    Raises:
        StructureError: the surface has no site, or none of a wanted label; its cell is too small, or its vacuum.
    """
    chosen = _chosen(surface, sites, planned)
    around = 1 if waters == 0 else -(-count // len(chosen))
    ways = islice(product(range(around), chosen), count)
    return [_shell(surface, ion, waters, site, way, seed) for way, site in ways]


def without_each_water(shell: Atoms, n_surface: int, name: str) -> list[Shell]:
    """Take one water away, every one that has surroundings of its own.

    Args:
        shell: surface, ion and waters, relaxed.
        n_surface: number of surface atoms.
        name: of the state.

    Returns:
        One structure for each distinct water.
    """
    distinct: list[tuple[Array, Shell]] = []
    for number, oxygen in enumerate(range(n_surface + 1, len(shell), 3), start=1):
        around = neighbour_distances(shell, oxygen, count=8)
        if any(np.abs(around - known).max() < SAME_DISTANCE for known, _ in distinct):
            continue
        rest = shell.copy()
        del rest[[oxygen, oxygen + 1, oxygen + 2]]
        distinct.append((around, Shell(f"{name} without water {number}", rest)))
    return [made for _, made in distinct]


def _chosen(surface: Atoms, wanted: list[str] | None, planned: Atoms | None) -> list[AdsorptionSite]:
    """Return the sites, a top, a bridge and a hollow in turn."""
    kept = chosen_sites(surface, wanted, planned)
    if not kept:
        name = surface.info.get("label") or surface.get_chemical_formula()
        raise StructureError(f"{name}: no adsorption site is found on this surface")
    kinds = [[site for site in kept if site.label.startswith(kind)] for kind in ("top", "bridge", "hollow")]
    return [site for site in chain.from_iterable(zip_longest(*kinds)) if site is not None]


def _shell(surface: Atoms, ion: str, waters: int, site: AdsorptionSite, way: int, seed: int) -> Shell:
    """Build one start: at contact or higher, as low as the shell has room, raised in every other way."""
    from ase import Atoms

    alone = Atoms([ion])
    alone.info["label"] = ion
    base = place(surface, alone, site)
    if waters == 0:
        return Shell(site.label, base)
    generator = np.random.default_rng([seed, way])
    surroundings = _Surroundings(surface)
    for rise in _rises(way):
        centre = base.positions[-1] + (0, 0, rise)
        oxygens = _spread(centre, ZINC_OXYGEN[waters] + _size(ion), waters, way * GOLDEN, surroundings)
        made = None if oxygens is None else _watered(base, centre, oxygens, generator, surroundings)
        if made is not None:
            _check_room(made, surroundings, waters)
            turned = f", turned {np.degrees(way * GOLDEN) % 360:.0f}" if way else ""
            return Shell(f"{site.label} +{rise:.2f}{turned}", made)
    raise StructureError(
        f"{surface.info.get('label') or surface.get_chemical_formula()}: its cell leaves no room for {ion} with "
        f"{waters} H2O at {site.label}; repeat the surface: supercell, or ask for fewer waters"
    )


def _rises(way: int) -> Iterator[float]:
    lowest = RAISED if way % 2 else 0.0
    yield from lowest + np.arange(0.0, HIGHEST + CLIMB / 2, CLIMB)


def _size(ion: str) -> float:
    """Return how much longer the bonds of an ion are than those of zinc, by covalent radii, angstrom."""
    from ase.data import atomic_numbers

    return float(covalent_radii[atomic_numbers[ion]] - covalent_radii[atomic_numbers["Zn"]])


class _Surroundings:
    """The surface in one piece and its images to all sides, as a shell above it sees them."""

    def __init__(self, surface: Atoms) -> None:
        self.cell = surface.cell.array
        lateral = [i * self.cell[0] + j * self.cell[1] for i, j in product((-1, 0, 1), repeat=2)]
        self.images = np.array([shift for shift in lateral if np.abs(shift).max() > 1e-9])
        upright = upright_positions(surface)
        self.lowest = float(upright[:, 2].min())
        self.positions = np.concatenate([upright + shift for shift in lateral])
        self.reach = np.tile(CLEAR * (vdw_radii[surface.numbers] + vdw_radii[8]), len(lateral))

    def clear(self, places: Array) -> Array:
        """Tell which places an oxygen atom may have."""
        apart = np.linalg.norm(places[:, None] - self.positions[None], axis=2)
        return np.asarray((apart >= self.reach).all(axis=1))

    def repeated(self, places: Array) -> Array:
        """Return the images of some places, without themselves."""
        return np.concatenate([places + shift for shift in self.images])


def _spread(centre: Array, distance: float, waters: int, turn: float, surroundings: _Surroundings) -> Array | None:
    """Choose places of oxygen atoms around an ion that repel each other and their images; none without room."""
    index = np.arange(DIRECTIONS) + 0.5
    polar, azimuth = np.arccos(1 - 2 * index / DIRECTIONS), GOLDEN * index + turn
    sphere = np.column_stack([np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)])
    places = centre + distance * sphere
    places = places[surroundings.clear(places)]
    if len(places) < waters:
        return None
    chosen = list(range(waters))
    for _ in range(20):
        before = list(chosen)
        for k in range(waters):
            others = places[chosen[:k] + chosen[k + 1 :]]
            others = np.concatenate([others, surroundings.repeated(places[chosen])])
            apart = np.linalg.norm(places[:, None] - others[None], axis=2)
            chosen[k] = int(np.argmin((np.maximum(apart, 0.1) ** -STEEP).sum(axis=1)))
        if chosen == before:
            break
    found = places[chosen]
    apart = np.linalg.norm(found[:, None] - np.concatenate([found, surroundings.repeated(found)])[None], axis=2)
    apart[np.arange(waters), np.arange(waters)] = np.inf
    roomy = apart.min() >= APART and _least(found, surroundings.repeated(centre[None])) >= FROM_IMAGES
    return found if roomy else None


def _watered(
    base: Atoms, centre: Array, oxygens: Array, generator: np.random.Generator, surroundings: _Surroundings
) -> Atoms | None:
    """Put waters on their places, each turned to where its hydrogen atoms have most room; none where one has none."""
    made = base.copy()
    made.positions[-1] = centre
    own = np.concatenate([[centre], oxygens])
    rest = np.concatenate([surroundings.positions, own, surroundings.repeated(own)])
    hydrogens = np.zeros((0, 3))
    for number, oxygen in enumerate(oxygens):
        others = np.delete(rest, len(surroundings.positions) + 1 + number, axis=0)
        others = np.concatenate([others, hydrogens, surroundings.repeated(hydrogens)])
        outward = oxygen - centre
        turned = [
            water_towards(centre, outward, float(np.linalg.norm(outward)), turn)
            for turn in generator.uniform(0, np.pi, TURNS)
        ]
        free = [_least(water.positions[1:], others) for water in turned]
        if max(free) < HYDROGEN_APART:
            return None
        water = turned[int(np.argmax(free))]
        water.set_tags(0)
        made.extend(water)
        hydrogens = np.concatenate([hydrogens, water.positions[1:]])
    return made


def _least(some: Array, others: Array) -> float:
    return float(np.linalg.norm(some[:, None] - others[None], axis=2).min())


def _check_room(made: Atoms, surroundings: _Surroundings, waters: int) -> None:
    """Refuse a vacuum that the complex fills."""
    top = made.positions[-(3 * waters + 1) :, 2].max()
    room = surroundings.lowest + surroundings.cell[2, 2] - top
    if room < LEAST_VACUUM / 2:
        label = made.info.get("label") or made.get_chemical_formula()
        raise StructureError(
            f"{label}: {waters} H2O on this surface leave {room:.2f} angstrom to the next slab above; use more vacuum"
        )
