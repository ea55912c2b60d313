"""What it costs to compute in a Python environment of its own: the same potential here and there, call by call.

Run by ``make benchmark``, with one thread.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import Any

from ase import Atoms
from ase.build import bulk

from azibflow.calculators.isolated.calculator import IsolatedCalculator
from azibflow.calculators.specs import parse_spec

CALLS = 25


def seconds_of(atoms: Atoms, calculator: Any, number: int) -> float:
    """Return the wall time of one call with new positions, s."""
    moved = atoms.copy()
    moved.rattle(0.01, seed=number)
    moved.calc = calculator
    began = time.perf_counter()
    moved.get_forces()
    return time.perf_counter() - began


def main() -> None:
    """Print medians of calls of CHGNet in this process and in another one, asked in turn."""
    oxide = bulk("ZnO", "wurtzite", a=3.25, c=5.2) * (3, 2, 2)
    here = parse_spec("chgnet").make()
    there = IsolatedCalculator(sys.executable, "chgnet.model.dynamics:CHGNetCalculator", {"use_device": "cpu"})
    own = parse_spec({"kind": "ase", "calculator": "chgnet.model.dynamics.CHGNetCalculator", "work": "surrogate"})
    direct = own.model_copy(update={"options": {"use_device": "cpu"}}).make()
    ways = {"in this process": direct, "in another": there, "as this package calls it": here}
    took: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(CALLS + 1):
        for name, calculator in ways.items():
            took[name].append(seconds_of(oxide, calculator, number))
    medians = {name: statistics.median(times[1:]) for name, times in took.items()}  # the first one loads
    print(f"CHGNet's calculator, {len(oxide)} atoms, median of {CALLS} calls, one after the other in turn")
    for name, median in medians.items():
        print(f"  {name:26} {1e3 * median:7.1f} ms")
    detour = medians["in another"] / medians["in this process"] - 1
    print(f"  the detour costs {100 * detour:+.1f} % of a call")


if __name__ == "__main__":
    main()
