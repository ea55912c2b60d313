"""What the engine costs per job, beside Jobflow's own serial runner, and what a second worker brings.

    python benchmarks/engine.py [--documents 100 1000 10000]

Trivial jobs run in one process, so that only the bookkeeping is measured: graph, folders of the jobs, journal, store.
The stores hold the given number of documents before the measurement. Each serial run uses its own fresh store.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Executor, Future
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jobflow import Flow, Job, JobStore, job, run_locally
from maggma.stores import MemoryStore, MontyStore

from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.sqlite_store import SQLiteStore

JOBS = 100
SPIN = 12_000_000
BARE_SPIN = """
import sys
def spin(loops):
    value = 0
    for number in range(loops):
        value = (value * 31 + number) % 1000003
spin(int(sys.argv[1]))
"""


@job
def trivial(number: int) -> dict[str, Any]:
    """Return a small document."""
    return {"number": number, "values": [0.5] * 50}


@job
def spin(loops: int) -> int:
    """Keep one core busy for a second or so."""
    value = 0
    for number in range(loops):
        value = (value * 31 + number) % 1000003
    return value


class InProcess(Executor):
    """Calls at once, here."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call the function."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def documents(number: int) -> list[dict[str, Any]]:
    """Return documents of earlier jobs."""
    return [
        {"uuid": f"earlier-{i}", "index": 1, "name": "earlier", "output": {"number": i, "values": [0.5] * 50}}
        for i in range(number)
    ]


def flow() -> Flow:
    """Return a flow of trivial jobs."""
    jobs: list[Job] = [trivial(number) for number in range(JOBS)]
    return Flow(jobs)


def per_job(run: Callable[[], object]) -> float:
    """Return the time of a run per job, ms."""
    since = time.perf_counter()
    run()
    return (time.perf_counter() - since) / JOBS * 1e3


def engine(number: int, root: Path) -> tuple[float, float]:
    """Measure the manager with its store per job, and what a run costs once, to open and check the store, ms."""
    folder = RunFolder(root / f"engine-{number}")
    folder.path.mkdir()
    with SQLiteStore(folder.store_path()) as store:
        store.update(documents(number))
    work = flow()
    whole = per_job(lambda: run_flow(work, folder, InProcess(), in_flight=50))
    opening = JOBS * per_job(lambda: run_flow(work, folder, InProcess()))  # nothing is left to run
    return whole - opening / JOBS, opening


def serial(store: Any, number: int, root: Path) -> float:
    """Measure ``run_locally`` with a store."""
    store.connect()
    store._collection.insert_many(documents(number))  # their own update looks through all documents for each one
    work, job_store = flow(), JobStore(store)
    return per_job(lambda: run_locally(work, log=False, store=job_store, create_folders=True, root_dir=root / "serial"))


def with_monty(number: int, root: Path) -> str:
    """Measure ``run_locally`` with a MontyStore, where montydb is installed."""
    if find_spec("montydb") is None:
        return "pip install montydb"
    return f"{serial(MontyStore('documents', database_path=str(root / f'monty-{number}')), number, root):.2f}"


def workers(root: Path) -> tuple[float, float]:
    """Return the times, s, of 8 equal jobs with one worker and with two, both started before."""
    times = []
    for number in (1, 2):
        with ProcessExecutor(number, threads=1) as executor:
            for future in [executor.submit(time.sleep, 0.3) for _ in range(number)]:
                future.result()
            work, folder = Flow([spin(SPIN) for _ in range(8)]), RunFolder(root / f"workers-{number}")
            since = time.perf_counter()
            run_flow(work, folder, executor)
            times.append(time.perf_counter() - since)
    return times[0], times[1]


def bare_processes() -> tuple[float, float]:
    """Return the times, s, of the same work in one plain process and in two: what the machine has to give just now."""
    times = []
    for number in (1, 2):
        command = [sys.executable, "-c", BARE_SPIN, str(8 * SPIN // number)]
        since = time.perf_counter()
        for process in [subprocess.Popen(command) for _ in range(number)]:
            process.wait()
        times.append(time.perf_counter() - since)
    return times[0], times[1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 1000, 10000])
    numbers = parser.parse_args().documents
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    print(f"overhead of one of {JOBS} trivial jobs, ms, by the documents in the store; {os.cpu_count()} cores")
    print(f"{'documents':>10} {'engine':>10} {'once per run':>14} {'run_locally':>24} {'run_locally':>24}")
    print(f"{'':>10} {'SQLite':>10} {'':>14} {'MemoryStore':>24} {'MontyStore':>24}")
    with tempfile.TemporaryDirectory(dir=Path.cwd(), ignore_cleanup_errors=True) as path:
        root = Path(path)
        engine(1, root)  # loads what both will use
        for number in numbers:
            each, once = engine(number, root)
            print(f"{number:>10} {each:>10.2f} {once:>14.0f}", end="", flush=True)
            print(f" {serial(MemoryStore(), number, root):>24.2f}", end="", flush=True)
            print(f" {with_monty(number, root):>24}", flush=True)
        for label, (one, two) in (("workers", workers(root)), ("bare processes, no engine", bare_processes())):
            print(f"8 equal jobs, {label}: 1 takes {one:.2f} s, 2 take {two:.2f} s, {two / one:.2f} of the serial time")


if __name__ == "__main__":
    main()
