"""Reaction studies: energies and voltages of conversion reactions between systems, metals and molecules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, PositiveFloat

from ...calculators.specs import geometry_method
from ...structures.reactions import Equation, as_equation
from ...workflows.common.electrodes import Correction
from ...workflows.common.references import COHESIVE_ENERGY, reference_structures
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import SPECIES, Use
from ...workflows.reactions.flow import ReactionMaker, reaction_task
from .base import BulkStudy
from .keys import Name
from .solids import RELAX_BULK, whole_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from ...workflows.reactions.flow import ReactionTask
    from .base import Task
    from .context import Context


class ReactionStudy(BulkStudy):
    """Energy of a reaction whose species are systems, metals, prototypes, molecules, ions and electrons."""

    kind: Literal["reaction"] = Field(description="a reaction energy")
    equation: Annotated[Equation, BeforeValidator(as_equation, json_schema_input_type=str), PlainSerializer(str)] = (
        Field(
            description='the reaction, such as "Zn + 2 CuI -> ZnI2 + 2 Cu": names of systems, else of metals, '
            "prototypes and molecules; ions (Zn2+, H+, OH-) and e- for a half reaction"
        )
    )
    species: dict[str, Name] = Field(
        default_factory=dict, description="names of systems by names in the equation, where these differ"
    )
    electrons: PositiveFloat | None = Field(
        None, description="electrons that the reaction transfers, for the voltage of a cell; e- in the equation says so"
    )
    ph: float | None = Field(
        None, description="pH for H+ and OH-, by the computational hydrogen electrode; 0 when none"
    )
    corrections: dict[str, Correction] = Field(
        default_factory=dict,
        description="energy added to a formula unit of a species, with its label: zero-point energy and entropy are "
        "not computed",
    )

    @property
    def systems(self) -> list[str]:
        """Names of the systems that have to be there."""
        return list(self.species.values())

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """What may be systems, and what it does with each."""
        return [(self.species.get(name, name), SPECIES) for name in self.equation.coefficients]

    @property
    def title(self) -> str:
        """Name of the study."""
        return self.name or str(self.equation)

    @property
    def names_used(self) -> list[str]:
        """The names in the equation."""
        return list(self.equation.coefficients)

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of all species."""
        maker = ReactionMaker(
            name=self.title,
            equation=str(self.equation),
            species=self.species,
            electrons=self.electrons,
            ph=self.ph,
            corrections=self.corrections,
            calculator=geometry_method(context.calculator),
            settings=context.relax,
            cell=self.cell,
            literature=self.literature,
            place=(context.number,),
        )
        return [maker.make(context.systems, context.shared.of(SharedJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the structures, metals and molecules that the species stand for."""
        for key, recipe in self._task(context).parts.items():
            if recipe is None:
                for part in reference_structures(key):
                    yield f"{part.info['label']}: {RELAX_BULK if key in COHESIVE_ENERGY else 'relax molecule'}", part
                continue
            yield from whole_tasks(recipe.label, recipe, self.cell)

    def _task(self, context: Context) -> ReactionTask:
        return reaction_task(
            self.equation,
            context.systems,
            geometry_method(context.calculator),
            context.relax,
            species=self.species,
            electrons=self.electrons,
            ph=self.ph,
            corrections=self.corrections,
        )
