import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.units import Hartree

from azibflow.calculators.dft import periodic
from azibflow.calculators.dft.periodic import PyscfGammaCalculator, band_gap
from azibflow.calculators.factory import available, identity, make_calculator, record
from azibflow.calculators.guard import check
from azibflow.calculators.specs import PyscfGammaSpec, parse_spec
from azibflow.errors import CapabilityError, ScfNotConvergedError

SPEC = PyscfGammaSpec(cutoff=100)


def hydrogen(edge=7.5, **info):
    atoms = Atoms("H2", positions=[[1, 1, 1], [1.1, 1.2, 1.7]], cell=[edge] * 3, pbc=True)
    atoms.info.update(info)
    return atoms


def energy(atoms, spec=SPEC):
    return PyscfGammaCalculator(spec).get_potential_energy(atoms)


def test_a_molecule_in_a_box_is_the_molecule():
    from pyscf import dft, gto

    atoms = hydrogen(9.0)
    mol = gto.M(
        atom=list(zip(atoms.symbols, atoms.positions.tolist(), strict=True)),
        basis="gth-dzvp-molopt-sr",
        pseudo="gth-pbe",
        verbose=0,
    )
    alone = dft.RKS(mol, xc="pbe").run().e_tot * Hartree
    assert energy(atoms) == pytest.approx(alone, abs=2e-3)


@pytest.mark.parametrize(
    "info", [pytest.param({}, id="restricted"), pytest.param({"spin": 3}, id="unrestricted", marks=pytest.mark.slow)]
)
def test_forces_are_the_slope_of_the_energy(info):
    atoms = hydrogen(**info)
    forces = PyscfGammaCalculator(SPEC).get_forces(atoms)
    calculator, step = PyscfGammaCalculator(SPEC), 0.01
    assert abs(forces).min() > 0.05
    for way in ([[1, 0.3, -0.6], [0.2, -0.9, 0.5]], [[-0.4, 1, 0.7], [0.8, 0.1, 0.6]]):  # of all atoms and axes at once
        slope = []
        for sign in (1, -1):
            moved = atoms.copy()
            moved.positions += sign * step * np.array(way)
            slope.append(calculator.get_potential_energy(moved))
        assert np.sum(forces * way) == pytest.approx((slope[1] - slope[0]) / (2 * step), abs=5e-3)


def test_the_zone_centre_of_a_crystal_of_helium_is_not_that_of_one_atom():
    atoms = Atoms("He", cell=[7.0] * 3, pbc=True)
    wide = Atoms("He", cell=[9.0] * 3, pbc=True)
    assert energy(atoms) == pytest.approx(energy(wide), abs=2e-3)


def test_spin_is_read_and_a_change_of_it_recomputes():
    atoms, calculator = hydrogen(), PyscfGammaCalculator(SPEC)
    atoms.calc = calculator
    singlet = atoms.get_potential_energy()
    atoms.info["spin"] = 3
    assert atoms.get_potential_energy() > singlet + 5


def test_energy_first_and_forces_later_is_one_scf(monkeypatch):
    atoms, made = hydrogen(), []
    original = periodic._mean_field
    monkeypatch.setattr(periodic, "_mean_field", lambda *args: made.append(1) or original(*args))
    atoms.calc = PyscfGammaCalculator(SPEC)
    atoms.get_potential_energy()
    atoms.get_forces()
    assert len(made) == 1


def test_too_small_a_gap_is_refused(monkeypatch):
    # Real metals seldom converge at the zone centre; the threshold is raised instead.
    monkeypatch.setattr(periodic, "SMALLEST_GAP", 50.0)
    with pytest.raises(CapabilityError, match=r"box: the gap at the zone centre is \d+\.\d\d eV: a metal.*CP2K"):
        energy(hydrogen(label="box"))


def test_gap_of_an_insulator():
    calculator = PyscfGammaCalculator(SPEC)
    calculator.get_potential_energy(hydrogen())
    levels = calculator.mean_field.mo_energy
    assert band_gap(calculator.mean_field) == pytest.approx((levels[1] - levels[0]) * Hartree)
    assert band_gap(calculator.mean_field) > 5


def test_an_scf_that_does_not_converge_says_so():
    with pytest.raises(ScfNotConvergedError, match="box: the SCF at the zone centre did not converge in 1 cycles"):
        energy(hydrogen(label="box"), PyscfGammaSpec(cutoff=60, max_cycles=1))


@pytest.mark.parametrize(
    ("atoms", "message"),
    [
        (bulk("ZnO", "zincblende", a=4.6), r"repeats after 2\.66 angstrom; pyscf-gamma has no k-points"),
        (molecule("H2O"), "needs three periodic directions"),
        (hydrogen(charge=1, spin=2), r"total charge \+1, but calculator pyscf-gamma knows only 0"),
        (hydrogen(spin=2), "2 electrons .* cannot have multiplicity 2"),
        (Atoms("U", cell=[8] * 3, pbc=True), "no basis 'gth-dzvp-molopt-sr' with 'gth-pbe' for U"),
    ],
)
def test_the_guard(atoms, message):
    with pytest.raises(CapabilityError, match=message):
        check(SPEC, atoms)


def test_the_elements_of_the_project_pass():
    check(
        SPEC, Atoms("VTiZnCNOHSMoRuCuInSnBiF", positions=np.eye(15, 3) + 1, cell=[8] * 3, pbc=True, info={"spin": None})
    )


def test_as_a_calculator_by_name():
    spec = parse_spec("pyscf-gamma")
    assert spec == PyscfGammaSpec(functional="pbe", cutoff=175)
    assert isinstance(make_calculator(spec), PyscfGammaCalculator)
    assert make_calculator(spec).identity == identity(spec)
    assert "pyscf" in record(spec).versions
    assert spec.capabilities().properties == ("energy", "free_energy", "forces")
    assert "pyscf-gamma" in [row.kind for row in available()]
    with pytest.raises(CapabilityError, match="functional"):
        parse_spec({"kind": "pyscf-gamma", "functional": "pbe0"})


def test_dispersion_comes_on_top():
    bare, with_d3 = (
        make_calculator(parse_spec({"kind": "pyscf-gamma", "cutoff": 60, **extra}))
        for extra in ({}, {"dispersion": {}})
    )
    difference = with_d3.get_potential_energy(hydrogen()) - bare.get_potential_energy(hydrogen())
    assert -0.1 < difference < -1e-5


@pytest.mark.slow
def test_water_at_the_default_cutoff():
    from pyscf import dft, gto

    atoms = molecule("H2O", cell=[10.0] * 3, pbc=True)
    atoms.center()
    atoms.rotate(33, (1, 2, 3), center="COP")
    mol = gto.M(
        atom=list(zip(atoms.symbols, atoms.positions.tolist(), strict=True)),
        basis="gth-dzvp-molopt-sr",
        pseudo="gth-pbe",
        verbose=0,
    )
    field = dft.RKS(mol, xc="pbe").run()
    calculator = PyscfGammaCalculator(PyscfGammaSpec())
    assert calculator.get_potential_energy(atoms) == pytest.approx(field.e_tot * Hartree, abs=0.03)
    assert abs(calculator.get_forces(atoms).sum(axis=0)).max() < 0.03
