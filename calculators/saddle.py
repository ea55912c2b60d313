"""Settling one structure at the saddle point that another method's path leads to, without a band."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.optimize.optimize import OptimizableAtoms
from numpy.typing import NDArray

from .checkpoints import Journal, RecordingCalculator, calculation_identity, frozen
from .image_hessians import ImageHessians, ImagesBFGS
from .optimization import Progress, Step, optimize
from .relaxation import Relaxation, largest_force

Array = NDArray[np.float64]


def tangent_at(images: Sequence[Atoms], number: int) -> Array:
    """Return the direction of a path at one of its images, as the improved tangent has it (10.1063/1.1323224).

    Args:
        images: of the path, with energies.
        number: of the image; neither the first nor the last.

    Returns:
        A unit vector over all atoms, shape (atoms, 3).
    """
    from ..structures.endpoints import displacement

    before, here, after = (image.get_potential_energy() for image in images[number - 1 : number + 2])
    back, on = displacement(images[number - 1], images[number]), displacement(images[number], images[number + 1])
    most, least = (
        max(abs(after - here), abs(before - here)),
        min(abs(after - here), abs(before - here)),
    )
    weights = (most, least) if after > before else (least, most)
    if before < here < after:
        weights = (1.0, 0.0)
    elif before > here > after:
        weights = (0.0, 1.0)
    whole: Array = weights[0] * on + weights[1] * back
    unit: Array = whole / np.linalg.norm(whole)
    return unit


def settle(
    atoms: Atoms,
    tangent: Array,
    calculator: Any,
    *,
    fmax: float = 0.05,
    left_open: float = 1e-3,
    max_steps: int = 100,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> Relaxation:
    """Move a structure up along one direction and down along all others, until no force is left.

    A climbing image (10.1063/1.1329672) whose neighbours stay where they are. Wherever forces vanish is a stationary
    point, whatever the direction; that of a path that was found by another method tells which one is meant.

    Args:
        atoms: near the saddle; not changed. Constraints are honoured.
        tangent: direction of the path there, a unit vector, shape (atoms, 3).
        calculator: ASE calculator.
        fmax: largest force on any free atom at convergence, eV/angstrom.
        left_open: energy that the forces may still change, eV.
        max_steps: moves allowed.
        checkpoint: file that a killed calculation goes on from, as in [`relax`][].
        progress: called after every step.

    Returns:
        The last structure with its energy and forces; one that did not converge says so in ``status``.
    """
    identity = calculation_identity([atoms], calculator, task="saddle", tangent=np.round(tangent, 6).tolist())
    journal = Journal(identity, checkpoint)
    moving = atoms.copy()
    moving.calc = RecordingCalculator(calculator, journal)
    hessians = ImageHessians([moving])
    climbing = _Climbing(moving, tangent)

    def residual() -> float:
        open_energy = hessians.left_open(0, -climbing.get_gradient())
        return max(largest_force(moving) / fmax, open_energy / left_open)

    def report(steps: int) -> None:
        if progress is not None:
            progress(Step("saddle", steps, moving.get_potential_energy(), largest_force(moving)))

    bfgs: Callable[[Any], ImagesBFGS] = partial(ImagesBFGS, hessians=hessians)
    ending = optimize(climbing, residual, max_steps, "BFGS", report, bfgs)
    return Relaxation(
        atoms=frozen(moving, moving.calc.results),
        energy=float(moving.get_potential_energy()),
        fmax=largest_force(moving),
        max_stress=None,
        status=ending.status,
        steps=ending.steps,
        force_calls=journal.position,
        replayed=journal.position - journal.computed,
        optimizer=ending.optimizer,
        trajectory=checkpoint,
    )


class _Climbing(OptimizableAtoms):  # type: ignore[misc]
    """What an optimiser sees of atoms that climb: the force along the path is turned around."""

    def __init__(self, atoms: Atoms, tangent: Array) -> None:
        super().__init__(atoms)
        self._tangent = tangent.ravel() / np.linalg.norm(tangent)

    def __ase_optimizable__(self) -> _Climbing:
        return self

    def get_gradient(self) -> Array:
        gradient: Array = super().get_gradient()
        turned: Array = gradient - 2 * (gradient @ self._tangent) * self._tangent
        return turned
