"""Structures that a surrogate found, moved by a better method to the minimum or the saddle point nearby."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jobflow import job

from ...calculators.guard import check
from ...calculators.kinds.corrected import RefineSettings
from ...calculators.specs import CalculatorSpec
from ...structures.documents import StructureDocument
from .relaxation_jobs import log_step
from .results import fingerprint
from .single_points import RefinedState, SinglePoint, Uphill

if TYPE_CHECKING:
    from ...calculators.optimization import Step
    from ...calculators.relaxation import Relaxation


def refine(
    state: str,
    structure: StructureDocument,
    uphill: Uphill | None,
    calculator: CalculatorSpec,
    settings: RefineSettings,
    folder: Path | None = None,
) -> SinglePoint:
    """Compute a structure as it stands, then relax it, or settle it at the saddle point, by the same method.

    Args:
        state: which structure it is, in words.
        structure: of a surrogate.
        uphill: direction of the surrogate's path at a saddle, a unit vector over all atoms; none at a minimum.
        calculator: spec of the better method.
        settings: when it is finished.
        folder: where checkpoints and wave functions go; none keeps no files.

    Returns:
        The single point, which is the first evaluation, with the refined state.

    Raises:
        CapabilityError: the calculator cannot treat this structure.
        CalculationError: an evaluation failed.
    """
    from ...calculators.factory import make_calculator, record
    from ...calculators.relaxation import relax
    from ...calculators.saddle import settle

    began = time.perf_counter()
    atoms = structure.to_atoms()
    check(calculator, atoms)
    first = _First(began)
    checkpoints = None if folder is None else folder / "checkpoints"
    key = fingerprint(structure, calculator, settings)
    computing = make_calculator(calculator, None if checkpoints is None else checkpoints / f"scf-{key}.chk")
    checkpoint = None if checkpoints is None else checkpoints / f"refine-{key}"
    move = relax if uphill is None else partial(settle, tangent=np.array(uphill))
    found = move(
        atoms,
        calculator=computing,
        fmax=settings.fmax,
        max_steps=settings.max_steps,
        left_open=settings.left_open,
        checkpoint=checkpoint,
        progress=first,
    )
    assert first.step is not None  # told of the first evaluation before anything moved
    return SinglePoint(
        state=state,
        energy=first.step.energy,
        fmax=first.step.fmax,
        seconds=first.seconds,
        calculator=record(calculator),
        refined=_state(found, structure, time.perf_counter() - began),
    )


@job(output_schema=SinglePoint)
def refine_job(
    state: str,
    structure: StructureDocument,
    uphill: Uphill | None,
    calculator: CalculatorSpec,
    settings: RefineSettings,
) -> SinglePoint:
    """Refine a structure in the job's folder."""
    return refine(state, structure, uphill, calculator, settings, folder=Path.cwd())


class _First:
    """Remembers the first evaluation, and tells the log of all.

    Args:
        began: when the calculation began, s.
    """

    def __init__(self, began: float) -> None:
        self._began = began
        self.step: Step | None = None
        self.seconds = 0.0

    def __call__(self, step: Step) -> None:
        if self.step is None:
            self.step, self.seconds = step, time.perf_counter() - self._began
        log_step(step)


def _state(found: Relaxation, start: StructureDocument, seconds: float) -> RefinedState:
    from ase.geometry import find_mic

    moved = find_mic(found.atoms.positions - np.array(start.positions), found.atoms.cell, found.atoms.pbc)[1]
    return RefinedState(
        structure=StructureDocument.from_atoms(found.atoms, label=start.label),
        energy=found.energy,
        fmax=found.fmax,
        converged=found.converged,
        moved=float(moved.max()),
        calls=found.force_calls,
        seconds=seconds,
    )
