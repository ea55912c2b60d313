"""Two methods: a surrogate, and the better one that corrects it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field

from ...errors import CapabilityError
from ..registry import AnySpec, CalculatorSpec, method_of_word
from .base import Frozen


def is_corrected(value: dict[str, Any]) -> bool:
    """Tell the mapping of a corrected calculator, whose kind may be left out."""
    return "correct_with" in value or value.get("kind") == "corrected"


def _one_method(value: Any) -> Any:
    """Let a method be written as a word or a mapping; one that is itself corrected is refused."""
    if isinstance(value, CorrectedSpec) or (isinstance(value, dict) and is_corrected(value)):
        raise ValueError("a correction cannot be nested: surrogate and correct_with each name one method")
    if not isinstance(value, str):
        return value
    try:
        return method_of_word(value)
    except CapabilityError as error:
        raise ValueError(str(error)) from error


class CorrectedSpec(Frozen):
    """Two methods: structures and paths by the surrogate, energies of the states that decide by the better one.

    The better method is never asked to move an atom: it computes single points, one job each.
    """

    kind: Literal["corrected"] = Field(
        "corrected", description="a surrogate and the method that corrects it; may be left out"
    )
    surrogate: Annotated[CalculatorSpec, BeforeValidator(_one_method)] = Field(
        description="method of relaxations and paths: a word or a mapping, as any calculator"
    )
    correct_with: Annotated[CalculatorSpec, BeforeValidator(_one_method)] = Field(
        description="method of the single points: a word or a mapping, as any calculator"
    )
    when: Literal["always", "flagged"] = Field(
        "always", description="correct every sound row, or only where the surrogate flags its own result"
    )

    def methods(self) -> tuple[AnySpec, ...]:
        """Return the single methods behind it, the surrogate first."""
        return (self.surrogate, self.correct_with)

    def anchored(self, folder: Path) -> Self:
        """Make the paths of files of both methods absolute.

        Args:
            folder: what relative paths are relative to.
        """
        return self._with(self.surrogate.anchored(folder), self.correct_with.anchored(folder))

    def pinned(self) -> Self:
        """Give the files of both methods the hashes they have now."""
        return self._with(self.surrogate.pinned(), self.correct_with.pinned())

    def _with(self, surrogate: AnySpec, correct_with: AnySpec) -> Self:
        return self.model_copy(update={"surrogate": surrogate, "correct_with": correct_with})
