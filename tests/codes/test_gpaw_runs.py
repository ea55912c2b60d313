"""GPAW itself on a crystal of two atoms: forces and stress are differences of energies, densities go on."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from azibflow.calculators.factory import make_calculator, record
from azibflow.calculators.specs import GpawSpec
from azibflow.errors import ScfNotConvergedError

pytestmark = pytest.mark.usefixtures("gpaw")
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
