import numpy as np
import pytest
from ase import Atoms, units
from ase.build import molecule
from scipy import constants

from azibflow.calculators.thermochemistry import harmonic_frequencies, thermochemistry

KT = constants.k / constants.e * 298.15


def with_pyscf(atoms, wavenumbers):
    from types import SimpleNamespace

    from pyscf import gto
    from pyscf.data import nist
    from pyscf.hessian.thermo import thermo

    mol = gto.M(
        atom=list(zip(atoms.symbols, atoms.positions.tolist(), strict=True)),
        charge=atoms.info.get("charge", 0),
        spin=atoms.info.get("spin", 1) - 1,
        basis="sto-3g",
        verbose=0,
    )
    unit = np.sqrt(nist.HARTREE2J / (nist.ATOMIC_MASS * nist.BOHR_SI**2)) / (2 * np.pi * nist.LIGHT_SPEED_SI * 100)
    results = thermo(SimpleNamespace(mol=mol, e_tot=0.0), np.array(wavenumbers) / unit, 298.15, 101325)
    return {name: results[name][0] * units.Hartree for name in ("ZPE", "H_tot", "S_tot", "G_tot")}


@pytest.mark.parametrize(
    ("name", "info", "wavenumbers"),
    [
        ("H2O", {}, [1600.0, 3700.0, 3800.0]),
        ("CO2", {}, [667.0, 667.0, 1350.0, 2350.0]),
        ("CO", {}, [2150.0]),
        ("NO", {"spin": 2}, [1900.0]),
        ("O2", {"spin": 3}, [1580.0]),
        ("CH4", {}, [1300.0] * 5 + [3000.0] * 4),
        ("H2O", {"charge": 1, "spin": 2}, [1400.0, 3200.0, 3250.0]),
        ("H", {"spin": 2}, []),
    ],
)
def test_enthalpy_entropy_and_gibbs_energy_are_those_of_pyscf(name, info, wavenumbers):
    atoms = molecule(name)
    atoms.info.update(info)
    ours, theirs = thermochemistry(atoms, np.array(wavenumbers)), with_pyscf(atoms, wavenumbers)
    assert ours.zero_point_energy == pytest.approx(theirs["ZPE"], abs=1e-7)
    assert ours.enthalpy_correction == pytest.approx(theirs["H_tot"], abs=1e-7)
    assert ours.entropy == pytest.approx(theirs["S_tot"], abs=1e-10)
    assert ours.gibbs_correction == pytest.approx(theirs["G_tot"], abs=1e-7)


@pytest.mark.parametrize(("temperature", "pressure"), [(298.15, 101325.0), (500.0, 1e5), (298.15, 2.5e6)])
def test_an_atom_follows_sackur_and_tetrode(temperature, pressure):
    result = thermochemistry(Atoms("Ar"), np.array([]), temperature, pressure)
    kt = constants.k * temperature
    wavelength = constants.h / np.sqrt(2 * np.pi * 39.948 * constants.atomic_mass * kt)
    entropy = (np.log(kt / pressure / wavelength**3) + 2.5) * constants.k / constants.e
    assert result.entropy == pytest.approx(entropy, rel=1e-6)
    assert result.enthalpy_correction == pytest.approx(2.5 * kt / constants.e, rel=1e-6)
    assert result.zero_point_energy == 0
    assert result.gibbs_correction_quasi_harmonic == result.gibbs_correction


def grimme_entropy(wavenumber, inertia):
    """Equations 3 to 8 of 10.1002/chem.201200497, eV/K; inertia in kg m^2."""
    frequency = 100 * constants.c * wavenumber
    moment = constants.h / (8 * np.pi**2 * frequency)
    moment = moment * inertia / (moment + inertia)
    x = constants.h * frequency / (constants.k * 298.15)
    rotor = 0.5 + np.log(np.sqrt(8 * np.pi**3 * moment * constants.k * 298.15 / constants.h**2))
    vibration = x / np.expm1(x) - np.log(-np.expm1(-x))
    weight = 1 / (1 + (100 / wavenumber) ** 4)
    mixed = weight * vibration + (1 - weight) * rotor
    return mixed * constants.k / constants.e, vibration * constants.k / constants.e


def test_soft_modes_go_over_to_free_rotors():
    atoms, wavenumbers = molecule("C6H6"), np.array([5.0, 40.0, 90.0, 200.0, 1000.0])
    inertia = atoms.get_moments_of_inertia().mean() * constants.atomic_mass * 1e-20
    change = sum(mixed - harmonic for mixed, harmonic in (grimme_entropy(w, inertia) for w in wavenumbers))
    result = thermochemistry(atoms, wavenumbers)
    difference = result.gibbs_correction_quasi_harmonic - result.gibbs_correction
    assert difference == pytest.approx(-298.15 * change, rel=1e-4)
    assert difference > 0.03


