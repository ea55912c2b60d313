"""Mass per charge: forward, backward, and the published segments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azibflow.analysis.ledgers.eqcm import (
    carrier,
    mass_per_electron,
    mixture_mass,
    protons_with_hydroxide,
    split,
    splits,
    waters_per_ion,
)
from azibflow.errors import AzibflowError

ZINC, PROTON, HYDRONIUM = carrier("Zn", 2), carrier("H", 1), carrier("H3O", 1)
CARRIERS = [ZINC, PROTON, HYDRONIUM, carrier("Zn", 2, waters=6), protons_with_hydroxide()]


@pytest.mark.parametrize(
    ("one", "mass"),
    [
        (ZINC, 32.69),
        (PROTON, 1.008),
        (HYDRONIUM, 19.023),
        (carrier("Zn", 2, waters=1), 41.6975),
        (carrier("Zn", 2, waters=6), 86.735),
        (protons_with_hydroxide(5), 1.008 + 549.693 / 6),
        (protons_with_hydroxide(0), 1.008 + 459.618 / 6),
    ],
)
def test_carriers_by_hand(one: object, mass: float) -> None:
    assert one.mass_per_electron == pytest.approx(mass, abs=1e-6)


def test_one_milligram_for_three_coulomb() -> None:
    assert mass_per_electron(1e-3, 3.0) == pytest.approx(32.1618, abs=1e-4)
    assert mass_per_electron(-1e-3, -3.0) == mass_per_electron(1e-3, 3.0)


def test_the_published_segments() -> None:
    """Printed: 27.4 and 39.6 (TiS2 with and without TiO2), 18.9, 69.8 and 65.6 (S-MoO2)."""
    assert split(27.4, ZINC, PROTON).light_share == pytest.approx((32.69 - 27.4) / (32.69 - 1.008))
    assert waters_per_ion(39.6, "Zn", 2) == pytest.approx((79.2 - 65.38) / 18.015)
    assert waters_per_ion(27.4, "Zn", 2) is None
    assert split(18.9, PROTON, ZINC).heavy_share == pytest.approx(17.892 / 31.682)
    assert waters_per_ion(69.8, "Zn", 2) == pytest.approx(4.120, abs=1e-3)
    assert waters_per_ion(65.6, "Zn", 2) == pytest.approx(3.654, abs=1e-3)
    assert split(69.8, ZINC, protons_with_hydroxide()).heavy_share == pytest.approx(0.619, abs=5e-4)


@given(st.sampled_from(CARRIERS), st.sampled_from(CARRIERS), st.floats(0, 1))
def test_a_mixture_is_found_again(first: object, second: object, share: float) -> None:
    if first == second:
        return
    measured = mixture_mass([(first, share), (second, 1 - share)])
    low, high = sorted(each.mass_per_electron for each in (first, second))
    found = split(min(max(measured, low), high), first, second)
    assert {found.heavy.name: found.heavy_share, found.light.name: found.light_share} == pytest.approx(
        {first.name: share, second.name: 1 - share}, abs=1e-9
    )


@given(st.floats(1.1, 92))
def test_every_pair_that_is_listed_gives_the_measured_mass(measured: float) -> None:
    found = splits(measured, CARRIERS)
    assert found
    for each in found:
        mixed = mixture_mass([(each.light, each.light_share), (each.heavy, each.heavy_share)])
        assert mixed == pytest.approx(measured)


@given(st.floats(0, 12))
def test_water_is_found_again(waters: float) -> None:
    measured = carrier("Zn", 2, waters=waters).mass_per_electron
    assert waters_per_ion(measured * (1 + 1e-15), "Zn", 2) == pytest.approx(waters, abs=1e-9)


def test_what_two_carriers_cannot_explain() -> None:
    with pytest.raises(AzibflowError, match=r"39.6 g/mol is not between H\+ \(1.01\) and Zn2\+ \(32.69\)"):
        split(39.6, ZINC, PROTON)
    with pytest.raises(AzibflowError, match="weigh the same"):
        split(32.69, ZINC, carrier("Zn", 2))
    with pytest.raises(AzibflowError, match="sum to one"):
        mixture_mass([(ZINC, 0.5), (PROTON, 0.6)])
    with pytest.raises(AzibflowError, match="no charge has passed"):
        mass_per_electron(1e-3, 0.0)
    with pytest.raises(AzibflowError, match="charge of 1 or more"):
        carrier("Zn", -2)
