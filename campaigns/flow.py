"""A campaign becomes one Jobflow Flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobflow import Flow

from ..structures.building import embed_file

if TYPE_CHECKING:
    from .model import Campaign


def campaign_flow(campaign: Campaign) -> Flow:
    """Make the graph of a whole campaign; jobs that studies share appear in it once.

    Args:
        campaign: with absolute paths, as [`load_campaign`][] returns it.

    Returns:
        Flow named after the campaign, its studies in order after the jobs they share.

    Raises:
        StructureError: a structure file cannot be read.
    """
    campaign = campaign.model_copy(
        update={
            "systems": {name: embed_file(recipe) for name, recipe in campaign.systems.items()},
            "studies": [study.pinned() for study in campaign.studies],
            "calculator": campaign.calculator.pinned(),
        }
    )
    contexts = campaign.contexts()
    pairs = zip(campaign.studies, contexts, strict=True)
    studies = [flow for study, context in pairs for flow in study.flows(context)]
    return Flow([*contexts[0].shared.jobs, *studies], name=campaign.name)
