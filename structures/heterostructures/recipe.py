"""A heterostructure as data: film, support and settings, as they stand in a campaign file."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from ...errors import StructureError
from ...paths import expanded
from ..documents import StructureDocument
from .assembly import Heterostructure
from .layers import find_layer, layer
from .pairs import candidates
from .parts import names_file, names_pair
from .settings import HeterostructureSettings


class HeterostructureRecipe(HeterostructureSettings):
    """Which film stands on which support, and how; written FILM/SUPPORT where the settings are the usual ones."""

    film: str | StructureDocument = Field(description="name of a layer or cluster, such as V8O16, or a structure file")
    support: str | StructureDocument = Field(description="name of a layer, such as graphene, or a structure file")
    candidate: int = Field(0, ge=0, description="which registry, gap or face, 0 for the one with most interface bonds")

    @model_validator(mode="before")
    @classmethod
    def _from_pair(cls, value: object) -> object:
        """Read the short form."""
        if not isinstance(value, str):
            return value
        pair = names_pair(value)
        if pair is None:
            film, slash, support = value.partition("/")
            unknown = [name for name in (film, support) if slash and find_layer(name) is None]
            if not unknown:
                raise ValueError(f"{value!r} names no film and support; write FILM/SUPPORT, such as V8O16/graphene")
            return {"film": film, "support": support}
        return {"film": pair[0], "support": pair[1]}

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        for source in (self.film, self.support):
            if isinstance(source, str) and not names_file(source):
                try:
                    layer(source)
                except StructureError as error:
                    raise ValueError(str(error)) from error
            if isinstance(source, StructureDocument) and not source.is_finite:
                raise ValueError("document: a coordinate, a cell vector or a moment is not a finite number")
        return self

    @property
    def label(self) -> str:
        """Film and support, files by their stems."""
        return "/".join(
            source.label or source.formula
            if isinstance(source, StructureDocument)
            else Path(source).stem
            if names_file(source)
            else source
            for source in (self.film, self.support)
        )

    @property
    def files(self) -> list[Path]:
        """Files that film and support are read from."""
        return [Path(source) for source in (self.film, self.support) if isinstance(source, str) and names_file(source)]

    def anchored(self, folder: Path) -> Self:
        """Make the paths of files absolute; ``folder`` is what they are relative to."""
        return self.model_copy(
            update={
                side: str(folder / expanded(source))
                for side, source in (("film", self.film), ("support", self.support))
                if isinstance(source, str) and names_file(source, folder)
            }
        )

    def embedded(self) -> Self:
        """Replace files by their contents, so that the recipe can be built where they are not.

        Raises:
            StructureError: a file cannot be read.
        """
        from ..files import read_structure

        return self.model_copy(
            update={
                side: StructureDocument.from_atoms(read_structure(source))
                for side, source in (("film", self.film), ("support", self.support))
                if isinstance(source, str) and names_file(source)
            }
        )

    def build(self) -> Heterostructure:
        """Build the candidate that the recipe asks for.

        Raises:
            StructureError: see [`candidates`][], or there is no such candidate.
        """
        contents = tuple(path.read_bytes() if path.is_file() else b"" for path in self.files)
        found = _candidates(self.model_dump_json(exclude={"candidate"}), contents)
        if self.candidate >= len(found):
            raise StructureError(
                f"{self.label} has {len(found)} candidate(s), numbered from 0; there is no candidate {self.candidate}"
            )
        return deepcopy(found[self.candidate])


@lru_cache(maxsize=8)
def _candidates(recipe: str, _contents: tuple[bytes, ...]) -> list[Heterostructure]:
    """Build the candidates of a recipe once: a match takes seconds to find, and a campaign asks for it many times.

    Args:
        recipe: as JSON.
        _contents: of its files, so that one that has changed meanwhile is read again.
    """
    asked = HeterostructureRecipe.model_validate_json(recipe)
    return candidates(asked.film, asked.support, asked)
