"""What a surface study leaves: the surface energy of every facet, termination and thickness of one bulk."""

from __future__ import annotations

from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorRecord
from ...calculators.surrogates.trust import Trust
from ...structures.axes import Axes
from ...structures.documents import StructureDocument
from ..common.relaxation_jobs import RelaxationResult
from ..common.results import Outcome, StudyLabel
from ..common.units import J_PER_M2

Miller = tuple[int, int, int]


class SurfaceRow(BaseModel):
    """The surface energy of one facet, termination and thickness."""

    miller: Miller = Field(description="Miller indices of the facet, reduced")
    termination: int = Field(description="number of the termination, from 0")
    layers: int = Field(description="thickness in repeat layers of the bulk")
    symmetric: bool = Field(description="whether both faces are equivalent; if not, gamma is their mean")
    n_atoms: int = Field(description="atoms in the slab")
    area: float = Field(description="area of one face, angstrom^2")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")
    gamma: float | None = Field(None, description="surface energy, (E_slab - N E_bulk) / 2A, J/m^2")
    energy: float | None = Field(None, description="energy of the slab, eV, on the calculator's own zero")
    fmax: float | None = Field(None, description="largest remaining force, eV/angstrom")
    steps: int = Field(0, description="optimizer steps")
    structure: StructureDocument | None = Field(None, description="relaxed slab")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of E_slab - N E_bulk")


class SurfaceResult(StudyLabel):
    """All rows of one bulk."""

    bulk: RelaxationResult = Field(description="the relaxed bulk that the slabs were cut from")
    bulk_name: str = Field("", description="name of the bulk, and what it is made from; empty in earlier results")
    axes: Axes | None = Field(
        None,
        description="vectors of the cell that Miller indices refer to, in units of those of the bulk; none in results "
        "of early versions, whose indices refer to the bulk's own cell",
    )
    rows: list[SurfaceRow] = Field(description="one per facet, termination and thickness")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")


def surface_energy(e_slab: float, n_atoms: int, e_bulk_per_atom: float, area: float) -> float:
    """Return gamma = (E_slab - N E_bulk) / 2A of a stoichiometric slab.

    Args:
        e_slab: energy of the slab, eV.
        n_atoms: atoms in the slab.
        e_bulk_per_atom: energy of the bulk per atom, eV.
        area: area of one face, angstrom^2.

    Returns:
        The mean over both faces, J/m^2.
    """
    return (e_slab - n_atoms * e_bulk_per_atom) / (2.0 * area) * J_PER_M2
