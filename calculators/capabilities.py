"""What a calculator can compute; the guard compares it with the atoms before anything is computed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Capabilities(BaseModel):
    """What a calculator can compute."""

    model_config = ConfigDict(frozen=True)

    elements: frozenset[str] | None = Field(description="chemical symbols; none means any")
    periodic: bool | None = Field(description="true: three periodic directions; false: none; none: any")
    charges: frozenset[int] | None = Field(description="total charges, elementary charges; none means any")
    reads_spin: bool = Field(False, description="the multiplicity is an input, and has to fit the number of electrons")
    multiplicities: frozenset[int] | None = Field(default=None, description="multiplicities 2S+1; none means any")
    properties: tuple[str, ...] = Field(description="ASE names of the properties")
    ion_charges: dict[str, int] | None = Field(
        default=None, description="charge of every atom of these elements, whose sum the total charge has to be"
    )
    cutoff: float | None = Field(
        default=None, description="angstrom; an atom without a neighbour this near is refused; none refuses no atom"
    )
    note: str = Field("", description="what to know before trusting it")
