"""What is made of several methods: one finds structures and paths, others compute single points there."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from ...errors import CapabilityError
from ..registry import AnySpec, CalculatorSpec, method_of_word
from .base import Frozen

if TYPE_CHECKING:
    from .corrected import CorrectedSpec

MARKS = {"correct_with": "corrected", "ensemble": "ensemble"}
"""Keys that give away the kind of a calculator of several methods, which may be left out."""


class Several(Frozen):
    """Several methods; the first one finds structures and paths."""

    kind: str

    @abstractmethod
    def methods(self) -> tuple[AnySpec, ...]:
        """Return the single methods behind it, that of structures and paths first."""

    @abstractmethod
    def pairs(self) -> Iterator[CorrectedSpec]:
        """Yield the method of structures with each of those that compute single points there."""


def with_kind_of_several(value: Any) -> Any:
    """Fill in the kind of a calculator of several methods, which its keys give away."""
    if not isinstance(value, dict) or "kind" in value:
        return value
    kind = next((kind for mark, kind in MARKS.items() if mark in value), None)
    return value if kind is None else {"kind": kind, **value}


def _one_method(value: Any) -> Any:
    """Let a method be written as a word or a mapping; one that is itself of several methods is refused."""
    data = with_kind_of_several(value)
    if isinstance(value, Several) or (isinstance(data, dict) and data.get("kind") in MARKS.values()):
        kind = value.kind if isinstance(value, Several) else data["kind"]
        said = "a correction" if kind == "corrected" else "an ensemble"
        raise ValueError(f"{said} cannot be nested: name one method here")
    if not isinstance(value, str):
        return value
    try:
        return method_of_word(value)
    except CapabilityError as error:
        raise ValueError(str(error)) from error


OneMethod = Annotated[CalculatorSpec, BeforeValidator(_one_method)]
"""A method: a word or a mapping, as any calculator."""
