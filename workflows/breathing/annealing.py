"""Annealing: short molecular dynamics before a relaxation, so that a host is a low minimum and not the nearest one."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import job
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat

from ...calculators.guard import check
from ...calculators.specs import CalculatorSpec
from ...structures.documents import StructureDocument
from ..common.relaxation_jobs import MOMENTS, RelaxationResult, relax_structure
from ..common.results import RelaxSettings

if TYPE_CHECKING:
    from ase import Atoms

logger = logging.getLogger(__name__)

FRICTION = 0.02
"""Of the Langevin thermostat, 1/fs: half a picosecond of dynamics is enough to reach the temperature."""
PIECE = 20
"""Steps after which the temperature is lowered and the log is told."""


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
        folder: where the checkpoint of the relaxation goes; none keeps no files.

    Returns:
        The relaxed structure; its force calls include those of the dynamics.

    Raises:
        CapabilityError: the calculator cannot treat these atoms.
    """
    check(calculator, atoms)
    moved = atoms if annealing.steps == 0 else _cooled(atoms, calculator, annealing, seed)
    relaxed = relax_structure(moved, calculator, settings, folder=folder, atomic=MOMENTS)
    return relaxed.model_copy(update={"force_calls": relaxed.force_calls + annealing.steps})


def _cooled(atoms: Atoms, calculator: CalculatorSpec, annealing: AnnealSettings, seed: int) -> Atoms:
    import numpy as np
    from ase import units
    from ase.md.langevin import Langevin
    from ase.md.velocitydistribution import thermalize_momenta

    from ...calculators.factory import make_calculator

    generator = np.random.default_rng(seed)
    hot = atoms.copy()
    hot.info = dict(atoms.info)
    hot.calc = make_calculator(calculator)
    thermalize_momenta(hot, annealing.temperature, rng=generator)
    dynamics = Langevin(
        hot,
        annealing.timestep * units.fs,
        temperature_K=annealing.temperature,
        friction=FRICTION / units.fs,
        fixcm=False,  # a drift as a whole does not matter here
        rng=generator,
    )
    done = 0
    while done < annealing.steps:
        piece = min(PIECE, annealing.steps - done)
        dynamics.set_temperature(temperature_K=annealing.temperature * (1 - done / annealing.steps))
        dynamics.run(piece)
        done += piece
        logger.info("annealing step %d of %d: %.0f K", done, annealing.steps, hot.get_temperature())
    cold = atoms.copy()
    cold.info = dict(atoms.info)
    cold.positions = hot.positions
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
