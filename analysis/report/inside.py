"""What is inside results, whatever their kind: structures, and the records of what computed them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

NAMING = ("state", "site", "molecule", "name", "n", "termination")
"""Fields by which members of lists are told apart: words, or numbers that are called as the field is."""

Part = TypeVar("Part", bound=BaseModel)


def parts(model: BaseModel, wanted: type[Part], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Part]]:
    """Find every part of a class inside a model.

    Args:
        model: such as a result.
        wanted: class of the parts.
        path: names on the way to the model.

    Yields:
        The names of the fields that lead to a part, and the part, in the order of the fields. A member of a list is
        called what it calls itself, such as its site, else the list with its number from 1.
    """
    for name in type(model).model_fields:
        yield from _below(getattr(model, name), wanted, (*path, name))


def _below(value: Any, wanted: type[Part], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Part]]:
    if isinstance(value, wanted):
        yield path, value
    elif isinstance(value, BaseModel):
        yield from parts(value, wanted, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _below(item, wanted, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value, start=1):
            own = _own_name(item)
            yield from _below(item, wanted, (*path[:-1], own) if own else (*path, str(number)))


def _own_name(item: Any) -> str:
    """Return what a member of a list calls itself; nothing where it has no name."""
    for field in NAMING:
        said = getattr(item, field, None)
        if isinstance(said, str) and said:
            return said
        if isinstance(said, int):
            return f"{field} = {said}"
    return ""
