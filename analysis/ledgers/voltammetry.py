"""The exponent b of a peak current i = a v^b, and the capacitive share that goes with it.

With i = k1 v + k2 v^(1/2) (J. Wang, J. Polleux, J. Lim, B. Dunn, J. Phys. Chem. C 2007, 111, 14925,
10.1021/jp074464w) and s the share of k1 v, the slope d ln i/d ln v is b = (1 + s)/2 at that scan rate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...errors import AzibflowError


def exponent(scan_rates: Sequence[float], currents: Sequence[float]) -> float:
    """Return b = ln(i2/i1) / ln(v2/v1).

    Args:
        scan_rates: two scan rates, in any unit.
        currents: the magnitudes of the peak currents at them, in any unit.

    Raises:
        AzibflowError: a quantity is not positive, or the scan rates are the same.
    """
    if not all(math.isfinite(number) and number > 0 for number in (*scan_rates, *currents)):
        raise AzibflowError("scan rates and the magnitudes of currents must be positive")
    (slow, fast), (low, high) = scan_rates, currents
    if slow == fast:
        raise AzibflowError("an exponent needs two scan rates")
    return math.log(high / low) / math.log(fast / slow)


def exponent_of_share(share: float) -> float:
    """Return b = (1 + s)/2 where a share s of the current is capacitive.

    Raises:
        AzibflowError: the share is not within 0 and 1.
    """
    if not 0 <= share <= 1:
        raise AzibflowError(f"the capacitive share must be within 0 and 1, not {share:g}")
    return (1 + share) / 2


def share_of_exponent(b: float) -> float:
    """Return s = 2 b - 1; outside 0 to 1 for an exponent that this sum of two terms cannot have."""
    return 2 * b - 1
