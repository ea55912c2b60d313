"""Barriers of published hops by one potential, and how far they are from DFT."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...calculators.specs import CalculatorRecord
from ...data.barriers import PublishedHop, published_hops
from ...errors import RunError
from ...workflows.common.results import Outcome

if TYPE_CHECKING:
    from ...workflows.migration.results import MigrationResult

ION = "Zn"
"""Hops of other ions are computed and shown; errors are of this one."""
FEWEST = 4
"""A class of hosts with fewer hops has no error of its own."""


class MeasuredHop(BaseModel):
    """What a potential gives for a published hop."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="name of the hop")
    outcome: Outcome = Field(description="ok, or why the barrier is no result")
    reason: str = Field("", description="what happened, in words")
    barrier: float | None = Field(None, description="E[saddle] - E[initial], eV; none where there is none")
    force_calls: int | None = Field(None, description="evaluations by the band and the relaxations of its endpoints")
    seconds: float | None = Field(None, description="wall time of both, s")

    @property
    def error(self) -> float | None:
        """The barrier minus that of DFT, eV; none where the barrier is no result."""
        if self.barrier is None or self.outcome is not Outcome.OK:
            return None
        return self.barrier - published_hops()[self.name].dft


class Measured(BaseModel):
    """One potential on the published hops."""

    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    hops: list[MeasuredHop] = Field(description="those that were computed")


class Errors(BaseModel):
    """Errors over several hops."""

    model_config = ConfigDict(frozen=True)

    number: int = Field(description="hops with a barrier")
    mean: float = Field(description="mean of barrier minus DFT, eV")
    spread: float = Field(description="standard deviation of that over the hops, eV")
    absolute: float = Field(description="mean absolute error, eV")
    rank: float | None = Field(description="Spearman's rank correlation with DFT; none for fewer than three hops")

    def in_words(self) -> str:
        """Say number and error in one phrase."""
        return f"{self.number} published DFT barriers of {ION}: error {self.mean:+.2f} +- {self.spread:.2f} eV"

    def briefly(self) -> str:
        """Say the same of a class."""
        return f"{self.number}: {self.mean:+.2f} +- {self.spread:.2f} eV"


def errors_of(barriers: dict[str, float]) -> Errors | None:
    """Compare barriers with those of DFT.

    Args:
        barriers: by name of the hop, eV.

    Returns:
        The errors; none for fewer than two hops.
    """
    from scipy.stats import spearmanr

    if len(barriers) < 2:
        return None
    said = np.array(list(barriers.values()))
    dft = np.array([published_hops()[name].dft for name in barriers])
    off = said - dft
    rank = float(spearmanr(said, dft).statistic) if len(barriers) > 2 else None
    return Errors(number=len(off), mean=off.mean(), spread=off.std(ddof=1), absolute=np.abs(off).mean(), rank=rank)


def of_ion(hops: Iterable[PublishedHop], host_class: str | None = None) -> list[str]:
    """Return the names of the hops of zinc, of all hosts or those of one class."""
    return [hop.name for hop in hops if hop.ion == ION and host_class in (None, hop.host_class)]


def host_classes() -> list[str]:
    """Return the classes of hosts, in the order of the compilation."""
    return list(dict.fromkeys(hop.host_class for hop in published_hops().values()))


def measured(results: Sequence[MigrationResult]) -> list[Measured]:
    """Collect the published hops among results, by calculator.

    Args:
        results: migration studies called as the hops.
    """
    found: dict[str, Measured] = {}
    for result in results:
        if result.study not in published_hops():
            continue
        key = result.calculator.model_dump_json()
        found.setdefault(key, Measured(calculator=result.calculator, hops=[])).hops.append(_measured_hop(result))
    return list(found.values())


def _measured_hop(result: MigrationResult) -> MeasuredHop:
    seconds = [result.seconds, result.endpoint_seconds]
    calls = [result.force_calls, result.endpoint_force_calls]
    return MeasuredHop(
        name=result.study,
        outcome=result.outcome,
        reason=result.reason,
        barrier=result.barrier_forward,
        force_calls=None if None in calls else sum(one for one in calls if one is not None),
        seconds=None if None in seconds else sum(one for one in seconds if one is not None),
    )


