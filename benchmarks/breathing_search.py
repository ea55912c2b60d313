"""How low two searches come with how many force calls: a beam alone, and a narrow beam with moves from what it finds.

    OMP_NUM_THREADS=1 python benchmarks/breathing_search.py FOLDER [--host "VO2(B)"] [--workers 2]

Every search is one process, by CHGNet, loads one annealed host up to the largest of IONS and leaves a JSON file in
FOLDER; those that are there are not computed again. All evaluations of a search are counted, those of moves and emptied
hosts too. Energies are against the lowest host that any search came upon.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from statistics import mean

from azibflow import BreathingSettings, ChgnetSpec, RelaxSettings, build
from azibflow.calculators.chgnet_network import ChgnetCalculator
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.breathing.annealing import AnnealSettings, anneal_structure
from azibflow.workflows.breathing.hosts import host_states
from azibflow.workflows.breathing.ladder import climb
from azibflow.workflows.breathing.results import HostState
from azibflow.workflows.breathing.study import task_of
from azibflow.workflows.breathing.tasks import BreathingTask
from azibflow.workflows.common.references import reference_energy
from azibflow.workflows.common.relaxation_jobs import MOMENTS, relax_structure

IONS = (2, 4)
"""Numbers of ions that are compared."""
SEEDS = (0, 1, 2)
SEARCHES = {
    "beam of 1": {},
    "beam of 2": {"search": {"width": 2}},
    "beam of 4": {"search": {"width": 4}},
    "1 round of moves": {"explore": {"rounds": 1}},
    "2 rounds of moves": {"explore": {"rounds": 2}},
}
"""What each search is asked for, beside what all are."""
HOSTS = {
    "VO2(B)": ({"prototype": "VO2(B)"}, {"film": "all", "cell": "relaxed"}),
    "V8O16/rGO": ({"heterostructure": "V8O16/rGO"}, {}),
}
"""Recipe, and what its study has to know."""


def main() -> None:
    """Compute what is missing, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--host", choices=HOSTS, default="VO2(B)")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    host = annealed_host(asked.host, asked.folder / "host.json")
    missing = [
        (asked.host, host, search, seed, path)
        for seed in SEEDS
        for search in SEARCHES
        if not (path := file_of(asked.folder, search, seed)).exists()
    ]
    with ProcessPoolExecutor(asked.workers, get_context("spawn"), max_tasks_per_child=1) as pool:
        for done in as_completed([pool.submit(searched, *one) for one in missing]):
            print(done.result(), flush=True)
    print_table(asked.folder)


def file_of(folder: Path, search: str, seed: int) -> Path:
    """Return where a search leaves what it found."""
    return folder / f"{search.replace(' ', '-')}-{seed}.json"


def task_for(name: str, search: str) -> BreathingTask:
    """Return what a search is asked for."""
    recipe, asked = HOSTS[name]
    settings = BreathingSettings.model_validate({"ions": max(IONS), **asked, **SEARCHES[search]})
    recipe = StructureRecipe.model_validate(recipe)
    return task_of(recipe, "Zn", ChgnetSpec(), RelaxSettings(fmax=0.05, max_steps=200), settings)


def annealed_host(name: str, path: Path) -> HostState:
    """Return the lowest of the host as built and annealed with each seed, which all searches set out from."""
    if not path.exists():
        task = task_for(name, "beam of 1")
        built = relax_structure(
            build(StructureRecipe.model_validate(HOSTS[name][0])),
            task.calculator,
            task.relax,
            cell=task.settings.cell,
            atomic=MOMENTS,
        )
        hot = AnnealSettings(temperature=1000, steps=500)
        annealed = [
            anneal_structure(built.structure.to_atoms(), task.calculator, task.relax, hot, seed) for seed in SEEDS
        ]
        lowest = host_states(built, annealed, task.settings.criteria, task.settings.film)[0]
        path.write_text(lowest.model_dump_json())
    return HostState.model_validate_json(path.read_text())


def searched(name: str, host: HostState, search: str, seed: int, path: Path) -> str:
    """Search once, and count."""
    calls = 0
    calculate = ChgnetCalculator.calculate

    def counted(*args, **kwargs) -> None:
        nonlocal calls
        calls += 1
        calculate(*args, **kwargs)

    ChgnetCalculator.calculate = counted
    ladder = climb(seed, host, task_for(name, search), None)
    lowest = {
        n: min((one.energy for one in ladder.records if one.n == n and one.energy is not None), default=None)
        for n in IONS
    }
    host_energy = min(state.energy for state in ladder.hosts)
    path.write_text(json.dumps({"calls": calls, "host": host_energy, "states": lowest}))
    return f"{search}, seed {seed}: {calls} calls"


def print_table(folder: Path) -> None:
    """Print calls and E_b(n) of every search: its seeds, their lowest, and how far they are apart."""
    found = {
        search: [json.loads(path.read_text()) for seed in SEEDS if (path := file_of(folder, search, seed)).exists()]
        for search in SEARCHES
    }
    host = min(one["host"] for seeds in found.values() for one in seeds)
    metal = reference_energy("Zn", ChgnetSpec(), RelaxSettings()).energy
    print(f"{'search':<20}{'calls':>8}" + "".join(f"   E_b({n}) by seed, lowest, apart (eV)" for n in IONS))
    for search, seeds in found.items():
        if not seeds:
            continue
        line = f"{search:<20}{mean(one['calls'] for one in seeds):>8.0f}"
        for n in IONS:
            bound = [one["states"][str(n)] - host - n * metal for one in seeds if one["states"][str(n)] is not None]
            each = " ".join(f"{value:.3f}" for value in bound)
            line += f"   {each}  {min(bound):.3f}  {max(bound) - min(bound):.3f}"
        print(line)


if __name__ == "__main__":
    main()
