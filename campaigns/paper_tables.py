"""Campaigns and files of claims that compute the tables of the papers, to begin with."""

from __future__ import annotations

import re
from pathlib import Path

from ..data.tables import computable, paper_table
from ..errors import CampaignError


def table_file(key: str, path: Path) -> str:
    """Write the campaign of a table, or its claims, as text; nothing is written to disk.

    Args:
        key: short name of the table, such as T6.
        path: file that it is for; its name is that of the campaign.

    Returns:
        The text of the file, with comments that say what its rows are.

    Raises:
        AzibflowError: there is no such table.
        CampaignError: nothing computes it.
    """
    table = paper_table(key)
    if table.text is None:
        there = ", ".join(computable())
        raise CampaignError(f"{key}, {table.title}, has no campaign yet; those that have one: {there}")
    return re.sub(r"^name: .*$", f"name: {path.stem}", table.text, count=1, flags=re.MULTILINE)
