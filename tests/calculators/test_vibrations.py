import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.calculators.emt import EMT
from ase.calculators.morse import MorsePotential
from ase.constraints import FixAtoms
from ase.vibrations import Vibrations

from azibflow.calculators.thermochemistry import harmonic_frequencies
from azibflow.calculators.vibrations import finite_difference_hessian


class CountingEMT(EMT):
    calls = 0
    dies_at = None

    def calculate(self, *args, **kwargs):
        super().calculate(*args, **kwargs)
        type(self).calls += 1
        if self.calls == self.dies_at:
            raise KeyboardInterrupt


@pytest.fixture
def counting():
    CountingEMT.calls, CountingEMT.dies_at = 0, None
    return CountingEMT


def bent():
    return Atoms("CuAgCu", positions=[[0, 0, 0], [2.5, 0.1, 0], [3.0, 2.4, 0.3]])


def test_a_morse_bond_has_its_analytic_force_constant():
    depth, steepness, length = 0.4, 3.0, 1.2
    atoms = Atoms("N2", positions=[[0, 0, 0], [0, length, 0]])
    morse = MorsePotential(epsilon=depth, rho0=steepness, r0=length, rcut1=8.0, rcut2=9.0)
    hessian = finite_difference_hessian(atoms, morse, step=0.002)
    curvature = 2 * depth * (steepness / length) ** 2
    assert hessian[1, 1] == pytest.approx(curvature, rel=1e-4)
    assert hessian[1, 4] == pytest.approx(-curvature, rel=1e-4)
    assert hessian[0, 0] == pytest.approx(0, abs=1e-4)


def test_it_agrees_with_ase_away_from_a_minimum(tmp_path):
    atoms = bent()
    hessian = finite_difference_hessian(atoms, EMT())
    theirs = atoms.copy()
    theirs.calc = EMT()
    vibrations = Vibrations(theirs, name=tmp_path / "vib", delta=0.01)
    vibrations.run()
    assert hessian == pytest.approx(vibrations.get_vibrations().get_hessian_2d(), abs=1e-6)
    assert (hessian == hessian.T).all()


def test_the_atoms_are_left_alone_and_constraints_do_not_hold_them():
    atoms = bent()
    free = finite_difference_hessian(atoms, EMT())
    atoms.set_constraint(FixAtoms([0]))
    before = atoms.positions.copy()
    assert finite_difference_hessian(atoms, EMT()) == pytest.approx(free)
    assert (atoms.positions == before).all()
    assert atoms.calc is None


def test_a_killed_calculation_goes_on_and_a_finished_one_costs_nothing(tmp_path, counting):
    atoms, file = bent(), tmp_path / "hessian.journal"
    expected = finite_difference_hessian(atoms, EMT())
    counting.dies_at = 8
    with pytest.raises(KeyboardInterrupt):
        finite_difference_hessian(atoms, counting(), checkpoint=file)
    counting.dies_at, counting.calls = None, 0
    assert (finite_difference_hessian(atoms, counting(), checkpoint=file) == expected).all()
    assert counting.calls == 2 * 9 - 7
    counting.calls = 0
    assert (finite_difference_hessian(atoms, counting(), checkpoint=file) == expected).all()
    assert counting.calls == 0


def test_another_step_or_structure_does_not_use_the_file(tmp_path, counting):
    atoms, file = bent(), tmp_path / "hessian.journal"
    finite_difference_hessian(atoms, counting(), checkpoint=file)
    finite_difference_hessian(atoms, counting(), step=0.02, checkpoint=file)
    atoms.positions[0, 0] += 0.1
    finite_difference_hessian(atoms, counting(), checkpoint=file)
    assert counting.calls == 3 * 18


def test_progress_after_every_coordinate():
    steps = []
    finite_difference_hessian(bent(), EMT(), progress=steps.append)
    assert [step.number for step in steps] == list(range(2, 19, 2))
    assert {step.phase for step in steps} == {"vibrations"}


def test_charge_and_spin_reach_the_calculator():
    from azibflow.calculators.specs import XtbSpec
    from azibflow.calculators.xtb import XtbCalculator

    found = []
    for charge in (0, 1):
        water = molecule("H2O")
        water.info.update(charge=charge, spin=1 + charge)
        hessian = finite_difference_hessian(water, XtbCalculator(XtbSpec()))
        found.append(harmonic_frequencies(hessian, water)[0])
    # Water as measured, 1595, 3657 and 3756 cm-1, which GFN2-xTB meets within 7 %; its cation is another molecule.
    assert found[0] == pytest.approx([1595, 3657, 3756], rel=0.07)
    assert abs(found[0] - found[1]).max() > 100


def test_frequencies_of_a_relaxed_cluster_are_real():
    atoms = Atoms("Cu4", positions=[[0, 0, 0], [2.4, 0, 0], [1.2, 2.1, 0], [1.2, 0.7, 1.9]])
    from azibflow.calculators.relaxation import relax

    relaxed = relax(atoms, EMT(), fmax=1e-4).atoms
    frequencies, _ = harmonic_frequencies(finite_difference_hessian(relaxed, EMT()), relaxed)
    assert len(frequencies) == 6
    assert frequencies.min() > 50
    # Td: one totally symmetric mode, one pair, one triplet.
    assert np.ptp(frequencies[:2]) < 1
    assert np.ptp(frequencies[2:5]) < 1
