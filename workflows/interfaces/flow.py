"""Interface energetics: how strongly film and support hold each other, by which bonds, and at what strain."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, job

from ...calculators.specs import CalculatorSpec, ChgnetSpec
from ...structures.documents import StructureDocument
from ...structures.recipes import StructureRecipe
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.relaxation_jobs import AtomicQuantity, RelaxationResult, relax_job, relax_structure
from ..common.results import RelaxSettings, StudyLabel
from ..common.uses import TWO_SIDES
from ..common.work import computing, light
from .results import InterfaceResult, collect_interface
from .sides import SIDES, InterfaceGeometry, Side, build_interface, take_side

if TYPE_CHECKING:
    from jobflow import Job
    from jobflow.core.reference import OutputReference

OF_ATOMS: tuple[AtomicQuantity, ...] = ("charges", "magmoms")
"""What the relaxations also compute of the atoms: what film and support exchange."""


def interface_study(
    recipe: StructureRecipe,
    calculator: CalculatorSpec = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    folder: Path | None = None,
) -> InterfaceResult:
    """Compute how strongly film and support of a heterostructure hold each other, without Jobflow.

    Args:
        recipe: of the heterostructure.
        calculator: spec of the calculator for everything, so that errors cancel.
        settings: convergence targets of all relaxations.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same result as the flow of [`InterfaceMaker`][].

    Raises:
        CapabilityError: the calculator cannot treat the structures.
        StructureError: the heterostructure cannot be built.
    """
    TWO_SIDES.require(recipe)
    geometry = build_interface(recipe)

    def relaxed(structure: StructureDocument) -> RelaxationResult | None:
        relax = partial(relax_structure, structure.to_atoms(), calculator, settings, folder=folder, atomic=OF_ATOMS)
        return attempted(f"the relaxation of {structure.label}", relax)

    together, film, support = (
        relaxed(one) for one in (geometry.structure, *(take_side(geometry, side) for side in SIDES))
    )
    label = StudyLabel(study=recipe.label)
    return collect_interface(geometry, together, film, support, calculator, settings, label)


@job(output_schema=InterfaceGeometry)
def interface_job(recipe: StructureRecipe) -> InterfaceGeometry:
    """Build the heterostructure of a recipe."""
    return build_interface(recipe)


@job(output_schema=StructureDocument)
def side_job(geometry: InterfaceGeometry, side: Side) -> StructureDocument:
    """Take film or support out of a heterostructure, in its cell."""
    return take_side(geometry, side)


@job(output_schema=InterfaceResult)
def collect_interface_job(
    geometry: InterfaceGeometry,
    together: RelaxationResult | None,
    film: RelaxationResult | None,
    support: RelaxationResult | None,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    label: StudyLabel,
) -> InterfaceResult:
    """Put an interface and its two sides together."""
    return collect_interface(geometry, together, film, support, calculator, settings, label)


@dataclass
class InterfaceMaker(StudyMaker):
    """Work of adhesion, interface bonds and strain of a heterostructure.

    Steps: build; relax the heterostructure, the film alone and the support alone, all in the common cell; collect.

    Attributes:
        calculator: spec of the calculator for everything, so that errors cancel.
        settings: convergence targets of all relaxations.
    """

    name: str = "interface"
    calculator: CalculatorSpec = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)

    def make(self, recipe: StructureRecipe) -> Flow:
        """Make the flow.

        Args:
            recipe: recipe of the heterostructure.

        Returns:
            Flow whose output is an [`InterfaceResult`][].
        """
        TWO_SIDES.require(recipe)
        built = self.named(light(interface_job(recipe)), "build")
        together = self._relaxed(built.output.structure, "relax")
        jobs, relaxed = [built, together], [together.output]
        for side in SIDES:
            taken = self.named(light(side_job(built.output, side)), f"take {side}")
            alone = self._relaxed(taken.output, f"relax {side} alone")
            jobs += [taken, alone]
            relaxed.append(alone.output)
        label = self.label(recipe)
        collect = despite_failures(collect_interface_job(built.output, *relaxed, self.calculator, self.settings, label))
        return self.flow([*jobs, self.named(collect, "collect")])

    def _relaxed(self, structure: OutputReference, what: str) -> Job:
        relax = relax_job(structure, self.calculator, self.settings, atomic=OF_ATOMS)
        return self.named(computing(relax, self.calculator), what)
