"""What the design saves in force calls, network loads and start-up time, each beside the usual way.

Run by ``make benchmark``, with one thread; about four minutes. Counts are exact; times are of this
machine, so compare the two ways with each other and with nothing else.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ase.mep import NEB
from ase.optimize import FIRE

from azibflow.calculators.bands import minimum_energy_path
from azibflow.calculators.chgnet_network import ChgnetCalculator
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.relaxation import relax
from azibflow.calculators.specs import ChgnetSpec
from azibflow.structures.building import build, build_bulk
from azibflow.structures.recipes import SlabRecipe, StructureRecipe
from azibflow.workflows.adsorption.flow import adsorption_study
from azibflow.workflows.adsorption.placement import placements
from azibflow.workflows.common.results import RelaxSettings
from azibflow.workflows.migration.hops import HopSettings, hop_starts

SPEC = ChgnetSpec()
IMAGES = 5
FMAX = 0.05


@contextmanager
def counted_calls() -> Iterator[Counter[str]]:
    """Count evaluations of the network by chemical formula."""
    calls: Counter[str] = Counter()
    original = ChgnetCalculator.calculate

    def calculate(self: Any, atoms: Any = None, *args: Any, **kwargs: Any) -> None:
        calls[atoms.get_chemical_formula()] += 1
        original(self, atoms, *args, **kwargs)

    ChgnetCalculator.calculate = calculate  # type: ignore[method-assign]
    try:
        yield calls
    finally:
        ChgnetCalculator.calculate = original  # type: ignore[method-assign]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what ``work`` returns, and the seconds it took."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def band() -> None:
    """Zn in alpha-V2O5 along b: calls per iteration with one calculator per image, and with one for all."""
    host = build_bulk(StructureRecipe(prototype="alpha-V2O5"))
    start = hop_starts(host, "Zn", HopSettings(direction="b", supercell=(1, 3, 1)), label="alpha-V2O5")[0]
    ends = [
        relax(document.to_atoms(), make_calculator(SPEC), fmax=0.03).atoms for document in (start.initial, start.final)
    ]
    with counted_calls() as calls:
        ours, seconds = timed(
            lambda: minimum_energy_path(ends[0], ends[1], lambda: make_calculator(SPEC), images=IMAGES, fmax=FMAX)
        )
    barrier = max(ours.energies) - ours.energies[0]
    moves = ours.iterations
    print(f"band of {IMAGES} moving images, {len(ends[0])} atoms, to {FMAX} eV/angstrom")
    report_band("one calculator per image", calls.total(), moves, barrier, seconds)

    images = [ends[0].copy() for _ in range(IMAGES + 1)] + [ends[1].copy()]
    shared = make_calculator(SPEC)
    for image in images:
        image.calc = shared
    neb = NEB(images, climb=False, method="improvedtangent", allow_shared_calculator=True)
    neb.interpolate("idpp", mic=True)
    moves = 0
    with counted_calls() as calls:

        def climb() -> None:
            nonlocal moves
            for climbing, target in ((False, 4 * FMAX), (True, FMAX)):
                neb.climb = climbing
                optimizer = FIRE(neb, logfile=None)
                optimizer.run(fmax=target, steps=300)
                moves += optimizer.nsteps + 1

        _, seconds = timed(climb)
    energies = [image.get_potential_energy() for image in images]
    report_band("one calculator for all images (FIRE)", calls.total(), moves, max(energies) - energies[0], seconds)


def report_band(way: str, calls: int, iterations: int, barrier: float, seconds: float) -> None:
    """Print one way of relaxing a band."""
    print(
        f"  {way:38s} {calls:5d} force calls in {iterations:3d} iterations, {calls / iterations:5.2f} per iteration, "
        f"barrier {barrier:.3f} eV, {seconds:.0f} s"
    )


def adsorption() -> None:
    """Zn on Zn(002): relaxations with one slab for all sites, and with one slab for each site."""
    recipe = StructureRecipe(prototype="Zn", slab=SlabRecipe(miller=(0, 0, 1), layers=4, supercell=(2, 2), vacuum=10.0))
    settings = RelaxSettings(fmax=FMAX)
    with counted_calls() as calls:
        result, seconds = timed(lambda: adsorption_study(recipe, "Zn", SPEC, settings))
    slab = result.bare.structure.formula
    print(f"adsorption study of {len(result.rows)} sites: bare slab {slab}")
    print(
        f"  one slab for all sites    slab relaxed once, {calls[slab]} calls; {calls.total()} in all, {seconds:.0f} s"
    )

    def one_slab_each() -> None:
        for start in placements(build(recipe), "Zn"):
            relax(build(recipe), make_calculator(SPEC), fmax=FMAX)
            relax(start.structure.to_atoms(), make_calculator(SPEC), fmax=FMAX)

    with counted_calls() as calls:
        _, seconds = timed(one_slab_each)
    print(
        f"  one slab for each site    slab relaxed {len(result.rows)} times, {calls[slab]} calls; {calls.total()} in "
        f"all (reference and bulk not counted), {seconds:.0f} s"
    )


def loads() -> None:
    """How often the network is read in one process that makes many calculators."""
    from chgnet.model.model import CHGNet

    from azibflow.calculators.chgnet_network import load_network

    reads = 0
    original = CHGNet.from_file

    def counting(*args: Any, **kwargs: Any) -> Any:
        nonlocal reads
        reads += 1
        return original(*args, **kwargs)

    CHGNet.from_file = counting  # type: ignore[method-assign]
    load_network.cache_clear()
    for _ in range(10):
        make_calculator(SPEC)
    CHGNet.from_file = original  # type: ignore[method-assign]
    print(f"network: read {reads} time(s) for 10 calculators")


def start_up() -> None:
    """Times of ``import azibflow`` and of ``azibflow --help``, and what they import."""
    code = "import time; began = time.perf_counter(); import azibflow; print(time.perf_counter() - began)"
    import_times = [float(_python("-c", code)) for _ in range(7)]
    print(f"import azibflow: median {statistics.median(import_times):.3f} s")
    help_times = [timed(lambda: _python("-m", "azibflow", "--help"))[1] for _ in range(7)]
    torch_times = [timed(lambda: _python("-c", "import torch"))[1] for _ in range(3)]
    code = "import sys, azibflow.cli.main; print(sorted({'torch', 'pymatgen', 'pyscf', 'ase'} & set(sys.modules)))"
    print(
        f"azibflow --help: median {statistics.median(help_times):.2f} s; heavy imports {_python('-c', code)}; "
        f"importing torch alone takes {statistics.median(torch_times):.2f} s"
    )


def _python(*words: str) -> str:
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    start_up()
    loads()
    adsorption()
    band()
