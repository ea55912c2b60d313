"""Dynamics in a heat bath: plain ASE's, the same for the same seed, and the same after they were stopped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import thermalize_momenta
from ase.units import fs

from azibflow.calculators.dynamics import PIECE, Stretch, heat_bath
from azibflow.workflows.breathing.annealing import AnnealSettings, anneal_structure
from azibflow.workflows.common.results import RelaxSettings

STRETCHES = [Stretch(900, 900, 30), Stretch(900, 300, 50)]


class Stopped(EMT):
    """A potential that a kill interrupts after some evaluations."""

    def __init__(self, after: int | None = None):
        super().__init__()
        self.after, self.calls = after, 0

    def calculate(self, *given, **more):
        if self.after is not None and self.calls >= self.after:
            raise KeyboardInterrupt
        self.calls += 1
        super().calculate(*given, **more)


def copper():
    return bulk("Cu", cubic=True)


def bath(calculator, checkpoint: Path | None = None, seed: int = 3, **more):
    return heat_bath(copper(), calculator, STRETCHES, timestep=2.0, seed=seed, checkpoint=checkpoint, **more)


def test_at_one_temperature_it_is_what_ase_does() -> None:
    ours = heat_bath(copper(), EMT(), [Stretch(700, 700, 45)], timestep=2.0, seed=5)
    plain, generator = copper(), np.random.default_rng(5)
    plain.calc = EMT()
    thermalize_momenta(plain, 700, rng=generator)
    Langevin(plain, 2 * fs, temperature_K=700, friction=0.02 / fs, fixcm=False, rng=generator).run(45)
    assert ours.steps == 45
    assert np.array_equal(ours.atoms.positions, plain.positions)


def test_a_stretch_changes_its_temperature_linearly_and_its_turns_are_kept() -> None:
    whole = bath(EMT())
    assert [(step, bath_at) for step, bath_at, _ in whole.temperatures] == [
        (20, 900),
        (30, 900),
        (50, 900),
        (70, pytest.approx(900 - 600 * 20 / 50)),
        (80, pytest.approx(900 - 600 * 40 / 50)),
    ]
    assert len(whole.turns) == 2 and np.array_equal(whole.turns[1], whole.atoms.positions)
    assert not np.allclose(whole.turns[0], whole.turns[1])
    assert np.abs(bath(EMT(), seed=4).atoms.positions - whole.atoms.positions).max() > 0.01


def test_stopped_dynamics_go_on_as_if_they_had_not_been(tmp_path: Path) -> None:
    whole, file = bath(EMT()), tmp_path / "checkpoints" / "melt"
    with pytest.raises(KeyboardInterrupt):
        bath(Stopped(after=67), file)
    rest = Stopped()
    resumed = bath(rest, file)
    assert np.array_equal(resumed.atoms.positions, whole.atoms.positions)
    assert resumed.temperatures == whole.temperatures and len(resumed.turns) == 2
    assert rest.calls == 80 - 50 + 1, "from the end of the last whole piece, whose forces are computed again"
    done = Stopped()
    assert np.array_equal(bath(done, file).turns[1], whole.turns[1]) and done.calls == 0
    assert np.array_equal(bath(EMT(), file, seed=4).atoms.positions, bath(EMT(), seed=4).atoms.positions), "of others"


@pytest.mark.parametrize("broken", ["", "{}", '{"identity": 1}', "half a li"])
def test_a_damaged_checkpoint_is_started_anew(broken: str, tmp_path: Path) -> None:
    file = tmp_path / "melt"
    whole = bath(EMT(), file)
    text = file.read_text()
    file.write_text(broken or text[: len(text) // 2])
    assert np.array_equal(bath(EMT(), file).atoms.positions, whole.atoms.positions)
    assert json.loads(file.read_text())["steps"] == 80


def test_it_ends_where_it_is_told_to() -> None:
    ended = bath(EMT(), stop=lambda atoms: "enough" if atoms.get_temperature() > 0 else "")
    assert (ended.steps, ended.stopped, len(ended.turns)) == (PIECE, "enough", 0)


def test_annealing_that_was_stopped_goes_on(tmp_path: Path) -> None:
    from azibflow.calculators.kinds.ase import AseSpec

    spec, heat = AseSpec(calculator="ase.calculators.emt:EMT"), AnnealSettings(temperature=400, steps=60)
    whole = anneal_structure(copper(), spec, RelaxSettings(fmax=0.05), heat, 2)
    kept = anneal_structure(copper(), spec, RelaxSettings(fmax=0.05), heat, 2, folder=tmp_path)
    (file,) = (tmp_path / "checkpoints").glob("anneal-*")
    assert json.loads(file.read_text())["steps"] == 60
    assert kept.structure == whole.structure and kept.energy == whole.energy
