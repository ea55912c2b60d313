"""Commands that go on with a run ask first whether it is one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..campaigns.model import Campaign
    from ..hpc.run_folder import RunFolder

trust_option = click.option(
    "--trust",
    "trusted",
    is_flag=True,
    help="Go on although the run folder is another user's, or names code of others: it is executed.",
)


def require_trust(folder: RunFolder, trusted: bool, campaign: Campaign | None = None) -> None:
    """Go on only with a run of one's own, or one that the user vouches for.

    Args:
        folder: of the run.
        trusted: the user vouches for it.
        campaign: that the user has named; the code that it names is the user's own business.

    Raises:
        RunError: the folder is another user's, or names code of others.
    """
    from ..hpc.named_code import foreign_code
    from ..hpc.trust import require_trust as require

    named = [] if campaign is None else [code.module for code in foreign_code(campaign.model_dump(mode="json"))]
    require(folder, trusted=trusted, allowed=named)
