"""Adsorption sites of a slab as it was built, found again on the same slab as it relaxed.

Studies are planned on slabs as they are built. A relaxation may move one atom over another (O over Ti on anatase), and
the sphere that finds sites would then find others than were planned; the atoms around a site say where it went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ..errors import StructureError
from .building import build
from .documents import StructureDocument
from .sites import AdsorptionSite, adsorption_sites, equivalent_sites, upright_positions

if TYPE_CHECKING:
    from ase import Atoms

    from .recipes import StructureRecipe

SAME_ATOM = 1.0
"""An atom of a slab that was cut from a relaxed bulk is where it was in that of the bulk as built, within this along
the surface, angstrom; else the two slabs do not list their atoms alike."""


def planned_surface(recipe: StructureRecipe, cut: Atoms) -> Atoms:
    """Return a surface as it is planned: nothing relaxed, not even the bulk.

    Args:
        recipe: of the surface.
        cut: made by the recipe from a relaxed bulk.

    Returns:
        What the recipe builds; ``cut`` itself where the relaxation of the bulk changed which atom is which.

    Raises:
        StructureError: the recipe cannot be built.
    """
    planned = build(recipe)
    if recipe.slab is None:
        return planned  # repeated or edited: the same atoms in the same order, however far they relaxed
    if len(planned) != len(cut) or (planned.numbers != cut.numbers).any():
        return cut
    return planned if np.linalg.norm(_moves(planned, cut)[:, :2], axis=1).max() < SAME_ATOM else cut


def planned_document(recipe: StructureRecipe | None, cut: StructureDocument | None) -> StructureDocument | None:
    """Return a surface as it is planned, see [`planned_surface`][].

    Args:
        recipe: of the surface; none in runs begun before it was handed on.
        cut: made by the recipe from the relaxed bulk; none as well.
    """
    if recipe is None or cut is None:
        return None
    return StructureDocument.from_atoms(planned_surface(recipe, cut.to_atoms()))


def chosen_sites(
    surface: Atoms, wanted: Sequence[str] | None = None, built: Atoms | None = None
) -> list[AdsorptionSite]:
    """Find the symmetry-distinct sites of a surface that are wanted.

    Args:
        surface: the slab on which something is put.
        wanted: labels; all when none.
        built: the same slab as it was planned, whose sites are carried over; a wanted one that it lacks is looked for
            on ``surface``. None: all are those of ``surface``.

    Returns:
        Sites in the order of [`adsorption_sites`][].

    Raises:
        StructureError: there is no site of a wanted label.
    """
    found = adsorption_sites(surface) if built is None else carried(adsorption_sites(built), built, surface)
    if wanted is None:
        return found
    if built is not None and not {site.label for site in found}.issuperset(wanted):
        known = {site.label for site in found}
        found += [site for site in adsorption_sites(surface) if site.label not in known]
    missing = sorted(set(wanted) - {site.label for site in found})
    if missing:
        labels = ", ".join(site.label for site in found)
        raise StructureError(f"no adsorption site {', '.join(missing)} on this surface; its sites are {labels}")
    return [site for site in found if site.label in wanted]


def every_site_on(surface: Atoms, built: Atoms | None = None) -> list[AdsorptionSite]:
    """Find all sites in one surface cell, equivalent ones too.

    Args:
        surface: the slab on which something is put.
        built: the same slab as it was planned, whose sites are carried over; none: those of ``surface``.

    Raises:
        StructureError: as for [`equivalent_sites`][].
    """
    found = list(chain.from_iterable(equivalent_sites(surface if built is None else built)))
    return found if built is None else carried(found, built, surface)


def carried(sites: Sequence[AdsorptionSite], built: Atoms, surface: Atoms) -> list[AdsorptionSite]:
    """Move sites along with the atoms around them.

    Args:
        sites: of the slab as built.
        built: that slab.
        surface: the same slab relaxed, atoms in the same order; its lattice may be another.

    Returns:
        The sites, with labels and multiplicities as they were, each moved along the surface by the mean of its
        neighbours and at their mean height.

    Raises:
        StructureError: one of the two is no slab.
    """
    heights, moves = upright_positions(surface)[:, 2], _moves(built, surface)
    moved = []
    for site in sites:
        around = list(site.neighbours)
        lateral = _fractional(np.array([*site.position[:2], 0.0]), built) @ surface.cell.array
        x, y = (lateral + moves[around].mean(axis=0))[:2].tolist()
        moved.append(replace(site, position=(x, y, float(heights[around].mean()))))
    return moved


def _moves(built: Atoms, surface: Atoms) -> np.ndarray:
    """Return how far each atom moved against the lattice, the nearest images meant, angstrom, shape (n, 3)."""
    fractional = _fractional(surface.positions, surface) - _fractional(built.positions, built)
    return np.asarray((fractional - np.rint(fractional)) @ surface.cell.array)


def _fractional(positions: np.ndarray, atoms: Atoms) -> np.ndarray:
    return np.asarray(positions @ np.linalg.inv(atoms.cell.array))
