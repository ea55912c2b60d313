"""Whether two campaigns ask for the same, one of them perhaps in the words of an earlier version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import StructureError

if TYPE_CHECKING:
    from .model import Campaign

TOLD_TO_TABLES = ("parents", "published")
"""Keys of a campaign that nothing is computed with."""


def same_campaign(kept: Campaign, now: Campaign) -> bool:
    """Tell whether two campaigns ask for the same.

    Args:
        kept: with absolute paths.
        now: likewise.
    """
    if _said(kept) == _said(now):
        return True
    if [study.kind for study in kept.studies] != [study.kind for study in now.studies]:
        return False
    pairs = zip(kept.studies, now.studies, now.contexts(), strict=True)
    try:
        studies = [old.as_said_now(new, context) for old, new, context in pairs]
    except StructureError:
        return False
    return _said(kept.model_copy(update={"studies": studies})) == _said(now)


def telling_tables(kept: Campaign, now: Campaign) -> Campaign:
    """Return a campaign with what another one says to tables alone.

    Args:
        kept: the campaign.
        now: the other.
    """
    return kept.model_copy(update={key: getattr(now, key) for key in TOLD_TO_TABLES})


def _said(campaign: Campaign) -> object:
    """Return what a campaign says as it is written down: of a hexagonal index three numbers, say, and not four.

    What only tables read is left out: to say it later changes no result.
    """
    return campaign.model_dump(mode="json", exclude=set(TOLD_TO_TABLES))
