"""Single points by a better method at structures that a surrogate found: what every correction is made of."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from jobflow import Flow, OnMissing, Response, job
from pydantic import BaseModel, Field

from ...calculators.capabilities import capabilities
from ...calculators.dft.levels import PyscfSpec
from ...calculators.guard import check
from ...calculators.specs import AnySpec, CalculatorRecord, CalculatorSpec, CorrectedSpec
from ...structures.documents import StructureDocument
from ..molecular.energies import solved
from .results import Outcome
from .work import computing, light

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Job

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

States = dict[str, StructureDocument]
"""Structures that the better method computes, by their names in words."""


class SinglePoint(BaseModel):
    """What a method says of one structure that it did not relax."""

    state: str = Field(description="which structure it is, in words")
    energy: float = Field(description="total energy, eV, on the calculator's own zero")
    fmax: float | None = Field(
        None, description="largest force on a free atom, eV/angstrom: how far it is from this method's own structure"
    )
    calls: int = Field(1, description="evaluations of energy and forces")
    seconds: float = Field(description="wall time, s")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")


class SinglePoints(BaseModel):
    """Everything that the better method computed for a result."""

    points: list[SinglePoint] = Field(description="each structure once, without those that failed")
    calculator: CalculatorRecord = Field(description="the better method")

    @property
    def calls(self) -> int:
        """Evaluations of energy and forces."""
        return sum(point.calls for point in self.points)

    @property
    def seconds(self) -> float:
        """Wall time of all of them one after the other, s."""
        return sum(point.seconds for point in self.points)


WORTH_CORRECTING = (Outcome.OK, Outcome.OUTSIDE)
"""Rows that a better method corrects. What lies outside the domain needs it most; such a row keeps its mark, since
the geometry is still the surrogate's: the largest force there by the better method says how far off it is."""


class Correction(BaseModel):
    """What the better method and the surrogate took for one number; structures that rows share count in each."""

    calls: int = Field(description="evaluations of energy and forces by the better method behind this row")
    seconds: float = Field(description="wall time of the better method behind this row, s")
    surrogate_calls: int | None = Field(None, description="evaluations of energy and forces by the surrogate")
    surrogate_seconds: float | None = Field(None, description="wall time of the surrogate, s; none when not recorded")
    fmax: float | None = Field(
        None, description="largest force of the better method on a free atom of these structures, eV/angstrom"
    )


def needs_correction(calculator: CorrectedSpec, *results: object) -> bool:
    """Tell whether a quantity is to be corrected.

    Args:
        calculator: says when.
        results: everything of the surrogate that the quantity is made of; a result may carry a ``trust`` that tells
            whether it is ``flagged``.
    """
    if calculator.when == "always":
        return True
    trusts = (getattr(result, "trust", None) for result in results)
    return any(trust is not None and trust.flagged for trust in trusts)


def single_point(
    state: str, structure: StructureDocument, calculator: CalculatorSpec, folder: Path | None = None
) -> SinglePoint:
    """Compute energy and forces of a structure as it stands.

    Args:
        state: which structure it is, in words.
        structure: with charge and multiplicity.
        calculator: spec; of PySCF the level of energies is used.
        folder: where an SCF keeps its orbitals; none keeps no files.

    Returns:
        The energy, the largest force, and what they took.

    Raises:
        CapabilityError: the calculator cannot treat this structure.
        CalculationError: a self-consistent field failed.
    """
    from ...calculators.factory import record
    from ...calculators.relaxation import largest_force

    atoms = structure.to_atoms()
    check(calculator, atoms)
    began = time.perf_counter()
    atoms.calc = _evaluated(atoms, calculator, folder)
    return SinglePoint(
        state=state,
        energy=float(atoms.get_potential_energy()),
        fmax=largest_force(atoms) if "forces" in capabilities(calculator).properties else None,
        seconds=time.perf_counter() - began,
        calculator=record(calculator),
    )


def _evaluated(atoms: Atoms, calculator: AnySpec, folder: Path | None) -> Any:
    """Return a calculator that gives energy and forces of final quality."""
    if isinstance(calculator, PyscfSpec):
        from ase.calculators.singlepoint import SinglePointCalculator

        from ...calculators.dft.calculator import forces

        solution, results = solved(StructureDocument.from_atoms(atoms), calculator, folder)
        return SinglePointCalculator(atoms, energy=results["energy"], forces=forces(solution.mean_field))
    from ...calculators.factory import make_calculator

    return make_calculator(calculator)


