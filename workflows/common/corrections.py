"""Single points by other methods at structures that one found: a better one corrects it, an ensemble judges it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

from jobflow import Flow, Response, job

from ...calculators.guard import check
from ...calculators.specs import (
    AnyMethod,
    AnySpec,
    CalculatorSpec,
    CorrectedSpec,
    EnsembleSpec,
    PyscfSpec,
    StudyCalculator,
)
from ...errors import CapabilityError
from ...structures.documents import StructureDocument
from .attempts import attempted
from .collecting import despite_failures
from .refinement import refine, refine_job
from .scf import solved
from .single_points import Correctable, Refinable, SinglePoint, SinglePoints, States
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


def compute_states(
    result: Correctable, states: States, calculator: CorrectedSpec, folder: Path | None = None
) -> list[SinglePoint]:
    """Compute single points, or refine, one after the other without Jobflow; those that fail are left out and logged.

    Args:
        result: that they decide.
        states: structures by name.
        calculator: the better method, and whether it refines.
        folder: where an SCF keeps its orbitals; none keeps no files.

    Raises:
        CapabilityError: the calculator cannot treat one of the structures; nothing is computed then.
        StructureError: the result was kept without what a refinement needs.
    """
    method, settings = calculator.correct_with, calculator.refine
    for structure in states.values():
        check(method, structure.to_atoms())
    if settings is None:
        tasks = {name: partial(single_point, name, structure, method, folder) for name, structure in states.items()}
    else:
        tasks = {
            name: partial(refine, name, structure, _refinable(result).uphill(name), method, settings, folder)
            for name, structure in states.items()
        }
    points = [attempted(f"{_task(calculator)} of the {name}", compute) for name, compute in tasks.items()]
    return [point for point in points if point is not None]


def _task(calculator: CorrectedSpec) -> str:
    return "the single point" if calculator.refine is None else "the refinement"


def _refinable(result: Correctable) -> Refinable:
    """Return a result whose states can be refined; those of studies that a campaign lets refine can."""
    if not isinstance(result, Refinable):
        raise CapabilityError(f"{result.study}: refine is for barriers; leave it out, and single points correct it")
    return result


def correct(result: Result, calculator: AnyMethod, folder: Path | None = None) -> Result:
    """Correct a result, or let an ensemble judge it, without Jobflow.

    Args:
        result: of the surrogate or the first member, computed now or kept.
        calculator: all methods; with a single one there is nothing to add.
        folder: where an SCF keeps its orbitals; none keeps no files.

    Returns:
        The same result as that of [`correct_job`][]; the result itself where there is nothing to add.

    Raises:
        CapabilityError: a method cannot treat one of the structures; that method computes nothing then.
        StructureError: the result was kept without a structure that is needed.
    """
    if not isinstance(calculator, CorrectedSpec | EnsembleSpec):
        return result
    states = states_to_compute(result, calculator)
    if not states:
        return result
    found = [compute_states(result, states, pair, folder) for pair in calculator.pairs()]
    return merged(result, found, calculator)


def states_to_compute(result: Correctable, calculator: CorrectedSpec | EnsembleSpec) -> States:
    """Choose the structures that decide a result: those of every method that computes single points."""
    return result.states_to_correct(next(calculator.pairs()))


def merged(
    result: Result, points: Sequence[Iterable[SinglePoint | None]], calculator: CorrectedSpec | EnsembleSpec
) -> Result:
    """Put single points beside the numbers of the method that found the structures.

    Args:
        result: of that method.
        points: of each other method; none stands for one whose job failed.
        calculator: all methods.
    """
    others = [
        result.corrected(gather(some, pair.correct_with), pair)
        for some, pair in zip(points, calculator.pairs(), strict=True)
    ]
    match calculator:
        case CorrectedSpec():
            return others[0]
        case EnsembleSpec():
            return result.with_opinions(others)
        case _:
            assert_never(calculator)


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
def correct_job(result: Correctable, calculator: StudyCalculator) -> Response[Correctable]:
    """Replace itself by one job for each other method and state that decides the result, and what merges them."""
    assert isinstance(calculator, CorrectedSpec | EnsembleSpec)
    states = states_to_compute(result, calculator)
    if not states:
        return Response(output=result)
    jobs = []
    for pair in calculator.pairs():
        for name, structure in states.items():
            if pair.refine is None:
                made = single_point_job(name, structure, pair.correct_with)
            else:
                made = refine_job(name, structure, _refinable(result).uphill(name), pair.correct_with, pair.refine)
            point = computing(made, pair.correct_with)
            what = "single point" if pair.refine is None else "refinement"
            point.name = f"{result.study}: {what}, {name}{_by(pair.correct_with, calculator)}"
            jobs.append(point)
    merging = despite_failures(merge_job(result, [point.output for point in jobs], calculator))
    merging.name = f"{result.study}: {calculator.kind}"
    return Response(replace=Flow([*jobs, merging], output=merging.output, name=f"{result.study}: correction"))


def _by(method: AnySpec, calculator: CorrectedSpec | EnsembleSpec) -> str:
    """Name the method of a single point where there are several."""
    return f" by {method.in_words()}" if len(calculator.methods()) > 2 else ""


def correction_jobs(result: Job, calculator: AnyMethod) -> list[Job]:
    """Return the job that adds other methods to a result; none where the calculator is a single one."""
    several = isinstance(calculator, CorrectedSpec | EnsembleSpec)
    return [light(correct_job(result.output, calculator))] if several else []


@job
def merge_job(result: Correctable, points: list[SinglePoint | None], calculator: StudyCalculator) -> Correctable:
    """Put single points, method after method and none for one that failed, beside the numbers of the first method."""
    assert isinstance(calculator, CorrectedSpec | EnsembleSpec)
    each = len(points) // (len(calculator.methods()) - 1)
    return merged(result, [points[start : start + each] for start in range(0, len(points), each)], calculator)
