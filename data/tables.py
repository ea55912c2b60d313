"""The tables that the papers ask for, and which of them have a campaign or a file of claims to compute them from."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict, Field

from ..errors import AzibflowError


class PaperTable(BaseModel):
    """One table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(description="its short name, such as T6")
    title: str = Field(description="what it is about")
    rows: list[str] = Field(min_length=1, description="its rows, in the words of its campaign")
    columns: list[str] = Field(min_length=1, description="its columns")
    printed: str = Field(description="where its numbers or orderings are printed")

    @property
    def text(self) -> str | None:
        """The campaign file that computes it, or its file of claims; none where there is none."""
        return self.file.read_text(encoding="utf-8") if self.file.is_file() else None

    @property
    def file(self) -> Traversable:
        """Where that file is, or would be."""
        return files("azibflow.data") / "papers" / f"{self.key}.yaml"


@cache
def paper_tables() -> dict[str, PaperTable]:
    """Return all tables by their short names."""
    from ruamel.yaml import YAML

    text = (files("azibflow.data") / "tables.yaml").read_text(encoding="utf-8")
    return {key: PaperTable(key=key, **fields) for key, fields in YAML(typ="safe", pure=True).load(text).items()}


def computable() -> list[str]:
    """Return the short names of the tables that have a campaign or a file of claims."""
    return [key for key, table in paper_tables().items() if table.text is not None]


def paper_table(key: str) -> PaperTable:
    """Look up one table.

    Raises:
        AzibflowError: there is no such table.
    """
    tables = paper_tables()
    if key not in tables:
        raise AzibflowError(f"there is no table {key!r} of the papers; azibflow list tables names them")
    return tables[key]
