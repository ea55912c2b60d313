"""A calculator that gives up, as one does whose self-consistent field fails on the way."""

from __future__ import annotations

from typing import Any

from ase.calculators.emt import EMT

from azibflow.errors import CalculationError


class Faulty(EMT):  # type: ignore[misc]
    """Effective medium theory that can be asked so many times.

    Args:
        calls: evaluations before it fails.
    """

    def __init__(self, calls: int) -> None:
        super().__init__()
        self.left = calls

    def calculate(self, *args: Any, **kwargs: Any) -> None:
        self.left -= 1
        if self.left < 0:
            raise CalculationError("not converged in 250 cycles")
        super().calculate(*args, **kwargs)
