"""How much a potential's errors scatter over published barriers: over all, and over those of one class of hosts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .barriers import ION, Errors, barriers_of, errors_by_class, errors_of, worth

if TYPE_CHECKING:
    from ...calculators.specs import CalculatorRecord

ENOUGH = 6
"""Barriers that a class needs for an error bar of its own: the standard deviation of n errors is itself uncertain by
1/sqrt(2(n - 1)), a third for six; of four it may as well be half or double."""


@dataclass(frozen=True)
class Spread:
    """One sigma, and what it was measured over.

    Attributes:
        value: one sigma, eV.
        over: the published values, in words.
    """

    value: float
    over: str


@dataclass(frozen=True)
class BarrierErrors:
    """What was measured of a potential that counts for one host.

    Attributes:
        overall: spread of its errors over all published barriers.
        of_class: the same over those of the class of the host; none where that is unknown, or has too few.
    """

    overall: Spread
    of_class: Spread | None

    @property
    def alone(self) -> Spread:
        """What counts for the host by itself: that of its class where there is one."""
        return self.of_class or self.overall

    def between(self, other: BarrierErrors) -> Spread:
        """Return what counts for the difference from another host.

        Within a class the mean error cancels and the spread in it remains. From class to class the mean differs, so
        that what is known of either class says too little: the spread over all classes has that in it.
        """
        return self.alone if self.of_class == other.of_class else self.overall


def barrier_errors(record: CalculatorRecord, host_class: str) -> BarrierErrors | None:
    """Return what was measured of a potential that counts for a host.

    Args:
        record: the potential.
        host_class: class of the host; empty where it is of none.

    Returns:
        None where the potential was not measured, or gave fewer than two barriers.
    """
    known = worth(record)
    errors = None if known is None else errors_of(barriers_of(known))
    if known is None or errors is None:
        return None
    own = _known_classes(errors_by_class(barriers_of(known))).get(host_class)
    of_class = None if own is None else Spread(own.spread, _over(own, host_class))
    return BarrierErrors(Spread(errors.spread, _over(errors)), of_class)


def largest_error(record: CalculatorRecord) -> Spread | None:
    """Return the largest error that is known of a potential, for quantities of which none was measured.

    Args:
        record: the potential.

    Returns:
        The root mean square over the class of hosts where it is largest, or over all; with the mean, for nothing says
        that it cancels elsewhere. None where the potential was not measured.
    """
    known = worth(record)
    overall = None if known is None else errors_of(barriers_of(known))
    if known is None or overall is None:
        return None
    classes = {"": overall} | _known_classes(errors_by_class(barriers_of(known)))
    found = [Spread(math.hypot(one.mean, one.spread), _over(one, hosts)) for hosts, one in classes.items()]
    return max(found, key=lambda one: one.value)


def _known_classes(classes: dict[str, Errors]) -> dict[str, Errors]:
    return {hosts: errors for hosts, errors in classes.items() if errors.number >= ENOUGH}


def _over(errors: Errors, hosts: str = "") -> str:
    where = f"hosts of the class {hosts}" if hosts else "hosts of all classes"
    return f"{errors.number} published DFT barriers of {ION} in {where}"
