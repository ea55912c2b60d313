"""Breathing studies: how many ions an interface takes before its bonds no longer come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from ...structures.building import build
from ...structures.elements import Element
from ...workflows.breathing.flow import BreathingMaker
from ...workflows.breathing.hosts import fullest, protonated
from ...workflows.breathing.tasks import BreathingSettings
from ...workflows.common.references import reference_structures
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import AS_BUILT, Use
from .base import RelaxingStudy
from .solids import RELAX_BULK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobflow import Flow

    from ...calculators.specs import AnyMethod
    from .base import Task
    from .context import Context


class BreathingStudy(RelaxingStudy):
    """How many ions an interface takes before its bonds no longer come back, and what capacity that is."""

    CORRECTABLE: ClassVar[bool] = True

    kind: Literal["breathing"] = Field(description="the interfacial-breathing capacity limit")
    system: str = Field(description="name of the heterostructure among the systems")
    ion: Element = Field("Zn", description="chemical symbol of the ion")
    breathing: BreathingSettings = Field(
        default_factory=BreathingSettings, description="how far the interface is loaded, and how hard sites are sought"
    )

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system]

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(self.system, AS_BUILT)]

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of the host and all its loadings."""
        maker = BreathingMaker(
            name=self.name or f"{self.ion} in {self.system}",
            ion=self.ion,
            calculator=context.calculator,
            relax=context.relax,
            settings=self.breathing,
            literature=self.literature,
            place=(context.number,),
        )
        return [maker.make(context.recipe(self.system), context.shared.of(SharedJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the host, empty and as full as it gets, and the reference of the ion."""
        name = self.system
        with context.system(name) as recipe:
            host = build(recipe)
            yield f"{name}: relax and anneal", host
            yield f"{name}: search up to n = {self.breathing.ions}", fullest(host, self.ion, self.breathing)
            for part in reference_structures(self.ion):
                yield f"{part.info['label']}: {RELAX_BULK}", part
            if self.breathing.protons.most:
                yield f"{name}: up to {self.breathing.protons.most} H beside them", protonated(host, self.breathing)
                for part in reference_structures("H"):
                    yield f"{part.info['label']}: relax molecule", part

    def single_points(self, context: Context) -> Iterator[Task]:
        """Build what decides E_b(n) and n_rev: the host, its loadings, the hosts emptied after them, the metal."""
        name, breathing = self.system, self.breathing
        with context.system(name) as recipe:
            host = build(recipe)
            full = fullest(host, self.ion, breathing)
        yield f"{name}: single point", host
        for part in reference_structures(self.ion):
            yield f"{part.info['label']}: single point", part
        for n in range(1, (breathing.correct_up_to or breathing.ions) + 1):
            loaded = full[: len(host) + n]
            loaded.info = dict(full.info)
            yield f"{name}: single point, n = {n}", loaded
            yield f"{name}: single point, n = {n}, emptied", host

    def problem_with(self, calculator: AnyMethod) -> str | None:
        """Say why a calculator cannot compute the study; none when it can."""
        most, ions = self.breathing.correct_up_to, self.breathing.ions
        if most is None:
            return None
        if len(calculator.methods()) == 1:
            return (
                f"breathing: correct_up_to: {most} says how far a better method corrects, and calculator "
                f"{calculator.kind} is one method; leave the key out, or write {{surrogate: ..., correct_with: ...}}"
            )
        if most > ions:
            return f"breathing: correct_up_to: {most} is more than ions: {ions}; correct up to {ions}, or leave it out"
        return None
