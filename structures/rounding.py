"""Rounding of numbers that are compared or written: rounding errors must not decide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ASIDE = 1e-6
"""How far the border between two rounded numbers is from where plain rounding has it.

Published lengths end after two to four digits, so that halves such as 2.665 are common: of two equal hops of that
length, linear algebra gives one as 2.66499999999 and the other as 2.66500000001, and another library the reverse.
"""


def rounded(value: float, digits: int) -> float:
    """Round a number.

    Args:
        value: of any unit, known to better than 1e-6.
        digits: after the point.
    """
    return round(float(value) + ASIDE, digits)


def all_rounded(values: NDArray[np.float64], digits: int) -> NDArray[np.float64]:
    """Round an array, as [`rounded`][] does a number."""
    return np.round(values + ASIDE, digits)
