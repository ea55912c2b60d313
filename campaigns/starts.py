"""The hops and adsorption sites that a study begins with, on structures as they are built and not yet relaxed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..structures.recipes import build, build_bulk, build_from_bulk
from ..workflows.adsorption import Placement, placements
from ..workflows.migration import hop_between, hop_starts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms

    from ..structures.recipes import StructureRecipe
    from ..workflows.barriers import HopStart
    from .model import AdsorptionStudy, Campaign, MigrationStudy


class SurfaceStart(NamedTuple):
    """A bare surface and the places of adsorbates on it."""

    recipe: StructureRecipe
    bulk: Atoms
    surface: Atoms
    adsorbates: dict[str, list[Placement]]


def migration_starts(study: MigrationStudy, campaign: Campaign) -> list[HopStart]:
    """Find the hops of a study.

    Args:
        study: with endpoints, or with a host whose hops are enumerated.
        campaign: with absolute paths.

    Raises:
        StructureError: a structure cannot be built, or has no hop of the kind asked for.
    """
    recipes = [campaign.systems[name] for name in study.systems]
    if study.endpoints is not None:
        return [hop_between(build(recipes[0]), build(recipes[1]), label=recipes[0].label)]
    return hop_starts(build_bulk(recipes[0]), study.ion, study.hops, label=recipes[0].label)


def adsorption_starts(study: AdsorptionStudy, campaign: Campaign) -> Iterator[SurfaceStart]:
    """Build the surfaces of a study and put its adsorbates on their sites.

    Args:
        study: surfaces, adsorbates and sites.
        campaign: with absolute paths.

    Yields:
        Surfaces in the order of the study.

    Raises:
        StructureError: a structure cannot be built, or has no site of the kind asked for.
    """
    for name in study.system:
        recipe = campaign.systems[name]
        bulk = build_bulk(recipe)
        surface = build_from_bulk(recipe, bulk)
        found = {adsorbate: placements(surface, adsorbate, study.sites) for adsorbate in study.adsorbate}
        yield SurfaceStart(recipe, bulk, surface, found)
