"""The hops that a migration study begins with, on structures as they are built and not yet relaxed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import StructureError
from ..structures.recipes import build, build_bulk
from ..workflows.migration.flow import hop_between, hop_starts
from .model import MigrationStudy
from .systems import system

if TYPE_CHECKING:
    from ..workflows.migration.barriers import HopStart
    from .model import Campaign, Study


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


def same_campaign(kept: Campaign, now: Campaign) -> bool:
    """Tell whether two campaigns ask for the same; an ion between endpoints may be named in one and found in the other.

    Early versions wrote Zn down where the file named no ion: that is the same where the structures say so.

    Args:
        kept: with absolute paths.
        now: likewise.
    """
    if _said(kept) == _said(now):
        return True
    if len(kept.studies) != len(now.studies):
        return False
    pairs = zip(kept.studies, now.studies, strict=True)
    try:
        studies = [_with_ion_as(old, new, now) for old, new in pairs]
        return _said(kept.model_copy(update={"studies": studies})) == _said(now)
    except StructureError:
        return False


def _said(campaign: Campaign) -> object:
    """Return what a campaign says as it is written down: of a hexagonal index three numbers, say, and not four."""
    return campaign.model_dump(mode="json")


def _with_ion_as(old: Study, new: Study, now: Campaign) -> Study:
    """Leave the ion of a hop open, as the same study now does, where it is the one that the structures say."""
    if not (isinstance(old, MigrationStudy) and isinstance(new, MigrationStudy)) or new.ion is not None:
        return old
    (found,) = migration_starts(new, now)
    return old.model_copy(update={"ion": None}) if old.ion == found.ion else old
