"""What calculations of DFT are going to cost, as ``--dry-run`` prints it, and what the estimates rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .progress import clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..calculators.costs.measured import MeasuredCosts
    from ..campaigns.costs import Basis, PlannedCost
    from ..hpc.profiles import Profile, Resources

OWN = "dft_costs.json"
"""Measured points of a user's own machine, in the folder above that of the profiles."""
FAR = 2.0
"""A calculation so many times longer than the longest that was measured is said to be beyond it."""
GIGABYTE = 1000.0
"""MB."""


def measured_costs(profile: Profile | None = None) -> list[MeasuredCosts]:
    """Read the measured points: those that a profile names, the user's own, and those that come with the package.

    Raises:
        AzibflowError: a file cannot be read.
    """
    from ..calculators.costs.measured import DELIVERED, read_costs
    from ..hpc.profiles import profiles_folder

    own = profiles_folder().parent / OWN
    named = None if profile is None else profile.costs
    files = [*([] if named is None else [named]), *([own] if own.is_file() else []), DELIVERED]
    return [read_costs(file) for file in files]


def cost_words(cost: PlannedCost, resources: Resources | None = None) -> str:
    """Say what a calculation costs.

    Args:
        cost: of the calculation.
        resources: that a machine profile asks for; none for a run here.
    """
    estimate, size, number = cost.estimate, cost.size, cost.planned.evaluations
    if estimate is None or size is None:
        return "cost not estimated"
    job = f"next ones {_time(estimate.following)}, their number not known"
    if cost.seconds is not None:
        job = f"job of {number} {_time(cost.seconds)}" if number != 1 else ""
    parts = [
        f"{size.kpoints} k-point{'s' if size.kpoints > 1 else ''}",
        f"first SCF {_time(estimate.first)}",
        job,
        "" if resources is None or cost.seconds is None else _at_best(cost.seconds, resources.cores),
        f"memory {_amount(estimate.memory)}{_too_much(estimate.memory, resources)}",
        f"disk {_amount(estimate.disk)}",
        f"{estimate.beyond:.0f} times beyond what was measured" if estimate.beyond > FAR else "",
    ]
    return ", ".join(filter(None, parts))


def cost_notes(costs: Sequence[PlannedCost]) -> Iterator[str]:
    """Say what the estimates rest on, and what is not estimated."""
    for basis in {cost.basis.method: cost.basis for cost in costs if cost.basis is not None}.values():
        yield _rests_on(basis)
    for unknown in dict.fromkeys(cost.unknown for cost in costs if cost.unknown):
        yield f"cost not estimated: {unknown}"
    known = [cost.seconds for cost in costs if cost.seconds is not None]
    if any(cost.planned.evaluations not in (1, None) for cost in costs if cost.seconds is not None):
        yield "geometries of relaxations, and of each image of a band, are assumed: nobody knows their number before"
    if known:
        yield f"DFT: about {sum(known) / 3600:.2g} core hours of what is known by now"


def _rests_on(basis: Basis) -> str:
    model, source = basis.model, basis.source
    atoms = [point.size.atoms for point in model.points]
    version = source.versions.get(basis.method.partition(",")[0], "unknown")
    return (
        f"{basis.method}: estimates for one core, within a factor of about {model.factor:.1f} (memory "
        f"{model.memory.factor:.1f}, disk {model.disk.factor:.1f}), as points left out were, from {len(model.points)} "
        f"points of {min(atoms)} to {max(atoms)} atoms measured on {source.machine} ({source.date}, version "
        f"{version}); benchmarks/dft_costs.py measures another machine"
    )


def _at_best(seconds: float, cores: int) -> str:
    return f"at best {_time(seconds / cores)} on {cores} cores" if cores > 1 else ""


def _too_much(memory: float, resources: Resources | None) -> str:
    """Say that a machine profile asks for less memory than that."""
    asked = None if resources is None else resources.memory
    return f" (more than the {asked} asked for)" if asked and memory > _megabytes(asked) else ""


def _megabytes(memory: str) -> float:
    return float(memory[:-1]) * {"K": 1e-3, "M": 1.0, "G": GIGABYTE, "T": 1e6}[memory[-1]]


def _time(seconds: float) -> str:
    return clock(seconds) if seconds >= 60 else f"{seconds:.2g} s"


def _amount(megabytes: float) -> str:
    if megabytes >= GIGABYTE:
        return f"{megabytes / GIGABYTE:.1f} GB"
    return f"{megabytes:.0f} MB" if megabytes >= 10 else f"{megabytes:.1g} MB"
