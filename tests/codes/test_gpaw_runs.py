"""GPAW itself on a crystal of two atoms: forces and stress are differences of energies, densities go on."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from small_hop import GPAW, hydride, write_campaign

from azibflow.calculators.factory import make_calculator, record
from azibflow.calculators.specs import GpawSpec
from azibflow.cli.main import main
from azibflow.errors import CalculationError, OutOfMemoryError, ScfNotConvergedError

pytestmark = pytest.mark.usefixtures("gpaw")
QUICK = GpawSpec(kpoints=(1, 1, 1), cutoff=250)
SPEC = GpawSpec(kpoints=(2, 2, 2), cutoff=450, tolerance=1e-7)


@pytest.fixture
def crystal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Atoms:
    monkeypatch.chdir(tmp_path)
    atoms = bulk("LiH", "rocksalt", a=4.08)
    atoms.rattle(0.05, seed=1)
    atoms.calc = make_calculator(SPEC)
    return atoms


def energies(atoms: Atoms, changed: list[Atoms]) -> list[float]:
    found = []
    for other in changed:
        other.calc = atoms.calc
        found.append(other.get_potential_energy())
    return found


def test_forces_and_stress_are_differences_of_energies(crystal: Atoms, tmp_path: Path) -> None:
    force, stress = crystal.get_forces()[1, 0], crystal.get_stress()[0]
    moved = [crystal.copy() for _ in range(2)]
    for atoms, step in zip(moved, (0.005, -0.005), strict=True):
        atoms.positions[1, 0] += step
    up, down = energies(crystal, moved)
    assert force == pytest.approx(-(up - down) / 0.01, abs=1e-3)
    assert abs(force) > 0.05
    strained = [crystal.copy() for _ in range(2)]
    for atoms, strain in zip(strained, (0.002, -0.002), strict=True):
        atoms.set_cell(crystal.cell @ (np.eye(3) + np.diag([strain, 0, 0])), scale_atoms=True)
    up, down = energies(crystal, strained)
    assert stress == pytest.approx((up - down) / 0.004 / crystal.get_volume(), abs=1e-3)
    assert (tmp_path / "gpaw-1" / "azibflow.gpw").is_file()
    assert record(SPEC).versions["gpaw"][0].isdigit()


def test_sizes_are_those_that_gpaw_itself_says(crystal: Atoms, tmp_path: Path) -> None:
    crystal.get_potential_energy()
    log, size = (tmp_path / "gpaw-1" / "gpaw.txt").read_text(), SPEC.size(crystal)
    assert f"{size.kpoints} k-points in the irreducible part" in log
    assert f"Number of valence electrons: {size.electrons:.0f}\n" in log
    fewest, most = map(int, re.findall(r"coefficients \(min, max\): (\d+), (\d+)", log)[0])
    assert 0.95 * fewest <= size.functions <= 1.05 * most


def test_an_scf_that_does_not_converge_is_no_number(crystal: Atoms) -> None:
    crystal.calc = make_calculator(SPEC.model_copy(update={"max_cycles": 3}))
    with pytest.raises(ScfNotConvergedError, match="did not converge"):
        crystal.get_potential_energy()


def cycles(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"Converged after (\d+) iterations", text)]


def test_the_next_geometry_begins_with_the_wave_functions_of_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    atoms, needed = hydride(1.8, 0.0, 0.1), []
    atoms.calc = make_calculator(QUICK)
    for _ in range(2):
        atoms.positions[1, 1] += 0.03
        energy = atoms.get_potential_energy()
        needed += cycles((tmp_path / "gpaw-1" / "gpaw.txt").read_text())
    assert needed[1] < 0.8 * needed[0]
    (tmp_path / "gpaw-1" / "azibflow.gpw").write_bytes(b"half of it")
    atoms.calc.reset()
    assert atoms.get_potential_energy() == pytest.approx(energy, abs=1e-4)


@pytest.mark.slow
def test_too_little_memory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AZIBFLOW_COMMAND_GPAW", "sh -c 'ulimit -v 900000; exec gpaw python \"$@\"' sh")
    atoms = hydride(1.8, 0.0, 0.1)
    atoms.cell = [9.0, 9.0, 9.0]
    atoms.calc = make_calculator(QUICK.model_copy(update={"cutoff": 1500.0}))
    with pytest.raises(OutOfMemoryError, match=r"ran out of memory: .*MemoryError: Unable to allocate"):
        atoms.get_potential_energy()


def test_two_that_do_not_know_of_each_other_do_not_compute_in_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    atoms = hydride(1.8, 0.0, 0.1)
    atoms.calc = make_calculator(QUICK)
    monkeypatch.setenv("AZIBFLOW_COMMAND_GPAW", "sh -c 'touch gpaw-started; exec gpaw python \"$@\"' sh")
    with pytest.raises(CalculationError, match="another GPAW computes in this folder, as when a launcher"):
        atoms.get_potential_energy()


TALLYING = """\
#!/bin/sh
gpaw python "$@" || exit
[ -f gpaw.txt ] && grep "Converged after" gpaw.txt >> cycles
exit 0
"""


@pytest.mark.slow
def test_images_side_by_side_keep_their_wave_functions_from_step_to_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tallying"
    program.write_text(TALLYING)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("AZIBFLOW_COMMAND_GPAW", str(program))
    campaign, run = write_campaign(tmp_path, GPAW, images=2), tmp_path / "run"
    with pytest.raises(SystemExit):
        main(["run", str(campaign), "--run-dir", str(run), "--workers=1", "--threads=2", "--images-at-once=2"])
    of_images = [cycles(path.read_text()) for number in (2, 3) for path in run.glob(f"jobs/*/gpaw-{number}/cycles")]
    assert len(of_images) == 2
    for first, _, *later in of_images:  # the first move of a band is a long one
        assert later
        assert max(later) < first
