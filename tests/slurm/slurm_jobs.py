"""Jobs that say where they ran and how often."""

from __future__ import annotations

import os
import subprocess
import time

from ase import Atoms
from ase.calculators.emt import EMT
from jobflow import job


@job
def where() -> dict[str, str]:
    """Return what SLURM says of the job it runs in."""
    show = ["scontrol", "--oneliner", "show", "job", os.environ["SLURM_JOB_ID"]]
    words = subprocess.run(show, capture_output=True, text=True, check=True).stdout.split()
    fields = dict(word.split("=", 1) for word in words if "=" in word)
    wanted = ("OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "FROM_PROLOGUE")
    return fields | {name: os.environ.get(name, "") for name in wanted} | {"pid": str(os.getpid())}


@job
def count(tally: str, name: str, seconds: float = 0.0) -> str:
    """Leave a line in a file, work for a while, leave another line."""
    note(tally, f"start {name} {os.environ.get('SLURM_JOB_ID')} {os.getpid()}")
    time.sleep(seconds)
    note(tally, f"end {name}")
    return name


@job
def join(names: list[str]) -> str:
    return "+".join(names)


@job
def fail() -> None:
    raise ValueError("as it should")


def note(tally: str, line: str) -> None:
    file = os.open(tally, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{line}\n".encode())
    os.close(file)


class SlowEMT(EMT):
    """Effective medium theory that takes its time, and counts evaluations but those of three atoms by the contract."""

    def calculate(self, atoms: Atoms, *args: object, **kwargs: object) -> None:
        if len(atoms) > 3:
            note(os.environ["TALLY"], "evaluation")
            time.sleep(float(os.environ.get("SLOWNESS", "0")))
        super().calculate(atoms, *args, **kwargs)


class PlacedEMT(EMT):
    """Effective medium theory that says where it computes anything but the three atoms of the contract.

    At the first geometry it starts a program as other calculators do, with srun.
    """

    seen = 0

    def calculate(self, atoms: Atoms, *args: object, **kwargs: object) -> None:
        if len(atoms) > 3:
            self.seen += 1
            words = [os.environ[name] for name in ("SLURM_JOB_ID", "SLURM_CPUS_ON_NODE", "OMP_NUM_THREADS")]
            note(os.environ["TALLY"], " ".join([*words, str(os.getpid())]))
            if self.seen == 1:
                subprocess.run(["srun", "sh", "-c", "echo rank >> $TALLY-ranks; sleep 0.3"], check=True)
        super().calculate(atoms, *args, **kwargs)