def compute_states(states: States, calculator: CalculatorSpec, folder: Path | None = None) -> list[SinglePoint]:
    """Compute single points one after the other, without Jobflow; those that fail are left out and logged.

    Args:
        states: structures by name.
        calculator: spec of the better method.
        folder: where an SCF keeps its orbitals; none keeps no files.

    Raises:
        CapabilityError: the calculator cannot treat one of the structures; nothing is computed then.
    """
    from ...errors import CalculationError

    for structure in states.values():
        check(calculator, structure.to_atoms())
    points = []
    for name, structure in states.items():
        try:
            points.append(single_point(name, structure, calculator, folder))
        except CalculationError as error:
            logger.warning("the single point of the %s failed: %s", name, error)
    return points


def correct_here(
    result: Result,
    states: States,
    calculator: CorrectedSpec,
    merge: Callable[[Result, SinglePoints, CorrectedSpec], Result],
    folder: Path | None,
) -> Result:
    """Correct a result without Jobflow.

    Args:
        result: of the surrogate.
        states: what the better method has to compute; without any the result stays as it is.
        calculator: both methods.
        merge: puts single points beside the result.
        folder: where an SCF keeps its orbitals; none keeps no files.
    """
    if not states:
        return result
    points = compute_states(states, calculator.correct_with, folder)
    return merge(result, gather(points, calculator.correct_with), calculator)


def gather(points: Iterable[SinglePoint | None], calculator: CalculatorSpec) -> SinglePoints:
    """Put single points together; none stands for one whose job failed."""
    from ...calculators.factory import record

    found = [point for point in points if point is not None]
    return SinglePoints(points=found, calculator=found[0].calculator if found else record(calculator))


def by_state(points: SinglePoints) -> dict[str, SinglePoint]:
    """Find single points by the names of their structures."""
    return {point.state: point for point in points.points}


def failure(missing: Iterable[str], calculator: AnySpec) -> str:
    """Say that single points failed, and what the row is left with."""
    names = " and the ".join(missing)
    return (
        f"not corrected, the numbers are the surrogate's: the single point of the {names} by {calculator.kind} failed; "
        "the run's log says why"
    )


def effort(points: Iterable[SinglePoint]) -> dict[str, Any]:
    """Return the fields of a :class:`Correction` that the better method decides."""
    known = list(points)
    return {
        "calls": sum(point.calls for point in known),
        "seconds": sum(point.seconds for point in known),
        "fmax": max((point.fmax for point in known if point.fmax is not None), default=None),
    }


def total(parts: Iterable[float | None]) -> float | None:
    """Add up wall times or calls; none where one was not recorded."""
    known = list(parts)
    return None if any(part is None for part in known) else sum(part for part in known if part is not None)


@job(output_schema=SinglePoint)
def single_point_job(state: str, structure: StructureDocument, calculator: CalculatorSpec) -> SinglePoint:
    """Compute energy and forces of a structure in the job's folder."""
    return single_point(state, structure, calculator, folder=Path.cwd())


def correcting(
    result: Any, states: States, calculator: CorrectedSpec, merge: Callable[[Any, list[Any], CorrectedSpec], Job]
) -> Response[Any]:
    """Replace a job by one single point for each state and a light job that merges them into the result.

    Args:
        result: of the surrogate; has the name of its study.
        states: what the better method has to compute; without any the result stays as it is.
        calculator: both methods.
        merge: makes the merging job from the result, the single points (none for one that failed) and the calculator.
    """
    if not states:
        return Response(output=result)
    jobs = []
    for name, structure in states.items():
        point = computing(single_point_job(name, structure, calculator.correct_with), calculator.correct_with)
        point.name = f"{result.study}: single point, {name}"
        jobs.append(point)
    merged = light(merge(result, [point.output for point in jobs], calculator))
    merged.name = f"{result.study}: corrected"
    merged.config.on_missing_references = OnMissing.NONE
    return Response(replace=Flow([*jobs, merged], output=merged.output, name=f"{result.study}: correction"))
