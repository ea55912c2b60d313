"""The systems of a campaign: what goes wrong with one is told with its name and its file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import CapabilityError, StructureError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..structures.recipes import StructureRecipe
    from .model import Campaign


@contextmanager
def system(campaign: Campaign, name: str) -> Iterator[StructureRecipe]:
    """Hand out the recipe of a system, or of a molecule that is none, and name it in every refusal.

    Args:
        campaign: with absolute paths.
        name: of the system or molecule.

    Raises:
        StructureError: what was raised within, with the name of the system and of its file.
        CapabilityError: likewise.
    """
    try:
        yield campaign.recipe(name)
    except (CapabilityError, StructureError) as error:
        if name not in campaign.systems:
            raise
        raise type(error)(f"{_where(campaign, name, str(error))}: {error}") from error


def _where(campaign: Campaign, name: str, said: str) -> str:
    """Name a system, and its files where what is said does not name them."""
    files = ", ".join(str(file) for file in campaign.systems[name].files if str(file) not in said)
    return f"system {name!r}" + (f" ({files})" if files else "")
