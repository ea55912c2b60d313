"""Two methods: a surrogate, and the better one that corrects it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt

from ..registry import AnySpec
from .base import Frozen
from .several import OneMethod, Several


class RefineSettings(Frozen):
    """How far a better method moves the structures of a surrogate: to the minimum or the saddle point nearby."""

    fmax: PositiveFloat = Field(0.05, description="largest force left on any free atom, eV/angstrom")
    left_open: PositiveFloat = Field(
        1e-3, description="energy that forces may still change by the curvature that is known, eV"
    )
    max_steps: PositiveInt = Field(60, description="moves of each structure before it counts as unconverged")


class CorrectedSpec(Several):
    """Two methods: structures and paths by the surrogate, energies of the states that decide by the better one.

    The better method computes single points, one job each; with ``refine`` it goes on from each to its own minimum or
    saddle point.
    """

    kind: Literal["corrected"] = Field(
        "corrected", description="a surrogate and the method that corrects it; may be left out"
    )
    surrogate: OneMethod = Field(description="method of relaxations and paths: a word or a mapping, as any calculator")
    correct_with: OneMethod = Field(description="method of the single points: a word or a mapping, as any calculator")
    when: Literal["always", "flagged"] = Field(
        "always", description="correct every sound row, or only where the surrogate flags its own result"
    )
    refine: RefineSettings | None = Field(
        None,
        exclude_if=lambda refine: refine is None,  # written as before there was this key
        description="let the better method relax the endpoints and settle the saddle from where the surrogate has left "
        "them, for barriers; none: single points only",
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
