"""Two methods: a surrogate, and the better one that corrects it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

from pydantic import Field

from ..registry import AnySpec
from .several import OneMethod, Several


class CorrectedSpec(Several):
    """Two methods: structures and paths by the surrogate, energies of the states that decide by the better one.

    The better method is never asked to move an atom: it computes single points, one job each.
    """

    kind: Literal["corrected"] = Field(
        "corrected", description="a surrogate and the method that corrects it; may be left out"
    )
    surrogate: OneMethod = Field(description="method of relaxations and paths: a word or a mapping, as any calculator")
    correct_with: OneMethod = Field(description="method of the single points: a word or a mapping, as any calculator")
    when: Literal["always", "flagged"] = Field(
        "always", description="correct every sound row, or only where the surrogate flags its own result"
    )

    def methods(self) -> tuple[AnySpec, ...]:
        """Return the single methods behind it, the surrogate first."""
        return (self.surrogate, self.correct_with)

    def pairs(self) -> Iterator[CorrectedSpec]:
        """Yield itself: a method of structures and one of single points."""
        yield self

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
