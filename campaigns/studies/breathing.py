"""Breathing studies: how many ions an interface takes before its bonds no longer come back."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from ...structures.building import build
from ...structures.elements import Element
from ...workflows.breathing.family import HostFamily, build_family, family_problem
from ...workflows.breathing.family_flow import BreathingFamilyMaker
from ...workflows.breathing.flow import BreathingMaker
from ...workflows.breathing.hosts import fullest, protonated
from ...workflows.breathing.tasks import BreathingSettings
from ...workflows.common.references import reference_structures
from ...workflows.common.shared_jobs import SharedJobs
from ...workflows.common.uses import AS_BUILT, Use
from .base import RelaxingStudy
from .solids import RELAX_BULK

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from ase import Atoms
    from jobflow import Flow

    from ...calculators.specs import AnyMethod
    from ...structures.recipes import StructureRecipe
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
    hosts: HostFamily | None = Field(
        None,
        description="relax several candidates of the heterostructure and load those that hold best; none: only the one "
        "that the system names",
        exclude_if=lambda hosts: hosts is None,  # written as before there was this key
    )

    @property
    def systems(self) -> list[str]:
        """Names of the systems this study uses."""
        return [self.system]

    def problem_of(self, system: StructureRecipe, name: str) -> str | None:
        """Say that a system has no candidates to choose from."""
        return None if self.hosts is None else family_problem(system.named(name), self.breathing)

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(self.system, AS_BUILT)]

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of the host and all its loadings."""
        maker: BreathingMaker = BreathingMaker(
            name=self.name or f"{self.ion} in {self.system}",
            ion=self.ion,
            calculator=context.calculator,
            relax=context.relax,
            settings=self.breathing,
            literature=self.literature,
            place=(context.number,),
        )
        if self.hosts is not None:
            given = {one.name: getattr(maker, one.name) for one in fields(maker)}
            maker = BreathingFamilyMaker(**given, hosts=self.hosts)
        return [maker.make(context.recipe(self.system), context.shared.of(SharedJobs))]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the host, empty and as full as it gets, and the reference of the ion."""
        name = self.system
        with context.system(name) as recipe:
            host = yield from self._hosts(name, recipe)
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
        if self.hosts is not None and len(calculator.methods()) > 1:
            return (
                "hosts: chooses among candidates by one method; let it choose with the surrogate alone, then correct a "
                "study of the one that was kept (its number stands under the table: heterostructure: {candidate: N})"
            )
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

    def _hosts(self, name: str, recipe: StructureRecipe) -> Generator[Task, None, Atoms]:
        """Build the host, or the candidates that it is chosen from and their sides; return the first."""
        if self.hosts is None:
            host = build(recipe)
            yield f"{name}: relax and anneal", host
            return host
        family = build_family(recipe, self.hosts.candidates)
        for member in family.members:
            yield f"{name}: relax candidate {member.number}, {member.where}", member.geometry.structure.to_atoms()
        for side in family.films:
            yield f"{name}: relax film alone", side.to_atoms()
        for side in family.supports:
            yield f"{name}: relax support alone", side.to_atoms()
        return family.members[0].geometry.structure.to_atoms()
