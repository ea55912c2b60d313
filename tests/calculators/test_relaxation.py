import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.calculators.calculator import Calculator
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.optimize import BFGS

from azibflow.calculators.checkpoints import read_trajectory
from azibflow.calculators.optimization import Status
from azibflow.calculators.relaxation import relax


class Counted(EMT):
    """EMT that counts its evaluations."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def calculate(self, *args, **options):
        self.calls += 1
        super().calculate(*args, **options)


@pytest.fixture
def rattled():
    atoms = bulk("Cu", cubic=True) * (2, 2, 1)
    atoms.rattle(0.15, seed=3)
    atoms.info.update(charge=0, label="rattled copper")
    return atoms


def test_relaxation_equals_plain_ase(rattled):
    plain = rattled.copy()
    plain.calc = EMT()
    BFGS(plain, logfile=None).run(fmax=0.02)
    before = rattled.positions.copy()
    result = relax(rattled, EMT(), fmax=0.02)
    assert result.converged
    assert result.energy == pytest.approx(plain.get_potential_energy(), abs=1e-10)
    np.testing.assert_allclose(result.atoms.positions, plain.positions, atol=1e-8)
    assert result.atoms.get_potential_energy() == result.energy
    assert result.fmax == pytest.approx(np.linalg.norm(plain.get_forces(), axis=1).max())
    assert result.atoms.info == rattled.info
    np.testing.assert_array_equal(rattled.positions, before)
    assert rattled.calc is None


def test_force_calls_are_those_of_the_calculator(rattled):
    counted = Counted()
    result = relax(rattled, counted)
    assert counted.calls == result.force_calls == result.steps + 1


def test_constraints_hold_and_do_not_count_for_convergence():
    slab = fcc111("Cu", (2, 2, 3), a=3.5, vacuum=6.0)
    slab.rattle(0.1, seed=1)
    bottom = [atom.index for atom in slab if atom.tag == 3]
    slab.set_constraint(FixAtoms(bottom))
    result = relax(slab, EMT(), fmax=0.02)
    np.testing.assert_array_equal(result.atoms.positions[bottom], slab.positions[bottom])
    assert result.converged
    assert np.linalg.norm(result.atoms.get_forces(apply_constraint=False)[bottom], axis=1).max() > 0.1
    assert list(result.atoms.constraints[0].index) == bottom


def test_full_cell_relaxation_finds_the_lattice_of_emt():
    # Minimum of EMT's energy over the lattice constant, by a parabola through a fine scan.
    lengths = np.linspace(3.56, 3.62, 13)
    energies = [EMT().get_property("energy", bulk("Cu", a=a)) for a in lengths]
    fit = np.polyfit(lengths, energies, 4)
    stationary = np.roots(np.polyder(fit))
    best = stationary[np.argmin(abs(stationary - 3.59))].real
    result = relax(bulk("Cu", a=3.75), EMT(), cell="full", max_stress=0.01)
    assert result.converged
    assert result.max_stress <= 0.01
    assert result.atoms.cell.lengths()[0] * np.sqrt(2) == pytest.approx(best, abs=2e-3)


def test_stress_has_its_own_tolerance():
    strained = bulk("Cu", a=3.65)
    assert not relax(strained, EMT(), cell="full", max_steps=0).converged
    assert relax(strained, EMT(), cell="full", max_steps=0, max_stress=50.0).converged
    assert relax(strained, EMT(), max_steps=0).converged


def test_in_plane_relaxation_leaves_the_third_vector():
    start = bulk("Cu", a=3.8, cubic=True)
    result = relax(start, EMT(), cell="in-plane")
    np.testing.assert_allclose(result.atoms.cell[2], start.cell[2], atol=1e-10)
    assert result.atoms.cell[0, 0] < 3.7
    single = relax(start, EMT(), cell=(False, False, True, False, False, False))
    np.testing.assert_allclose(single.atoms.cell[:2], start.cell[:2], atol=1e-10)
    assert single.atoms.cell[2, 2] < 3.7


def test_unconverged_is_said_not_raised(rattled):
    result = relax(rattled, EMT(), max_steps=2)
    assert (result.status, result.steps, result.force_calls) == (Status.MAX_STEPS, 2, 3)
    assert result.fmax > 0.05


class Broken(Calculator):
    """Harmonic until an atom has moved far enough; then its forces are what they are told to be."""

    implemented_properties = ("energy", "forces")

    def __init__(self, bad):
        super().__init__()
        self.bad = bad

    def calculate(self, atoms=None, properties=None, system_changes=()):
        super().calculate(atoms, properties, system_changes)
        x = self.atoms.positions
        forces = -3.0 * x if x[0, 0] > 0.9 else np.full_like(x, self.bad)
        self.results = {"energy": 1.5 * float((x**2).sum()), "forces": forces}


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e5])
def test_exploding_forces_end_at_the_last_good_structure(bad):
    result = relax(Atoms("Zn", positions=[[1.2, 0.0, 0.0]]), Broken(bad))
    assert result.status is Status.DIVERGED
    assert result.optimizer == "FIRE"
    assert result.atoms.positions[0, 0] > 0.9
    assert np.isfinite(result.energy)


def test_overlapping_atoms_diverge_at_once():
    assert relax(Atoms("Zn", positions=[[0.1, 0, 0]]), Broken(np.nan)).status is Status.DIVERGED


class Rough(Calculator):
    """A bowl with ripples whose forces never let BFGS see a smooth surface."""

    implemented_properties = ("energy", "forces")

    def calculate(self, atoms=None, properties=None, system_changes=()):
        super().calculate(atoms, properties, system_changes)
        x = self.atoms.positions
        self.results = {
            "energy": float((np.abs(x) ** 1.5).sum()),
            "forces": -1.5 * np.sign(x) * np.abs(x) ** 0.5,
        }


def test_fire_takes_over_when_bfgs_stalls(monkeypatch):
    from azibflow.calculators import optimization

    monkeypatch.setattr(optimization, "PATIENCE", 1)
    result = relax(Atoms("Zn2", positions=[[1.0, 0.4, 0.2], [0.3, -0.9, 0.1]]), Rough(), fmax=0.1, max_steps=300)
    assert result.optimizer == "FIRE"
    assert result.force_calls <= result.steps + 2


class Ramp(Calculator):
    """The same force everywhere: no curvature for BFGS to learn."""

    implemented_properties = ("energy", "forces")

    def calculate(self, atoms=None, properties=None, system_changes=()):
        super().calculate(atoms, properties, system_changes)
        x = self.atoms.positions
        self.results = {"energy": float(x[:, 0].sum()), "forces": np.tile([-1.0, 0.0, 0.0], (len(x), 1))}


def test_fire_takes_over_when_bfgs_cannot_step():
    result = relax(Atoms("Zn", positions=[[0, 0, 0]]), Ramp(), max_steps=12)
    assert (result.status, result.optimizer, result.steps) == (Status.MAX_STEPS, "FIRE", 12)
    assert result.energy < -0.5


def test_progress_sees_every_step(rattled):
    seen = []
    result = relax(rattled, EMT(), progress=seen.append)
    assert [step.number for step in seen] == list(range(result.steps + 1))
    assert seen[-1].fmax == result.fmax
    assert seen[-1].energy == result.energy


def test_a_finished_relaxation_costs_nothing_more(rattled, tmp_path):
    first = relax(rattled, EMT(), checkpoint=tmp_path / "relax.jsonl")
    counted = Counted()
    # The identity of the calculation is that of the calculator's class; this one only counts.
    Counted.__qualname__ = EMT.__qualname__
    again = relax(rattled, counted, checkpoint=tmp_path / "relax.jsonl")
    assert counted.calls == 0
    assert again.replayed == again.force_calls == first.force_calls
    assert again.energy == first.energy
    np.testing.assert_array_equal(again.atoms.positions, first.atoms.positions)


def test_raising_max_steps_and_tightening_fmax_go_on(rattled, tmp_path):
    path = tmp_path / "relax.jsonl"
    straight = relax(rattled, EMT(), fmax=0.01)
    relax(rattled, EMT(), max_steps=3, checkpoint=path)
    continued = relax(rattled, EMT(), fmax=0.01, checkpoint=path)
    assert continued.replayed == 4
    assert continued.force_calls == straight.force_calls
    np.testing.assert_allclose(continued.atoms.positions, straight.atoms.positions, atol=1e-7)


@pytest.mark.parametrize("change", ["positions", "cell", "element", "charge", "constraint", "calculator", "strains"])
def test_a_checkpoint_of_another_calculation_is_not_used(rattled, tmp_path, change):
    path = tmp_path / "relax.jsonl"
    relax(rattled, EMT(), checkpoint=path)
    other, calculator, cell = rattled.copy(), EMT(), "fixed"
    if change == "positions":
        other.positions[0, 0] += 0.01
    elif change == "cell":
        other.set_cell(other.cell.array * 1.001)
    elif change == "element":
        other.symbols[0] = "Ni"
    elif change == "charge":
        other.info["charge"] = 1
    elif change == "constraint":
        other.set_constraint(FixAtoms([0]))
    elif change == "calculator":
        calculator = EMT(asap_cutoff=True)
    else:
        cell = "full"
    result = relax(other, calculator, cell=cell, checkpoint=path)
    assert result.replayed == 0
    fresh = relax(other, type(calculator)(**calculator.parameters), cell=cell)
    assert result.energy == pytest.approx(fresh.energy, abs=1e-9)
    assert len(path.read_text().splitlines()) == 1 + result.force_calls


@pytest.mark.parametrize("keep", [0, 1, 500, -1, -300])
def test_a_torn_checkpoint_goes_on_from_its_last_whole_line(rattled, tmp_path, keep):
    path = tmp_path / "relax.jsonl"
    whole = relax(rattled, EMT(), checkpoint=path)
    text = path.read_text()
    path.write_text(text[:keep])
    again = relax(rattled, EMT(), checkpoint=path)
    assert again.energy == pytest.approx(whole.energy, abs=1e-9)
    assert again.replayed == max(0, text[:keep].count("\n") - 1)
    assert path.read_text().count("\n") == text.count("\n")


def test_a_damaged_line_is_never_believed(rattled, tmp_path):
    path = tmp_path / "relax.jsonl"
    whole = relax(rattled, EMT(), checkpoint=path)
    lines = path.read_text().splitlines(keepends=True)
    entry = json.loads(lines[3])
    entry["positions"][0][0] += 0.3
    path.write_text("".join([*lines[:3], json.dumps(entry) + "\n", *lines[4:]]))
    again = relax(rattled, EMT(), checkpoint=path)
    assert again.replayed == 2
    assert again.energy == pytest.approx(whole.energy, abs=1e-9)
    entry = json.loads(lines[3])
    entry["results"]["energy"] += 0.3  # at the right positions: only its checksum tells
    path.write_text("".join([*lines[:3], json.dumps(entry) + "\n", *lines[4:]]))
    again = relax(rattled, EMT(), checkpoint=path)
    assert again.replayed == 2
    assert again.energy == pytest.approx(whole.energy, abs=1e-9)
    path.write_text("".join([*lines[:3], "{broken\n", *lines[4:]]))
    assert relax(rattled, EMT(), checkpoint=path).replayed == 2


def test_lines_without_a_checksum_are_those_of_an_earlier_version(rattled, tmp_path):
    path = tmp_path / "relax.jsonl"
    relax(rattled, EMT(), checkpoint=path)
    header, *lines = path.read_text().splitlines()
    entries = [{name: value for name, value in json.loads(line).items() if name != "crc32"} for line in lines]
    path.write_text("\n".join([header, *map(json.dumps, entries), ""]))
    assert relax(rattled, EMT(), checkpoint=path).replayed == len(lines)


def test_the_checkpoint_is_the_trajectory(rattled, tmp_path):
    path = tmp_path / "relax.jsonl"
    result = relax(rattled, EMT(), checkpoint=path)
    frames = list(read_trajectory(path, rattled))
    assert len(frames) == result.force_calls
    np.testing.assert_array_equal(frames[0].positions, rattled.positions)
    np.testing.assert_array_equal(frames[-1].get_forces(), result.atoms.get_forces())


PROGRAM = """
import sys, time
from pathlib import Path
from ase.build import bulk
from ase.calculators.emt import EMT
from azibflow.calculators.relaxation import relax

