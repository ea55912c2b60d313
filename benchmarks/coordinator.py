"""What the coordinator of a run on a batch system costs per job, in time and memory, as runs get longer.

    python benchmarks/coordinator.py [--jobs 1000 3000 10000] [--chains 0] [--slurm --group 100]

The batch system is a process beside the coordinator which runs every job at once, so that the coordinator has all there
is to do: submitting with at most 50 in the queue, collecting, storing; or the SLURM of this machine, whose jobs take
seconds to start, so that some have to share one. Each run has a process and a folder of its own.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from jobflow import Flow, Job, job

from azibflow.hpc import slurm
from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.profiles import Profile, Resources
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.scheduler import QueuedJob
from azibflow.hpc.slurm_groups import TASKS, kept_tasks, run_group

QUEUE = 50


@job
def trivial(number: Any) -> dict[str, Any]:
    """Return a small document."""
    return {"number": number, "values": [0.5] * 50}


def run_tasks(file: Path) -> None:
    """Run what a batch job is given."""
    run_group(kept_tasks(file))


class AtOnce:
    """A batch system that runs every job at once, in one process."""

    def __init__(self, worker: ProcessExecutor) -> None:
        self._worker = worker
        self._numbers = itertools.count(1)
        self._jobs: dict[str, tuple[Future[None], Path]] = {}
        self.questions = 0

    def script(self, _profile: Profile, _resources: Resources, name: str, _command: str) -> str:
        """Write nothing of use: the file of the tasks says it all."""
        return f"{name}\n"

    def submit(self, _script: Path, folder: Path) -> str:
        """Put a job into the queue."""
        number = str(next(self._numbers))
        self._jobs[number] = self._worker.submit(run_tasks, folder / TASKS), folder
        return number

    def queued(self) -> list[QueuedJob]:
        """Return the jobs that have not ended."""
        self.questions += 1
        self._jobs = {number: (future, folder) for number, (future, folder) in self._jobs.items() if not future.done()}
        return [QueuedJob(number, "RUNNING", "1:00", "here", folder) for number, (_, folder) in self._jobs.items()]

    def cancel(self, _job_ids: Iterable[str]) -> None:
        """Leave all as it is."""

    def ending(self, _job_id: str) -> str:
        """Know nothing."""
        return ""


def flow(number: int, chains: int) -> Flow:
    """Return trivial jobs, side by side or in chains."""
    jobs: list[Job] = []
    for place in range(number):
        jobs.append(trivial(jobs[place - chains].output["number"] if chains and place >= chains else place))
    return Flow(jobs)


def resident() -> float:
    """Return the memory that this process has now, MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def coordinate(number: int, chains: int, group: int, slurm_here: bool, root: str) -> None:
    """Run a flow in this process and print what that took."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    for name, value in (("POLL", 0.05), ("LEAVE", 0.0)):
        setattr(slurm, name, value)
    defaults = {"group": group, "memory": "400M" if slurm_here else None}
    profile = Profile.model_validate({"defaults": defaults, "max_jobs": QUEUE})
    work, folder = flow(number, chains), RunFolder(Path(root) / f"{number}")
    with ProcessExecutor(1, threads=1) as worker, ProcessExecutor(1) as light:
        executor = slurm.SlurmExecutor(profile, folder.path, light, None if slurm_here else AtOnce(worker))
        worker.submit(len, ()).result()
        before, since, cpu = resident(), time.perf_counter(), time.process_time()
        summary = run_flow(work, folder, executor)
        executor.shutdown()
        wall, cpu = time.perf_counter() - since, time.process_time() - cpu
    assert summary.finished == number
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(
        f"{number:>8} {cpu / number * 1e3:>12.2f} {wall / number * 1e3:>12.2f} {before:>12.0f} {peak:>12.0f}"
        f" {(peak - before) / number * 1e3:>12.1f}",
        end="",
        flush=True,
    )


def status(folder: Path) -> float:
    """Return how long ``azibflow status`` takes, s."""
    since = time.perf_counter()
    command = [sys.executable, "-m", "azibflow", "status", str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "complete" in said, said
    return time.perf_counter() - since


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1000, 3000, 10000])
    parser.add_argument("--chains", type=int, default=0, help="in so many chains; 0: side by side")
    parser.add_argument("--group", type=int, default=1, help="jobs that share a batch job")
    parser.add_argument("--slurm", action="store_true", help="on the SLURM of this machine")
    given = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # the function of the jobs is found here
    print(f"a coordinator with {QUEUE} batch jobs at most in the queue; of one job")
    heads = ("CPU, ms", "wall, ms", "before, MB", "peak, MB", "growth, kB", "status, s")
    print(f"{'jobs':>8} {' '.join(f'{head:>12}' for head in heads)}")
    with tempfile.TemporaryDirectory(dir=Path.cwd(), ignore_cleanup_errors=True) as path:
        for number in given.jobs:
            arguments = (number, given.chains, given.group, given.slurm, path)
            command = f"from coordinator import coordinate; coordinate(*{arguments!r})"
            subprocess.run([sys.executable, "-c", command], check=True)
            print(f" {status(Path(path) / str(number)):>12.2f}", flush=True)


if __name__ == "__main__":
    main()
