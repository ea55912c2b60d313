"""Corrections: single points by a better method at structures that a surrogate found, merged into its result."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from jobflow import Flow, Response, job

from ...calculators.guard import check
from ...calculators.specs import AnyMethod, AnySpec, CalculatorSpec, CorrectedSpec, PyscfSpec
from ...structures.documents import StructureDocument
from .attempts import attempted
from .collecting import despite_failures
from .scf import solved
from .single_points import Correctable, SinglePoint, SinglePoints, States
from .work import computing, light

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Job

Result = TypeVar("Result", bound=Correctable)


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
        fmax=largest_force(atoms) if "forces" in calculator.capabilities().properties else None,
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
    for structure in states.values():
        check(calculator, structure.to_atoms())
    points = [
        attempted(f"the single point of the {name}", partial(single_point, name, structure, calculator, folder))
        for name, structure in states.items()
    ]
    return [point for point in points if point is not None]


def correct(result: Result, calculator: AnyMethod, folder: Path | None = None) -> Result:
    """Correct a result without Jobflow.

    Args:
        result: of the surrogate, computed now or kept.
        calculator: both methods; with a single one there is nothing to correct.
        folder: where an SCF keeps its orbitals; none keeps no files.

    Returns:
        The same result as that of [`correct_job`][]; the result itself where there is nothing to correct.

    Raises:
        CapabilityError: the better method cannot treat one of the structures; nothing is computed then.
        StructureError: the result was kept without a structure that is needed.
    """
    if not isinstance(calculator, CorrectedSpec):
        return result
    states = result.states_to_correct(calculator)
    if not states:
        return result
    points = compute_states(states, calculator.correct_with, folder)
    return result.corrected(gather(points, calculator.correct_with), calculator)


def gather(points: Iterable[SinglePoint | None], calculator: CalculatorSpec) -> SinglePoints:
    """Put single points together; none stands for one whose job failed."""
    from ...calculators.factory import record

    found = [point for point in points if point is not None]
    return SinglePoints(points=found, calculator=found[0].calculator if found else record(calculator))


@job(output_schema=SinglePoint)
def single_point_job(state: str, structure: StructureDocument, calculator: CalculatorSpec) -> SinglePoint:
    """Compute energy and forces of a structure in the job's folder."""
    return single_point(state, structure, calculator, folder=Path.cwd())


@job
def correct_job(result: Correctable, calculator: CorrectedSpec) -> Response[Correctable]:
    """Replace itself by one single point for each state that decides the result, and what merges them into it."""
    states = result.states_to_correct(calculator)
    if not states:
        return Response(output=result)
    jobs = []
    for name, structure in states.items():
        point = computing(single_point_job(name, structure, calculator.correct_with), calculator.correct_with)
        point.name = f"{result.study}: single point, {name}"
        jobs.append(point)
    merged = despite_failures(merge_job(result, [point.output for point in jobs], calculator))
    merged.name = f"{result.study}: corrected"
    return Response(replace=Flow([*jobs, merged], output=merged.output, name=f"{result.study}: correction"))


def correction_jobs(result: Job, calculator: AnyMethod) -> list[Job]:
    """Return the job that corrects a result by a better method; none where the calculator names no such method."""
    return [light(correct_job(result.output, calculator))] if isinstance(calculator, CorrectedSpec) else []


@job
def merge_job(result: Correctable, points: list[SinglePoint | None], calculator: CorrectedSpec) -> Correctable:
    """Put single points, none for one that failed, beside the numbers of the surrogate."""
    return result.corrected(gather(points, calculator.correct_with), calculator)
