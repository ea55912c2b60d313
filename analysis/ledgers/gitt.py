"""Diffusion coefficients from galvanostatic intermittent titration (GITT).

D = 4/(pi t) L^2 (dE_s/dE_t)^2 with L = m V_M/(M S), for pulses t that are short against L^2/D (W. Weppner and
R. A. Huggins, J. Electrochem. Soc. 1977, 124, 1569, 10.1149/1.2133112).
"""

from __future__ import annotations

import math

from ...errors import AzibflowError


def gitt_diffusion(pulse: float, length: float, steady_step: float, pulse_step: float) -> float:
    """Return the diffusion coefficient of a titration step.

    Args:
        pulse: length of the current pulse, s.
        length: diffusion length, cm.
        steady_step: change of the rest potential, in any unit.
        pulse_step: change during the pulse without the IR drop, in the same unit.

    Returns:
        D, cm2/s.

    Raises:
        AzibflowError: a quantity is not positive.
    """
    time, path = _positive("the pulse", pulse), _positive("the diffusion length", length)
    steps = _positive("the step of the rest potential", steady_step) / _positive("the step of the pulse", pulse_step)
    return 4 / (math.pi * time) * (path * steps) ** 2


def diffusion_time(length: float, diffusion: float) -> float:
    """Return L^2/D, against which a pulse must be short, s.

    Args:
        length: cm.
        diffusion: cm2/s.

    Raises:
        AzibflowError: a quantity is not positive.
    """
    return _positive("the diffusion length", length) ** 2 / _positive("the diffusion coefficient", diffusion)


def _positive(what: str, value: float) -> float:
    if not (math.isfinite(value) and value > 0):
        raise AzibflowError(f"{what} must be positive, not {value:g}")
    return value