def test_stiff_modes_stay_harmonic():
    result = thermochemistry(molecule("H2O"), np.array([1600.0, 3700.0, 3800.0]))
    assert result.gibbs_correction_quasi_harmonic == pytest.approx(result.gibbs_correction, abs=1e-6)


def test_imaginary_modes_are_counted_and_left_out_and_noise_is_not_imaginary():
    atoms = molecule("NH3")
    saddle = thermochemistry(atoms, np.array([-900.0, -14.0, 1500.0, 3300.0]))
    assert saddle.imaginary == 1
    assert saddle.frequencies == [-900.0, -14.0, 1500.0, 3300.0]
    without = thermochemistry(atoms, np.array([14.0, 1500.0, 3300.0]))
    assert without.imaginary == 0
    assert saddle.gibbs_correction == without.gibbs_correction
    assert saddle.zero_point_energy == pytest.approx(4814 * units.invcm / 2)


def springs(atoms, constant=30.0):
    """Force constants of springs between all pairs of atoms, at rest."""
    matrix = np.zeros((3 * len(atoms), 3 * len(atoms)))
    for i in range(len(atoms)):
        for j in range(i):
            along = atoms.positions[i] - atoms.positions[j]
            along /= np.linalg.norm(along)
            pull = np.zeros((len(atoms), 3))
            pull[i], pull[j] = along, -along
            matrix += constant * np.outer(pull.ravel(), pull.ravel())
    return matrix


def test_a_diatomic_vibrates_with_its_reduced_mass():
    atoms = Atoms("HF", positions=[[0, 0, 0], [0.3, 0.5, 0.7]])
    frequencies, modes = harmonic_frequencies(springs(atoms, 60.0), atoms)
    first, second = atoms.get_masses() * constants.atomic_mass
    angular = np.sqrt(60.0 * constants.e * 1e20 * (1 / first + 1 / second))
    assert frequencies == pytest.approx([angular / (2 * np.pi * constants.c * 100)], rel=1e-6)
    assert np.linalg.norm(modes[0]) == pytest.approx(1)
    assert modes[0, 0] * first == pytest.approx(-modes[0, 1] * second)


@pytest.mark.parametrize(("name", "modes"), [("H2O", 3), ("CO2", 4), ("NH3", 6), ("C2H2", 7), ("H2", 1), ("H", 0)])
def test_number_of_modes(name, modes):
    atoms = molecule(name)
    frequencies, displacements = harmonic_frequencies(springs(atoms), atoms)
    assert frequencies.shape == (modes,)
    assert displacements.shape == (modes, len(atoms), 3)


def test_rigid_motions_are_projected_out_wherever_the_molecule_lies():
    atoms = molecule("NH3")
    clean, modes = harmonic_frequencies(springs(atoms), atoms)
    # What a coarse grid does: energy that changes as the molecule moves and turns as a whole.
    moved = np.tile(np.array([0.3, -1.0, 0.5]), 4)
    turned = np.cross([0.2, 0.1, 1.0], atoms.positions - atoms.get_center_of_mass()).ravel()
    masses = np.repeat(atoms.get_masses(), 3)
    dirt = 5 * np.outer(masses * moved, masses * moved) / 100 + np.outer(masses * turned, masses * turned)
    assert harmonic_frequencies(springs(atoms) + dirt, atoms)[0] == pytest.approx(clean, abs=1e-6)
    assert np.einsum("a,naj->nj", atoms.get_masses(), modes) == pytest.approx(0, abs=1e-9)


def test_a_linear_molecule_that_relaxed_not_quite_straight_keeps_both_bends():
    atoms = molecule("CO2")
    bends = 2.0 * np.kron(np.outer([2, -1, -1], [2, -1, -1]), np.diag([1, 1, 0]))
    straight = harmonic_frequencies(springs(atoms) + bends, atoms)[0]
    assert straight[0] == pytest.approx(straight[1])
    atoms.positions[0, 0] += 0.01
    bent = harmonic_frequencies(springs(atoms) + bends, atoms)[0]
    assert bent == pytest.approx(straight, rel=1e-3)
    assert thermochemistry(atoms, bent).symmetry_number == 2


def test_a_saddle_point_has_a_negative_wavenumber():
    atoms = molecule("H2O")
    bend = np.zeros((3, 3))
    bend[1, 2], bend[2, 2] = 1, 1
    matrix = springs(atoms) - 12 * np.outer(bend.ravel(), bend.ravel())
    frequencies = harmonic_frequencies(matrix, atoms)[0]
    assert frequencies[0] < -500 < 0 < frequencies[1]
    assert (np.diff(frequencies) > 0).all()
