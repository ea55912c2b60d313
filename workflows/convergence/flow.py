"""Convergence of a calculator on one structure: cutoffs, k-points, whatever decides how accurate its numbers are."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from jobflow import Flow, job

from ...calculators.codes.kpoints import across_vacuum
from ...calculators.guard import check
from ...calculators.specs import AnySpec, CalculatorSpec, GpawSpec
from ...errors import CapabilityError
from ...structures.building import as_recipe, build
from ...structures.documents import StructureDocument
from ...structures.recipes import StructureRecipe
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.results import Outcome, StudyLabel, fingerprint
from ..common.work import computing
from .results import ConvergencePoint, ConvergenceResult, ConvergenceRow, Setting, Tolerances, compared

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Job

DISPLACED = 0.05
"""How far atoms are displaced unless a study says otherwise, angstrom: symmetry leaves no forces in many crystals."""
SEED = 42
"""Of the displacements, which are the same in every study."""


def settings_of(calculator: AnySpec, vary: Mapping[str, Sequence[float]]) -> list[Setting]:
    """Return all settings, key by key, each from the coarsest to the finest.

    Args:
        calculator: says which direction is finer.
        vary: values by key of the calculator, in any order.

    Raises:
        CapabilityError: the calculator has no such key of accuracy, or none at all.
    """
    if (problem := cannot_vary(calculator, vary)) is not None:
        raise CapabilityError(problem)
    return [
        Setting(key=key, value=value)
        for key, values in vary.items()
        for value in sorted(values, reverse=calculator.accuracy[key] == "smaller")
    ]


def cannot_vary(calculator: AnySpec, keys: Iterable[str]) -> str | None:
    """Say why keys of a calculator cannot be varied, and what can be; none when they can."""
    known = calculator.accuracy
    if not known:
        return f"calculator {calculator.kind} has neither cutoff nor k-points; set calculator: gpaw, cp2k or vasp"
    unknown = next((key for key in keys if key not in known), None)
    if unknown is None:
        return None
    return f"vary: {unknown!r} decides no accuracy of {calculator.kind}; there are {', '.join(known)}"


def at_setting(calculator: AnySpec, setting: Setting, atoms: Atoms) -> AnySpec:
    """Return a calculator with one key at another value, and its mesh of k-points written out.

    Spacings that lead to one mesh, and a value that the calculator has anyway, are thus one calculation.

    Args:
        calculator: of the study.
        setting: the key and its value.
        atoms: the structure.
    """
    changes = {setting.key: setting.value} | ({"kpoints": None} if setting.key == "kspacing" else {})
    return calculator.model_copy(update=changes).for_cell(atoms)


def displaced(atoms: Atoms, distance: float) -> Atoms:
    """Return a structure whose coordinates are displaced at random, always in the same way.

    Args:
        atoms: the structure.
        distance: standard deviation of each coordinate, angstrom; zero leaves them.
    """
    moved = atoms.copy()
    if distance > 0:
        moved.rattle(stdev=distance, seed=SEED)
    return moved


def convergence_point(structure: StructureDocument, calculator: CalculatorSpec) -> ConvergencePoint:
    """Compute energy, forces and pressure of a structure.

    Args:
        structure: with charge and multiplicity.
        calculator: spec at one setting.

    Raises:
        CapabilityError: the calculator cannot treat this structure.
        CalculationError: there is no number.
    """
    from ase.units import GPa

    from ...calculators.checkpoints import evaluation
    from ...calculators.factory import make_calculator, record

    atoms = structure.to_atoms()
    check(calculator, atoms)
    stressed = "stress" in calculator.capabilities().properties and _fills_space(atoms)
    began = time.perf_counter()
    results = evaluation(make_calculator(calculator), atoms, (*(("stress",) if stressed else ()), "forces", "energy"))
    return ConvergencePoint(
        energy=float(results["energy"]) / len(atoms),
        forces=results["forces"].tolist(),
        pressure=-float(results["stress"][:3].mean()) / GPa if stressed else None,
        seconds=time.perf_counter() - began,
        calculator=record(calculator),
    )


def _fills_space(atoms: Atoms) -> bool:
    return bool(atoms.pbc.all()) and not any(across_vacuum(atoms, axis) for axis in range(3))


def convergence_study(
    system: StructureRecipe,
    calculator: CalculatorSpec,
    vary: Mapping[str, Sequence[float]],
    *,
    displaced_by: float = DISPLACED,
    within: Tolerances = Tolerances(),  # noqa: B008 - frozen
) -> ConvergenceResult:
    """Compute the convergence of a calculator on one structure without Jobflow.

    Args:
        system: recipe of the structure.
        calculator: spec of the calculator.
        vary: values by key of the calculator, such as ``{"cutoff": [300, 400, 500]}``.
        displaced_by: how far atoms are displaced, angstrom.
        within: how near to the finest setting is near enough.

    Returns:
        The same result as the flow of [`ConvergenceMaker`][].
    """
    atoms = displaced(build(system), displaced_by)
    structure = StructureDocument.from_atoms(atoms)
    settings = settings_of(calculator, vary)
    specs = [at_setting(calculator, setting, atoms) for setting in settings]
    known: dict[str, ConvergencePoint | None] = {}
    for setting, spec in zip(settings, specs, strict=True):
        if fingerprint(spec) not in known:
            known[fingerprint(spec)] = attempted(setting.name, partial(convergence_point, structure, spec))
    points = [known[fingerprint(spec)] for spec in specs]
    label = StudyLabel(study=f"convergence of {system.label}")
    return collect_convergence(points, settings, structure, displaced_by, within, calculator, label)


def collect_convergence(
    points: list[ConvergencePoint | None],
    settings: list[Setting],
    structure: StructureDocument,
    displaced_by: float,
    within: Tolerances,
    calculator: CalculatorSpec,
    label: StudyLabel,
) -> ConvergenceResult:
    """Put the settings of one structure together.

    Args:
        points: one for each setting, none where its calculation failed.
        settings: key by key, from the coarsest to the finest.
        structure: that was computed.
        displaced_by: how far its atoms were displaced, angstrom.
        within: how near to the finest setting is near enough.
        calculator: of the study.
        label: of the study.
    """
    from ...calculators.factory import record

    atoms = structure.to_atoms()
    rows = []
    for _, pairs in groupby(zip(settings, points, strict=True), key=lambda pair: pair[0].key):
        some = list(pairs)
        empty = [_row(setting, point, at_setting(calculator, setting, atoms)) for setting, point in some]
        rows += compared(empty, [point for _, point in some])
    return ConvergenceResult(
        **label.model_dump(),
        structure=structure,
        displaced=displaced_by,
        within=within,
        rows=rows,
        calculator=record(calculator),
    )


def _row(setting: Setting, point: ConvergencePoint | None, spec: AnySpec) -> ConvergenceRow:
    mesh = getattr(spec, "kpoints", None)
    failed = {"outcome": Outcome.FAILED, "reason": "its job failed; the run's log says why"}
    return ConvergenceRow(
        **setting.model_dump(),
        kpoints="x".join(map(str, mesh)) if mesh else "",
        **(failed if point is None else {"outcome": Outcome.OK}),
    )


@job(output_schema=ConvergencePoint)
def convergence_point_job(structure: StructureDocument, calculator: CalculatorSpec) -> ConvergencePoint:
    """Compute energy, forces and pressure of a structure in the job's folder."""
    return convergence_point(structure, calculator)


