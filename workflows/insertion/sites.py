"""Where ions are put into a host to begin with: distinct sites, and several ions as far apart as they go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from ase.geometry import get_distances
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveFloat, PositiveInt

from ...errors import StructureError
from ...structures.documents import Vector
from ...structures.heterostructures import film_and_support
from ...structures.hydroxyls import GROUP, hydroxyl_places
from ...structures.insertion_sites import insertion_sites
from ...structures.interstitials import equivalent_places, interstitial_sites, site_at
from ...structures.labels import numbered
from ...structures.symmetry import SymmetryOperations, crystal_operations, same_point
from ...structures.vacuum import LEAST_VACUUM, widest_gap

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

Region = Literal["inside", "gap", "anywhere"]
HYDROGEN = "H"
MOST_ON_GRID = 40
"""Places of a structure without symmetry that are looked at."""
EDGE = 0.3
"""How far a site in the gap may be beyond the facing atoms of film and support, angstrom."""


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class SiteSettings(BaseModel):
    """Which sites of a host are tried."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    max_sites: PositiveInt = Field(4, description="most distinct sites tried for each number of ions")
    apart: PositiveFloat = Field(1.0, description="sites closer than this are one, angstrom")
    ions_apart: PositiveFloat = Field(2.0, description="least distance between ions to begin with, angstrom")
    at: Annotated[tuple[str, ...], BeforeValidator(_one_or_more), Field(min_length=1)] | None = Field(
        None,
        description="only these sites: names that the prototype gives places, such as 1x1 tunnel (azibflow list "
        "prototypes), or labels of sites, such as O6; a name or a list; none: all sites",
        exclude_if=lambda at: at is None,  # written as before there was this key
    )
    region: Region | None = Field(
        None,
        description="gap: between film and support; inside: not above or below a slab; anywhere; none: the gap of a "
        "heterostructure, and inside of all else",
    )


@dataclass(frozen=True)
class StartingSite:
    """A site with all its equivalents.

    Attributes:
        label: the name that the prototype of the host gives the place, such as "2x2 tunnel", else its neighbours, such
            as "O6", or "OH" for hydrogen on an oxygen; a number tells equal ones apart.
        places: fractional coordinates, shape (n, 3), one of them first from which the others are reached.
    """

    label: str
    places: Array


def starting_sites(
    host: Atoms, ion: str, settings: SiteSettings, region: Region, places: Mapping[str, Vector] | None = None
) -> list[StartingSite]:
    """Find the distinct sites of a host that an ion is put on.

    The middles of its voids; after them, in a host with vacuum, and before them, in the gap of a heterostructure,
    places that touch anions; for H before all these the places that make a hydroxyl group, 0.98 angstrom from an oxygen
    towards a void.

    Args:
        host: periodic structure; ions that it holds already stay.
        ion: chemical symbol.
        settings: how near sites may be to each other, and which are wanted.
        region: where they may be.
        places: names that the prototype of the host gives places, fractional; a void within ``apart`` of one is called
            by it, and a name that is wanted is that very place.

    Returns:
        Sites, those to be tried first at the beginning.

    Raises:
        StructureError: there is no room, or no site of a wanted name.
    """
    symmetry, named = crystal_operations(host), {name: np.array(place) for name, place in (places or {}).items()}
    middles = interstitial_sites(host, ion, apart=settings.apart)
    voids = [(site.label.partition("-")[0], np.array(site.fractional)) for site in middles]
    voids = [(_name_of(place, named, host, symmetry, settings.apart) or label, place) for label, place in voids]
    if region == "gap" or _has_vacuum(host):
        touching = insertion_sites(host, ion, MOST_ON_GRID) @ np.linalg.inv(host.cell.array)
        found = [(site_at(host, ion, place, symmetry).label, place) for place in touching]
        voids = found + voids if region == "gap" else voids + found
    hydroxyls = [(GROUP, place) for place in hydroxyl_places(host, symmetry)] if ion == HYDROGEN else []
    kept: list[tuple[str, Array]] = []
    for label, place in [(name, named[name]) for name in settings.at or () if name in named] + hydroxyls + voids:
        images = symmetry.images(place)
        near = any(same_point(images, other, host.cell.array, settings.apart).any() for _, other in kept)
        if not near and _in_region(host, place, region):
            kept.append((label, place))
    if not kept:
        name = host.info.get("label") or host.get_chemical_formula()
        where = {"gap": " between film and support", "inside": "", "anywhere": ""}[region]
        raise StructureError(f"{name} has no interstitial site with room for {ion}{where}")
    labels = numbered([label for label, _ in kept])
    if missing := [label for label in settings.at or () if label not in labels]:
        name = host.info.get("label") or host.get_chemical_formula()
        raise StructureError(
            f"{name}: sites: at: it has no site {', '.join(missing)} for {ion}; it has {', '.join([*named, *labels])}"
        )
    return [
        StartingSite(label, _equivalents(host, place, symmetry, region))
        for label, (_, place) in zip(labels, kept, strict=True)
        if settings.at is None or label in settings.at
    ]


