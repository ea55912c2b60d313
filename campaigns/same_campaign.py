"""Whether two campaigns ask for the same, one of them perhaps in the words of an earlier version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import StructureError

if TYPE_CHECKING:
    from .model import Campaign


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


def _said(campaign: Campaign) -> object:
    """Return what a campaign says as it is written down: of a hexagonal index three numbers, say, and not four."""
    return campaign.model_dump(mode="json")