atoms = bulk("Cu", cubic=True) * (2, 2, 1)
atoms.rattle(0.15, seed=3)
relax(atoms, EMT(), fmax=0.001, cell="full", checkpoint=Path(sys.argv[1]), progress=lambda step: time.sleep(0.05))
"""


def test_a_killed_relaxation_reaches_the_same_minimum(tmp_path):
    path = tmp_path / "relax.jsonl"
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)])
    deadline = time.monotonic() + 60
    while not path.exists() or path.read_text().count("\n") < 6:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    atoms = bulk("Cu", cubic=True) * (2, 2, 1)
    atoms.rattle(0.15, seed=3)
    straight = relax(atoms, EMT(), fmax=0.001, cell="full")
    resumed = relax(atoms, EMT(), fmax=0.001, cell="full", checkpoint=path)
    assert 5 <= resumed.replayed < resumed.force_calls == straight.force_calls
    # Not to the last digit: EMT's own sums depend on the geometries it saw before.
    np.testing.assert_allclose(resumed.atoms.positions, straight.atoms.positions, atol=1e-7)
    np.testing.assert_allclose(resumed.atoms.cell.array, straight.atoms.cell.array, atol=1e-7)


def test_with_the_curvature_of_bonds_less_is_left_open_for_fewer_evaluations(rattled):
    plain = relax(rattled, EMT(), fmax=0.05)
    exact = relax(rattled, EMT(), fmax=1e-4).energy
    result = relax(rattled, EMT(), fmax=0.05, left_open=1e-4)
    assert result.converged
    assert result.force_calls < plain.force_calls
    assert result.energy - exact < 3e-4 < plain.energy - exact


def test_it_settles_by_a_limited_number_of_moves(rattled):
    """A potential whose forces are noise below fmax leaves more open than is asked for; that is no failure."""

    class Noisy(EMT):
        calls = 0

        def calculate(self, *args, **options):
            super().calculate(*args, **options)
            self.calls += 1
            self.results["forces"] = self.results["forces"] + 0.01 * np.sin(self.calls + np.arange(48.0)).reshape(16, 3)

    result = relax(rattled, Noisy(), fmax=0.05, left_open=1e-9)
    assert result.converged
    assert result.force_calls < 45


def test_a_relaxation_of_the_other_kind_is_not_continued(rattled, tmp_path):
    path = tmp_path / "journal"
    assert relax(rattled, EMT(), max_steps=3, checkpoint=path).replayed == 0
    settled = relax(rattled, EMT(), left_open=1e-4, checkpoint=path)
    assert settled.replayed == 0
    again = relax(rattled, EMT(), left_open=1e-4, checkpoint=path)
    assert again.replayed == again.force_calls == settled.force_calls
