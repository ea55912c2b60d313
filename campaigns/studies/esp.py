"""ESP studies: maps of the electrostatic potential on the isodensity surface of molecules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from ...workflows.common.uses import MOLECULE, Use
from ...workflows.molecular.esp import EspMaker, EspSettings
from ...workflows.molecular.molecules import MoleculeJobs
from .keys import MOLECULES, Names
from .molecules import MolecularStudy, first_start, needs_wave_function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from ...calculators.specs import AnyMethod
    from .base import Task
    from .context import Context


class EspStudy(MolecularStudy):
    """Maps of the electrostatic potential on the isodensity surface of molecules."""

    MOLECULE_KEYS = ("molecules",)

    kind: Literal["esp"] = Field(description="electrostatic potential maps")
    molecules: Names = Field(description=MOLECULES)
    esp: EspSettings = Field(default_factory=EspSettings, description="the surface and what is kept of it")

    @property
    def title(self) -> str:
        """Name of the study in tables."""
        return self.name or "ESP"

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, MOLECULE) for name in self.molecules]

    def problem_with(self, calculator: AnyMethod) -> str | None:
        """Say that a calculator has no density."""
        return needs_wave_function(calculator)

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of all molecules."""
        molecules = [context.recipe(name) for name in self.molecules]
        maker = EspMaker(esp=self.esp, **self.maker_fields(context))
        return [maker.make(molecules, context.shared.of(MoleculeJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the molecules."""
        for name in self.molecules:
            atoms = first_start(context, name)
            yield f"{atoms.info['label']}: relax", atoms
            yield f"{atoms.info['label']}: map", atoms