@job(output_schema=ConvergenceResult)
def collect_convergence_job(
    points: list[ConvergencePoint | None],
    settings: list[Setting],
    structure: StructureDocument,
    displaced_by: float,
    within: Tolerances,
    calculator: CalculatorSpec,
    label: StudyLabel,
) -> ConvergenceResult:
    """Gather the settings; one whose job failed stays in the table as failed."""
    return collect_convergence(points, settings, structure, displaced_by, within, calculator, label)


@dataclass
class ConvergenceMaker(StudyMaker):
    """Convergence of a calculator on one structure: one job for each setting.

    Attributes:
        vary: values by key of the calculator.
        displaced: how far atoms are displaced, angstrom.
        within: how near to the finest setting is near enough.
        calculator: spec.
    """

    name: str = "convergence"
    vary: dict[str, list[float]] = field(default_factory=dict)
    displaced: float = DISPLACED
    within: Tolerances = field(default_factory=Tolerances)
    calculator: CalculatorSpec = field(default_factory=GpawSpec)

    def make(self, system: StructureRecipe | Atoms) -> Flow:
        """Make the flow.

        Args:
            system: recipe of the structure, or the structure itself.

        Returns:
            Flow whose output is a [`ConvergenceResult`][].
        """
        recipe = as_recipe(system)
        atoms = displaced(build(recipe), self.displaced)
        structure = StructureDocument.from_atoms(atoms)
        settings = settings_of(self.calculator, self.vary)
        specs = [at_setting(self.calculator, setting, atoms) for setting in settings]
        jobs: dict[str, Job] = {}
        for setting, spec in zip(settings, specs, strict=True):
            if fingerprint(spec) not in jobs:
                point = computing(convergence_point_job(structure, spec), spec)
                jobs[fingerprint(spec)] = self.named(point, setting.name)
        points = [jobs[fingerprint(spec)].output for spec in specs]
        collect = collect_convergence_job(
            points, settings, structure, self.displaced, self.within, self.calculator, self.label(recipe)
        )
        return self.flow([*jobs.values(), self.named(despite_failures(collect), "collect")])
