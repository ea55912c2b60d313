"""Read a YAML file into a pydantic model; every mistake is reported with its line and the nearest valid key."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import AzibflowError, printable
from .mistakes import Mistake, dotted, misplaced_truths, mistakes, shown
from .yaml_data import YamlData, YamlMistake

Model = TypeVar("Model", bound=BaseModel)

MAX_BYTES = 4_000_000
"""Size beyond which a file is none that a person wrote; also the end of a device that never ends."""
MAX_MISTAKES = 10


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
    document = read_yaml(path, noun, error)
    if not isinstance(document.data, dict):
        raise error(f"{path}: a {noun} is {shape}; found {shown(document.data)}")
    data = {**document.data, **(changes or {})}
    try:
        valid, found = model.model_validate(data), misplaced_truths(model, data)
    except ValidationError as refused:
        raise error(_told(path, document, mistakes(refused, model, data))) from refused
    if found:
        raise error(_told(path, document, found))
    return valid


def read_yaml(path: Path, noun: str, error: type[AzibflowError]) -> YamlData:
    """Read a YAML file as plain data with its lines.

    Args:
        path: the file.
        noun: what such a file is called.
        error: kind of error that is raised.

    Raises:
        AzibflowError: of the kind asked for; the file cannot be read or is not YAML.
    """
    try:
        return YamlData(_text(path, noun, error))
    except FileNotFoundError as problem:
        raise error(f"{path}: no such {noun} file") from problem
    except OSError as problem:
        raise error(f"{path}: cannot be read: {problem.strerror or problem}") from problem
    except ValueError as problem:  # a name that no file can have
        raise error(f"{str(path)!a}: no such {noun} file: {problem}") from problem
    except YamlMistake as problem:
        raise error(f"{path}, line {problem.line}: {problem.reason}") from problem


def _text(path: Path, noun: str, error: type[AzibflowError]) -> str:
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise error(f"{path}: is larger than {MAX_BYTES // 1_000_000} MB; it is no {noun} file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise error(f"{path}, line {line}: is not text in UTF-8; save the file with that encoding") from problem


def _told(path: Path, document: YamlData, found: list[Mistake]) -> str:
    """List mistakes with their lines; what << merges into several places is one mistake, made where it stands."""
    told: dict[tuple[int, str], str] = {}
    for one in found:
        line = _line(document, one.location)
        alike = one.text.replace(dotted(one.location), "")
        told.setdefault((line, alike), f"{path}, line {line}: {printable(one.text, kept='')}")
    more = [f"and {len(told) - MAX_MISTAKES} more mistakes"] if len(told) > MAX_MISTAKES else []
    return "\n".join([*list(told.values())[:MAX_MISTAKES], *more])


def _line(document: YamlData, location: list[int | str]) -> int:
    """Return the line of a location, or of as much of it as stands in the file and not in what replaces its keys."""
    try:
        return document.line(location)
    except (KeyError, IndexError, TypeError):
        return 1
