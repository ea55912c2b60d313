"""Time per call of energy and forces of the surrogates on the systems of the quickstart, in one run, one thread.

    OMP_NUM_THREADS=1 python benchmarks/surrogate_speed.py [CALCULATOR ...]

Calls alternate between the calculators, so that a busy machine slows all of them alike; medians are printed, and ratios
to CHGNet as this package calls it. CHGNet is timed by the calculator of its own package too.
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
from azibflow.calculators.specs import geometry_method, parse_spec
from azibflow.structures.building import build
from azibflow.structures.recipes import StructureRecipe

SYSTEMS = {
    "alpha-V2O5": {"prototype": "alpha-V2O5", "supercell": (1, 3, 2)},
    "2H-MoS2": {"prototype": "2H-MoS2", "supercell": (3, 3, 1)},
    "Zn(002)": {"prototype": "Zn", "slab": {"miller": "(002)", "layers": 6, "supercell": (3, 3), "fixed_layers": 2}},
    "graphene": {"prototype": "graphene", "supercell": (4, 4, 1)},
    "Ti3C2O2": {"prototype": "Ti3C2O2", "supercell": (3, 3, 1)},
}
SURROGATES = ("zn-host", "sevennet:0", "sevennet:mf-0", "sevennet:l3i5")
REFERENCE = "chgnet"
CALLS = 9


def main(words: list[str]) -> None:
    """Time and print."""
    torch.set_num_threads(1)
    from chgnet.model.dynamics import CHGNetCalculator

    with contextlib.redirect_stdout(io.StringIO()):
        calculators = {word: make_calculator(geometry_method(parse_spec(word))) for word in (REFERENCE, *words)}
        calculators["CHGNet's own"] = CHGNetCalculator(use_device="cpu")
    found = {}
    for name, recipe in SYSTEMS.items():
        atoms = build(StructureRecipe.model_validate(recipe))
        found[f"{name}, {len(atoms)} atoms"] = _times(atoms, calculators)
    found["all"] = {word: sum(times[word] for times in found.values()) for word in calculators}
    print(f"{'':<22}" + "".join(f"{word:>22}" for word in calculators))
    for name, times in found.items():
        print(f"{name:<22}" + "".join(_cell(seconds, times[REFERENCE]) for seconds in times.values()))
    print("ms per call of energy and forces, median; in brackets: times that of CHGNet")


def _times(atoms: Atoms, calculators: dict[str, object]) -> dict[str, float]:
    collected: dict[str, list[float]] = {word: [] for word in calculators}
    for call in range(CALLS + 1):
        moved = atoms.copy()
        moved.rattle(0.01, seed=call)
        for word, calculator in calculators.items():
            moved.calc = calculator
            began = time.perf_counter()
            moved.get_forces()
            if call > 0:  # the first one loads
                collected[word].append(time.perf_counter() - began)
    return {word: median(values) for word, values in collected.items()}


def _cell(seconds: float, reference: float) -> str:
    return f"{f'{1000 * seconds:.0f} ({seconds / reference:.2f})':>22}"


if __name__ == "__main__":
    main(sys.argv[1:] or list(SURROGATES))
