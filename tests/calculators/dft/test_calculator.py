"""PySCF through ASE: forces, dipole, charges and moments, against differences of energies and against plain PySCF."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.units import Bohr, Debye, Hartree

from azibflow.calculators.dft.calculator import PyscfCalculator
from azibflow.calculators.specs import PyscfSpec
from azibflow.errors import CapabilityError


def spec(**level):
    return PyscfSpec.model_validate({"functional": "pbe", "basis": "sto-3g", **level})


def crooked(name, **info):
    """Return a molecule without any symmetry."""
    atoms = molecule(name)
    atoms.positions += np.random.default_rng(1).uniform(-0.06, 0.06, (len(atoms), 3))
    atoms.info.update(info)
    return atoms


def zinc_hydroxide():
    atoms = Atoms("ZnOH", positions=[[0, 0, 0], [0.3, 1.7, 0.2], [1.0, 2.2, 0.6]])
    atoms.info["charge"] = 1
    return atoms


@pytest.mark.parametrize(
    ("atoms", "level", "tolerance"),
    [
        pytest.param(
            crooked("H2O"),
            {"density_fit": False, "basis": "6-31+g(d,p)", "cartesian": True},
            4e-3,
            marks=pytest.mark.slow,  # a basis of Gaussians as PySCF has it either way
        ),
        pytest.param(
            crooked("H2O"),
            {"functional": "pbe0", "dispersion": "d3bj", "basis": "def2-svp"},
            4e-3,
            marks=pytest.mark.slow,  # hybrids and D3 are those of the open shell below
        ),
        (crooked("H2O"), {"solvent": "water"}, 4e-3),
        (crooked("H2O", charge=1, spin=2), {"functional": "hf"}, 3e-4),
        (crooked("NH2", spin=2), {"functional": "pbe0", "dispersion": "d3bj"}, 4e-3),
        (zinc_hydroxide(), {"functional": "hf", "dispersion": None}, 3e-4),
    ],
    ids=["cartesian", "hybrid with D3", "PCM", "UHF cation", "UKS with D3", "zinc cation"],
)
def test_every_force_is_the_slope_of_the_energy(atoms, level, tolerance):
    # Tolerances in eV/angstrom. Without a functional: what an SCF converged to 1e-9 hartree leaves. With one: its
    # integration grid moves along with the atoms, which the gradient of PySCF leaves out.
    calculator = PyscfCalculator(spec(**level))
    atoms.calc = calculator
    analytic = atoms.get_forces()
    numeric = np.zeros_like(analytic)
    step = 0.002
    for index in np.ndindex(analytic.shape):
        energies = []
        for sign in (1, -1):
            moved = atoms.copy()
            moved.positions[index] += sign * step
            moved.calc = calculator
            energies.append(moved.get_potential_energy())
        numeric[index] = (energies[1] - energies[0]) / (2 * step)
    assert np.abs(analytic).min() > tolerance / 10, "a component that symmetry makes zero would test nothing"
    np.testing.assert_allclose(analytic, numeric, atol=tolerance)


def test_energy_is_that_of_plain_pyscf():
    from pyscf import dft, gto

    water = crooked("H2O")
    plain = dft.RKS(
        gto.M(atom=list(zip(water.symbols, water.positions.tolist(), strict=True)), basis="def2-svp", verbose=0)
    )
    plain.xc, plain.conv_tol = "pbe0", 1e-10
    water.calc = PyscfCalculator(spec(functional="pbe0", basis="def2-svp", density_fit=False))
    assert water.get_potential_energy() == pytest.approx(plain.kernel() * Hartree, abs=1e-6)


def test_density_fitting_costs_a_milli_electronvolt_per_atom():
    energies = []
    for fitted in (True, False):
        water = crooked("H2O")
        water.calc = PyscfCalculator(spec(basis="def2-svp", density_fit=fitted))
        energies.append(water.get_potential_energy())
    assert 1e-7 < abs(energies[0] - energies[1]) < 3e-3


def test_dipole_of_water_and_charges():
    water = molecule("H2O")
    water.calc = PyscfCalculator(spec(functional="pbe0", basis="def2-svpd"))
    dipole = water.get_dipole_moment() / Debye
    assert np.linalg.norm(dipole) == pytest.approx(1.90, abs=0.08)  # 1.855 D measured
    oxygen, *hydrogens = water.positions
    assert dipole @ (np.mean(hydrogens, axis=0) - oxygen) > 0, "it points towards the hydrogen atoms"
    charges = water.get_charges()
    assert charges.sum() == pytest.approx(0, abs=1e-8)
    assert charges[0] < -0.3


def test_moments_sum_to_the_unpaired_electrons_and_charges_to_the_charge():
    cation = crooked("H2O", charge=1, spin=2)
    cation.calc = PyscfCalculator(spec())
    cation.get_potential_energy()
    assert cation.get_magnetic_moments().sum() == pytest.approx(1, abs=1e-6)
    assert cation.get_magnetic_moments()[0] > 0.7
    assert cation.get_charges().sum() == pytest.approx(1, abs=1e-6)


def test_an_atom_of_hydrogen_is_half_a_hartree():
    atom = Atoms("H", info={"spin": 2})
    atom.calc = PyscfCalculator(spec(functional="hf", basis="cc-pv5z", density_fit=False))
    assert atom.get_potential_energy() == pytest.approx(-Hartree / 2, abs=3e-4)
    assert atom.calc.solution.spin_squared == pytest.approx(0.75)


def test_hydrogen_molecular_ion_at_its_exact_energy():
    # -0.602634 hartree at 2.0 bohr (Bates, Ledsham, Stewart, 10.1098/rsta.1953.0014).
    ion = Atoms("H2", positions=[[0, 0, 0], [0, 0, 2.0 * Bohr]], info={"charge": 1, "spin": 2})
    ion.calc = PyscfCalculator(spec(functional="hf", basis="cc-pvqz", density_fit=False))
    assert ion.get_potential_energy() / Hartree == pytest.approx(-0.602634, abs=5e-4)


def test_a_change_of_charge_or_multiplicity_is_a_new_system():
    water = molecule("H2O")
    water.calc = PyscfCalculator(spec())
    neutral = water.get_potential_energy()
    water.info.update(charge=1, spin=2)
    assert water.get_potential_energy() > neutral + 5
    water.info.update(charge=0, spin=3)
    triplet = water.get_potential_energy()
    assert triplet > neutral + 3
    assert water.calc.solution.spin_squared == pytest.approx(2, abs=0.05)


def test_energy_first_and_forces_later_is_one_scf():
    water = molecule("H2O")
    water.calc = PyscfCalculator(spec())
    water.get_potential_energy()
    solution = water.calc.solution
    water.get_forces()
    assert water.calc.solution is solution


def test_the_density_of_a_geometry_is_the_guess_of_the_next():
    water = molecule("H2O")
    water.calc = PyscfCalculator(spec())
    water.get_potential_energy()
    water.positions[1] += 0.01
    water.get_potential_energy()
    assert water.calc.solution.attempts[0].method == "DIIS from a guess"


def test_errors_come_before_any_scf(monkeypatch):
    monkeypatch.setattr("pyscf.scf.hf.SCF.kernel", lambda *_: pytest.fail("an SCF was started"))
    for atoms, level, message in (
        (Atoms("H", info={"label": "atom", "spin": 1}), {}, "atom: 1 electrons .* cannot have multiplicity 1"),
        (Atoms("Zn"), {"basis": "6-31+g(d,p)"}, "no basis .* for Zn"),
        (Atoms("He"), {"functional": "pbee"}, "no functional 'pbee'"),
    ):
        atoms.calc = PyscfCalculator(spec(**level))
        with pytest.raises(CapabilityError, match=message):
            atoms.get_potential_energy()
