"""The hops that a migration study begins with, on structures as they are built and not yet relaxed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..structures.recipes import build, build_bulk
from ..workflows.migration import hop_between, hop_starts
from .systems import system

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
    if study.endpoints is None:
        (host,) = study.systems
        with system(campaign, host) as recipe:
            return hop_starts(build_bulk(recipe.bulk), study.hopping_ion, study.hops, label=recipe.described)
    states = []
    for name in study.endpoints:
        with system(campaign, name) as recipe:
            states.append(build(recipe))
    files = [campaign.systems[name].file for name in study.endpoints]
    names = tuple(
        name if file is None else f"{name} ({file})" for name, file in zip(study.endpoints, files, strict=True)
    )
    return [
        hop_between(
            states[0],
            states[1],
            ion=study.ion,
            pairing=study.pairing or "nearest",
            systems=study.endpoints,
            names=(names[0], names[1]),
        )
    ]
