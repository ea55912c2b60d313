"""What a study of an amorphous solid leaves: a structure for each seed, its shells of neighbours, its energy."""

from __future__ import annotations

from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorRecord
from ...calculators.surrogates.trust import Trust
from ...structures.documents import StructureDocument
from ..common.relaxation_jobs import RelaxationResult
from ..common.results import FileRecord, Outcome, RelaxSettings, StudyLabel
from .protocol import MeltQuench


class PairShell(BaseModel):
    """The first shell of one pair of elements."""

    pair: tuple[str, str] = Field(description="the two elements, in alphabetical order")
    peak: float | None = Field(None, description="distance of the first peak of g(r), angstrom; none without a shell")
    end: float | None = Field(None, description="first minimum of g(r) after it, angstrom")
    neighbours: float | None = Field(
        None, description="mean number of atoms of the second element around one of the first, up to the first minimum"
    )
    reverse: float | None = Field(None, description="mean number of atoms of the first element around one of the other")


class Quenched(BaseModel):
    """What one seed gave."""

    seed: int = Field(description="of the packing, the velocities and the thermostat")
    outcome: Outcome = Field(description="ok, or why this is no amorphous solid")
    reason: str = Field("", description="what happened, in words")
    structure: StructureDocument | None = Field(
        None, description="quenched and relaxed; none where the melt fell apart"
    )
    energy: float | None = Field(None, description="energy of the cell, eV, on the calculator's own zero")
    fmax: float | None = Field(None, description="largest remaining force, eV/angstrom")
    density: float = Field(description="g/cm3")
    closest: str = Field(
        "", description="the two atoms that are closest for their radii, with their distance, angstrom"
    )
    melted: float | None = Field(
        None, description="root mean square of what the atoms moved in the melt, angstrom; none where that was not over"
    )
    temperatures: list[tuple[float, float, float]] = Field(
        default_factory=list, description="time (ps), temperature of the bath and of the atoms (K), thinned out"
    )
    shells: list[PairShell] = Field(default_factory=list, description="one for each pair of elements")
    force_calls: int = Field(0, description="evaluations of energy and forces")
    file: FileRecord | None = Field(None, description="the structure as a file that a campaign can name as a system")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of the energy above the crystal")


class AmorphousResult(StudyLabel):
    """The amorphous solids of one composition."""

    system: str = Field(description="the crystal that gives the composition, and what it is made from")
    protocol: MeltQuench = Field(description="how it was melted and quenched")
    crystal: RelaxationResult = Field(description="the relaxed crystal")
    seeds: list[Quenched] = Field(description="one for each seed")
    settings: RelaxSettings = Field(description="convergence targets of crystal and amorphous solids")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")

    @property
    def sound(self) -> list[Quenched]:
        """The seeds that gave an amorphous solid."""
        return [one for one in self.seeds if one.outcome is Outcome.OK and one.structure is not None]

    def above_crystal(self, one: Quenched) -> float | None:
        """Return the energy of a seed per atom above that of the crystal, eV.

        Args:
            one: of the seeds.
        """
        if one.energy is None or one.structure is None or not self.crystal.converged:
            return None
        return one.energy / len(one.structure.symbols) - self.crystal.energy_per_atom
