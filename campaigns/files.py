"""Read a campaign file; every mistake is reported with its line and the nearest valid key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import CampaignError
from ..input_files.yaml_files import read_model, read_yaml
from ..structures.recipes import StructureRecipe
from .model import Campaign

KIND = "kind"
"""Key that tells which model a mapping is of; it stays where all else is a default."""


def load_campaign(path: Path) -> Campaign:
    """Read and validate a campaign file.

    Args:
        path: YAML file; structure and weight files in it are relative to its folder.

    Returns:
        The campaign with defaults filled in and absolute paths.

    Raises:
        CampaignError: the file cannot be read, is not YAML, or is not a campaign; names the line and the key.
    """
    shape = "a mapping with name, systems and studies"
    campaign = read_model(path, Campaign, "campaign", shape, CampaignError)
    return campaign.anchored(path.resolve().parent)


def study_line(path: Path, number: int) -> int:
    """Return the line on which a study begins.

    Args:
        path: a valid campaign file.
        number: of the study, from 1.
    """
    return line_of(path, "studies", number - 1)


def line_of(path: Path, *location: int | str) -> int:
    """Return the line on which a part of a campaign begins.

    Args:
        path: a valid campaign file.
        location: keys and list positions from the whole to the part.
    """
    return read_yaml(path, "campaign", CampaignError).line(list(location))


def load_recipe(path: Path, changes: dict[str, Any]) -> StructureRecipe:
    """Read one structure recipe from a YAML file.

    Args:
        path: file with the keys of one system of a campaign.
        changes: keys that replace those of the file.

    Raises:
        CampaignError: the file cannot be read or is no recipe.
    """
    shape = "a mapping such as 'prototype: alpha-V2O5'"
    recipe = read_model(path, StructureRecipe, "recipe", shape, CampaignError, changes)
    return recipe.anchored(path.resolve().parent)


def dump_campaign(campaign: Campaign) -> str:
    """Write a campaign as YAML with every default spelled out.

    Args:
        campaign: the campaign.

    Returns:
        YAML that [`load_campaign`][] reads back to the same campaign.
    """
    return _in_yaml(campaign.model_dump(mode="json"))


def brief_campaign(campaign: Campaign) -> str:
    """Write a campaign as somebody would by hand: what differs from the defaults, and every kind.

    Args:
        campaign: the campaign.

    Returns:
        YAML that [`load_campaign`][] reads back to the same campaign.
    """
    whole = campaign.model_dump(mode="json")
    return _in_yaml(_with_kinds(campaign.model_dump(mode="json", exclude_defaults=True), whole))


def _with_kinds(brief: Any, whole: Any) -> Any:
    """Put every ``kind`` back, which tells what the other keys mean, the keys in the order of the whole."""
    if isinstance(whole, dict):
        return {key: _with_kinds(brief.get(key), whole[key]) for key in whole if key in brief or key == KIND}
    if isinstance(whole, list):
        return [_with_kinds(one, its) for one, its in zip(brief, whole, strict=True)]
    return whole


def _in_yaml(data: dict[str, Any]) -> str:
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()
