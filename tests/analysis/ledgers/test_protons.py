"""Protons needed and protons there, by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azibflow.analysis.ledgers.protons import (
    charge_shares,
    free_protons,
    hydrolysis_ph,
    hydroxide_molar_mass,
    proton_ledger,
    protons_needed,
)
from azibflow.errors import AzibflowError

AMOUNTS = st.floats(1e-3, 1e3)


def test_the_coin_cell_of_the_literature() -> None:
    """1 mg x 250 mAh/g = 0.9 C = 9.33 umol; 5 mg x 400 mAh/g = 7.2 C = 74.6 umol; 8 and 20 nmol are free."""
    assert protons_needed(250, 1e-3) == pytest.approx(9.3278e-6, rel=1e-5)
    assert protons_needed(400, 5e-3) == pytest.approx(74.623e-6, rel=1e-5)
    assert free_protons(4, 80e-6) == pytest.approx(8e-9)
    assert free_protons(4, 200e-6) == pytest.approx(20e-9)


def test_the_ledger_by_hand() -> None:
    ledger = proton_ledger(capacity=250, mass=1e-3, ph=4, volume=80e-6, share=0.5)
    assert ledger.charge == pytest.approx(0.9)
    assert ledger.needed == pytest.approx(4.66392e-6, rel=1e-5)
    assert ledger.needed_per_free == pytest.approx(582.99, rel=1e-4)
    assert ledger.hydroxide == pytest.approx((4.66392e-6 - 8e-9) / 6, rel=1e-5)
    assert ledger.hydroxide_mass == pytest.approx(0.42656, rel=1e-4)
    assert ledger.zinc_precipitated == pytest.approx(4 * ledger.hydroxide)
    assert ledger.zinc_from_anode == pytest.approx(ledger.needed / 2)
    assert ledger.water_consumed == pytest.approx(11 * ledger.hydroxide)
    assert ledger.salt == pytest.approx(160e-6)
    assert ledger.from_hydrolysis == pytest.approx(960e-6)
    assert ledger.supplied


@given(AMOUNTS, AMOUNTS, st.floats(0.01, 1))
def test_hydroxide_balances_its_protons_charge_and_zinc(capacity: float, mass: float, share: float) -> None:
    """4 Zn2+ + SO4 2- + 6 OH- is neutral, and zinc lasts as long as sulfate does."""
    ledger = proton_ledger(capacity=capacity, mass=mass, ph=4, volume=80e-6, share=share)
    assert 6 * ledger.hydroxide == pytest.approx(max(ledger.needed - ledger.free, 0), rel=1e-9, abs=1e-18)
    assert ledger.supplied is (ledger.hydroxide <= ledger.salt)
    if ledger.supplied:
        assert ledger.salt + ledger.zinc_from_anode >= ledger.zinc_precipitated * (1 - 1e-12)


def test_a_drop_of_dilute_electrolyte_runs_out_of_sulfate() -> None:
    ledger = proton_ledger(capacity=400, mass=5e-3, ph=4, volume=10e-6, salt_concentration=0.5)
    assert not ledger.supplied


def test_enough_acid_makes_no_hydroxide() -> None:
    ledger = proton_ledger(capacity=250, mass=1e-3, ph=0, volume=80e-6)
    assert ledger.hydroxide == 0
    assert ledger.supplied


def test_hydroxide_mass_by_hand() -> None:
    assert hydroxide_molar_mass(5) == pytest.approx(4 * 65.38 + 6 * 17.007 + 96.056 + 5 * 18.015)
    assert hydroxide_molar_mass(5) - hydroxide_molar_mass(0) == pytest.approx(5 * 18.015)


def test_two_molar_zinc_is_a_weak_acid() -> None:
    """sqrt(2 x 10^-8.96) = 10^-4.33."""
    assert hydrolysis_ph(2.0) == pytest.approx(4.33, abs=0.005)


@given(st.floats(1e-6, 10), st.floats(1, 12))
def test_the_hydrolysis_obeys_its_constant(concentration: float, pka: float) -> None:
    protons = 10 ** -hydrolysis_ph(concentration, pka)
    assert protons < concentration
    assert math.log10(protons**2 / (concentration - protons)) == pytest.approx(-pka, abs=1e-3)


def test_the_carrier_of_vpo4f_is_the_proton() -> None:
    assert charge_shares({"Zn": (0.14, 2), "H": (0.6, 1)}) == pytest.approx({"Zn": 0.28 / 0.88, "H": 0.60 / 0.88})


@given(st.dictionaries(st.sampled_from(["Zn", "H", "Mg", "NH4"]), st.tuples(AMOUNTS, st.integers(1, 3)), min_size=1))
def test_shares_sum_to_one(inserted: dict[str, tuple[float, int]]) -> None:
    assert sum(charge_shares(inserted).values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"capacity": 250, "mass": 0, "ph": 4, "volume": 1e-4}, "active mass must be positive"),
        ({"capacity": 250, "mass": 1e-3, "ph": 4, "volume": -1e-4}, "volume of the electrolyte"),
        ({"capacity": 250, "mass": 1e-3, "ph": 4, "volume": 1e-4, "share": 1.5}, "within 0 and 1"),
    ],
)
def test_bad_input_is_named(words: dict[str, float], message: str) -> None:
    with pytest.raises(AzibflowError, match=message):
        proton_ledger(**words)


def test_nothing_inserted_carries_nothing() -> None:
    with pytest.raises(AzibflowError, match="no ion is inserted"):
        charge_shares({"Zn": (0.0, 2)})
