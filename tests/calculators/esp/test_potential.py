"""The exact potential against independent truths, the fitted one against the exact one."""

import numpy as np
import pytest
from ase.units import Bohr
from pyscf import gto

from azibflow.calculators.dft.molecule import build_molecule
from azibflow.calculators.dft.scf import mean_field
from azibflow.calculators.esp.isosurface import density_isosurface
from azibflow.calculators.esp.potential import ExactPotential, FittedPotential
from azibflow.calculators.esp.surface import esp_surface
from azibflow.calculators.specs import PyscfSpec

KCAL = 627.5095


def test_exact_potential_is_that_of_the_integrals_written_out(density):
    molecule, dm = density("H2O")
    points = np.array([[0.0, 0.0, 4.0], [1.0, -3.0, 2.0], [5.0, 5.0, 5.0]])
    expected = []
    for point in points:
        with molecule.with_rinv_origin(point):
            electrons = np.einsum("ij,ij->", molecule.intor("int1e_rinv"), dm)
        nuclei = sum(
            z / np.linalg.norm(point - r) for z, r in zip(molecule.atom_charges(), molecule.atom_coords(), strict=True)
        )
        expected.append(nuclei - electrons)
    assert ExactPotential(molecule, dm)(points) == pytest.approx(expected, abs=1e-10)


def test_potential_of_the_hydrogen_atom_is_the_analytic_one():
    # A 1s Slater function by many Gaussians: V(r) = exp(-2r) (1 + 1/r) around the proton.
    molecule = gto.M(atom="H 0 0 0", basis="cc-pv5z", spin=1, verbose=0)
    field = molecule.UHF()
    field.kernel()
    dm = field.make_rdm1().sum(axis=0)
    r = np.array([0.5, 1.0, 2.0, 3.0, 5.0])
    points = np.column_stack([r, np.zeros_like(r), np.zeros_like(r)])
    assert ExactPotential(molecule, dm)(points) == pytest.approx(np.exp(-2 * r) * (1 + 1 / r), abs=2e-4)


@pytest.mark.parametrize(("name", "charge"), [("H2O", 0), ("NH4+", 1), ("OH-", -1), ("VO2+", 2), ("Zn2+", 2)])
def test_total_charge_is_recovered_far_away(density, name, charge):
    molecule, dm = density(name)
    surface = density_isosurface(molecule, dm, spacing=0.5).vertices
    far = 2000.0 * np.vstack([np.eye(3), -np.eye(3)])
    for potential in (ExactPotential(molecule, dm), FittedPotential(molecule, dm, surface)):
        assert 2000.0 * potential(far).mean() == pytest.approx(charge, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "basis"),
    [
        ("H2O", "def2-svp"),
        ("NH4+", "def2-svp"),
        ("HCOO-", "def2-svpd"),
        ("OH-", "6-31+g(d,p)"),
        ("VO2+", "def2-svp"),
        pytest.param("VOCl3", "def2-svp", marks=pytest.mark.slow),
        ("Zn2+", "def2-tzvpd"),
    ],
)
def test_fitted_potential_agrees_with_the_exact_one_on_the_whole_surface(density, name, basis):
    molecule, dm = density(name, basis)
    fitted = esp_surface(molecule, dm)
    exact = esp_surface(molecule, dm, method="exact")
    difference = fitted.potential - exact.potential
    assert np.sqrt(np.mean(difference**2)) < 0.1
    assert np.abs(difference).max() < 0.5
    # The error that the result carries is honest.
    error = fitted.statistics.fit_error
    assert error.rms == pytest.approx(np.sqrt(np.mean(difference**2)), rel=0.5)
    assert error.largest <= np.abs(difference).max() + 1e-9
    assert exact.statistics.fit_error is None


def test_cartesian_orbitals_with_a_metal_are_fitted_as_well():
    # Gaussian's convention for its 6-311G family; the Cartesian auxiliary functions of zinc are linearly dependent.
    molecule = gto.M(
        atom="Zn 0 0 0; O 0 0 1.8; H 0 0.8 2.3",
        basis={"default": "6-311+g(d,p)", "Zn": "def2-tzvpd"},
        charge=1,
        cart=True,
        verbose=0,
    )
    dm = molecule.RHF().density_fit().run().make_rdm1()
    points = density_isosurface(molecule, dm).vertices
    difference = (FittedPotential(molecule, dm, points[::10])(points) - ExactPotential(molecule, dm)(points)) * KCAL
    assert np.sqrt(np.mean(difference**2)) < 0.1
    assert np.abs(difference).max() < 0.5


def test_correction_fitted_on_the_surface_does_no_harm_inside_it(density):
    molecule, dm = density("H2O")
    fitted = FittedPotential(molecule, dm, density_isosurface(molecule, dm, spacing=0.5).vertices)
    generator = np.random.default_rng(0)
    directions = generator.normal(size=(600, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    distances = generator.uniform(0.2, 3.0, (600, 1))
    points = molecule.atom_coords()[generator.integers(0, 3, 600)] + distances * directions
    assert np.abs(fitted(points) - ExactPotential(molecule, dm)(points)).max() * KCAL < 5.0


def test_auxiliary_functions_on_one_place_do_not_upset_the_fit():
    molecule = gto.M(atom="He 0 0 0; ghost-He 0 0 1e-9", basis="def2-svp", verbose=0)
    alone = gto.M(atom="He 0 0 0", basis="def2-svp", verbose=0)
    dm = np.zeros((molecule.nao, molecule.nao))
    dm[: alone.nao, : alone.nao] = alone.RHF().run().make_rdm1()
    points = density_isosurface(molecule, dm, spacing=0.5).vertices
    difference = FittedPotential(molecule, dm, points)(points) - ExactPotential(molecule, dm)(points)
    assert np.abs(difference).max() * KCAL < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["[Zn(H2O)5SO4]", "[VO(H2O)5]2+", "V4O10"])
def test_fitted_potential_agrees_with_the_exact_one_on_clusters(name):
    from azibflow.structures.clusters import cluster

    level = PyscfSpec(preset="quick")
    field = mean_field(build_molecule(cluster(name), level.energy), level.energy, level)
    field.kernel()
    dm = field.make_rdm1()
    dm = dm if dm.ndim == 2 else dm.sum(axis=0)
    surface = esp_surface(field.mol, dm)
    exact = ExactPotential(field.mol, dm)(surface.vertices / Bohr) * KCAL
    assert np.sqrt(np.mean((surface.potential - exact) ** 2)) < 0.1
    assert np.abs(surface.potential - exact).max() < 0.5


def test_potential_at_a_nucleus_is_large_but_finite(density):
    molecule, dm = density("H2O")
    assert np.isfinite(ExactPotential(molecule, dm)(molecule.atom_coords())).all()
