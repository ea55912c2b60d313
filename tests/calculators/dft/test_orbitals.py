"""Frontier levels: read off the right orbitals, of both spins."""

from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.units import Hartree

from azibflow.calculators.dft.calculator import PyscfCalculator
from azibflow.calculators.dft.orbitals import frontier_orbitals
from azibflow.calculators.specs import PyscfSpec


def levels_of(atoms, **level):
    calculator = PyscfCalculator(PyscfSpec.model_validate({"functional": "hf", "basis": "def2-svp", **level}))
    calculator.get_potential_energy(atoms)
    return frontier_orbitals(calculator.solution.mean_field), calculator.solution.mean_field


def test_a_closed_shell_by_hand():
    field = SimpleNamespace(mo_energy=np.array([-2.0, 0.25, -0.5]), mo_occ=np.array([2, 0, 2]))
    found = frontier_orbitals(field)
    assert (found.homo, found.lumo) == pytest.approx((-0.5 * Hartree, 0.25 * Hartree))
    assert found.gap == pytest.approx(0.75 * Hartree)
    assert (found.homo_spin, found.lumo_spin) == ("both", "both")


def test_an_open_shell_takes_the_higher_and_the_lower_of_both_spins():
    field = SimpleNamespace(
        mo_energy=np.array([[-2.0, -0.3, 0.4], [-1.9, -0.1, 0.5]]), mo_occ=np.array([[1, 1, 0], [1, 0, 0]])
    )
    found = frontier_orbitals(field)
    assert (found.homo, found.lumo) == pytest.approx((-0.3 * Hartree, -0.1 * Hartree))
    assert (found.homo_spin, found.lumo_spin) == ("alpha", "beta")


def test_koopmans_ionisation_of_water_and_of_hydrogen():
    water, _ = levels_of(molecule("H2O"))
    assert -water.homo == pytest.approx(13.5, abs=0.4)  # Hartree-Fock limit 13.9 eV
    atom, _ = levels_of(Atoms("H", info={"spin": 2}), basis="cc-pvqz", density_fit=False)
    assert atom.homo == pytest.approx(-Hartree / 2, abs=0.02)


def test_a_full_basis_has_no_empty_level():
    helium, _ = levels_of(Atoms("He"), basis="sto-3g", density_fit=False)
    assert helium.lumo is None
    assert helium.gap is None
