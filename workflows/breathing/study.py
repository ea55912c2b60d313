"""A breathing study without Jobflow."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...calculators.specs import CalculatorSpec, ChgnetSpec, StudyCalculator, geometry_method
from ...structures.building import as_recipe, build
from ...structures.recipes import StructureRecipe
from ..common.attempts import attempted
from ..common.corrections import correct
from ..common.references import ReferenceEnergy, reference_energy
from ..common.relaxation_jobs import MOMENTS, RelaxationResult, relax_structure
from ..common.results import RelaxSettings, StudyLabel
from .annealing import anneal_structure
from .hosts import check_ion, host_states
from .ladder import climb, collect_breathing
from .protons import PROTON, protonate
from .results import BreathingResult
from .tasks import BreathingSettings, BreathingTask

if TYPE_CHECKING:
    from ase import Atoms


def breathing_study(
    host: StructureRecipe | Atoms,
    ion: str = "Zn",
    calculator: StudyCalculator = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    breathing: BreathingSettings | None = None,
    folder: Path | None = None,
) -> BreathingResult:
    """Find without Jobflow how many ions an interface takes before its bonds no longer come back.

    Args:
        host: recipe of the heterostructure, or the structure itself, film and support told apart by tags.
        ion: symbol of the inserted ion, whose bulk metal is the reference.
        calculator: one for everything, so that errors cancel; or a surrogate and what corrects it, or an ensemble.
        settings: convergence targets of all relaxations.
        breathing: how far, how hard, what counts; the defaults when none.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same result as the flow of [`BreathingMaker`][].

    Raises:
        CapabilityError: the calculator cannot treat host and ions.
        StructureError: there is no bulk metal as a reference for the ion, or film and support are not told apart.
    """
    recipe, chosen, surrogate = as_recipe(host), breathing or BreathingSettings(), geometry_method(calculator)
    check_ion(ion, chosen)
    task = task_of(recipe, ion, surrogate, settings, chosen)
    reference = reference_energy(ion, surrogate, settings, folder)
    hydrogen = reference_energy(PROTON, surrogate, settings, folder) if chosen.protons.most else None
    built = relax_structure(build(recipe), surrogate, settings, cell=chosen.cell, folder=folder, atomic=MOMENTS)
    return correct(searched(built, reference, task, folder, hydrogen), calculator, folder)


def task_of(
    recipe: StructureRecipe, ion: str, calculator: CalculatorSpec, settings: RelaxSettings, breathing: BreathingSettings
) -> BreathingTask:
    """Return what all steps of a study without Jobflow know.

    Args:
        recipe: of the host.
        ion: symbol of the inserted ion.
        calculator: spec.
        settings: convergence targets.
        breathing: how far, how hard, what counts.
    """
    return BreathingTask(
        label=StudyLabel(study=f"{ion} in {recipe.label}"),
        host_name=recipe.described,
        ion=ion,
        calculator=calculator,
        relax=settings,
        settings=breathing,
    )


def searched(
    built: RelaxationResult,
    reference: ReferenceEnergy,
    task: BreathingTask,
    folder: Path | None = None,
    hydrogen: ReferenceEnergy | None = None,
) -> BreathingResult:
    """Anneal a relaxed host, load and empty it, without Jobflow.

    Args:
        built: the host, relaxed as it was built.
        reference: of the ion.
        task: the study.
        folder: where checkpoints go; none keeps no files.
        hydrogen: reference of hydrogen; none without protons.
    """
    chosen, start = task.settings, built.structure.to_atoms()
    annealed = [
        attempted(
            f"annealing with seed {seed}",
            partial(anneal_structure, start, task.calculator, task.relax, chosen.anneal, seed, folder=folder),
        )
        for seed in range(chosen.seeds if chosen.anneal.steps else 0)
    ]
    states = host_states(built, annealed, chosen.criteria, chosen.film)
    ladders = [climb(seed, states[0], task, folder) for seed in range(chosen.seeds)]
    result = collect_breathing(ladders, states, reference, task)
    return result if hydrogen is None else protonate(result, hydrogen, task, folder)
