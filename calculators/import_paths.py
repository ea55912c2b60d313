"""Classes named by import path, and options that name further ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import CapabilityError
from ..paths import expanded

CLASS, OPTIONS = "class", "options"


def imported(path: str) -> Any:
    """Import what a path names.

    Args:
        path: ``package.module:Class`` or ``package.module.Class``.

    Raises:
        CapabilityError: the path is malformed, or the module or the class is missing.
    """
    module_name, _, class_name = path.partition(":") if ":" in path else path.rpartition(".")
    if not all(name.isidentifier() for name in [*module_name.split("."), class_name]):
        raise CapabilityError(f"ase: {path!r} is no import path; write one as in ase.calculators.emt:EMT")
    try:
        return getattr(import_module(module_name), class_name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # importing runs code of others, which may do anything, even exit
        raise CapabilityError(f"ase: cannot import {path!r}: {said(error)}") from error


def said(error: BaseException) -> str:
    """Return what an error of other people's code says, in one line."""
    words = " ".join(str(error).split())
    return words if isinstance(error, ImportError | AttributeError) and words else f"{type(error).__name__}: {words}"


def made(value: Any) -> Any:
    """Make the objects that options describe, as a profile of ASE is: ``{class: PATH, options: {...}}``.

    Args:
        value: options as written; anything that is no such description stays as it is.

    Raises:
        CapabilityError: a class cannot be imported, or does not take its options.
    """
    if isinstance(value, list | tuple):
        return [made(item) for item in value]
    if not isinstance(value, dict):
        return value
    if not _describes_object(value):
        return {key: made(item) for key, item in value.items()}
    found, options = imported(value[CLASS]), made(value.get(OPTIONS, {}))
    try:
        return found(**options)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # code of others
        raise CapabilityError(f"ase: {value[CLASS]} does not take these options: {said(error)}") from error


def classes_in(value: Any) -> Iterator[str]:
    """Yield the import paths that options name."""
    if isinstance(value, dict):
        if _describes_object(value):
            yield value[CLASS]
        for item in value.values():
            yield from classes_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from classes_in(item)


def with_absolute_paths(value: Any, folder: Path) -> Any:
    """Make the relative paths in options absolute: texts with a slash, a dot or an ending that name what is there.

    Args:
        value: options; of a command each word is looked at.
        folder: what relative paths are relative to.
    """
    if isinstance(value, dict):
        return {key: with_absolute_paths(item, folder) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_absolute_paths(item, folder) for item in value]
    if not isinstance(value, str | Path):
        return value
    whole = _absolute(str(value), folder)
    return whole if whole != str(value) else re.sub(r"\S+", lambda word: _absolute(word.group(), folder), whole)


def _absolute(text: str, folder: Path) -> str:
    if not ("/" in text or text == "." or Path(text).suffix) or "\0" in text:
        return text
    path = folder / expanded(text)
    try:
        return str(path) if path.exists() else text
    except OSError:  # a name longer than any file's
        return text


def _describes_object(value: dict[Any, Any]) -> bool:
    return isinstance(value.get(CLASS), str) and set(value) <= {CLASS, OPTIONS}