@cache
def kept() -> tuple[Measured, ...]:
    """Return what comes with the package: potentials that were measured, the best first."""
    folder = Path(str(files("azibflow.data"))) / "zn_barriers" / "measured"
    found = [Measured.model_validate_json(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    return tuple(sorted(found, key=_absolute_error))


def read_measured(path: Path) -> Measured:
    """Read a file that `azibflow benchmark barriers --save` has written.

    Raises:
        RunError: it is none.
    """
    try:
        return Measured.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise RunError(f"{path} holds no measured potential: {error}") from error


def together(potentials: Iterable[Measured]) -> list[Measured]:
    """Put the hops of one potential together that were measured in several runs; the later of a hop counts."""
    found: list[Measured] = []
    for one in potentials:
        place = next((at for at, other in enumerate(found) if _same(one.calculator, other.calculator)), None)
        if place is None:
            found.append(one)
        else:
            hops = {hop.name: hop for hop in (*found[place].hops, *one.hops)}
            found[place] = one.model_copy(update={"hops": list(hops.values())})
    return found


def by_name(potentials: Sequence[Measured]) -> dict[str, Measured]:
    """Give potentials names; those of one name are numbered."""
    names = [one.calculator.spec.in_words() for one in potentials]
    numbered = [
        f"{name} ({names[: place + 1].count(name)})" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]
    return dict(zip(numbered, potentials, strict=True))


def with_kept(own: Sequence[Measured]) -> list[Measured]:
    """Return potentials of somebody's own, and those of the package that are not among them."""
    return [*own, *(one for one in kept() if not any(_same(one.calculator, other.calculator) for other in own))]


def barriers_of(one: Measured) -> dict[str, float]:
    """Return the barriers of zinc that are results, by name of the hop, eV."""
    zinc = set(of_ion(published_hops().values()))
    sound = [hop for hop in one.hops if hop.name in zinc and hop.outcome is Outcome.OK]
    return {hop.name: hop.barrier for hop in sound if hop.barrier is not None}


def errors_by_class(barriers: dict[str, float]) -> dict[str, Errors]:
    """Return the errors over each class of hosts with enough hops.

    Args:
        barriers: by name of the hop, eV.
    """
    found = {}
    for hosts in host_classes():
        wanted = of_ion(published_hops().values(), hosts)
        some = {name: barrier for name, barrier in barriers.items() if name in wanted}
        errors = errors_of(some)
        if errors is not None and errors.number >= FEWEST:
            found[hosts] = errors
    return found


def worth(record: CalculatorRecord) -> Measured | None:
    """Return what was measured of a calculator; none when it never was, or with other weights or settings."""
    return next((one for one in kept() if _same(one.calculator, record)), None)


def worth_in_words(calculator: CalculatorRecord) -> str:
    """Say how far barriers by a calculator are from published ones of DFT, by class of host where there are enough."""
    known = worth(calculator)
    name = calculator.spec.in_words()
    errors = None if known is None else errors_of(barriers_of(known))
    if known is None:
        return f"{name} has not been measured on published barriers: azibflow benchmark barriers computes them."
    if errors is None:
        found = len(barriers_of(known))
        given = f"{found} barrier{'s' if found != 1 else ''}"
        return f"{name} gave {given} for {len(known.hops)} published hops that it was asked."
    classes = [f"{hosts}, {found.briefly()}" for hosts, found in errors_by_class(barriers_of(known)).items()]
    by_class = f" ({'; '.join(classes)})" if classes else ""
    return f"{name}, measured on {errors.in_words()}{by_class}."


def _same(one: CalculatorRecord, other: CalculatorRecord) -> bool:
    specs = [record.spec.unpinned() for record in (one, other)]
    said = [spec.model_dump_json(exclude=set(spec.costs)) for spec in specs]
    return one.weights == other.weights and said[0] == said[1]


def _absolute_error(one: Measured) -> float:
    errors = errors_of(barriers_of(one))
    return float("inf") if errors is None else errors.absolute
