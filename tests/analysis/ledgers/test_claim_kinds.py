"""Each kind of claim: what follows by hand, what holds for any numbers, the message for one that says too little."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azibflow.analysis.ledgers.arrhenius import activation_energy, ratio_of_rates, value_at
from azibflow.analysis.ledgers.checking import check_claims
from azibflow.analysis.ledgers.claims import KINDS, Claims, load_claims
from azibflow.analysis.ledgers.findings import Finding, Verdict
from azibflow.analysis.ledgers.gitt import diffusion_time, gitt_diffusion
from azibflow.analysis.ledgers.voltammetry import exponent, exponent_of_share, share_of_exponent
from azibflow.errors import AzibflowError

ROOT = Path(__file__).parents[3]
R, F = 8.314462618, 96485.33212
TEMPERATURES = st.floats(250, 400)
POSITIVE = st.floats(1e-3, 1e3)


def one(**claim: object) -> Finding:
    """Check a single claim."""
    (finding,) = check_claims(Claims.model_validate({"claims": {"mine": claim}}))
    return finding


def follows(**claim: object) -> dict[str, float]:
    """Check a single claim; what follows by its name."""
    return {comparison.quantity: comparison.computed for comparison in one(**claim).comparisons}


# Arrhenius


@given(TEMPERATURES, TEMPERATURES, st.floats(1, 150), POSITIVE, st.sampled_from(["k", "kT"]))
def test_an_activation_energy_gives_back_the_value_it_came_from(
    first: float, second: float, energy: float, value: float, form: str
) -> None:
    if abs(first - second) < 1:
        return
    other = value_at(second, first, value, energy, form)
    assert activation_energy([first, second], [value, other], form) == pytest.approx(energy, rel=1e-6)
    assert activation_energy([second, first], [other, value], form) == pytest.approx(energy, rel=1e-6)
    assert (other > value) == (second > first) or form == "kT"


def test_a_conductivity_has_its_temperature_in_the_prefactor() -> None:
    """By hand: ln 2 R / (1/300 - 1/310) = 53.6 kJ/mol; with T, R ln(2 x 310/300) over the same."""
    energies = {"k": R * math.log(2) / (1 / 300 - 1 / 310) / 1e3}
    energies["kT"] = R * math.log(2 * 310 / 300) / (1 / 300 - 1 / 310) / 1e3
    assert energies["k"] == pytest.approx(53.6, abs=0.05)
    claim = {"kind": "arrhenius", "temperatures": [300, 310], "values": [1, 2]}
    for form, energy in energies.items():
        assert one(**claim, form=form, energy=energy).verdict is Verdict.CONSISTENT
    wrong = one(**claim, form="k", energy=energies["kT"])
    assert wrong.verdict is Verdict.INCONSISTENT
    assert "56.13 kJ/mol with kT" in wrong.remarks[0]


def test_an_energy_and_one_value_give_the_other() -> None:
    found = one(kind="arrhenius", temperatures=[300, 310], values=[1], energy=53.6)
    assert found.verdict is Verdict.COMPUTED
    assert found.comparisons[0].computed == pytest.approx(2.0, abs=0.002)


@given(st.floats(1, 100), st.floats(1, 100))
def test_two_activation_energies_the_other_way_round_are_the_inverse(first: float, second: float) -> None:
    assert ratio_of_rates(first, second) * ratio_of_rates(second, first) == pytest.approx(1)
    assert (ratio_of_rates(first, second) >= 1) == (first >= second)


# GITT


@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE)
def test_diffusion_of_a_titration_scales_as_its_formula(pulse: float, length: float, rest: float, step: float) -> None:
    base = gitt_diffusion(pulse, length, rest, step)
    assert gitt_diffusion(2 * pulse, length, rest, step) == pytest.approx(base / 2)
    assert gitt_diffusion(pulse, 2 * length, rest, step) == pytest.approx(4 * base)
    assert gitt_diffusion(pulse, length, rest, 2 * step) == pytest.approx(base / 4)
    # With equal steps the pulse is 4/pi of the time L2/D: D = 4 L2/(pi t).
    assert pulse / diffusion_time(length, gitt_diffusion(pulse, length, rest, rest)) == pytest.approx(4 / math.pi)


def test_a_titration_by_hand_and_a_pulse_that_is_too_long() -> None:
    claim = {"kind": "gitt", "length": 1, "pulse": 600, "steady_step": 2, "pulse_step": 20}
    by_hand = 4 / (math.pi * 600) * 1e-8 * 0.01  # L = 1e-4 cm
    assert follows(**claim)["D"] == pytest.approx(by_hand)
    assert one(**claim).remarks == []
    long = one(**claim | {"steady_step": 20}, diffusion=2.12e-11)
    assert long.verdict is Verdict.CONSISTENT
    assert "not short against L2/D" in long.remarks[0]


# Voltammograms


@given(st.floats(0, 1), POSITIVE, POSITIVE)
def test_b_is_the_slope_of_the_sum_of_both_terms(share: float, rate: float, current: float) -> None:
    faster = rate * (1 + 1e-6)
    risen = current * (share * faster / rate + (1 - share) * math.sqrt(faster / rate))
    assert exponent([rate, faster], [current, risen]) == pytest.approx(exponent_of_share(share), abs=1e-4)
    assert share_of_exponent(exponent_of_share(share)) == pytest.approx(share)


def test_an_exponent_is_held_against_currents_and_shares() -> None:
    claim = {"kind": "b_value", "scan_rates": [0.2, 0.8], "currents": [1, 2]}
    assert one(**claim, b=0.5).verdict is Verdict.CONSISTENT
    assert one(**claim, b=0.9).verdict is Verdict.INCONSISTENT
    assert one(kind="b_value", b=0.95, shares=[0.3, 0.5]).comparisons[0].computed == pytest.approx(0.75)


# Areal against gravimetric


@given(POSITIVE, POSITIVE)
def test_a_capacity_per_area_is_that_per_mass_times_the_loading(capacity: float, loading: float) -> None:
    claim = {"kind": "areal_capacity", "areal_capacity": capacity * loading / 1e3}
    assert one(**claim, capacity=capacity, loadings=[loading]).verdict is Verdict.CONSISTENT
    assert follows(**claim, capacity=capacity)["loading"] == pytest.approx(loading)
    (per_mass,) = follows(**claim, loadings=[loading]).values()
    assert per_mass == pytest.approx(capacity)


def test_within_a_range_of_loadings_any_will_do() -> None:
    claim = {"kind": "areal_capacity", "capacity": 500, "loadings": [1.1, 1.3]}
    assert one(**claim, areal_capacity=0.6).verdict is Verdict.CONSISTENT
    assert one(**claim, areal_capacity=0.7).comparisons[0].computed == pytest.approx(0.65)


def test_a_capacity_per_volume_is_that_per_mass_times_the_density() -> None:
    claim = {"kind": "volumetric_capacity", "capacity": 819.87, "density": 7.134}
    assert follows(**claim) == pytest.approx({"capacity per volume": 5849.0}, rel=1e-4)
    assert one(**claim, volumetric_capacity=5855).verdict is Verdict.CONSISTENT
    assert one(**claim, volumetric_capacity=5855, tolerance=5e-4).verdict is Verdict.INCONSISTENT


def test_a_time_and_a_c_rate() -> None:
    claim = {"kind": "rate", "capacity": 577.1, "current": 300}
    assert one(**claim, time=6.9).verdict is Verdict.CONSISTENT
    assert one(**claim, time=6.9, c_rate=300).verdict is Verdict.INCONSISTENT
    assert follows(**claim) == pytest.approx({"time": 6.9252, "C-rate": 519.84}, rel=1e-4)


# Pools, and job sharing with conductivities


def test_a_pool_and_the_electrode_beside_it() -> None:
    """By hand: 0.75 mol/L x 150 uL = 112.5 umol; x F / 3.6 = 3.015 mAh; 1.2 mg x 1029 mAh/g = 1.235 mAh."""
    claim = {"kind": "ion_pool", "ion": "VO2+", "concentration": 0.75, "volume": 150}
    values = list(follows(**claim, electrons=1, capacity=1029, mass=1.2).values())
    assert values == pytest.approx([112.5, 112.5e-6 * F / 3.6, 1.2348])
    assert one(**claim, amount=112).verdict is Verdict.CONSISTENT
    assert one(**claim, amount=75).verdict is Verdict.INCONSISTENT


@given(st.floats(0, 10), st.floats(-0.9, 5), st.integers(1, 3), st.sampled_from(["metal", "dilute"]))
def test_job_sharing_by_ratio_and_by_conductivities_is_one(
    ratio: float, space_charge: float, charge: int, electrons: str
) -> None:
    """D_i = s RT/(z^2 F^2 c) of the dilute ion."""
    s, c, t = 0.02, 800.0, 298.15
    own = s * R * t / ((charge * F) ** 2 * c) * 1e4
    shared = {"kind": "job_sharing", "charge": charge, "electrons": electrons, "space_charge": space_charge}
    (relative,) = follows(**shared, ratio=ratio).values()
    other = {"electron_conductivity": s / ratio} if ratio else {}
    (absolute,) = follows(**shared, ion_conductivity=s, concentration=c, **other).values()
    assert absolute == pytest.approx(relative * own, rel=1e-6, abs=1e-30)
    assert one(**shared, ratio=ratio, form="z=1").verdict is not Verdict.COMPUTED
    if charge == 1:
        assert one(**shared, ratio=ratio, form="z=1").verdict is Verdict.CONSISTENT


# Files


TOO_LITTLE = {
    "kind: specific_capacity, host: V2O5": "give capacity (mAh/g, as printed), n",
    "kind: specific_capacity, host: V2O5, n: 1, direction: charge": "direction: charge is for a capacity without n",
    "kind: ion_pool, ion: H+, volume: 1": "give concentration (mol/L) or, for free protons, ph",
    "kind: ion_pool, ion: H+, volume: 1, ph: 4, mass: 1": "capacity (mAh/g) and mass (mg) of the electrode go together",
    "kind: areal_capacity, areal_capacity: 1": "give capacity (mAh/g), loadings (mg/cm2) or both",
    "kind: volumetric_capacity, capacity: 1": "density",
    "kind: rate, capacity: 1": "current",
    "kind: job_sharing, charge: 2": "give ratio (s_i/s_e) or ion_conductivity (S/m), one of the two",
    "kind: job_sharing, ion_conductivity: 1": "ion_conductivity needs concentration, mol/m3",
    "kind: arrhenius, temperatures: [300, 300], values: [1, 2]": "the two temperatures are the same",
    "kind: arrhenius, temperatures: [300, 310], values: [1]": "give values at both temperatures, or energy (kJ/mol)",
    "kind: activation_pair, energies: [1]": "energies",
    "kind: gitt, length: 1, pulse: 600": "give pulse (s), steady_step and pulse_step (mV), or diffusion (cm2/s)",
    "kind: b_value, shares: [0.5]": "give b as printed, or scan_rates and currents",
}


@pytest.mark.parametrize(("claim", "message"), TOO_LITTLE.items())
def test_a_claim_that_says_too_little_is_named(tmp_path: Path, claim: str, message: str) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(f"claims:\n  mine: {{{claim}}}\n")
    with pytest.raises(AzibflowError) as error:
        load_claims(path)
    assert message in str(error.value)
    assert "line 2" in str(error.value)
    assert "mine" in str(error.value)


def test_every_kind_and_key_is_on_the_page() -> None:
    page = (ROOT / "docs" / "ledgers.md").read_text(encoding="utf-8")
    _, _, section = page.partition("## A file of claims")
    for kind in KINDS:
        assert f"| `{kind}` |" in section
