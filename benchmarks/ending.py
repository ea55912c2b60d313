"""What the end of a run costs: all its tables are made from its store, which is read once.

    python benchmarks/ending.py [--documents 100 1000 10000]

The stores hold relaxations of 100 atoms, a result of every hundred of them a surface study; beside the tables stands
what it takes to read every document once and do nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from azibflow.analysis.tables.registry import all_results
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.sqlite_store import SQLiteStore

ATOMS, EVERY = 100, 100
CALCULATOR = {"spec": {"kind": "chgnet"}, "versions": {"chgnet": "0.4.2"}}


def structure(number: int) -> dict[str, Any]:
    """Return a structure as it stands in a document."""
    return {
        "symbols": ["Zn"] * ATOMS,
        "positions": [[0.1 * i, 0.2, 0.001 * number] for i in range(ATOMS)],
        "cell": [[10.0, 0, 0], [0, 10.0, 0], [0, 0, 30.0]],
        "pbc": [True, True, True],
        "label": "Zn",
    }


def relaxation(number: int) -> dict[str, Any]:
    """Return the output of a relaxation."""
    return {
        "@module": "azibflow.workflows.common.relaxation_jobs",
        "@class": "RelaxationResult",
        "structure": structure(number),
        "energy": -1.2 * ATOMS,
        "fmax": 0.02,
        "converged": True,
        "steps": 20,
        "force_calls": 21,
        "cell_policy": "relaxed",
        "settings": {},
        "calculator": CALCULATOR,
    }


def surfaces(number: int) -> dict[str, Any]:
    """Return the output of a surface study."""
    row = {
        "miller": [0, 0, 1],
        "termination": 0,
        "layers": 8,
        "symmetric": True,
        "n_atoms": 16,
        "area": 6.15,
        "outcome": "ok",
        "gamma": 0.26,
        "energy": -20.0,
        "fmax": 0.02,
    }
    return {
        "@module": "azibflow.workflows.surfaces",
        "@class": "SurfaceResult",
        "study": f"surfaces {number}",
        "place": [number],
        "given": f"{number:x}",
        "bulk": relaxation(number),
        "rows": [row],
        "calculator": CALCULATOR,
    }


def run_of(number: int, root: Path) -> RunFolder:
    """Make the folder of a run that has left some documents."""
    folder = RunFolder(root / str(number))
    folder.path.mkdir()
    with SQLiteStore(folder.store_path()) as store:
        store.update(
            [
                {"uuid": str(i), "index": 1, "output": relaxation(i) if i % EVERY else surfaces(i), "completed_at": i}
                for i in range(number)
            ]
        )
    return folder


def seconds(work: Callable[[], object]) -> float:
    """Return the time of some work, s."""
    since = time.perf_counter()
    work()
    return time.perf_counter() - since


def read_all(folder: RunFolder) -> int:
    """Read every document once."""
    with folder.documents() as store:
        return sum(1 for _ in store.query())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 1000, 10000])
    numbers = parser.parse_args().documents
    print(f"all tables of a run by the documents in its store, of which one in {EVERY} is a result, s")
    print(f"{'documents':>10} {'store (MB)':>12} {'read once':>12} {'all tables':>12}")
    with tempfile.TemporaryDirectory(dir=Path.cwd(), ignore_cleanup_errors=True) as path:
        all_results([run_of(EVERY + 1, Path(path)).path])  # loads what tables use
        for number in numbers:
            folder = run_of(number, Path(path))
            size = folder.store_path().stat().st_size / 1e6
            bare, tables = seconds(partial(read_all, folder)), seconds(partial(all_results, [folder.path]))
            print(f"{number:>10} {size:>12.1f} {bare:>12.2f} {tables:>12.2f}", flush=True)


if __name__ == "__main__":
    main()
