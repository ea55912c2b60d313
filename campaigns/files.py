"""Read a campaign file; every mistake is reported with its line and the nearest valid key."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from ..errors import CampaignError
from ..structures.recipes import StructureRecipe
from .model import Campaign

if TYPE_CHECKING:
    from collections.abc import Sequence


def load_campaign(path: Path) -> Campaign:
    """Read and validate a campaign file.

    Args:
        path: YAML file; structure and weight files in it are relative to its folder.

    Returns:
        The campaign with defaults filled in and absolute paths.

    Raises:
        CampaignError: the file cannot be read, is not YAML, or is not a campaign; names the line and the key.
    """
    data = _load_yaml(path)
    if not isinstance(data, dict):
        raise CampaignError(f"{path}: a campaign is a mapping with name, systems and studies; found {_kind(data)}")
    try:
        campaign = Campaign.model_validate(data)
    except ValidationError as error:
        problems = [_describe(path, data, problem, Campaign) for problem in error.errors()]
        raise CampaignError("\n".join(dict.fromkeys(problems))) from error
    return campaign.anchored(path.resolve().parent)


def load_recipe(path: Path, changes: dict[str, Any]) -> StructureRecipe:
    """Read one structure recipe from a YAML file.

    Args:
        path: file with the keys of one system of a campaign.
        changes: keys that replace those of the file.

    Raises:
        CampaignError: the file cannot be read or is no recipe.
    """
    data = _load_yaml(path)
    if not isinstance(data, dict):
        raise CampaignError(f"{path}: a recipe is a mapping such as 'prototype: alpha-V2O5'; found {_kind(data)}")
    try:
        recipe = StructureRecipe.model_validate({**data, **changes})
    except ValidationError as error:
        problems = [_describe(path, data, problem, StructureRecipe) for problem in error.errors()]
        raise CampaignError("\n".join(dict.fromkeys(problems))) from error
    return recipe.anchored(path.resolve().parent)


def dump_campaign(campaign: Campaign) -> str:
    """Write a campaign as YAML with every default spelled out.

    Args:
        campaign: the campaign.

    Returns:
        YAML that :func:`load_campaign` reads back to the same campaign.
    """
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = StringIO()
    yaml.dump(campaign.model_dump(mode="json"), stream)
    return stream.getvalue()


def _load_yaml(path: Path) -> Any:
    """Load with ruamel's round-trip loader: it builds plain data only, and remembers line numbers."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CampaignError(f"{path}: no such campaign file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CampaignError(f"{path}: cannot be read: {error}") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CampaignError(f"{path}, line {line}: not valid YAML: {error.problem}") from error
    except YAMLError as error:
        raise CampaignError(f"{path}: not valid YAML: {error}") from error


def _describe(path: Path, data: Any, problem: Any, model: type[BaseModel]) -> str:
    """Turn one pydantic problem into a sentence with file, line, key and hint."""
    location = _within(data, problem["loc"])
    where = f"{path}, line {_line(data, location)}"
    key = _dotted(location)
    if problem["type"] == "extra_forbidden":
        valid = _fields_at(model, data, location[:-1])
        near = get_close_matches(str(location[-1]), valid, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; valid keys are {', '.join(valid)}"
        return f"{where}: unknown key {key!r}{hint}"
    if problem["type"] == "missing":
        return f"{where}: key {_dotted(problem['loc'][-1:])!r} is missing{f' in {key}' if key else ''}"
    if problem["type"] in ("union_tag_invalid", "union_tag_not_found"):
        tags = problem["ctx"].get("expected_tags", "'migration', 'adsorption', 'surface'")
        found = problem["ctx"].get("tag")
        return f"{where}: {key}: kind must be one of {tags}" + (f", not {found!r}" if found else "")
    message = problem["msg"].removeprefix("Value error, ")
    return f"{where}: {key}: {message}" if key else f"{where}: {message}"


def _within(data: Any, location: Sequence[int | str]) -> list[int | str]:
    """Keep the parts of a pydantic location that exist in the file: union tags and model names do not."""
    kept: list[int | str] = []
    node: Any = data
    for part in location:
        is_key = isinstance(node, dict) and part in node
        is_item = isinstance(node, list) and isinstance(part, int) and part < len(node)
        if is_key or is_item:
            kept.append(part)
            node = node[part]
    return kept


def _line(data: Any, location: Sequence[int | str]) -> int:
    """Return the line (from 1) of the key or list item at a location."""
    line = 1
    node: Any = data
    for part in location:
        marks = getattr(node, "lc", None)
        if marks is not None:
            line = (marks.key(part) if isinstance(part, str) else marks.item(part))[0] + 1
        node = node[part]
    return line


def _fields_at(model: Any, data: Any, location: Sequence[int | str]) -> list[str]:
    """Return the keys that are valid at a location of a file described by ``model``."""
    node = data
    for part in location:
        node = node[part]
        if isinstance(part, str) and _is_model(model):
            model = model.model_fields[part].annotation
        model = _pick(model, node)
    return list(model.model_fields) if _is_model(model) else []


def _pick(annotation: Any, node: Any) -> Any:
    """Find the model inside an annotation that describes ``node``; of a tagged union the one with its kind."""
    if _is_model(annotation):
        return annotation
    models = _models(annotation)
    kind = node.get("kind") if isinstance(node, dict) else None
    for model in models:
        tag = model.model_fields.get("kind")
        if tag is not None and kind in get_args(tag.annotation):
            return model
    return models[0] if len(models) == 1 else annotation


def _models(annotation: Any) -> list[type[BaseModel]]:
    if _is_model(annotation):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _dotted(location: Sequence[int | str]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _kind(data: Any) -> str:
    return "nothing" if data is None else type(data).__name__
