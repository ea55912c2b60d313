"""What campaigns say of their systems for tables: which is the parent of which, and what papers call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import AzibflowError
from ...hpc.run_folder import SOURCE
from ...input_files.yaml_files import read_yaml

if TYPE_CHECKING:
    from maggma.core.store import Store


@dataclass(frozen=True)
class Declared:
    """What is said of systems.

    Attributes:
        parents: parent by the name of a system.
        published: names in papers by the name of a system.
    """

    parents: Mapping[str, str] = field(default_factory=dict)
    published: Mapping[str, Sequence[str]] = field(default_factory=dict)


def declared_by(sources: Sequence[Path | Store], beside: Declared | None = None) -> Declared:
    """Read what the campaigns of some runs say; a store alone knows of no campaign.

    Args:
        sources: run folders or stores.
        beside: what is said beside that, and goes before it.

    Returns:
        All of it; where runs differ on a system, the first one counts.
    """
    said = [beside or Declared(), *(_said(campaign_of(one)) for one in sources if isinstance(one, Path))]
    return Declared(_first(one.parents for one in said), _first(one.published for one in said))


def campaign_of(run: Path) -> dict[str, Any]:
    """Return the campaign file of a run as plain data; nothing where there is none, or none that can be read.

    Args:
        run: its folder.
    """
    try:
        data = read_yaml(run / SOURCE, "campaign", AzibflowError).data
    except AzibflowError:
        return {}
    return data if isinstance(data, dict) else {}


def _said(campaign: Mapping[str, Any]) -> Declared:
    parents, published = (campaign.get(key) or {} for key in ("parents", "published"))
    names = {system: [one] if isinstance(one, str) else list(one) for system, one in published.items()}
    return Declared(dict(parents), names)


def _first(said: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in said:
        found = {**one, **found}
    return found
