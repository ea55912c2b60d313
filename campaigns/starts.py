"""The hops that a migration study begins with, on structures as they are built and not yet relaxed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..structures.recipes import build, build_bulk
from ..workflows.migration import hop_between, hop_starts

if TYPE_CHECKING:
    from ..workflows.barriers import HopStart
    from .model import Campaign, MigrationStudy


def migration_starts(study: MigrationStudy, campaign: Campaign) -> list[HopStart]:
    """Find the hops of a study.

    Args:
        study: with endpoints, or with a host whose hops are enumerated.
        campaign: with absolute paths.

    Raises:
        StructureError: a structure cannot be built, or has no hop of the kind asked for.
    """
    recipes = [campaign.systems[name] for name in study.systems]
    if study.endpoints is None:
        return hop_starts(build_bulk(recipes[0]), study.hopping_ion, study.hops, label=recipes[0].label)
    first, last = (build(recipe) for recipe in recipes)
    names = tuple(
        name if recipe.file is None else f"{name} ({recipe.file})"
        for name, recipe in zip(study.endpoints, recipes, strict=True)
    )
    return [
        hop_between(
            first,
            last,
            ion=study.ion,
            pairing=study.pairing or "nearest",
            systems=study.endpoints,
            names=(names[0], names[1]),
        )
    ]
