"""Read a campaign file; every mistake is reported with its line and the nearest valid key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import CampaignError
from ..input_files.yaml_files import read_model, read_yaml
from ..structures.recipes import StructureRecipe
from .model import Campaign


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
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = StringIO()
    yaml.dump(campaign.model_dump(mode="json"), stream)
    return stream.getvalue()
