"""Relaxing atoms, and optionally their cell, to a minimum of energy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from ase import Atoms

from .checkpoints import Journal, RecordingCalculator, calculation_identity, frozen
from .optimization import Ending, OptimizerName, Progress, Status, Step, optimize

CellMask = tuple[bool, bool, bool, bool, bool, bool]
CellRelaxation = Literal["fixed", "full", "in-plane"] | CellMask

CELL_MASKS: dict[str, CellMask] = {
    "fixed": (False, False, False, False, False, False),
    "full": (True, True, True, True, True, True),
    "in-plane": (True, True, False, False, False, True),
}
"""Strains that may change, in Voigt order xx, yy, zz, yz, xz, xy; in-plane means the xy plane."""


@dataclass(frozen=True)
class Relaxation:
    """A relaxed structure and how it came about.

    Attributes:
        atoms: last structure, with energy and forces attached, constraints and ``info`` kept.
        energy: eV; not a number when the first evaluation already failed.
        fmax: largest force on an atom that is free to move, eV/angstrom.
        max_stress: largest stress component among those relaxed, GPa; none with a fixed cell.
        status: how it ended.
        steps: moves of the atoms.
        force_calls: evaluations of energy and forces, those of earlier, interrupted runs included.
        replayed: how many of them came from the checkpoint.
        optimizer: the optimiser that ended it; FIRE after BFGS means that BFGS had failed.
        trajectory: the checkpoint, which holds every evaluation (see ``checkpoints.read_trajectory``).
    """

    atoms: Atoms
    energy: float
    fmax: float
    max_stress: float | None
    status: Status
    steps: int
    force_calls: int
    replayed: int
    optimizer: str
    trajectory: Path | None

    @property
    def converged(self) -> bool:
        """Whether forces, and stress where the cell was free, are below their tolerances."""
        return self.status is Status.CONVERGED


def relax(
    atoms: Atoms,
    calculator: Any,
    *,
    fmax: float = 0.05,
    max_steps: int = 500,
    cell: CellRelaxation = "fixed",
    max_stress: float = 0.1,
    left_open: float | None = None,
    optimizer: OptimizerName = "BFGS",
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> Relaxation:
    """Relax atoms to a minimum.

    Args:
        atoms: starting structure; not changed. Constraints are honoured.
        calculator: ASE calculator.
        fmax: largest force on any free atom at convergence, eV/angstrom; never includes the cell.
        max_steps: moves allowed.
        cell: which strains are relaxed: none, all, those of the xy plane, or a Voigt mask (xx, yy, zz, yz, xz, xy).
        max_stress: largest relaxed stress component at convergence, GPa.
        left_open: energy that the forces may still change, eV. BFGS then begins with the curvature of the bonds, and
            goes on below ``fmax``, by at most 20 moves, until it says that no more is left open; for a fixed cell.
        optimizer: ASE optimiser to begin with, FIRE takes over where BFGS fails; or geomeTRIC, in internal
            coordinates, for molecules without constraints.
        checkpoint: file that a killed relaxation goes on from, written at every step; of a finished one it gives the
            result without any force call. A file of other atoms, cell or calculator is started anew; tolerances and
            ``max_steps`` may change.
        progress: called after every step.

    Returns:
        The last structure with its energy; a relaxation that did not converge says so in ``status``.
    """
    mask = CELL_MASKS[cell] if isinstance(cell, str) else cell
    relaxes_cell = any(mask)
    from_bonds = left_open is not None and optimizer == "BFGS" and not relaxes_cell
    settings = {"task": "relaxation", "cell": list(mask)} | ({"curvature": "of bonds"} if from_bonds else {})
    identity = calculation_identity([atoms], calculator, optimizer=optimizer, **settings)
    journal = Journal(identity, checkpoint)
    moving = atoms.copy()
    properties = ("stress", "forces", "energy") if relaxes_cell else ("forces", "energy")
    moving.calc = RecordingCalculator(calculator, journal, properties)

    def residual() -> float:
        largest = largest_force(moving) / fmax
        return max(largest, _largest_stress(moving, mask) / max_stress) if relaxes_cell else largest

    def report(steps: int) -> None:
        if progress is not None:
            progress(Step("relaxation", steps, moving.get_potential_energy(), largest_force(moving)))

    if optimizer == "geomeTRIC":
        from .internal_coordinates import minimize

        outcome = minimize(moving, fmax, max_steps, report)
    elif from_bonds and left_open is not None:
        outcome = _settled(moving, residual, left_open, max_steps, report)
    else:
        outcome = optimize(_target(moving, mask), residual, max_steps, optimizer, report)
    energy = float(moving.get_potential_energy())
    return Relaxation(
        atoms=frozen(moving, moving.calc.results),
        energy=energy,
        fmax=largest_force(moving),
        max_stress=_largest_stress(moving, mask) if relaxes_cell else None,
        status=outcome.status,
        steps=outcome.steps,
        force_calls=journal.position,
        replayed=journal.position - journal.computed,
        optimizer=outcome.optimizer,
        trajectory=checkpoint,
    )


def _settled(
    atoms: Atoms, residual: Callable[[], float], left_open: float, max_steps: int, report: Callable[[int], None]
) -> Ending:
    """Relax by a Hessian that begins with the bonds, then go on until it says that little energy is left open."""
    from .image_hessians import MOST_SETTLING, ImageHessians, ImagesBFGS

    hessians = ImageHessians([atoms])
    bfgs = partial(ImagesBFGS, hessians=hessians)

    def distance() -> float:
        return max(residual(), hessians.left_open(0, atoms.get_forces().ravel()) / left_open)

    arrived = optimize(atoms, residual, max_steps, "BFGS", report, bfgs)
    if arrived.status is not Status.CONVERGED:
        return arrived
    most = min(MOST_SETTLING, max_steps - arrived.steps)
    settled = optimize(atoms, distance, most, "BFGS", lambda step: report(arrived.steps + step), bfgs)
    steps = arrived.steps + settled.steps
    again = optimize(atoms, residual, max_steps - steps, "BFGS", lambda step: report(steps + step), bfgs)
    return replace(again, steps=steps + again.steps)


def largest_force(atoms: Atoms) -> float:
    """Return the largest norm of the force on an atom, constraints applied, eV/angstrom."""
    return float(np.linalg.norm(atoms.get_forces(), axis=1).max())


def _target(atoms: Atoms, mask: CellMask) -> Any:
    if not any(mask):
        return atoms
    from ase.filters import FrechetCellFilter

    return FrechetCellFilter(atoms, mask=list(mask))


def _largest_stress(atoms: Atoms, mask: CellMask) -> float:
    from ase.units import GPa

    return float(np.abs(atoms.get_stress()[list(mask)]).max() / GPa)
