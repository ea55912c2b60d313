"""Molecular dynamics in a heat bath whose temperature stays or changes linearly: the same for the same seed.

The state is written every few steps, the generator of random numbers with it, so that dynamics that were stopped go on
exactly where they would have gone.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from .checkpoints import calculation_identity

logger = logging.getLogger(__name__)

FRICTION = 0.02
"""Of the Langevin thermostat, 1/fs: half a picosecond of dynamics is enough to reach the temperature."""
PIECE = 20
"""Steps after which the temperature is set anew, the state is written and the log is told."""

Stop = Callable[[Atoms], str]
"""Says why dynamics are worth no further step; empty while they are."""


@dataclass(frozen=True)
class Stretch:
    """A part of dynamics, at one temperature or from one to another.

    Attributes:
        start: temperature at its beginning, K.
        end: temperature at its end, K.
        steps: its length.
    """

    start: float
    end: float
    steps: int

    def temperature(self, done: int) -> float:
        """Return the temperature of the bath after some of its steps, K."""
        share = done / self.steps
        return self.start * (1 - share) + self.end * share


@dataclass
class Dynamics:
    """Where dynamics are.

    Attributes:
        atoms: positions, not wrapped into the cell, and momenta.
        steps: made in all.
        temperatures: after every piece: steps made, temperature of the bath and of the atoms, K.
        turns: positions at the end of each stretch that is over, angstrom, shape (atoms, 3).
        stopped: why they ended early; empty when they did not.
    """

    atoms: Atoms
    steps: int = 0
    temperatures: list[tuple[int, float, float]] = field(default_factory=list)
    turns: list[np.ndarray] = field(default_factory=list)
    stopped: str = ""


def heat_bath(
    atoms: Atoms,
    calculator: Any,
    stretches: Sequence[Stretch],
    *,
    timestep: float,
    seed: int,
    friction: float = FRICTION,
    stop: Stop | None = None,
    checkpoint: Path | None = None,
) -> Dynamics:
    """Move atoms by Langevin dynamics, beginning with velocities of the first temperature.

    Args:
        atoms: start; not changed.
        calculator: ASE calculator.
        stretches: one after the other.
        timestep: fs.
        seed: of the velocities and of the thermostat.
        friction: of the thermostat, 1/fs.
        stop: asked after every piece of ``PIECE`` steps.
        checkpoint: file that dynamics which were stopped go on from; one of other inputs is started anew.

    Returns:
        Where the atoms are at the end.
    """
    from ase import units
    from ase.md.langevin import Langevin
    from ase.md.velocitydistribution import thermalize_momenta

    plan = [[one.start, one.end, one.steps] for one in stretches]
    identity = calculation_identity(
        [atoms], calculator, task="dynamics", plan=plan, timestep=timestep, friction=friction, seed=seed
    )
    generator = np.random.default_rng(seed)
    moving = atoms.copy()
    moving.info = dict(atoms.info)
    state = _resumed(moving, generator, identity, checkpoint)
    if state is None:
        thermalize_momenta(moving, stretches[0].start, rng=generator)
        state = Dynamics(moving)
    moving.calc = calculator
    langevin = Langevin(
        moving,
        timestep * units.fs,
        temperature_K=stretches[0].start,
        friction=friction / units.fs,
        fixcm=False,  # a drift as a whole does not matter here
        rng=generator,
    )
    total = sum(one.steps for one in stretches)
    while state.steps < total and not state.stopped:
        stretch, done = _stretch_at(stretches, state.steps)
        bath = stretch.temperature(done)
        langevin.set_temperature(temperature_K=bath)
        piece = min(PIECE, stretch.steps - done)
        langevin.run(piece)
        state.steps += piece
        state.temperatures.append((state.steps, bath, float(moving.get_temperature())))
        if done + piece == stretch.steps:
            state.turns.append(moving.get_positions())
        state.stopped = "" if stop is None else stop(moving)
        logger.info("dynamics step %d of %d: %.0f K", state.steps, total, state.temperatures[-1][2])
        _write(state, generator, identity, checkpoint)
    return state


def _stretch_at(stretches: Sequence[Stretch], steps: int) -> tuple[Stretch, int]:
    """Return the stretch that the next step belongs to, and how many of its steps are made."""
    for stretch in stretches:
        if steps < stretch.steps:
            return stretch, steps
        steps -= stretch.steps
    raise IndexError(f"no stretch has the step {steps}")


def _resumed(atoms: Atoms, generator: np.random.Generator, identity: str, path: Path | None) -> Dynamics | None:
    """Put atoms and generator where a checkpoint says; none where there is none, or one of something else."""
    if path is None or not path.is_file():
        return None
    try:
        written = json.loads(path.read_text())
        if written["identity"] != identity:
            logger.warning("%s belongs to other dynamics, which are started anew", path)
            return None
        momenta = np.array(written["momenta"])
        positions = np.array(written["positions"])
        state = Dynamics(
            atoms,
            steps=int(written["steps"]),
            temperatures=[(int(step), float(bath), float(own)) for step, bath, own in written["temperatures"]],
            turns=[np.array(turn) for turn in written["turns"]],
            stopped=str(written["stopped"]),
        )
        generator.bit_generator.state = written["generator"]
    except (ValueError, KeyError, TypeError) as error:
        logger.warning("%s is damaged (%s); its dynamics are started anew", path, error)
        return None
    atoms.set_positions(positions, apply_constraint=False)
    atoms.set_momenta(momenta, apply_constraint=False)
    return state


def _write(state: Dynamics, generator: np.random.Generator, identity: str, path: Path | None) -> None:
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {
            "identity": identity,
            "steps": state.steps,
            "positions": state.atoms.get_positions().tolist(),
            "momenta": state.atoms.get_momenta().tolist(),
            "temperatures": state.temperatures,
            "turns": [turn.tolist() for turn in state.turns],
            "stopped": state.stopped,
            "generator": generator.bit_generator.state,
        }
    )
    new = path.with_name(path.name + ".new")
    with new.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
