"""Several potentials: what they agree on is worth more than what one of them says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator

from ..registry import AnySpec
from .corrected import CorrectedSpec
from .several import OneMethod, Several


class EnsembleSpec(Several):
    """Several methods of equal rank: structures and paths by the first, energies of the states that decide by all.

    Their spread is an error bar that no single potential gives. It is the spread at the structures of the first one:
    the others compute single points, one job each, and never move an atom.
    """

    kind: Literal["ensemble"] = Field("ensemble", description="several potentials; may be left out")
    ensemble: Annotated[tuple[OneMethod, ...], Field(min_length=2)] = Field(
        description="methods, each a word or a mapping as any calculator; the first one finds structures and paths"
    )

    @field_validator("ensemble")
    @classmethod
    def _distinct(cls, ensemble: tuple[AnySpec, ...]) -> tuple[AnySpec, ...]:
        for place, method in enumerate(ensemble):
            if method in ensemble[:place]:
                raise ValueError(f"names {method.in_words()} twice; a potential agrees with itself")
        return ensemble

    def methods(self) -> tuple[AnySpec, ...]:
        """Return its members, that of structures and paths first."""
        return self.ensemble

    def pairs(self) -> Iterator[CorrectedSpec]:
        """Yield the first member with each of the others."""
        first, *others = self.ensemble
        for other in others:
            yield CorrectedSpec(surrogate=first, correct_with=other)

    def anchored(self, folder: Path) -> Self:
        """Make the paths of files of all members absolute.

        Args:
            folder: what relative paths are relative to.
        """
        return self.model_copy(update={"ensemble": tuple(method.anchored(folder) for method in self.ensemble)})

    def pinned(self) -> Self:
        """Give the files of all members the hashes they have now."""
        return self.model_copy(update={"ensemble": tuple(method.pinned() for method in self.ensemble)})
