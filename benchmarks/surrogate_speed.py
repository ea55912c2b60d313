"""Time per force call of a surrogate and of CHGNet on the systems of the quickstart, in one run, one thread.

    OMP_NUM_THREADS=1 python benchmarks/surrogate_speed.py CARD

Calls alternate between the calculators, so that a busy machine slows all of them alike; medians are printed. CHGNet is
timed twice: as this package calls it (energy and forces only), and by the calculator of its own package.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
from statistics import median

import torch
from ase import Atoms

from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import ChgnetSpec, SurrogateSpec
from azibflow.structures.recipes import StructureRecipe, build

SYSTEMS = {
    "alpha-V2O5": {"prototype": "alpha-V2O5", "supercell": (1, 3, 2)},
    "2H-MoS2": {"prototype": "2H-MoS2", "supercell": (3, 3, 1)},
    "Zn(002)": {"prototype": "Zn", "slab": {"miller": "(002)", "layers": 6, "supercell": (3, 3), "fixed_layers": 2}},
    "graphene": {"prototype": "graphene", "supercell": (4, 4, 1)},
    "Ti3C2O2": {"prototype": "Ti3C2O2", "supercell": (3, 3, 1)},
}
REPEATS = 15


def main(card: str) -> None:
    """Time and print."""
    torch.set_num_threads(1)
    from chgnet.model.dynamics import CHGNetCalculator

    with contextlib.redirect_stdout(io.StringIO()):
        calculators = {
            card: make_calculator(SurrogateSpec(card=card)),
            "CHGNet": make_calculator(ChgnetSpec()),
            "CHGNet's own": CHGNetCalculator(use_device="cpu"),
        }
    print(f"{'system':<12}{'atoms':>6}" + "".join(f"{name + ' (ms)':>20}" for name in calculators) + f"{'ratios':>16}")
    totals = dict.fromkeys(calculators, 0.0)
    for name, recipe in SYSTEMS.items():
        atoms = build(StructureRecipe.model_validate(recipe))
        times = _times(atoms, calculators)
        for key, value in times.items():
            totals[key] += value
        print(f"{name:<12}{len(atoms):>6}" + _cells(times, card))
    print(f"{'all':<12}{'':>6}" + _cells(totals, card))


def _times(atoms: Atoms, calculators: dict[str, object]) -> dict[str, float]:
    collected: dict[str, list[float]] = {name: [] for name in calculators}
    for repeat in range(REPEATS + 2):
        moved = atoms.copy()
        moved.rattle(0.01, seed=repeat)
        for name, calculator in calculators.items():
            moved.calc = calculator
            began = time.perf_counter()
            moved.get_forces()
            if repeat >= 2:
                collected[name].append(time.perf_counter() - began)
    return {name: median(values) for name, values in collected.items()}


def _cells(times: dict[str, float], card: str) -> str:
    cells = "".join(f"{1000 * value:>20.1f}" for value in times.values())
    ratios = ", ".join(f"{value / times[card]:.1f}" for name, value in times.items() if name != card)
    return f"{cells}{ratios:>16}"


if __name__ == "__main__":
    main(*sys.argv[1:2])
