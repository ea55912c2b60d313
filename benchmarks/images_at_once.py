"""What it gains to compute the images of a band side by side, beside more threads for one after the other.

Run by ``make benchmark``; about two minutes, on a machine with two idle cores. A step of a band ends with its last
image, so that two at a time take at least 2 of 4 rounds, 3 of 5 and 3 of 6: the times are 2, 1.67 and 2 times shorter
at best.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from azibflow.calculators.specs import ChgnetSpec
from azibflow.hpc.processes import ProcessExecutor, lend_processes
from azibflow.room import room
from azibflow.structures.building import build_bulk
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.migration.hops import HopSettings, HopStart, hop_starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEC = ChgnetSpec()
STEPS = 8
WAYS = {
    "one after the other, one thread": (1, 1),
    "two at a time, one thread each": (2, 2),
    "one after the other, two threads": (2, 1),
}
"""Threads of the job, and images at once that share them."""


@dataclass(frozen=True)
class Measured:
    """What a band took.

    Attributes:
        step: median time of a step, s.
        shortest: time of the shortest step, s; all have the same work, and what else the machine does only adds.
        whole: time of the band with the start of its processes, s.
        processor: time of all processes on a core, s.
        energies: of the images, eV.
    """

    step: float
    shortest: float
    whole: float
    processor: float
    energies: NDArray[np.float64]


def zinc_in_v2o5() -> HopStart:
    """A hop along b, 43 atoms."""
    host = build_bulk(StructureRecipe(prototype="alpha-V2O5"))
    return hop_starts(host, "Zn", HopSettings(direction="b", supercell=(1, 3, 1)), label="alpha-V2O5")[0]


def measured(start: HopStart, images: int) -> Measured:
    """Move a band for some steps in this process, with as many images at once as it may compute."""
    from azibflow.calculators.bands import minimum_energy_path
    from azibflow.calculators.factory import make_calculator
    from azibflow.calculators.side_by_side import processes_for_images

    marks: list[float] = []
    began, before = time.perf_counter(), sum(os.times()[:4])
    with room(lend_processes), processes_for_images(SPEC, images) as executors:
        band = minimum_energy_path(
            start.initial.to_atoms(),
            start.final.to_atoms(),
            partial(make_calculator, SPEC),
            images=images,
            fmax=1e-3,
            max_steps=STEPS,
            executors=executors,
            progress=lambda _: marks.append(time.perf_counter()),
        )
    whole, processor = time.perf_counter() - began, sum(os.times()[:4]) - before
    steps = np.diff(marks[: STEPS + 1])
    return Measured(float(np.median(steps)), float(steps.min()), whole, processor, band.energies)


def compare(start: HopStart, images: int) -> None:
    """Print the ways of computing one band."""
    rounds = -(-images // 2)
    print(f"band of {images} moving images, {len(start.initial.symbols)} atoms, {STEPS} steps by CHGNet")
    print(f"  two at a time take {rounds} rounds instead of {images}: {images / rounds:.2f} times shorter at best")
    first: Measured | None = None
    for way, (threads, at_once) in WAYS.items():
        with ProcessExecutor(1, threads, at_once) as executor:
            found = executor.submit(measured, start, images).result()
        first = first or found
        print(
            f"  {way:33s} {found.step:5.2f} s a step, {first.step / found.step:4.2f} times faster; "
            f"shortest {found.shortest:5.2f} s, {first.shortest / found.shortest:4.2f} times; "
            f"{found.whole:5.1f} s with the start, {found.processor:5.1f} s of processor; "
            f"largest difference {np.abs(found.energies - first.energies).max():.1e} eV"
        )


if __name__ == "__main__":
    hop = zinc_in_v2o5()
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for number in (4, 5, 6):
        compare(hop, number)
