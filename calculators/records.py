"""The record of a calculator that goes into every result."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .registry import CalculatorSpec
from .weights import WeightsRecord


class CalculatorRecord(BaseModel):
    """Everything needed to know what computed a result; part of every result."""

    model_config = ConfigDict(frozen=True)

    spec: CalculatorSpec = Field(description="the calculator as asked for")
    versions: dict[str, str] = Field(description="versions of the libraries that computed")
    weights: tuple[WeightsRecord, ...] = Field((), description="network weights; several are a committee")
    files: tuple[WeightsRecord, ...] = Field(
        (), description="code of a calculator that is the user's own, and files that its options name"
    )
    device: str | None = Field(default=None, description="torch device that computed; none where torch did not")

    @model_validator(mode="after")
    def _one_record_per_model(self) -> CalculatorRecord:
        wanted = self.spec.number_of_weights()
        if wanted is not None and len(self.weights) != wanted:
            raise ValueError(f"{len(self.weights)} weights recorded for {wanted} models")
        return self
