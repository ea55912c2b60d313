"""What a dry run shows of an adatom that moves on a surface, and which systems are surfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...structures.adatoms import AdatomSite, neighbour_hops
from ...structures.building import build, build_bulk, build_from_bulk, slab_axes
from ...structures.prototypes import find
from ...structures.sites import adsorption_sites, face_operations
from ...structures.vacuum import LEAST_VACUUM, widest_gap
from ...workflows.migration.surface_hops import SurfaceHops, adatom_placements
from .solids import LEFT_OUT, bulk_task, indexed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms

    from ...structures.recipes import StructureRecipe
    from ...workflows.common.relaxation_jobs import CellPolicy
    from .base import Task


def is_surface(recipe: StructureRecipe) -> bool | None:
    """Tell whether a system is a slab or a sheet; none where only its atoms can tell.

    Args:
        recipe: of the system.
    """
    if recipe.slab is not None:
        return True
    if recipe.prototype is not None:
        return find(recipe.prototype).sheet
    return False if recipe.heterostructure is not None else None


def has_vacuum(recipe: StructureRecipe) -> bool:
    """Tell whether there is a vacuum along c, as above a slab from a file.

    Args:
        recipe: of the system, with absolute paths.

    Raises:
        StructureError: it cannot be built.
    """
    atoms = build(recipe)
    return atoms.cell.rank == 3 and widest_gap(atoms, 2)[0] >= LEAST_VACUUM


def adatom_tasks(
    name: str, recipe: StructureRecipe, ion: str, hops: SurfaceHops, images: int, cell: CellPolicy | None
) -> Iterator[Task]:
    """Build the bulk, the surface, the adatom on its sites, and about as many bands as there will be.

    Which places the adatom comes to rest at, and so which bands there are, only relaxations tell.

    Args:
        name: of the system.
        recipe: of the system.
        ion: chemical symbol of the adatom.
        hops: which hops.
        images: of each band.
        cell: cell policy of the bulk.

    Raises:
        StructureError: a structure cannot be built, or the surface has no site.
    """
    task, bulk = bulk_task(name, recipe, cell)
    yield task, bulk
    surface = build_from_bulk(recipe, bulk)
    yield f"{name}: relax surface{'' if recipe.slab is None else indexed(bulk, slab_axes(recipe))}", surface
    placed, left_out = adatom_placements(surface, ion, hops)
    for number, start in enumerate(placed):
        atoms = start.structure.to_atoms()
        if left_out and number == len(placed) - 1:
            atoms.info[LEFT_OUT] = left_out
        yield f"{ion} on {name}, {start.site}: relax", atoms
    with_adatom = placed[0].structure.to_atoms()
    expected = _expected_hops(surface, hops)
    for mechanism in hops.mechanism:
        for number in range(expected):
            what = f"{mechanism} {number + 1} of about {expected}"
            yield f"{ion} on {name}, {what}: relax second endpoint", with_adatom
            yield f"{ion} on {name}, {what}: band of {images} images", with_adatom


def adatom_single_points(name: str, recipe: StructureRecipe, ion: str, hops: SurfaceHops, task: str) -> Iterator[Task]:
    """Show what a better method computes of hops on a surface, about as many as there will be.

    Args:
        name: of the system.
        recipe: of the system.
        ion: chemical symbol of the adatom.
        hops: which hops.
        task: what is done.
    """
    surface = build_from_bulk(recipe, build_bulk(recipe.bulk))
    placed, _ = adatom_placements(surface, ion, hops)
    expected = _expected_hops(surface, hops)
    for mechanism in hops.mechanism:
        for number in range(expected):
            for state in ("first endpoint", "second endpoint", "saddle"):
                what = f"{mechanism} {number + 1} of about {expected}"
                yield f"{ion} on {name}, {what}: {task}, {state}", placed[0].structure.to_atoms()


def _expected_hops(surface: Atoms, hops: SurfaceHops) -> int:
    """Return how many hops there are when an adatom rests at every site, the cap on them at most."""
    found = [
        AdatomSite(site.label, tuple((surface.cell.scaled_positions([site.position])[0]).tolist()), 0.0)
        for site in adsorption_sites(surface)
        if hops.sites is None or site.label in hops.sites
    ]
    number = len(neighbour_hops(surface, found, face_operations(surface), hops.max_distance))
    return max(1, number if hops.max_hops is None else min(number, hops.max_hops))
