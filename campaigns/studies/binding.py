"""Binding studies: the binding energy of a complex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ...errors import StructureError
from ...structures.recipes import MoleculeName
from ...workflows.common.uses import MOLECULE, Use
from ...workflows.molecular.binding import BindingMaker
from ...workflows.molecular.molecules import MoleculeJobs, assembled
from .keys import MOLECULES
from .molecules import MolecularStudy, counterpoise_has_no_meaning, first_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from ...calculators.specs import AnyMethod
    from .base import Task
    from .context import Context


class BindingStudy(MolecularStudy):
    """The binding energy of a complex: a pair of molecules, an ion in its shell, an adsorbate on a flake."""

    MOLECULE_KEYS = ("parts", "complex")

    kind: Literal["binding"] = Field(description="a binding energy")
    parts: Annotated[list[MoleculeName], Field(min_length=2)] = Field(
        description=f"what is bound together: {MOLECULES}"
    )
    complex: MoleculeName | None = Field(
        None, description="the complex, named likewise; docked from its parts in many orientations when none"
    )
    counterpoise: bool = Field(
        False, description="correct for basis-set superposition too; the last part has to be a neutral molecule"
    )

    @property
    def title(self) -> str:
        """Name of the study in tables."""
        return self.name or " + ".join(self.parts)

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, MOLECULE) for name in [*self.parts, *([] if self.complex is None else [self.complex])]]

    def problem_with(self, calculator: AnyMethod) -> str | None:
        """Say why a binding energy cannot be corrected for basis-set superposition."""
        return counterpoise_has_no_meaning(calculator) if self.counterpoise else None

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of the parts and the complex."""
        parts = [context.recipe(part) for part in self.parts]
        whole = None if self.complex is None else context.recipe(self.complex)
        maker = BindingMaker(counterpoise=self.counterpoise, **self.maker_fields(context))
        return [maker.make(parts, whole, context.shared.of(MoleculeJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the parts and the complex."""
        parts = [first_start(context, name) for name in self.parts]
        if self.counterpoise and parts[-1].info.get("charge", 0) != 0:
            raise StructureError(
                f"{self.title}: counterpoise splits off the last part, {self.parts[-1]}, which has to be neutral; "
                "name the parts in another order"
            )
        for part in parts:
            yield f"{part.info['label']}: relax", part
        whole = assembled(parts)[0] if self.complex is None else first_start(context, self.complex)
        yield f"{whole.info['label']}: relax", whole
