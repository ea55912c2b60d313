"""Read a YAML file into a pydantic model; every mistake is reported with its line and the nearest valid key."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from .errors import AzibflowError

if TYPE_CHECKING:
    from collections.abc import Sequence

Model = TypeVar("Model", bound=BaseModel)


def read_model(
    path: Path,
    model: type[Model],
    noun: str,
    shape: str,
    error: type[AzibflowError],
    changes: dict[str, Any] | None = None,
) -> Model:
    """Read and validate a YAML file.

    Args:
        path: the file.
        model: what it describes.
        noun: what such a file is called.
        shape: what it is made of, for the message about one that is no mapping.
        error: kind of error that is raised.
        changes: keys that replace those of the file.

    Raises:
        AzibflowError: of the kind asked for; the file cannot be read, is not YAML, or is not valid; names the line
            and the key.
    """
    data = _load(path, noun, error)
    if not isinstance(data, dict):
        raise error(f"{path}: a {noun} is {shape}; found {'nothing' if data is None else type(data).__name__}")
    try:
        return model.model_validate({**data, **(changes or {})})
    except ValidationError as mistakes:
        problems = [_describe(path, data, problem, model) for problem in mistakes.errors()]
        raise error("\n".join(dict.fromkeys(problems))) from mistakes


def _load(path: Path, noun: str, error: type[AzibflowError]) -> Any:
    """Load with ruamel's round-trip loader: it builds plain data only, and remembers line numbers."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as problem:
        raise error(f"{path}: no such {noun} file") from problem
    except (OSError, UnicodeDecodeError) as problem:
        raise error(f"{path}: cannot be read: {problem}") from problem
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise error(f"{path}, line {line}: not valid YAML: {problem.problem}") from problem
    except YAMLError as problem:
        raise error(f"{path}: not valid YAML: {problem}") from problem


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
        if get_origin(model) is dict:
            model = get_args(model)[1]
        elif isinstance(part, str) and _is_model(model):
            model = model.model_fields[part].annotation
        if get_origin(model) is not dict:
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
    if kind is None and isinstance(node, dict) and models:  # a kind that other keys give away
        return max(models, key=lambda model: len(set(model.model_fields) & set(node)))
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
