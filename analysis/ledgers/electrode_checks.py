"""Published currents, capacities per area and times held against the loading of the electrode."""

from __future__ import annotations

from collections.abc import Sequence

from .electrode_claims import ArealCapacityClaim, ArealCurrentClaim, RateClaim, VolumetricCapacityClaim
from .findings import Checked, compared, computed

SECONDS_PER_HOUR = 3600.0
MILLI = 1e3
"""mA in an ampere, mg in a gram: what a loading in mg/cm2 is divided by."""


def check_areal_current(claim: ArealCurrentClaim) -> Checked:
    """Check a current per area; within a range of loadings the nearest counts."""
    implied = claim.areal_current / claim.current
    loading = _nearest(implied, claim.loadings)
    quantity = f"current per area at {loading:.4g} mg/cm2"
    comparison = compared(quantity, claim.areal_current, claim.current * loading, "mA/cm2", claim.tolerance)
    remarks = [
        f"{_range([claim.current * each for each in _ends(claim.loadings)])} mA/cm2 would be consistent",
        f"{implied:.3g} mg/cm2 would give the printed current",
    ]
    case = f"{claim.current:g} A/g on {_loading(claim.loadings)}"
    return Checked(case, [comparison], [] if comparison.consistent else remarks)


def check_areal_capacity(claim: ArealCapacityClaim) -> Checked:
    """Check a capacity per area, the capacity per mass times the loading; what is missing of the two is worked out."""
    areal = f"{claim.areal_capacity:g} mAh/cm2"
    if claim.capacity is None:
        found = [
            computed(f"capacity per mass at {loading:.4g} mg/cm2", MILLI * claim.areal_capacity / loading, "mAh/g")
            for loading in _ends(claim.loadings or ())
        ]
        return Checked(f"{areal} on {_loading(claim.loadings or ())}", found)
    implied = MILLI * claim.areal_capacity / claim.capacity
    if claim.loadings is None:
        return Checked(f"{areal}, {claim.capacity:g} mAh/g", [computed("loading", implied, "mg/cm2")])
    loading = _nearest(implied, claim.loadings)
    follows = claim.capacity * loading / MILLI
    quantity = f"capacity per area at {loading:.4g} mg/cm2"
    comparison = compared(quantity, claim.areal_capacity, follows, "mAh/cm2", claim.tolerance)
    remarks = [f"{implied:.3g} mg/cm2 would give the printed capacity per area"]
    case = f"{claim.capacity:g} mAh/g on {_loading(claim.loadings)}"
    return Checked(case, [comparison], [] if comparison.consistent else remarks)


def check_volumetric_capacity(claim: VolumetricCapacityClaim) -> Checked:
    """Check a capacity per volume, the capacity per mass times the density."""
    follows = claim.capacity * claim.density
    comparison = compared("capacity per volume", claim.volumetric_capacity, follows, "mAh/cm3", claim.tolerance)
    return Checked(f"{claim.capacity:g} mAh/g, {claim.density:g} g/cm3", [comparison])


def check_rate(claim: RateClaim) -> Checked:
    """Check the time of a capacity at a current, Q/I, and the C-rate, I/Q."""
    hours = claim.capacity / (MILLI * claim.current)
    comparisons = [
        compared("time", claim.time, hours * SECONDS_PER_HOUR, "s", claim.tolerance),
        compared("C-rate", claim.c_rate, 1 / hours, "1/h", claim.tolerance),
    ]
    return Checked(f"{claim.capacity:g} mAh/g at {claim.current:g} A/g", comparisons)


def _ends(loadings: Sequence[float]) -> list[float]:
    return sorted(set(loadings))


def _nearest(wanted: float, loadings: Sequence[float]) -> float:
    return min(max(wanted, min(loadings)), max(loadings))


def _range(numbers: Sequence[float]) -> str:
    return " to ".join(f"{number:.3g}" for number in numbers)


def _loading(loadings: Sequence[float]) -> str:
    return f"{' to '.join(f'{each:g}' for each in _ends(loadings))} mg/cm2"
