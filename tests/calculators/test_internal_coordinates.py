"""Relaxation in internal coordinates: the same minimum as in Cartesian ones, continued after an interruption."""

import numpy as np
import pytest
from ase.build import molecule

from azibflow.calculators.checkpoints import read_trajectory
from azibflow.calculators.optimization import Status
from azibflow.calculators.relaxation import relax
from azibflow.calculators.specs import XtbSpec
from azibflow.calculators.xtb import XtbCalculator
from azibflow.structures.clusters import cluster


class Counted(XtbCalculator):
    """GFN2-xTB that counts its evaluations and may die at one."""

    def __init__(self, dies_at=None):
        super().__init__(XtbSpec())
        self.calls, self.dies_at = 0, dies_at

    def calculate(self, *args, **options):
        if self.calls == self.dies_at:
            raise KeyboardInterrupt
        self.calls += 1
        super().calculate(*args, **options)


def crooked(name="CH3OH"):
    atoms = molecule(name)
    atoms.rattle(0.1, seed=2)
    return atoms


def test_it_ends_at_the_minimum_of_bfgs():
    ends = [relax(crooked(), Counted(), fmax=0.002, optimizer=optimizer) for optimizer in ("BFGS", "geomeTRIC")]
    assert all(end.converged for end in ends)
    assert ends[1].energy == pytest.approx(ends[0].energy, abs=1e-5)
    np.testing.assert_allclose(*(end.atoms.get_all_distances() for end in ends), atol=3e-3)
    assert ends[1].fmax < 0.002
    assert ends[1].optimizer == "geomeTRIC"


def test_a_hydrate_takes_fewer_forces_than_with_bfgs():
    hydrate = cluster("[Zn(H2O)6]2+")
    hydrate.rattle(0.1, seed=2)
    calls = {name: relax(hydrate, Counted(), fmax=0.02, optimizer=name).force_calls for name in ("BFGS", "geomeTRIC")}
    assert calls["geomeTRIC"] < calls["BFGS"]


def test_charge_and_spin_stay_on_the_atoms():
    radical = molecule("CH3")
    radical.info.update(spin=2, label="methyl")
    radical.rattle(0.05, seed=1)
    end = relax(radical, Counted(), fmax=0.02, optimizer="geomeTRIC")
    assert end.atoms.info["spin"] == 2
    assert end.converged


def test_steps_that_run_out_are_reported():
    end = relax(crooked(), Counted(), fmax=1e-4, max_steps=3, optimizer="geomeTRIC")
    assert end.status is Status.MAX_STEPS
    assert end.steps == 3
    assert end.fmax > 1e-4


@pytest.mark.parametrize("dies_at", [1, 4])
def test_a_killed_relaxation_goes_on_where_it_was(tmp_path, dies_at):
    whole = relax(crooked(), Counted(), fmax=0.01, optimizer="geomeTRIC")
    options = {"fmax": 0.01, "optimizer": "geomeTRIC", "checkpoint": tmp_path / "relax"}
    with pytest.raises(KeyboardInterrupt):
        relax(crooked(), Counted(dies_at=dies_at), **options)
    counted = Counted()
    end = relax(crooked(), counted, **options)
    assert end.replayed == dies_at
    assert counted.calls == end.force_calls - dies_at
    assert end.force_calls == whole.force_calls
    np.testing.assert_allclose(end.atoms.positions, whole.atoms.positions, atol=1e-8)
    assert len(list(read_trajectory(tmp_path / "relax", crooked()))) == end.force_calls


def test_a_finished_one_costs_nothing(tmp_path):
    options = {"fmax": 0.01, "optimizer": "geomeTRIC", "checkpoint": tmp_path / "relax"}
    first = relax(crooked(), Counted(), **options)
    counted = Counted()
    assert relax(crooked(), counted, **options).energy == first.energy
    assert counted.calls == 0
