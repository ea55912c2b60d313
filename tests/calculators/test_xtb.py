"""GFN2-xTB through ASE: charge and multiplicity of the atoms, forces, what it refuses."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.calculators.fd import calculate_numerical_forces

from azibflow.calculators.factory import make_calculator
from azibflow.calculators.guard import check
from azibflow.calculators.specs import XtbSpec
from azibflow.errors import CalculationError, CapabilityError
from azibflow.structures.clusters import cluster


def energy(atoms, **options):
    atoms = atoms.copy()
    atoms.calc = make_calculator(XtbSpec(**options))
    return atoms.get_potential_energy()


def with_info(name, **info):
    atoms = molecule(name)
    atoms.info.update(info)
    return atoms


def test_charge_and_multiplicity_are_read():
    neutral, cation, triplet = (
        with_info("H2O"),
        with_info("H2O", charge=1, spin=2),
        with_info("H2O", spin=3),
    )
    assert energy(cation) - energy(neutral) > 8
    assert energy(triplet) - energy(neutral) > 4


def test_it_is_tblite():
    from tblite.ase import TBLite

    ion = cluster("[Zn(H2O)2]2+")
    theirs = ion.copy()
    theirs.calc = TBLite(method="GFN2-xTB", charge=2, verbosity=0)
    assert energy(ion) == pytest.approx(theirs.get_potential_energy(), abs=1e-8)


def test_forces_are_slopes_in_the_gas_and_in_water():
    for solvent in (None, "water"):
        atoms = with_info("NH2", spin=2)
        atoms.rattle(0.05, seed=4)
        atoms.calc = make_calculator(XtbSpec(solvent=solvent))
        np.testing.assert_allclose(atoms.get_forces(), calculate_numerical_forces(atoms, eps=1e-3), atol=2e-3)


def test_water_stabilises_an_ion_by_its_charge():
    # Born: z^2 / (2 r) (1 - 1/eps); of the order of 8 eV for a dication of some 3 angstrom.
    ion = cluster("[Zn(H2O)6]2+")
    assert 5 < energy(ion) - energy(ion, solvent="water") < 12


def test_what_it_cannot_do():
    with pytest.raises(CapabilityError, match=r"radical: 9 electrons .* cannot have multiplicity 1"):
        check(XtbSpec(), with_info("OH", spin=1, label="radical"))
    with pytest.raises(CapabilityError, match="periodic"):
        check(XtbSpec(), Atoms("H2", positions=[[0, 0, 0], [0, 0, 0.7]], cell=[5, 5, 5], pbc=True))
    with pytest.raises(CalculationError, match="heavy: xTB failed"):
        energy(Atoms("U", info={"label": "heavy"}))


def test_another_charge_at_the_same_geometry_is_another_system():
    water, calculator = molecule("H2O"), make_calculator(XtbSpec())
    neutral = calculator.get_potential_energy(water)
    water.info.update(charge=1, spin=2)
    assert calculator.get_potential_energy(water) > neutral + 5.0
