"""Driving an ASE optimiser to convergence: BFGS first, FIRE when BFGS fails, and an honest word about the end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import numpy as np

logger = logging.getLogger(__name__)

OptimizerName = Literal["BFGS", "FIRE", "LBFGS", "geomeTRIC"]

EXPLODED = 1e3
"""A force beyond this, eV/angstrom, means overlapping atoms or a network far outside what it has seen."""

PATIENCE = 60
"""Steps without a smaller residual after which BFGS is taken to have stalled."""


class Status(StrEnum):
    """How an optimisation ended."""

    CONVERGED = "converged"
    MAX_STEPS = "not converged within the steps allowed"
    DIVERGED = "diverged: forces not finite or above 1000 eV/angstrom"


@dataclass(frozen=True)
class Step:
    """What a progress display is told after each step.

    Attributes:
        phase: what is being done: relaxation, band, climbing.
        number: steps so far in this calculation.
        energy: of the structure, or of the highest moving image, eV.
        fmax: largest force, eV/angstrom.
    """

    phase: str
    number: int
    energy: float
    fmax: float


Progress = Callable[[Step], None]


@dataclass(frozen=True)
class Ending:
    """The end of an optimisation.

    Attributes:
        status: how it ended.
        steps: moves of the atoms.
        optimizer: the optimiser that ended it.
    """

    status: Status
    steps: int
    optimizer: str


def optimize(
    target: Any,
    residual: Callable[[], float],
    max_steps: int,
    optimizer: OptimizerName,
    report: Callable[[int], None],
    bfgs: Callable[[Any], Any] | None = None,
    growth: float = np.inf,
) -> Ending:
    """Move the target until its residual is at most one.

    BFGS (ASE's, 10.1093/imamat/6.1.76) is replaced by FIRE (10.1103/PhysRevLett.97.170201) for the remaining steps when
    it stalls or cannot step, then going on from where it is, or explodes or runs away, then going back to its best
    point. LBFGS takes the steps of BFGS without its eigenvalues, which beyond some thousand coordinates cost as much as
    the forces.

    Args:
        target: atoms, a cell filter or a band, with calculators attached; changed in place.
        residual: largest force over its tolerance, and likewise whatever else must vanish; called after each step.
        max_steps: moves allowed, all optimisers together.
        optimizer: the one to begin with; FIRE follows BFGS and LBFGS.
        report: told the number of moves so far, after each evaluation.
        bfgs: makes the optimiser for BFGS out of the target; that of ASE when none.
        growth: times its least residual at which BFGS has run away.

    Returns:
        How it ended; the target is at its last finite point.
    """
    steps = 0
    outcome = Ending(Status.MAX_STEPS, steps, optimizer)
    for name in (optimizer,) if optimizer == "FIRE" else (optimizer, "FIRE"):
        run = bfgs(target) if bfgs is not None and name == "BFGS" else _made(name, target)
        outcome = _run(name, run, residual, max_steps, steps, report, np.inf if name == "FIRE" else growth)
        steps = outcome.steps
        if outcome.status is Status.CONVERGED or steps >= max_steps:
            break
        if name != "FIRE":
            logger.info("FIRE takes over from %s", name)
    return outcome


def _made(name: str, target: Any) -> Any:
    from ase import optimize as ase_optimize

    return getattr(ase_optimize, name)(target, logfile=None)


def _run(
    name: str,
    run: Any,
    residual: Callable[[], float],
    max_steps: int,
    done: int,
    report: Callable[[int], None],
    growth: float,
) -> Ending:
    body = run.optimizable
    best, best_step, best_point = np.inf, done, body.get_x()
    # ASE's own loop stops on forces alone and goes on with forces that are not finite.
    for step in range(done, max_steps + 1):
        if not _is_sane(body):
            body.set_x(best_point)
            return Ending(Status.DIVERGED, step, name)
        report(step)
        now = residual()
        if now <= 1.0:
            return Ending(Status.CONVERGED, step, name)
        if now > growth * best:
            body.set_x(best_point)
            break
        if now < best:
            best, best_step, best_point = now, step, body.get_x()
        stalled = name != "FIRE" and step - best_step >= PATIENCE
        if stalled or step == max_steps or not _moved(run):
            break
    return Ending(Status.MAX_STEPS, step, name)


def _is_sane(body: Any) -> bool:
    """Tell whether positions and forces are finite and no force is absurd; positions first, they cost nothing."""
    return bool(np.isfinite(body.get_x()).all() and body.gradient_norm(body.get_gradient()) <= EXPLODED)


def _moved(run: Any) -> bool:
    """Take a step; false when BFGS cannot, because forces that do not change leave it a singular Hessian."""
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            run.step()
    except np.linalg.LinAlgError:
        return False
    return True
