"""A table as data: columns that know their unit and meaning, rows that know how their calculation ended."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ...workflows.common.results import Outcome
from .verdicts import OrderingVerdict

Value = float | int | bool | str | None

PROBLEMS = (Outcome.FAILED, Outcome.UNFINISHED, Outcome.UNCONVERGED, Outcome.SADDLE, Outcome.OUTSIDE)
"""Endings that better settings or another calculator could mend; the others say what the atoms did."""


class Column(BaseModel):
    """What one column holds and how its numbers are written."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(description="name of the column in CSV and JSON")
    head: str = Field(description="name of the column for people")
    unit: str = Field("", description="unit of the numbers; empty for none")
    decimals: int | None = Field(None, description="decimals of the numbers; none for text and whole numbers")
    description: str = Field(description="what the column holds")
    result: bool = Field(False, description="whether its numbers are worth no more than the outcome of their row")
    detail: bool = Field(False, description="whether it is for CSV and JSON only")


class Row(BaseModel):
    """One physical row."""

    name: str = Field(description="which row it is, in words")
    cells: dict[str, Value] = Field(description="value by column; none where there is none")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")

    @field_validator("cells")
    @classmethod
    def _finite(cls, cells: dict[str, Value]) -> dict[str, Value]:
        """A number that is not finite is no value: no format but Python's own could hold it."""
        return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in cells.items()}


class Table(BaseModel):
    """A table with its footnotes."""

    title: str = Field(description="what the table shows")
    columns: list[Column] = Field(description="all columns, in order")
    rows: list[Row] = Field(description="all rows, in order")
    notes: list[str] = Field(description="footnotes: references, settings, calculators, sources")
    orderings: list[OrderingVerdict] = Field(
        default_factory=list, description="what becomes of published orders; only where published values were asked for"
    )
    failures: list[str] = Field(
        default_factory=list, description="jobs that failed behind rows that are there, each with its reason"
    )

    def printed_columns(self) -> list[Column]:
        """Return the columns for people: no details, and nothing that is empty in every row."""
        return [
            column
            for column in self.columns
            if not column.detail and any(row.cells.get(column.key) not in (None, "") for row in self.rows)
        ]

    def problems(self) -> list[Row]:
        """Return the rows whose calculation failed, has not ended, did not converge or ended at a saddle point."""
        return [row for row in self.rows if row.outcome in PROBLEMS]
