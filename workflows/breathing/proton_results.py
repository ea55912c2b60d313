"""What putting hydrogen in beside the ions leaves."""

from __future__ import annotations

from pydantic import BaseModel, Field, NonNegativeInt, PositiveInt

from ...calculators.surrogates.trust import Trust
from ...structures.documents import StructureDocument
from ..common.references import ReferenceEnergy
from ..common.results import Outcome


class ProtonRecord(BaseModel):
    """The best state that was found for a number of ions and of hydrogen atoms."""

    n: NonNegativeInt = Field(description="ions in the cell")
    m: PositiveInt = Field(description="hydrogen atoms that were put in beside them")
    outcome: Outcome = Field(description="ok, or why it is no result")
    reason: str = Field("", description="what happened, in words")
    energy: float | None = Field(None, description="E[S+nX+mH], eV, on the calculator's own zero")
    fmax: float | None = Field(None, description="largest remaining force, eV/angstrom")
    oxygen: str = Field("", description="oxygen that the last hydrogen atom was put on")
    starts: int = Field(0, description="oxygens that it was tried on")
    force_calls: int = Field(0, description="evaluations of energy and forces")
    structure: StructureDocument | None = Field(None, description="relaxed: the host's atoms, the ions, the hydrogen")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of this energy")


class Protonation(BaseModel):
    """What hydrogen was put in beside the ions, and where it comes from."""

    reference: ReferenceEnergy = Field(description="chemical potential of hydrogen: half of H2")
    ph: float = Field(description="pH of the electrolyte that the protons come from")
    records: list[ProtonRecord] = Field(description="one per number of ions and hydrogen atoms")
