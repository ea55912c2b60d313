"""Vibrations and free energies of bound atoms against ASE's own, and against formulas written out."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import add_adsorbate, fcc111
from ase.calculators.emt import EMT
from ase.thermochemistry import HarmonicThermo
from ase.vibrations import Vibrations

from azibflow.calculators.bound_thermochemistry import bound_frequencies, bound_thermochemistry
from azibflow.calculators.vibrations import finite_difference_hessian

ROOM = 298.15


@pytest.fixture(scope="module")
def nitrogen() -> Atoms:
    """N2 upright on Cu(111), not relaxed, so that rotations have a slope as well."""
    atoms = fcc111("Cu", (2, 2, 2), vacuum=8.0)
    add_adsorbate(atoms, Atoms("N2", positions=[(0, 0, 0), (0, 0, 1.1)]), 1.6, "fcc")
    return atoms


@pytest.mark.parametrize("vibrating", [[8, 9], [4, 8, 9]], ids=["adsorbate", "and a surface atom"])
def test_the_modes_of_some_atoms_are_those_of_ase(nitrogen: Atoms, vibrating: list[int], tmp_path) -> None:
    theirs = nitrogen.copy()
    theirs.calc = EMT()
    vibrations = Vibrations(theirs, indices=vibrating, name=tmp_path / "vib", delta=0.01, nfree=2)
    vibrations.run()
    expected = sorted((-abs(f) if abs(f.imag) > abs(f.real) else f.real) for f in vibrations.get_frequencies())
    hessian = finite_difference_hessian(nitrogen, EMT(), vibrating=vibrating)
    assert hessian.shape == (3 * len(vibrating), 3 * len(vibrating))
    found = bound_frequencies(hessian, nitrogen[vibrating])
    assert found == pytest.approx(np.array(expected), abs=1e-2)
    reverse = vibrating[::-1]
    turned = finite_difference_hessian(nitrogen, EMT(), vibrating=reverse)
    assert bound_frequencies(turned, nitrogen[reverse]) == pytest.approx(found, abs=1e-2)


def test_a_journal_of_other_atoms_is_not_used(nitrogen: Atoms, tmp_path) -> None:
    file = tmp_path / "journal"
    first = finite_difference_hessian(nitrogen, EMT(), checkpoint=file, vibrating=[8])
    second = finite_difference_hessian(nitrogen, EMT(), checkpoint=file, vibrating=[9])
    assert abs(first - second).max() > 0.1
    assert finite_difference_hessian(nitrogen, EMT(), vibrating=[9]) == pytest.approx(second)


@pytest.mark.parametrize("temperature", [200.0, ROOM, 600.0])
def test_free_energies_are_those_of_ase(temperature: float) -> None:
    wavenumbers = [55.0, 320.0, 480.0, 1100.0, 3600.0]
    ours = bound_thermochemistry(wavenumbers, temperature)
    theirs = HarmonicThermo([one * units.invcm for one in wavenumbers])
    assert ours.free_energy_correction == pytest.approx(theirs.get_helmholtz_energy(temperature, verbose=False))
    assert ours.entropy == pytest.approx(theirs.get_entropy(temperature, verbose=False))
    assert ours.zero_point_energy == pytest.approx(sum(wavenumbers) / 2 / 8065.544, rel=1e-5)
    assert (ours.imaginary, ours.raised) == (0, 0)


def test_one_mode_by_hand() -> None:
    quantum = 1000.0 / 8065.544
    kt = ROOM * 8.617333e-5
    occupied = 1 / np.expm1(quantum / kt)
    found = bound_thermochemistry([1000.0], ROOM)
    assert found.thermal_energy == pytest.approx(quantum * occupied, rel=1e-4)
    entropy = quantum * occupied / ROOM - 8.617333e-5 * np.log(1 - np.exp(-quantum / kt))
    assert found.entropy == pytest.approx(entropy, rel=1e-4)


def test_soft_modes_are_raised_to_the_floor_and_steep_imaginary_ones_are_left_out() -> None:
    found = bound_thermochemistry([-300.0, -40.0, 3.0, 49.0, 600.0], ROOM)
    assert (found.imaginary, found.raised) == (1, 3)
    plain = bound_thermochemistry([50.0, 50.0, 50.0, 600.0], ROOM)
    assert found.free_energy_correction == pytest.approx(plain.free_energy_correction)
    lower = bound_thermochemistry([-14.0, 3.0, 600.0], ROOM, lowest=12.0)
    assert (lower.imaginary, lower.raised) == (0, 1), "noise of 14i cm-1 is a mode of 14 cm-1"
    assert bound_thermochemistry([-16.0], ROOM, lowest=12.0).imaginary == 1
    # a mode at 12 instead of 50 cm-1 has k ln(50/12) more entropy, at room temperature near enough
    gained = bound_thermochemistry([3.0], ROOM, 12.0).entropy - bound_thermochemistry([3.0], ROOM, 50.0).entropy
    assert gained == pytest.approx(8.617e-5 * np.log(50 / 12), rel=1e-2)


def test_without_real_modes_there_is_no_correction() -> None:
    assert bound_thermochemistry([-500.0], ROOM).free_energy_correction == 0.0
