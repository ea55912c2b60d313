"""pw.x itself on a crystal of two atoms: forces and stress are differences of energies, densities go on."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from espresso_files import HYDROGEN, LITHIUM

from azibflow.calculators.codes.espresso import version
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import EspressoSpec
from azibflow.errors import ScfNotConvergedError

pytestmark = pytest.mark.usefixtures("espresso")
# At so low a cutoff a small strain changes no plane waves: stress is a difference of energies to the last digit.
SPEC = EspressoSpec(kpoints=(2, 2, 2), cutoff=60, density_ratio=4, tolerance=1e-8)


@pytest.fixture
def crystal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Atoms:
    (tmp_path / "H-q1.gth").write_text(HYDROGEN)
    (tmp_path / "Li-q3.gth").write_text(LITHIUM)
    monkeypatch.setenv("ESPRESSO_PSEUDO", str(tmp_path))
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


def iterations(folder: Path) -> int:
    return int(re.search(r"achieved in\s+(\d+) iterations", (folder / "pw.out").read_text())[1])


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


def test_the_next_geometry_takes_fewer_iterations_and_gives_the_same(crystal: Atoms, tmp_path: Path) -> None:
    crystal.get_potential_energy()
    first = iterations(tmp_path / "espresso-1")
    crystal.positions[1, 0] += 0.002
    near = crystal.get_potential_energy()
    assert iterations(tmp_path / "espresso-1") < first
    crystal.calc = make_calculator(SPEC)
    assert crystal.get_potential_energy() == pytest.approx(near, abs=1e-6)
    for path in (tmp_path / "espresso-1" / "azibflow.save").iterdir():  # as a kill may leave them
        path.write_bytes(path.read_bytes()[:100])
    crystal.positions[1, 0] += 1e-4
    crystal.calc.directory = tmp_path / "espresso-1"
    assert crystal.get_potential_energy() == pytest.approx(near, abs=1e-3)


def test_smearing_leaves_an_energy_for_no_width_and_forces_of_the_free_one(crystal: Atoms) -> None:
    metal = bulk("Li", "sc", a=3.0)
    metal.calc = make_calculator(SPEC.model_copy(update={"smearing": 0.3}))
    energy, free = metal.get_potential_energy(), metal.get_potential_energy(force_consistent=True)
    assert 1e-3 < energy - free < 0.5


def test_an_scf_that_does_not_converge_is_no_number_and_another_one_goes_on_from_it(
    crystal: Atoms, tmp_path: Path
) -> None:
    crystal.calc = make_calculator(SPEC.model_copy(update={"max_cycles": 3}))
    with pytest.raises(ScfNotConvergedError, match="did not converge in 3 iterations"):
        crystal.get_potential_energy()
    given_up = crystal.calc.directory
    crystal.calc = make_calculator(SPEC)
    energy = crystal.get_potential_energy()
    crystal.calc = make_calculator(SPEC)
    crystal.calc.directory = given_up
    assert crystal.get_potential_energy() == pytest.approx(energy, abs=1e-6)
    assert "initial density is read from file" in (tmp_path / given_up / "pw.out").read_text()


def test_it_is_asked_for_its_version_without_what_is_for_many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZIBFLOW_COMMAND_ESPRESSO", "mpirun -np 8 pw.x -nk 4")
    version.cache_clear()
    assert version()[0].isdigit()
    version.cache_clear()