def _name_of(
    place: Array, named: Mapping[str, Array], host: Atoms, symmetry: SymmetryOperations, apart: float
) -> str | None:
    """Return the name of a place that is known, or so near to one that the two are one site."""
    images = symmetry.images(place)
    near = (name for name, known in named.items() if same_point(images, known, host.cell.array, apart).any())
    return next(near, None)


def filled_hosts(
    host: Atoms, ion: str, n: int, sites: Sequence[StartingSite], settings: SiteSettings
) -> dict[str, Atoms]:
    """Put ions into a host, beginning on each of the first sites.

    The first ion is on the site itself, the others on equivalent places, all at least so far apart, images included,
    as leaves places for all: of all distances the largest at which places that are chosen one after the other, always
    the nearest that is far enough, are enough. Where equivalents are not, places of all sites are taken.

    Args:
        host: without the ions.
        ion: chemical symbol.
        n: number of ions.
        sites: all sites.
        settings: how many of them, and how far ions are apart at least.

    Returns:
        Loaded hosts, not relaxed, by the label of the first site.

    Raises:
        StructureError: on none of the sites there is room for so many.
    """
    from ase import Atoms as Ions

    found, most = {}, 0
    for site in sites[: settings.max_sites]:
        others = [other.places for other in sites if other is not site]
        places = _spread(site.places, n, host, settings.ions_apart)
        if len(places) < n:
            places = _spread(np.concatenate([site.places, *others]), n, host, settings.ions_apart)
        most = max(most, len(places))
        if len(places) == n:
            loaded = host + Ions(f"{ion}{n}", scaled_positions=places, cell=host.cell, pbc=host.pbc)
            loaded.info = {key: value for key, value in host.info.items() if key != "label"}
            loaded.info["label"] = f"{ion} on {site.label}" if n == 1 else f"{n} {ion} from {site.label}"
            found[site.label] = loaded
    if not found:
        name = host.info.get("label") or host.get_chemical_formula()
        raise StructureError(
            f"{name} has room for {most} {ion} at least {settings.ions_apart:g} angstrom apart, fewer than {n}; ask "
            "for fewer ions, repeat the cell, or lower sites: {ions_apart}"
        )
    return found


def _spread(places: Array, n: int, host: Atoms, apart: float) -> Array:
    """Choose places far apart, the first among them; fewer where there are not so many."""
    points = places @ host.cell.array
    _, distances = get_distances(points, cell=host.cell, pbc=host.pbc)
    distances = np.round(distances, 3)
    chosen = [0]
    for least in [one for one in np.unique(distances)[::-1] if one >= apart] if n > 1 else ():
        found = _packed(distances, places, n, least)
        chosen = max(chosen, found, key=len)
        if len(chosen) == n:
            break
    return np.asarray(places[chosen])


def _packed(distances: Array, places: Array, n: int, least: float) -> list[int]:
    """Choose places from the first on, always the nearest to those chosen that is at least so far from all."""
    chosen = [0]
    while len(chosen) < n:
        nearest = distances[:, chosen].min(axis=1)
        far = np.flatnonzero(nearest >= least)
        if not len(far):
            break
        chosen.append(int(min(far, key=lambda one: (nearest[one], np.round(places[one], 3).tolist()))))
    return chosen


def _equivalents(host: Atoms, place: Array, symmetry: SymmetryOperations, region: Region) -> Array:
    places = equivalent_places(place, host, symmetry)
    return np.array([one for one in places if _in_region(host, one, region)])


def _has_vacuum(host: Atoms) -> bool:
    return any(widest_gap(host, axis)[0] >= LEAST_VACUUM for axis in range(3))


def _in_region(host: Atoms, place: Array, region: Region) -> bool:
    """Tell whether a fractional place is where ions are to go."""
    if region == "anywhere":
        return True
    if region == "gap":
        film, support = film_and_support(host)
        normal = host.cell.reciprocal()[2]
        normal = normal / np.linalg.norm(normal)
        heights, height = host.positions @ normal, float(place @ host.cell.array @ normal)
        return bool(heights[support].max() - EDGE < height < heights[film].min() + EDGE)
    return all(_between_atoms(host, place, axis) for axis in range(3))


def _between_atoms(host: Atoms, place: Array, axis: int) -> bool:
    """Tell whether a place is outside the vacuum along an axis, where there is any."""
    gap, end = widest_gap(host, axis)
    if gap < LEAST_VACUUM or not host.pbc[axis]:
        return True
    height = 1 / float(np.linalg.norm(host.cell.reciprocal()[axis]))
    return bool((end - place[axis]) % 1.0 >= gap / height)
