"""CP2K itself, on molecules and crystals that take seconds; the crystal is slow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk, molecule

from azibflow.calculators.factory import make_calculator, record
from azibflow.calculators.specs import Cp2kSpec

pytestmark = pytest.mark.usefixtures("cp2k")


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_forces_of_a_molecule_are_differences_of_energies(tmp_path: Path) -> None:
    atoms = molecule("H2", cell=[6.0, 6.0, 6.0], pbc=True)
    atoms.center()
    atoms.calc = make_calculator(Cp2kSpec(cutoff=300, tolerance=1e-7))
    force = atoms.get_forces()[0, 2]
    energies = []
    for step in (0.003, -0.003):  # the bond is anharmonic: a longer step is 0.004 eV/angstrom off
        moved = atoms.copy()
        moved.positions[0, 2] += step
        moved.calc = atoms.calc
        energies.append(moved.get_potential_energy())
    assert force == pytest.approx(-(energies[0] - energies[1]) / 0.006, abs=2e-3)
    assert abs(force) > 0.1
    assert list(tmp_path.glob("cp2k-1/*-RESTART.kp"))
    assert record(Cp2kSpec()).versions["cp2k"][0].isdigit()
    assert {weights.name for weights in record(Cp2kSpec()).weights} == {"BASIS_MOLOPT", "GTH_POTENTIALS"}


@pytest.mark.slow
def test_stress_of_a_crystal_is_a_difference_of_energies() -> None:
    crystal = bulk("LiH", "rocksalt", a=4.08, cubic=True)
    crystal.rattle(0.05, seed=1)
    crystal.calc = make_calculator(Cp2kSpec(cutoff=300, kpoints=(1, 1, 1), tolerance=1e-7))
    stress = crystal.get_stress()[0]
    energies = []
    for strain in (0.004, -0.004):
        strained = crystal.copy()
        strained.set_cell(crystal.cell @ (np.eye(3) + np.diag([strain, 0, 0])), scale_atoms=True)
        strained.calc = crystal.calc
        energies.append(strained.get_potential_energy())
    assert stress == pytest.approx((energies[0] - energies[1]) / 0.008 / crystal.get_volume(), abs=1e-3)
