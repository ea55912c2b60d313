"""Energies of reactions from relaxed structures, metals and molecules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, job
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

from ...calculators.specs import CalculatorSpec, ChgnetSpec
from ...errors import StructureError
from ...structures.reactions import ELECTRON, Equation, parse_equation
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.electrodes import Correction
from ..common.maker import StudyMaker
from ..common.references import ReferenceEnergy, reference_energy
from ..common.relaxation_jobs import CellPolicy, RelaxationResult, relax_whole
from ..common.results import RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from .results import Computed, ReactionResult, species_energy
from .species import Species, species_of

if TYPE_CHECKING:
    from ...structures.recipes import StructureRecipe


class ReactionTask(BaseModel):
    """A reaction whose species are known."""

    model_config = ConfigDict(frozen=True)

    equation: Equation = Field(description="the reaction")
    species: tuple[Species, ...] = Field(description="in the order of the equation")
    electrons: PositiveFloat | None = Field(None, description="electrons that are transferred where none are written")
    ph: float | None = Field(None, description="pH of the electrolyte; 0 when none")
    corrections: dict[str, Correction] = Field(default_factory=dict, description="added to formula units, by species")
    calculator: CalculatorSpec = Field(description="calculator of everything")
    settings: RelaxSettings = Field(description="convergence targets")

    @property
    def parts(self) -> dict[str, StructureRecipe | None]:
        """What is computed, by key; none for metals and molecules."""
        return {part.key: part.recipe for one in self.species for part in one.parts}


def reaction_task(
    equation: str | Equation,
    systems: Mapping[str, StructureRecipe],
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    *,
    species: Mapping[str, str] | None = None,
    electrons: float | None = None,
    ph: float | None = None,
    corrections: Mapping[str, Correction] | None = None,
) -> ReactionTask:
    """Find what the species of a reaction are, and check its balance.

    Raises:
        StructureError: it is no equation, a species is unknown, it is not balanced, electrons are said twice, or a
            correction is of no species of it.
    """
    parsed = parse_equation(equation) if isinstance(equation, str) else equation
    if electrons is not None and ELECTRON in parsed.coefficients:
        raise StructureError(f"electrons: the equation {parsed} holds its electrons; leave the key out")
    if odd := [name for name in corrections or {} if name not in parsed.coefficients]:
        raise StructureError(f"corrections: {odd[0]} is not in the equation {parsed}")
    return ReactionTask(
        equation=parsed,
        species=tuple(species_of(parsed, systems, species or {}, ph)),
        electrons=electrons,
        ph=ph,
        corrections=dict(corrections or {}),
        calculator=calculator,
        settings=settings,
    )


def reaction_study(
    equation: str,
    systems: Mapping[str, StructureRecipe] | None = None,
    calculator: CalculatorSpec = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    species: Mapping[str, str] | None = None,
    electrons: float | None = None,
    ph: float | None = None,
    corrections: Mapping[str, Correction] | None = None,
    cell: CellPolicy | None = None,
    folder: Path | None = None,
) -> ReactionResult:
    """Compute the energy of a reaction without Jobflow.

    Args:
        equation: such as ``Zn + 2 CuI -> ZnI2 + 2 Cu``; its names are systems, metals, prototypes, molecules, ions.
        systems: recipes by name.
        calculator: spec of the calculator for everything, so that errors cancel.
        settings: convergence targets of all relaxations.
        species: names of systems by names in the equation, where these differ.
        electrons: that are transferred, for the voltage of the cell; none where the equation holds them.
        ph: of the electrolyte; 0 when none.
        corrections: added to formula units, by species.
        cell: cell policy of the structures; chosen by the prototype when none.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same result as the flow of [`ReactionMaker`][].

    Raises:
        StructureError: as for [`reaction_task`][].
    """
    task = reaction_task(
        equation,
        systems or {},
        calculator,
        settings,
        species=species,
        electrons=electrons,
        ph=ph,
        corrections=corrections,
    )

    def compute(key: str, recipe: StructureRecipe | None) -> Computed:
        if recipe is None:
            return reference_energy(key, calculator, settings, folder)
        return relax_whole(recipe, calculator, settings, cell, folder)

    computed = {key: attempted(key, partial(compute, key, recipe)) for key, recipe in task.parts.items()}
    return collect_reaction(task, computed, StudyLabel(study=str(task.equation)))


def collect_reaction(task: ReactionTask, computed: dict[str, Computed | None], label: StudyLabel) -> ReactionResult:
    """Put a reaction together.

    Args:
        task: what was asked.
        computed: by the keys of parts; none where that failed.
        label: of the study.
    """
    from ...calculators.factory import record

    coefficients = task.equation.coefficients
    written = -coefficients.get(ELECTRON, 0.0)
    return ReactionResult(
        **label.model_dump(),
        equation=str(task.equation),
        species=[
            species_energy(one, coefficients[one.name], computed, task.corrections.get(one.name))
            for one in task.species
        ],
        electrons=written or task.electrons,
        half=ELECTRON in coefficients,
        ph=task.ph,
        settings=task.settings,
        calculator=next((one.calculator for one in computed.values() if one), None) or record(task.calculator),
    )


@job(output_schema=ReactionResult)
def collect_reaction_job(
    task: ReactionTask, computed: dict[str, RelaxationResult | ReferenceEnergy | None], label: StudyLabel
) -> ReactionResult:
    """Put a reaction together; what failed is marked."""
    return collect_reaction(task, computed, label)


@dataclass
class ReactionMaker(StudyMaker):
    """Energy of a reaction.

    Steps: relax every structure; compute metals and molecules as other studies do; add up.

    Attributes:
        equation: such as ``Zn + 2 CuI -> ZnI2 + 2 Cu``.
        species: names of systems by names in the equation, where these differ.
        electrons: that are transferred; none where the equation holds them.
        ph: of the electrolyte; 0 when none.
        corrections: added to formula units, by species.
        calculator: spec of the calculator for everything.
        settings: convergence targets of all relaxations.
        cell: cell policy of the structures; chosen by the prototype when none.
    """

    name: str = "reaction"
    equation: str = ""
    species: dict[str, str] = field(default_factory=dict)
    electrons: float | None = None
    ph: float | None = None
    corrections: dict[str, Correction] = field(default_factory=dict)
    calculator: CalculatorSpec = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    cell: CellPolicy | None = None

    def make(self, systems: Mapping[str, StructureRecipe], shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            systems: recipes by name.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a [`ReactionResult`][].

        Raises:
            StructureError: as for [`reaction_task`][].
        """
        task = reaction_task(
            self.equation,
            systems,
            self.calculator,
            self.settings,
            species=self.species,
            electrons=self.electrons,
            ph=self.ph,
            corrections=self.corrections,
        )
        pool = shared or SharedJobs()
        computed = {}
        for key, recipe in task.parts.items():
            if recipe is None:
                made = pool.reference(key, self.calculator, self.settings)
            else:
                made = pool.relaxed_whole(recipe, self.calculator, self.settings, self.cell)
            computed[key] = made.output
        label = self.label(*(recipe for recipe in task.parts.values() if recipe is not None))
        collect = despite_failures(collect_reaction_job(task, computed, label))
        return self.flow([self.named(collect, "collect")], pool.jobs if shared is None else ())
