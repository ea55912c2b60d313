"""Activation energies from two temperatures: k = A exp(-E/RT), or kT = A exp(-E/RT) for conductivities.

The conductivity of hopping ions has its T from the Nernst-Einstein equation, s T = A exp(-E/RT); a rate, 1/R_ct and a
diffusion coefficient have none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from ...errors import AzibflowError
from .constants import ROOM_TEMPERATURE, gas_constant

Form = Literal["k", "kT"]
"""What is proportional to exp(-E/RT): the quantity, or it times the temperature."""


def activation_energy(temperatures: Sequence[float], values: Sequence[float], form: Form = "k") -> float:
    """Return E = R ln(y2/y1) / (1/T1 - 1/T2).

    Args:
        temperatures: T1 and T2, K.
        values: the quantity at both, in any unit.
        form: whether y is the quantity or it times T.

    Returns:
        Activation energy, kJ/mol; negative where the quantity falls as it gets warmer.

    Raises:
        AzibflowError: a temperature or value is not positive, or the temperatures are the same.
    """
    (first, second), (low, high) = _positive(temperatures), _positive(values)
    if first == second:
        raise AzibflowError(f"an activation energy needs two temperatures, not {first:g} K twice")
    ratio = high / low * (second / first if form == "kT" else 1.0)
    return gas_constant() * math.log(ratio) / (1 / first - 1 / second) / 1e3


def value_at(temperature: float, reference: float, value: float, energy: float, form: Form = "k") -> float:
    """Return the quantity at one temperature from that at another.

    Args:
        temperature: where it is asked for, K.
        reference: where it is known, K.
        value: what it is there, in any unit.
        energy: activation energy, kJ/mol.
        form: whether exp(-E/RT) is proportional to the quantity or to it times T.

    Raises:
        AzibflowError: a temperature or the value is not positive.
    """
    asked, known, size = _positive((temperature, reference, value))
    ratio = math.exp(energy * 1e3 / gas_constant() * (1 / known - 1 / asked))
    return size * ratio * (known / asked if form == "kT" else 1.0)


def ratio_of_rates(first: float, second: float, temperature: float = ROOM_TEMPERATURE) -> float:
    """Return exp((E1 - E2)/RT): how much faster the second process is with the prefactor of the first.

    Args:
        first: activation energy of the first, kJ/mol.
        second: that of the second.
        temperature: K.

    Raises:
        AzibflowError: the temperature is not positive.
    """
    (kelvin,) = _positive((temperature,))
    return math.exp((first - second) * 1e3 / (gas_constant() * kelvin))


def _positive(numbers: Sequence[float]) -> tuple[float, ...]:
    for number in numbers:
        if not (math.isfinite(number) and number > 0):
            raise AzibflowError(f"temperatures and values must be positive, not {number:g}")
    return tuple(numbers)
