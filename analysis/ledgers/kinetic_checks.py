"""Published diffusion coefficients, activation energies and exponents held against the ledgers."""

from __future__ import annotations

import math

from .arrhenius import Form, activation_energy, ratio_of_rates, value_at
from .constants import faraday
from .findings import Checked, Comparison, compared, computed
from .gitt import diffusion_time, gitt_diffusion
from .job_sharing import JobSharing, dilute_slope, job_sharing, relative_diffusion
from .kinetic_claims import ActivationPairClaim, ArrheniusClaim, BValueClaim, GittClaim, JobSharingClaim
from .voltammetry import exponent, exponent_of_share, share_of_exponent

CM_PER_UM = 1e-4
CM2_PER_M2 = 1e4
SHORT = 0.1
"""Share of L^2/D up to which a pulse counts as short against it."""


def check_job_sharing(claim: JobSharingClaim) -> Checked:
    """Check a diffusion coefficient of ions and electrons in two phases, or the equation that a source prints."""
    electrons = "of a metal" if claim.electrons == "metal" else "dilute"
    case = f"z = {claim.charge}, electrons {electrons}, space charge {claim.space_charge:g} RT"
    if claim.ratio is not None:
        correct, single = relative_diffusion(
            charge=claim.charge,
            conductivity_ratio=claim.ratio,
            electron_factor=_electron_factor(claim),
            potential=claim.space_charge,
        )
        printed = single if claim.form else claim.relative_diffusion
        found = compared(f"D/D_i at s_i/s_e = {claim.ratio:g}", printed, correct, "", claim.tolerance)
    else:
        shared = _shared(claim)
        printed = shared.diffusion_printed * CM2_PER_M2 if claim.form else claim.diffusion
        case = f"{case}, s_i {claim.ion_conductivity:g} S/m, s_e {_conductivity(claim.electron_conductivity)}"
        found = compared("D", printed, shared.diffusion * CM2_PER_M2, "cm2/s", claim.tolerance)
    remarks = [f"printed is the equation {claim.form}, evaluated here"] if claim.form else []
    return Checked(case, [found], remarks)


def check_arrhenius(claim: ArrheniusClaim) -> Checked:
    """Check an activation energy, or give the quantity at the second temperature."""
    first, second = claim.temperatures
    if len(claim.values) == 1:
        known, energy = claim.values[0], claim.energy
        assert energy is not None, "a claim has two values or an energy"
        found = computed(f"value at {second:g} K", value_at(second, first, known, energy, claim.form), "")
        return Checked(f"{known:g} at {first:g} K, {energy:g} kJ/mol", [found])
    follows = activation_energy(claim.temperatures, claim.values, claim.form)
    low, high = claim.values
    case = f"{low:g} at {first:g} K, {high:g} at {second:g} K, {claim.form} as exp(-E/RT)"
    comparison = compared("activation energy", claim.energy, follows, "kJ/mol", claim.tolerance)
    other: Form = "k" if claim.form == "kT" else "kT"
    remarks = [f"{activation_energy(claim.temperatures, claim.values, other):.4g} kJ/mol with {other} as exp(-E/RT)"]
    return Checked(case, [comparison], [] if comparison.consistent else remarks)


def check_activation_pair(claim: ActivationPairClaim) -> Checked:
    """Check the ratio of two rates whose activation energies are printed, with one prefactor for both."""
    first, second = claim.energies
    follows = ratio_of_rates(first, second, claim.temperature)
    case = f"{first:g} and {second:g} kJ/mol at {claim.temperature:g} K"
    comparison = compared(
        "rate of the second over that of the first, same prefactor", claim.ratio, follows, "", claim.tolerance
    )
    if claim.ratio is None or comparison.consistent:
        return Checked(case, [comparison])
    return Checked(case, [comparison], [f"the prefactors would have to differ by a factor {follows / claim.ratio:.3g}"])


def check_gitt(claim: GittClaim) -> Checked:
    """Check a diffusion coefficient of a titration, and whether its pulse is short against L^2/D."""
    length = claim.length * CM_PER_UM
    comparisons: list[Comparison] = []
    diffusion = claim.diffusion
    if claim.pulse is not None and claim.steady_step is not None and claim.pulse_step is not None:
        diffusion = gitt_diffusion(claim.pulse, length, claim.steady_step, claim.pulse_step)
        comparisons.append(compared("D", claim.diffusion, diffusion, "cm2/s", claim.tolerance))
    assert diffusion is not None, "a claim has a diffusion coefficient or its steps"
    time = diffusion_time(length, diffusion)
    comparisons.append(computed("L2/D, against which the pulse must be short", time, "s"))
    remarks = []
    if claim.pulse is not None and claim.pulse > SHORT * time:
        remarks.append(f"the pulse of {claim.pulse:g} s is not short against L2/D, {time:.3g} s: D is only apparent")
    return Checked(f"diffusion length {claim.length:g} um", comparisons, remarks)


def check_b_value(claim: BValueClaim) -> Checked:
    """Check an exponent against the currents at two scan rates, and against the capacitive share beside it."""
    comparisons: list[Comparison] = []
    case = []
    if claim.scan_rates is not None and claim.currents is not None:
        (slow, fast), (low, high) = claim.scan_rates, claim.currents
        case.append(f"currents {low:g} and {high:g} at scan rates {slow:g} and {fast:g}")
        follows = exponent(claim.scan_rates, claim.currents)
        comparisons.append(compared("b of the currents", claim.b, follows, "", claim.tolerance))
    b = claim.b if claim.b is not None else comparisons[0].computed
    if claim.shares is not None:
        lowest, highest = min(claim.shares), max(claim.shares)
        share = min(max(share_of_exponent(b), lowest), highest)
        case.append(f"capacitive share {' to '.join(f'{each:.0%}' for each in sorted(set(claim.shares)))}")
        quantity = f"b of a share of {share:.0%}"
        comparisons.append(compared(quantity, claim.b, exponent_of_share(share), "", claim.tolerance))
    comparisons.append(computed("capacitive share that b stands for, 2 b - 1", share_of_exponent(b), ""))
    return Checked("; ".join(case) or f"b = {b:g}", comparisons)


def _shared(claim: JobSharingClaim) -> JobSharing:
    """Work out the diffusion coefficient of a dilute ion whose conductivity is given."""
    assert claim.ion_conductivity is not None and claim.concentration is not None, "both go together"
    slope = dilute_slope(claim.concentration, claim.temperature)
    electrons = dilute_slope(claim.charge * claim.concentration, claim.temperature)
    return job_sharing(
        charge=claim.charge,
        ion_conductivity=claim.ion_conductivity,
        electron_conductivity=claim.electron_conductivity or math.inf,
        ion_slope=slope,
        electron_slope=_electron_factor(claim) * electrons,
        potential_slope=claim.space_charge * slope / faraday(),
    )


def _electron_factor(claim: JobSharingClaim) -> float:
    return 0.0 if claim.electrons == "metal" else 1.0


def _conductivity(value: float | None) -> str:
    return "infinite" if value is None else f"{value:g} S/m"
