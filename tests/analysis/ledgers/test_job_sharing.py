"""The chemical diffusion coefficient against limits that are known by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azibflow.analysis.ledgers.job_sharing import (
    dilute_conductivity,
    dilute_slope,
    job_sharing,
    joint_conductivity,
    relative_diffusion,
)
from azibflow.errors import AzibflowError

F, R, T = 96485.33212, 8.314462618, 298.15
DIFFUSION, CONCENTRATION = 3e-12, 500.0  # m2/s, mol/m3
CHARGES = st.integers(1, 3)


def zinc(**changes: float) -> object:
    """Dilute Zn2+ beside a metal, but for the changes."""
    settings = {
        "charge": 2,
        "ion_conductivity": 4 * F**2 * DIFFUSION * CONCENTRATION / (R * T),
        "electron_conductivity": math.inf,
        "ion_slope": R * T / CONCENTRATION,
        "electron_slope": 0.0,
    }
    return job_sharing(**settings | changes)


def test_beside_a_metal_the_ion_diffuses_on_its_own() -> None:
    """D = D_i; the printed form, with the same conductivity, is four times that."""
    result = zinc()
    assert result.diffusion == pytest.approx(DIFFUSION)
    assert result.diffusion_printed == pytest.approx(4 * DIFFUSION)


def test_fast_dilute_electrons_pull_the_ion_along() -> None:
    """D = 3 D_i: mu_e = RT ln c_e with c_e = 2 c, so z^2 dmu_e/dc_e = 4 RT/(2c)."""
    result = zinc(electron_slope=R * T / (2 * CONCENTRATION))
    assert result.diffusion == pytest.approx(3 * DIFFUSION)
    assert result.diffusion_printed == pytest.approx(6 * DIFFUSION)
    assert result.printed_over_correct == pytest.approx(2)


def test_slow_dilute_electrons_set_the_pace() -> None:
    """D = (1 + 1/z) D_e = 1.5 D_e when the ion is infinitely mobile."""
    electrons = F**2 * DIFFUSION * 2 * CONCENTRATION / (R * T)
    result = zinc(
        ion_conductivity=math.inf, electron_conductivity=electrons, electron_slope=R * T / (2 * CONCENTRATION)
    )
    assert result.diffusion == pytest.approx(1.5 * DIFFUSION)


def test_ambipolar_diffusion_of_a_salt() -> None:
    """Nernst's formula in one phase: D = (z + 1) D_i D_e / (z D_i + D_e) for an ion and z opposite single charges."""
    ion, electron, z = 3e-12, 7e-11, 2
    result = zinc(
        ion_conductivity=dilute_conductivity(ion, CONCENTRATION, z),
        electron_conductivity=dilute_conductivity(electron, z * CONCENTRATION, 1),
        electron_slope=dilute_slope(z * CONCENTRATION),
    )
    assert result.diffusion == pytest.approx((z + 1) * ion * electron / (z * ion + electron))


@given(st.floats(1e-6, 1e3), st.floats(1e-6, 1e3), st.floats(0, 1e3), st.floats(0, 1e3), st.floats(-1e-3, 1e-3))
def test_for_single_charges_the_printed_form_is_right(s_i: float, s_e: float, a: float, b: float, p: float) -> None:
    result = job_sharing(
        charge=1,
        ion_conductivity=s_i,
        electron_conductivity=s_e,
        ion_slope=a,
        electron_slope=b,
        potential_slope=p,
    )
    assert result.diffusion_printed == pytest.approx(result.diffusion, rel=1e-12)


@given(CHARGES)
def test_limits_for_every_charge(z: int) -> None:
    assert relative_diffusion(charge=z, electron_factor=0.0) == pytest.approx((1, z**2))
    assert relative_diffusion(charge=z) == pytest.approx((1 + z, z**2 * (1 + 1 / z)))


@given(CHARGES, st.floats(0, 1e3), st.floats(-2, 2))
def test_the_slower_conductor_only_slows(z: int, ratio: float, potential: float) -> None:
    fast, _ = relative_diffusion(charge=z, potential=potential)
    slow, _ = relative_diffusion(charge=z, conductivity_ratio=ratio, potential=potential)
    assert slow == pytest.approx(fast / (1 + ratio), abs=1e-9)


def test_the_space_charge_counts_z_over_z_squared_of_the_printed() -> None:
    """One RT of space charge adds z to D/D_i: 1 + 2 beside a metal."""
    assert relative_diffusion(charge=2, electron_factor=0.0, potential=1.0) == pytest.approx((3, 8))


def test_the_driving_force_is_that_of_the_neutral_component() -> None:
    """The bracket equals d(mu_i + z mu_e)/dc, taken numerically, with mu_e a function of c_e = z c."""
    z, c, step = 2, CONCENTRATION, 1e-3

    def neutral(c: float) -> float:
        return R * T * math.log(c) + z * (R * T * math.log(z * c) + 0.01 * (z * c) ** 2)

    slope = R * T / (z * c) + 0.02 * (z * c)
    result = zinc(electron_slope=slope)
    numerical = (neutral(c + step) - neutral(c - step)) / (2 * step)
    assert result.ion_term + result.electron_term == pytest.approx(numerical, rel=1e-6)


@given(st.floats(-1e6, 1e6))
def test_the_flux_runs_down_the_gradient(gradient: float) -> None:
    result = zinc()
    assert result.flux(gradient) == pytest.approx(-DIFFUSION * gradient)
    assert result.flux_printed(gradient) == pytest.approx(4 * result.flux(gradient))


def test_joint_conductivity_is_that_of_two_in_series() -> None:
    assert joint_conductivity(2.0, 2.0) == 1.0
    assert joint_conductivity(3.0, math.inf) == 3.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"charge": -2}, "1 or more, not -2"),
        ({"ion_conductivity": 0.0}, "must be positive"),
        ({"electron_conductivity": -1.0}, "must be positive"),
        ({"ion_conductivity": math.inf}, "must be finite"),
    ],
)
def test_bad_input_is_named(changes: dict[str, float], message: str) -> None:
    with pytest.raises(AzibflowError, match=message):
        zinc(**changes)
    with pytest.raises(AzibflowError, match="concentration must be positive"):
        dilute_slope(0.0)
