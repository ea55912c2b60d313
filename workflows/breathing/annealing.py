"""Annealing: short molecular dynamics before a relaxation, so that a host is a low minimum and not the nearest one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import job
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat

from ...calculators.guard import check
from ...calculators.specs import CalculatorSpec
from ...structures.documents import StructureDocument
from ..common.relaxation_jobs import MOMENTS, RelaxationResult, relax_structure
from ..common.results import RelaxSettings, fingerprint

if TYPE_CHECKING:
    from ase import Atoms


class AnnealSettings(BaseModel):
    """Molecular dynamics that cools from a temperature to nothing."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    temperature: PositiveFloat = Field(500.0, description="temperature at the beginning, K")
    steps: NonNegativeInt = Field(200, description="steps of molecular dynamics; 0 relaxes only")
    timestep: PositiveFloat = Field(2.0, description="fs")


def anneal_structure(
    atoms: Atoms,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    annealing: AnnealSettings,
    seed: int,
    *,
    folder: Path | None = None,
) -> RelaxationResult:
    """Heat a structure, let it cool linearly to zero and relax it.

    Args:
        atoms: start; not changed.
        calculator: spec.
        settings: convergence targets.
        annealing: temperature and length.
        seed: of the velocities and of the thermostat.
        folder: where the checkpoints of dynamics and relaxation go; none keeps no files.

    Returns:
        The relaxed structure; its force calls include those of the dynamics.

    Raises:
        CapabilityError: the calculator cannot treat these atoms.
    """
    check(calculator, atoms)
    moved = atoms if annealing.steps == 0 else _cooled(atoms, calculator, annealing, seed, folder)
    relaxed = relax_structure(moved, calculator, settings, folder=folder, atomic=MOMENTS)
    return relaxed.model_copy(update={"force_calls": relaxed.force_calls + annealing.steps})


def _cooled(
    atoms: Atoms, calculator: CalculatorSpec, annealing: AnnealSettings, seed: int, folder: Path | None
) -> Atoms:
    from ...calculators.dynamics import Stretch, heat_bath
    from ...calculators.factory import make_calculator

    key = fingerprint(StructureDocument.from_atoms(atoms), calculator, annealing)
    cooling = Stretch(annealing.temperature, 0.0, annealing.steps)
    dynamics = heat_bath(
        atoms,
        make_calculator(calculator),
        [cooling],
        timestep=annealing.timestep,
        seed=seed,
        checkpoint=None if folder is None else folder / "checkpoints" / f"anneal-{key}-{seed}",
    )
    cold = atoms.copy()
    cold.info = dict(atoms.info)
    cold.positions = dynamics.atoms.positions
    return cold


@job(output_schema=RelaxationResult)
def anneal_job(
    structure: StructureDocument,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    annealing: AnnealSettings,
    seed: int,
) -> RelaxationResult:
    """Anneal and relax a structure in the job's folder."""
    return anneal_structure(structure.to_atoms(), calculator, settings, annealing, seed, folder=Path.cwd())
