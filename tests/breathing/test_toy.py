"""The toy is what its docstring says: forces belong to energies, minima lie where they were put."""

from __future__ import annotations

import numpy as np
import pytest
from ase.calculators.fd import calculate_numerical_forces
from toy import DEFAULT_COLUMNS, HIGH, LOW, MU, TALL, ToyInterface, loaded, relaxed, toy_host

from azibflow.structures.prototypes import prototype


@pytest.mark.parametrize("wells", [(), (0,), (0, 1, 5), range(6)])
def test_forces_are_the_slope_of_the_energy(wells):
    atoms = loaded(toy_host(), ToyInterface(), wells)
    atoms.set_constraint()
    atoms.rattle(0.1, seed=2)
    atoms.positions[4:8, 2] += (0.0, 0.2, 0.3, 0.45)
    atoms.calc = ToyInterface()
    assert atoms.get_forces() == pytest.approx(calculate_numerical_forces(atoms, eps=1e-5), abs=1e-6)


def test_an_oxygen_has_two_places():
    for n, column in ((1, 0), (2, 0), (5, 2)):
        atoms, _ = relaxed(loaded(toy_host(), ToyInterface(), range(n)), ToyInterface())
        height = LOW if n < DEFAULT_COLUMNS[column]["breaks_at"] else TALL - HIGH
        assert atoms.positions[4 + column, 2] == pytest.approx(height, abs=1e-4)


def test_emptied_it_goes_back_where_it_returns():
    full, _ = relaxed(loaded(toy_host(), ToyInterface(), range(5)), ToyInterface())
    empty, energy = relaxed(full[:12], ToyInterface())
    assert empty.positions[4:8, 2] == pytest.approx([LOW, LOW, TALL - HIGH, LOW], abs=1e-4)
    assert energy == pytest.approx(-4 + 0.4, abs=1e-6)


def test_wrapping_is_no_matter():
    atoms = loaded(toy_host(), ToyInterface(), (0, 1, 4))
    moved = atoms.copy()
    moved.positions += (-0.5, 0, 3.0)
    moved.wrap()
    energies = []
    for one in (atoms, moved):
        one.calc = ToyInterface()
        energies.append(one.get_potential_energy())
    assert energies[0] == pytest.approx(energies[1], abs=1e-9)


def test_zinc_alone_is_the_metal():
    metal = prototype("Zn")
    metal.calc = ToyInterface()
    assert metal.get_potential_energy() / len(metal) == MU
    assert not np.any(metal.get_forces())
