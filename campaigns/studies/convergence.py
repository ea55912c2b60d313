"""Convergence studies: cutoffs and k-points of a calculator on one structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat

from ...calculators.specs import geometry_method
from ...structures.building import build
from ...workflows.common.results import fingerprint
from ...workflows.common.uses import AS_BUILT, Use
from ...workflows.convergence.flow import DISPLACED, ConvergenceMaker, at_setting, cannot_vary, displaced, settings_of
from ...workflows.convergence.results import Tolerances
from .base import Study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms
    from jobflow import Flow

    from ...calculators.specs import AnyMethod, AnySpec
    from .base import Task
    from .context import Context

Values = Annotated[list[PositiveFloat], Field(min_length=2)]


class ConvergenceStudy(Study):
    """How far the numbers of a calculator for one structure change with cutoffs and k-points."""

    kind: Literal["convergence"] = Field(description="convergence of a calculator")
    system: str = Field(description="name of the structure among the systems; it is not relaxed")
    vary: Annotated[dict[str, Values], Field(min_length=1)] = Field(
        description="values by key of the calculator, such as {cutoff: [300, 400, 500], kspacing: [0.4, 0.3, 0.2]}, in "
        "any order; one key is varied at a time, the others are as the calculator says"
    )
    displaced: NonNegativeFloat = Field(
        DISPLACED,
        description="how far the atoms are displaced at random, angstrom, since symmetry often leaves no forces; 0 "
        "computes the structure as it is",
    )
    within: Tolerances = Field(
        default_factory=Tolerances, description="how near to the finest setting is near enough, all of them together"
    )

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system]

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(self.system, AS_BUILT)]

    def problem_with(self, calculator: AnyMethod) -> str | None:
        """Say that a calculator has no such key, or nothing to converge at all."""
        if (problem := cannot_vary(geometry_method(calculator), self.vary)) is not None:
            return problem
        twice = next((key for key, values in self.vary.items() if len(set(values)) < len(values)), None)
        return None if twice is None else f"vary: {twice} has a value twice"

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of all settings."""
        maker = ConvergenceMaker(
            name=self.name or f"convergence of {self.system}",
            vary=self.vary,
            displaced=self.displaced,
            within=self.within,
            calculator=geometry_method(context.calculator),
            literature=self.literature,
            place=(context.number,),
        )
        return [maker.make(context.recipe(self.system))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the structure, once for every setting."""
        for _, task, atoms in self.tasks(context):
            yield task, atoms

    def tasks(self, context: Context) -> Iterator[tuple[AnySpec, str, Atoms]]:
        """Build the structure, and set the calculator for every setting."""
        calculator = geometry_method(context.calculator)
        with context.system(self.system) as recipe:
            atoms = displaced(build(recipe), self.displaced)
            atoms.info["label"] = self.system
        known: set[str] = set()
        for setting in settings_of(calculator, self.vary):
            spec = at_setting(calculator, setting, atoms)
            if fingerprint(spec) not in known:
                known.add(fingerprint(spec))
                yield spec, f"{self.system}, {setting.name}: single point", atoms
