"""Counterpoise corrections: against ghost atoms set by hand, and where there is nothing to correct."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.units import Hartree

from azibflow.calculators.dft.counterpoise import counterpoise
from azibflow.calculators.specs import PyscfSpec
from azibflow.errors import CapabilityError

LEVEL = {"functional": "hf", "basis": "sto-3g", "dispersion": None}


def spec(**level):
    return PyscfSpec.model_validate({**LEVEL, **level})


def dimer(distance=2.9):
    first, second = molecule("H2O"), molecule("H2O")
    second.rotate(70, "x")
    second.positions += [0, 0.2, -distance]
    return first + second


def hydrated_zinc():
    water = molecule("H2O")
    ion = Atoms("Zn", positions=[water.positions[0] + [0, 0, 1.9]])
    both = ion + water
    both.info["charge"] = 2
    return both


def test_it_is_what_ghosts_by_hand_give():
    from pyscf import gto, scf

    both = dimer()

    def energy(real, ghosts):
        atoms = [(both.symbols[i], both.positions[i]) for i in real]
        atoms += [(f"ghost-{both.symbols[i]}", both.positions[i]) for i in ghosts]
        field = scf.RHF(gto.M(atom=atoms, basis="sto-3g", verbose=0))
        field.conv_tol = 1e-10
        return field.kernel() * Hartree

    first, second = [0, 1, 2], [3, 4, 5]
    found = counterpoise(both, first, spec(density_fit=False), (0, 0), (1, 1))
    assert found.first == pytest.approx(energy(first, second) - energy(first, []), abs=1e-5)
    assert found.second == pytest.approx(energy(second, first) - energy(second, []), abs=1e-5)
    assert found.total == pytest.approx(found.first + found.second)
    assert found.total < -0.01


def test_charges_go_to_their_fragments():
    found = counterpoise(hydrated_zinc(), [0], spec(basis="def2-svp"), (2, 0), (1, 1))
    assert -0.1 < found.first <= 1e-6
    assert found.second < -0.02  # water uses the empty functions of zinc


def test_fragments_that_are_far_apart_need_none():
    found = counterpoise(dimer(12.0), [0, 1, 2], spec(), (0, 0), (1, 1))
    assert np.abs([found.first, found.second]).max() < 1e-6


@pytest.mark.slow
def test_a_larger_basis_leaves_less_to_correct():
    totals = [
        counterpoise(dimer(), [0, 1, 2], spec(basis=basis), (0, 0), (1, 1)).total for basis in ("6-31g", "def2-tzvpd")
    ]
    assert abs(totals[1]) < abs(totals[0]) / 3


def test_a_solvent_has_no_counterpoise():
    with pytest.raises(CapabilityError, match="gas phase"):
        counterpoise(dimer(), [0, 1, 2], spec(solvent="water"), (0, 0), (1, 1))
