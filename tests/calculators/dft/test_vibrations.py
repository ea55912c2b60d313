import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule

from azibflow.calculators.dft.calculator import PyscfCalculator
from azibflow.calculators.dft.vibrations import force_constants, hessian, missing_part
from azibflow.calculators.specs import PyscfSpec
from azibflow.calculators.thermochemistry import harmonic_frequencies
from azibflow.calculators.vibrations import finite_difference_hessian
from azibflow.errors import CapabilityError


def spec(**level):
    return PyscfSpec.model_validate({"functional": "pbe", "basis": "sto-3g", "grid": 2, **level})


def converged(atoms, level):
    calculator = PyscfCalculator(level)
    calculator.get_potential_energy(atoms)
    return calculator.solution.mean_field


def hydroxyl():
    return Atoms("OH", positions=[[0, 0, 0], [0.3, 0.5, 0.8]], info={"spin": 2})


def imidogen():
    return Atoms("NH", positions=[[0, 0, 0], [0.3, 0.5, 0.9]], info={"spin": 3})


def crooked_water(**info):
    atoms = molecule("H2O")
    atoms.positions += [[0.02, -0.03, 0.01], [0.03, 0.02, -0.04], [-0.01, 0.05, 0.02]]
    atoms.info.update(info)
    return atoms


def test_frequencies_of_water_are_those_of_pyscf():
    from pyscf.hessian.thermo import harmonic_analysis

    field = converged(molecule("H2O"), spec(basis="def2-svp", grid=3))
    frequencies, modes = harmonic_frequencies(hessian(field), molecule("H2O"))
    theirs = harmonic_analysis(field.mol, field.Hessian().kernel())
    assert frequencies == pytest.approx(np.real(theirs["freq_wavenumber"]), abs=0.5)
    for ours, other in zip(modes, theirs["norm_mode"], strict=True):
        assert abs(np.vdot(ours, other) / np.linalg.norm(other)) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("atoms", "level"),
    [
        (crooked_water(), {"dispersion": "d3bj"}),
        (crooked_water(), {"solvent": "water"}),
        (imidogen(), {"functional": "pbe0", "dispersion": "d3bj"}),
        pytest.param(
            crooked_water(charge=1, spin=2),
            {"functional": "pbe", "solvent": "water", "density_fit": False},
            marks=pytest.mark.slow,
        ),
    ],
    ids=["D3", "PCM", "UKS hybrid", "UKS PCM without fitting"],
)
def test_analytic_force_constants_are_the_differences_of_forces(atoms, level):
    level = spec(**level)
    analytic = hessian(converged(atoms, level))
    numeric = finite_difference_hessian(atoms, PyscfCalculator(level), step=0.005)
    assert analytic == pytest.approx(numeric, abs=0.002 * abs(numeric).max())
    ours, theirs = (harmonic_frequencies(matrix, atoms)[0] for matrix in (analytic, numeric))
    assert ours == pytest.approx(theirs, abs=4)


def test_dispersion_is_part_of_the_force_constants():
    # Two argon atoms in a small basis are held by dispersion alone.
    atoms = Atoms("Ar2", positions=[[0, 0, 0], [0, 0, 3.8]])
    bare, with_d3 = (hessian(converged(atoms, spec(functional="hf", dispersion=d))) for d in (None, "d3bj"))
    step, energies = 0.02, []
    for shift in (-step, 0, step):
        moved = atoms.copy()
        moved.positions[1, 2] += shift
        pair = [converged(moved, spec(functional="hf", dispersion=d)).e_tot for d in (None, "d3bj")]
        energies.append((pair[1] - pair[0]) * 27.211386)
    curvature = (energies[0] - 2 * energies[1] + energies[2]) / step**2
    assert abs(curvature) > 1e-3
    assert (with_d3 - bare)[5, 5] == pytest.approx(curvature, rel=0.02)


@pytest.mark.parametrize("functional", [pytest.param("pbe", marks=pytest.mark.slow), "hf"])
def test_restricted_open_shells_fall_back_on_differences(functional, tmp_path):
    atoms, level = hydroxyl(), spec(functional=functional, reference="restricted")
    field = converged(atoms, level)
    assert "restricted open shells" in str(missing_part(field))
    with pytest.raises(CapabilityError, match="restricted open shells; take differences of forces"):
        hessian(field)
    file = tmp_path / "journal"
    matrix = force_constants(atoms, PyscfCalculator(level), checkpoint=file)
    assert len(file.read_text().splitlines()) == 1 + 12
    unrestricted = force_constants(atoms, PyscfCalculator(spec(functional=functional)))
    ours, other = (harmonic_frequencies(m, atoms)[0] for m in (matrix, unrestricted))
    assert ours == pytest.approx(other, rel=0.02)


def test_non_local_correlation_is_known_to_be_missing():
    from pyscf import dft, gto

    mol = gto.M(atom="He", basis="sto-3g", verbose=0)
    assert "non-local" in str(missing_part(dft.RKS(mol, xc="wb97x-v")))
    assert missing_part(dft.RKS(mol, xc="wb97x")) is None
