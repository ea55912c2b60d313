"""What the edits of a recipe have in common: how they are written, and how one follows the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, model_validator

from ..elements import element
from .draft import Draft

Stage = Callable[[Draft], Iterator[Draft]]
"""Takes a draft and yields it with an edit made in every distinct way."""


def _plane(value: Any) -> Any:
    if value in ("surface", "subsurface") or (isinstance(value, int) and value > 0 and value is not True):
        return value
    raise ValueError(f"must be surface, subsurface or the number of a plane from 1, not {value!r}")


Plane = Annotated[Literal["surface", "subsurface"] | int, BeforeValidator(_plane)]
"""A plane of atoms below a surface: by its number, from 1 at the top."""

AT_PLANE = (
    "which plane of that element below the upper face: `surface`, `subsurface`, or its number from 1; none: anywhere"
)


class Edit(BaseModel):
    """One edit of a structure: which atoms, how many, where."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False, frozen=True)

    KEY: ClassVar[str]
    """Key of a recipe under which it stands."""
    EXAMPLE: ClassVar[str]
    """How it is written."""
    NAMED: ClassVar[str]
    """What stands beside the keys that it has, for messages."""

    @classmethod
    def knows(cls, name: str) -> None:
        """Check what stands beside the keys that it has: an element, unless it says otherwise.

        Raises:
            ValueError: it is none.
        """
        element(name)

    @model_validator(mode="before")
    @classmethod
    def _names_something(cls, value: Any) -> Any:
        if isinstance(value, cls):
            return value
        if not isinstance(value, dict):
            raise ValueError(f"must be a mapping, such as {cls.EXAMPLE}, not {value!r}")  # noqa: TRY004 - for pydantic
        named = [str(key) for key in value if key not in cls.model_fields]
        if not named and cls.NAMED:
            raise ValueError(f"names no {cls.NAMED}; write {cls.EXAMPLE}")
        for key in named:
            try:
                cls.knows(key)
            except ValueError as error:
                raise ValueError(f"{error}; its own keys are {', '.join(cls.model_fields)}") from error
        return value

    @property
    def written(self) -> str:
        """Key and value as they stand in a file, for messages."""
        values = self.model_dump(mode="json")
        inside = ", ".join(f"{key}: {values[key]}" for key in dict.fromkeys((*self.amounts, *values)))
        return f"{self.KEY}: {{{inside}}}"

    def alternatives(self, draft: Draft) -> Iterator[Draft]:
        """Make the edit in every way that symmetry does not make equal to another.

        Args:
            draft: the structure so far.

        Raises:
            StructureError: it cannot be made, or would leave the structure as it is.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how it is made")

    @property
    def amounts(self) -> dict[str, Any]:
        """What stands beside the keys with a name of their own: elements or molecules, with their numbers."""
        return dict(self.__pydantic_extra__ or {})


def in_turn(draft: Draft, stages: Sequence[Stage]) -> Iterator[Draft]:
    """Make several edits one after the other, each in every way that is left by those before it."""
    if not stages:
        yield draft
        return
    for found in stages[0](draft):
        yield from in_turn(found, stages[1:])


def _one_or_more(value: Any) -> Any:
    return value if isinstance(value, list | tuple) or value is None else [value]


def one_or_more(kind: type[Edit]) -> BeforeValidator:
    """Let one edit be written without the list."""
    return BeforeValidator(_one_or_more, json_schema_input_type=kind | list[kind])  # type: ignore[valid-type]


Count = Annotated[PositiveInt, Field(description="how many of each element")]
