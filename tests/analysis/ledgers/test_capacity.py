"""Capacities against hand arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azibflow.analysis.ledgers.capacity import Basis, capacity_ledger, capacity_of_the_ion, specific_capacity
from azibflow.analysis.ledgers.capacity_checks import other_readings, published_beside
from azibflow.analysis.ledgers.constants import faraday, gas_constant, mah_per_mole
from azibflow.errors import AzibflowError

HOSTS = st.sampled_from(["V8O16", "V2O5", "MnO2", "TiS2", "H2V3O8", "Zn0.25V2O5*1.6H2O"])
NUMBERS = st.floats(0.01, 20)
SUPPORTS = st.floats(0.1, 2000)


def test_constants() -> None:
    assert faraday() == pytest.approx(96485.33212, abs=1e-5)
    assert gas_constant() == pytest.approx(8.314462618, abs=1e-9)
    assert mah_per_mole() == pytest.approx(26801.48, abs=0.01)


@pytest.mark.parametrize(
    ("host", "ion", "n", "capacity"),
    [
        ("V8O16", "Zn", 7, 565.50),
        ("V2O5", "Zn", 1, 294.72),
        ("Zn", "Zn", 1, 819.87),
        ("MnO2", "H", 1, 308.29),
        ("V8O16", "Zn", 0, 0.0),
    ],
)
def test_known_capacities(host: str, ion: str, n: float, capacity: float) -> None:
    assert capacity_ledger(host, ion, n).on(Basis.HOST) == pytest.approx(capacity, abs=0.005)


def test_every_basis_by_hand() -> None:
    """14 x 26801.48 = 375220.7 mAh over 663.516, + 7 x 65.38, + 240.22, + both."""
    ledger = capacity_ledger("V8O16", "Zn", 7, support_mass=240.22)
    assert {entry.basis: (entry.mass, entry.capacity) for entry in ledger.capacities} == {
        Basis.HOST: pytest.approx((663.516, 565.504), abs=1e-3),
        Basis.DISCHARGED: pytest.approx((1121.176, 334.667), abs=1e-3),
        Basis.COMPOSITE: pytest.approx((903.736, 415.188), abs=1e-3),
        Basis.DISCHARGED_COMPOSITE: pytest.approx((1361.396, 275.615), abs=1e-3),
    }
    assert ledger.metal is not None
    assert ledger.metal.electrons_per_atom == 1.75
    assert ledger.metal.end == 2.25


def test_without_a_support_there_is_no_composite() -> None:
    ledger = capacity_ledger("V8O16", "Zn", 7)
    assert [entry.basis for entry in ledger.capacities] == [Basis.HOST, Basis.DISCHARGED]
    with pytest.raises(AzibflowError, match="needs the mass of the support"):
        ledger.on(Basis.COMPOSITE)


@given(HOSTS, NUMBERS, st.floats(0, 5), st.integers(1, 3))
def test_the_host_basis_is_linear_in_ions_and_charge(host: str, n: float, factor: float, charge: int) -> None:
    one = capacity_ledger(host, "Zn", n, charge=1).on(Basis.HOST)
    assert capacity_ledger(host, "Zn", n * factor, charge=charge).on(Basis.HOST) == pytest.approx(one * factor * charge)


@given(HOSTS, NUMBERS, SUPPORTS)
def test_more_mass_means_less_capacity(host: str, n: float, support: float) -> None:
    ledger = capacity_ledger(host, "Zn", n, support_mass=support)
    assert ledger.on(Basis.HOST) > ledger.on(Basis.DISCHARGED) > ledger.on(Basis.DISCHARGED_COMPOSITE)
    assert ledger.on(Basis.HOST) > ledger.on(Basis.COMPOSITE) > ledger.on(Basis.DISCHARGED_COMPOSITE)


@given(HOSTS, NUMBERS, SUPPORTS, st.sampled_from(list(Basis)))
def test_the_ions_for_a_capacity_give_it_back(host: str, n: float, support: float, basis: Basis) -> None:
    ledger = capacity_ledger(host, "Zn", n, support_mass=support)
    assert ledger.ions_for(ledger.on(basis), basis) == pytest.approx(n, rel=1e-6)


def test_discharged_mass_bounds_the_capacity_by_that_of_the_ion() -> None:
    """However much zinc goes in, a gram of host and zinc cannot hold more than a gram of zinc."""
    ledger = capacity_ledger("V8O16", "Zn", 7)
    assert ledger.ions_for(819.8, Basis.DISCHARGED) > 1e3
    assert ledger.ions_for(820.0, Basis.DISCHARGED) is None


def test_the_printed_717_is_seven_eighths_of_zinc() -> None:
    ledger = capacity_ledger("V8O16", "Zn", 7)
    per_metal, capacity = capacity_of_the_ion(ledger)
    assert per_metal == 7 / 8
    assert capacity == pytest.approx(14 * 26801.48 / (8 * 65.38), rel=1e-6)
    assert specific_capacity(14 / 8, 65.41) == pytest.approx(717.06, abs=0.01)  # the atomic weight before 2007
    (statement,) = published_beside(ledger)
    for words in (
        "717.06",
        "10.1039/d5mh02260f",
        "does not follow on any basis",
        "565.50",
        "8.88 Zn",
        "7/8 of the 819.9",
    ):
        assert words in statement


@pytest.mark.parametrize(
    "other",
    [
        capacity_ledger("V8O16", "Zn", 6),
        capacity_ledger("V8O16", "Mg", 7),
        capacity_ledger("V8O16", "Zn", 7, charge=1),
        capacity_ledger("V8O20", "Zn", 7),
    ],
)
def test_the_published_number_is_for_its_own_case_only(other: object) -> None:
    assert published_beside(other) == []


def test_the_order_of_a_formula_does_not_hide_the_published_case() -> None:
    assert len(published_beside(capacity_ledger("O16V8", "Zn", 7, support_mass=100.0))) == 1


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        (334.7, "per host with the ions"),
        (282.75, "with a charge of 1 instead of 2"),
        (415.19, "with 240.2 g/mol of support"),
    ],
)
def test_what_would_make_a_number_right(printed: float, words: str) -> None:
    ledger = capacity_ledger("V8O16", "Zn", 7)
    readings = " | ".join(other_readings(ledger, printed, Basis.HOST, 0.01))
    assert words in readings


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"host": "V8O16", "ion": "Zn", "n": -1}, "number of Zn per V8O16 must be a number of 0 or more, not -1"),
        ({"host": "V8O16", "ion": "Zn", "n": float("nan")}, "not nan"),
        ({"host": "V8O16", "ion": "Zn", "n": float("inf")}, "not inf"),
        ({"host": "V8O16", "ion": "Zn", "n": 7, "charge": -2}, "must be 1 or more, not -2"),
        ({"host": "V8O16", "ion": "Zn", "n": 7, "charge": 0}, "must be 1 or more, not 0"),
        ({"host": "V8O16", "ion": "Zn", "n": 7, "support_mass": -1.0}, "mass of the support"),
        ({"host": "Qq", "ion": "Zn", "n": 7}, "unknown element 'Qq'"),
        ({"host": "", "ion": "Zn", "n": 7}, "no atoms, and so no mass"),
        ({"host": "V2O5", "ion": "Sc", "n": 1}, "charge of Sc is not known"),
    ],
)
def test_bad_input_is_named(words: dict[str, object], message: str) -> None:
    with pytest.raises(AzibflowError, match=message):
        capacity_ledger(**words)
