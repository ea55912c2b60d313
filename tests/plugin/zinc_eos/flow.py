"""The equation of state itself: a plain function on atoms, a job around it, and the maker of its flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ase import Atoms
from ase.eos import EquationOfState
from ase.units import GPa
from jobflow import Flow, job
from pydantic import BaseModel, Field

from azibflow.calculators.factory import make_calculator, record
from azibflow.calculators.guard import check
from azibflow.calculators.specs import CalculatorRecord, CalculatorSpec, ChgnetSpec
from azibflow.structures.building import as_recipe
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.maker import StudyMaker
from azibflow.workflows.common.relaxation_jobs import CellPolicy, RelaxationResult
from azibflow.workflows.common.results import Outcome, RelaxSettings, StudyLabel
from azibflow.workflows.common.shared_jobs import SharedJobs
from azibflow.workflows.common.work import computing

STRAINS = (-0.04, -0.02, 0.0, 0.02, 0.04)


class EosPoint(BaseModel):
    """The energy at one volume."""

    volume: float = Field(description="volume per atom, angstrom^3")
    energy: float = Field(description="energy per atom, eV")


class EosResult(StudyLabel):
    """An equation of state; what every result has, name and place of its study, is in its base."""

    points: list[EosPoint] = Field(description="all volumes, smallest first")
    volume: float | None = Field(None, description="volume per atom at the minimum, angstrom^3")
    bulk_modulus: float | None = Field(None, description="bulk modulus at the minimum, GPa")
    outcome: Outcome = Field(description="ok, or why this is no result")
    reason: str = Field("", description="what happened, in words")
    calculator: CalculatorRecord = Field(description="what computed it")


def strained(atoms: Atoms, strain: float) -> Atoms:
    """Return a crystal with all lengths changed alike."""
    changed = atoms.copy()
    changed.set_cell(atoms.cell * (1.0 + strain), scale_atoms=True)
    return changed


def equation_of_state(
    atoms: Atoms, calculator: CalculatorSpec, strains: Sequence[float], label: StudyLabel
) -> EosResult:
    """Compute the bulk modulus of a crystal by the equation of Birch and Murnaghan (10.1103/PhysRev.71.809).

    Args:
        atoms: the relaxed crystal.
        calculator: spec.
        strains: linear strains, as fractions.
        label: of the study.
    """
    check(calculator, atoms)
    points = []
    for strain in sorted(strains):
        state = strained(atoms, strain)
        state.calc = make_calculator(calculator)
        energy = float(state.get_potential_energy())
        points.append(EosPoint(volume=state.get_volume() / len(state), energy=energy / len(state)))
    known = {**label.model_dump(), "points": points, "calculator": record(calculator)}
    equation = EquationOfState([p.volume for p in points], [p.energy for p in points], "birchmurnaghan")
    try:
        volume, _, modulus = equation.fit(warn=False)
    except (RuntimeError, ValueError) as error:
        return EosResult(**known, outcome=Outcome.FAILED, reason=f"no minimum: {error}")
    if not points[0].volume < volume < points[-1].volume:
        return EosResult(**known, outcome=Outcome.UNCONVERGED, reason="the minimum is outside the volumes computed")
    return EosResult(**known, volume=float(volume), bulk_modulus=float(modulus / GPa), outcome=Outcome.OK)


@job(output_schema=EosResult)
def eos_job(
    bulk: RelaxationResult, calculator: CalculatorSpec, strains: tuple[float, ...], label: StudyLabel
) -> EosResult:
    """Compute the equation of state of a relaxed bulk."""
    return equation_of_state(bulk.structure.to_atoms(), calculator, strains, label)


@dataclass
class EosMaker(StudyMaker):
    """Bulk modulus: relax the crystal, then its energy at several volumes.

    Attributes:
        strains: linear strains of the relaxed cell.
        calculator: spec.
        settings: convergence targets of the relaxation.
        cell: which cell parameters are relaxed; chosen by the prototype when none.
    """

    name: str = "equation of state"
    strains: tuple[float, ...] = STRAINS
    calculator: CalculatorSpec = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None

    def make(self, bulk: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            bulk: recipe of the crystal, or the crystal itself.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.
        """
        recipe, pool = as_recipe(bulk), shared or SharedJobs()
        relaxed = pool.relaxed_bulk(recipe, self.calculator, self.settings, self.cell)
        # A job that computes is marked by its calculator: machine profiles give it its queue and cores.
        points = computing(eos_job(relaxed.output, self.calculator, self.strains, self.label(recipe)), self.calculator)
        return self.flow([self.named(points, "volumes")], pool.jobs if shared is None else ())
