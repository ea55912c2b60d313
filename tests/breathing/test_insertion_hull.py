"""The hull against its definition, voltages and capacities against hand arithmetic."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from azibflow.analysis.breathing.hull import binding_energy, capacity, hull_energy, lower_hull, molar_mass, plateaus
from azibflow.structures.documents import StructureDocument

ENERGIES = st.dictionaries(st.integers(1, 12), st.floats(-5, 5), max_size=10)


def by_definition(energies: dict[int, float], n: int) -> float:
    """Lowest mixture of any two states and the metal, which costs nothing: plain search."""
    known = {**energies, 0: 0.0}
    mixtures = [energy for m, energy in known.items() if m <= n]
    for low, one in known.items():
        mixtures += [one + (n - low) * (two - one) / (high - low) for high, two in known.items() if low < n < high]
    return min(mixtures)


@given(ENERGIES)
def test_no_mixture_lies_below_the_hull(energies):
    for n in range(14):
        assert hull_energy(energies, n) == pytest.approx(by_definition(energies, n), abs=1e-6)


@example({4: -3.2e-9})  # slopes count as equal within 1e-9 eV per ion
@given(ENERGIES)
def test_the_hull_is_convex_falls_and_lies_below_all_points(energies):
    corners = lower_hull(energies)
    known = {**energies, 0: 0.0}
    slopes = [(known[b] - known[a]) / (b - a) for a, b in pairwise(corners)]
    assert corners[0] == 0
    assert all(slope < 0 for slope in slopes)
    assert all(later > earlier for earlier, later in pairwise(slopes))
    assert all(hull_energy(energies, n) <= energy + 1e-7 for n, energy in known.items())
    assert known[corners[-1]] == pytest.approx(min(known.values()), abs=1e-7)


@given(ENERGIES, st.floats(0.001, 3), st.randoms())
def test_neither_order_nor_points_above_change_it(energies, above, random):
    items = list(energies.items())
    random.shuffle(items)
    assert lower_hull(dict(items)) == lower_hull(energies)
    free = next(n for n in range(1, 14) if n not in energies)
    assert lower_hull({**energies, free: hull_energy(energies, free) + above}) == lower_hull(energies)


def test_a_late_dip_above_the_minimum_is_not_stable():
    # without the metal as an end member n = 3 would be a corner, at the end of n and with a negative increment
    assert lower_hull({1: -1.0, 2: 0.5, 3: 0.2}) == [0, 1]


def test_a_host_that_binds_nothing_is_its_own_hull():
    assert lower_hull({1: 0.1, 2: 0.3}) == lower_hull({}) == [0]
    assert plateaus({1: 0.1}, 2) == []


def test_voltages_by_hand():
    steps = plateaus({1: -1.0, 2: -1.2, 3: -2.4, 4: -2.0}, charge=2)
    assert [(step.start, step.end) for step in steps] == [(0, 1), (1, 3)]
    assert [step.voltage for step in steps] == pytest.approx([0.5, 0.35])
    assert plateaus({1: -1.0}, charge=1)[0].voltage == 1.0


def test_binding_energy_is_against_host_and_metal():
    assert binding_energy(-110.0, -100.0, 4, -2.0) == -2.0


@pytest.mark.parametrize(
    ("symbols", "n", "charge", "expected"),
    [(["V"] * 8 + ["O"] * 16, 7, 2, 565.5), (["V"] * 2 + ["O"] * 5, 1, 2, 294.7), (["Zn"], 1, 2, 819.87)],
)
def test_capacities_by_hand(symbols, n, charge, expected):
    cell = ((9.0, 0, 0), (0, 9.0, 0), (0, 0, 9.0))
    document = StructureDocument(
        symbols=[*symbols, "C"], positions=[(0, 0, i) for i in range(len(symbols) + 1)], cell=cell, pbc=(True,) * 3
    )
    mass = molar_mass(document, tuple(range(len(symbols))))
    assert capacity(n, charge, mass) == pytest.approx(expected, abs=0.05)
