"""One campaign with several calculators, to be computed and put side by side."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..calculators.specs import SurrogateSpec, parse_spec
from ..calculators.surrogates.card import card_file, read_card
from ..errors import CampaignError
from ..workflows.surrogate.publication import made_labels

if TYPE_CHECKING:
    from ..calculators.specs import AnyMethod
    from .model import Campaign

AS_IT_IS = "campaign"
"""How a comparison calls the calculators that a campaign itself names."""


def compared_campaigns(campaign: Campaign, calculators: Iterable[str]) -> dict[str, Campaign]:
    """Return a campaign with each of some calculators, and last as it is.

    Args:
        campaign: with absolute paths.
        calculators: as campaigns and the command line write them; files are relative to the working folder.

    Returns:
        The campaigns by the names of their calculators, [`AS_IT_IS`][] last.

    Raises:
        CapabilityError: there is no such calculator.
    """
    return {name: with_calculator(campaign, _spec(name)) for name in calculators} | {AS_IT_IS: campaign}


def with_calculator(campaign: Campaign, calculator: AnyMethod) -> Campaign:
    """Give a campaign another calculator everywhere; what a study asks of dispersion stays.

    Args:
        campaign: the campaign.
        calculator: in the place of all its calculators.
    """
    studies = []
    for study in campaign.studies:
        asked = getattr(study.calculator, "dispersion", None)
        own = None
        if asked is not None and "dispersion" in type(calculator).model_fields:
            own = calculator.model_copy(update={"dispersion": asked})
        studies.append(study.model_copy(update={"calculator": own}))
    return campaign.model_copy(update={"calculator": calculator, "studies": studies})


def cards_to_write(campaign: Campaign, calculators: Iterable[str]) -> dict[str, Path]:
    """Find the cards of the surrogates among some calculators, onto which the numbers of a campaign belong.

    Args:
        campaign: by what the surrogates learnt from.
        calculators: as campaigns and the command line write them.

    Returns:
        Files of the cards by the names of the calculators.

    Raises:
        CampaignError: the campaign's calculator did not make the labels of one of them, or none is a surrogate.
    """
    cards = {}
    for name in calculators:
        spec = _spec(name)
        if isinstance(spec, SurrogateSpec):
            card = read_card(spec.card)
            if not made_labels(campaign.calculator, card):
                raise CampaignError(
                    f"{campaign.name}: calculator: {campaign.calculator.kind} did not make the labels of {card.name}, "
                    f"{card.method} did; only numbers by that belong onto its card"
                )
            cards[name] = card_file(spec.card)
    if not cards:
        raise CampaignError("--onto-card: none of the calculators is a surrogate")
    return cards


def _spec(name: str) -> AnyMethod:
    return parse_spec(name).anchored(Path.cwd())
