"""Desolvation ladders on surfaces: every number of waters from several starts, those handed down among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Response, job

from ...calculators.specs import CalculatorSpec, ChgnetSpec, StudyCalculator, geometry_method
from ...structures.building import as_recipe, build_bulk, build_from_bulk
from ...structures.carried_sites import planned_document, planned_surface
from ...structures.documents import StructureDocument
from ...structures.recipes import StructureRecipe
from ...structures.surface_shells import Shell, surface_shells, without_each_water
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.corrections import correct
from ..common.maker import StudyMaker
from ..common.references import check_reference, reference_energy
from ..common.relaxation_jobs import (
    CellPolicy,
    RelaxationResult,
    cell_policy,
    layer_axis,
    relax_job,
    relax_structure,
)
from ..common.results import RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.uses import NEUTRAL_SURFACE
from ..common.work import computing, light
from ..molecular.desolvation_results import DesolvationResult, LadderMember
from ..molecular.surface_states import LadderSurface, ShellSettings
from .states import surface_state
from .steps import surface_steps

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Job

    from ..common.references import ReferenceEnergy

WATER = "H2O"


def surface_desolvation_study(
    surface: StructureRecipe,
    ion: str = "Zn",
    calculator: StudyCalculator = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    most: int = 6,
    fewest: int = 0,
    shells: ShellSettings = ShellSettings(),  # noqa: B008 - frozen
    cell: CellPolicy | None = None,
    folder: Path | None = None,
) -> DesolvationResult:
    """Compute a desolvation ladder on a surface without Jobflow.

    Args:
        surface: recipe of the surface; its bulk is relaxed first.
        ion: symbol of the ion.
        calculator: spec, or that of a surrogate and what corrects its ladder.
        settings: convergence targets.
        most: water molecules at the top of the ladder.
        fewest: water molecules at its end.
        shells: where the relaxations begin.
        cell: cell policy of the bulk; chosen by the prototype when none.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same result as the flow of [`SurfaceDesolvationMaker`][].

    Raises:
        CapabilityError: the calculator cannot treat a structure.
        StructureError: the surface cannot be built, has no room, or the ion has no bulk metal as its reference.
    """
    check_reference(ion)
    NEUTRAL_SURFACE.require(surface)
    surrogate = geometry_method(calculator)
    policy, axis = cell or cell_policy(surface), layer_axis(surface)
    bulk = relax_structure(
        build_bulk(surface.bulk), surrogate, settings, cell=policy, stacking_axis=axis, folder=folder
    )
    cut = build_from_bulk(surface, bulk.structure.to_atoms())
    planned = planned_surface(surface, cut)
    bare = relax_structure(cut, surrogate, settings, folder=folder)
    water, metal = (reference_energy(name, surrogate, settings, folder) for name in (WATER, ion))
    members: list[LadderMember] = []
    for waters in range(most, fewest - 1, -1):
        starts = rung_starts(waters, bare, members[-1] if members else None, ion, shells, planned)
        relaxed = [
            attempted(
                f"n = {waters}, {start.name}", partial(relax_structure, start.atoms, surrogate, settings, folder=folder)
            )
            for start in starts
        ]
        members.append(collect_rung(waters, [start.name for start in starts], relaxed, bare, shells))
    label = StudyLabel(study=f"desolvation of {ion} on {surface.label}")
    result = collect_surface_ladder(members, bare, water, metal, ion, shells, label, surface.described)
    return correct(result, calculator, folder)


def rung_starts(
    waters: int,
    bare: RelaxationResult,
    above: LadderMember | None,
    ion: str,
    shells: ShellSettings,
    planned: Atoms | None = None,
) -> list[Shell]:
    """Return where the relaxations of one number of waters begin.

    Args:
        waters: their number.
        bare: the relaxed surface.
        above: the member with one water more, whose lowest state is handed down without each of its waters; none at
            the top.
        ion: symbol.
        shells: how shells are built anew.
        planned: the surface as it was planned, whose sites are meant; none: those of ``bare``.
    """
    surface = bare.structure.to_atoms()
    starts = surface_shells(surface, ion, waters, shells.starts, sites=shells.sites, seed=shells.seed, planned=planned)
    lowest = None if above is None else above.lowest
    if lowest is not None and lowest.structure is not None:
        starts += without_each_water(lowest.structure.to_atoms(), len(surface), f"n = {waters + 1}")
    return starts


def collect_rung(
    waters: int,
    names: list[str],
    relaxed: list[RelaxationResult | None],
    bare: RelaxationResult,
    shells: ShellSettings,
) -> LadderMember:
    """Put all arrangements of one number of waters together; none stands for a relaxation that failed."""
    states = [surface_state(name, one, bare, shells.cutoff) for name, one in zip(names, relaxed, strict=True)]
    member = LadderMember(waters=waters, states=states)
    return member.model_copy(update={"coordination": None if member.lowest is None else member.lowest.on_ion})


def collect_surface_ladder(
    members: list[LadderMember],
    bare: RelaxationResult,
    water: ReferenceEnergy,
    metal: ReferenceEnergy,
    ion: str,
    shells: ShellSettings,
    label: StudyLabel,
    described: str,
) -> DesolvationResult:
    """Put the members of a ladder on a surface together.

    Args:
        members: from the most waters down.
        bare: the relaxed surface.
        water: the free water molecule.
        metal: the ion in its bulk metal.
        ion: symbol.
        shells: where the relaxations began.
        label: of the study.
        described: name of the surface.
    """
    surface = LadderSurface(bare=bare, water=water, metal=metal, shells=shells)
    return DesolvationResult(
        **label.model_dump(),
        ion=ion,
        charge=0,
        support=described or bare.structure.label,
        method=bare.calculator.spec.in_words(),
        steps=surface_steps(members, surface),
        members=members,
        water=None,
        surface=surface,
        calculator=bare.calculator,
    )


@job(output_schema=LadderMember)
def collect_rung_job(
    waters: int,
    names: list[str],
    relaxed: list[RelaxationResult | None],
    bare: RelaxationResult,
    shells: ShellSettings,
) -> LadderMember:
    """Gather the arrangements of one number of waters; one whose job failed stays among them as failed."""
    return collect_rung(waters, names, relaxed, bare, shells)


@job
def rung_job(
    waters: int,
    bare: RelaxationResult,
    above: LadderMember | None,
    ion: str,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    shells: ShellSettings,
    label: StudyLabel,
    recipe: StructureRecipe | None = None,
    cut: StructureDocument | None = None,
) -> Response[LadderMember]:
    """Build the starts of one number of waters and replace itself by one relaxation for each."""
    planned = planned_document(recipe, cut)
    starts = rung_starts(waters, bare, above, ion, shells, None if planned is None else planned.to_atoms())
    jobs = []
    for start in starts:
        relaxation = computing(relax_job(StructureDocument.from_atoms(start.atoms), calculator, settings), calculator)
        relaxation.name = f"{label.study}: n = {waters}, {start.name}"
        jobs.append(relaxation)
    names = [start.name for start in starts]
    collect = despite_failures(collect_rung_job(waters, names, [one.output for one in jobs], bare, shells))
    collect.name = f"{label.study}: n = {waters}, collect"
    return Response(replace=Flow([*jobs, collect], output=collect.output, name=f"{label.study}: n = {waters}"))


@job(output_schema=DesolvationResult)
def collect_surface_ladder_job(
    members: list[LadderMember],
    bare: RelaxationResult,
    water: ReferenceEnergy,
    metal: ReferenceEnergy,
    ion: str,
    shells: ShellSettings,
    label: StudyLabel,
    surface: str = "",
) -> DesolvationResult:
    """Gather the ladder."""
    return collect_surface_ladder(members, bare, water, metal, ion, shells, label, surface)


@dataclass
class SurfaceDesolvationMaker(StudyMaker):
    """A desolvation ladder [M(H2O)n] -> [M(H2O)n-1] + H2O on a surface, in neutral cells.

    Steps: build and relax the bulk; cut and relax the slab, once; compute water and the bulk metal of the ion, once;
    for every number of waters from the top down, relax shells built anew and the lowest state of one water more without
    each of its distinct waters, one job each, and keep the lowest; collect.

    Attributes:
        ion: symbol of the ion.
        most: water molecules at the top of the ladder.
        fewest: water molecules at its end.
        calculator: spec of the calculator for everything; or of a surrogate and what corrects its ladder.
        settings: convergence targets of all relaxations.
        shells: where the relaxations begin.
        cell: cell policy of the bulk; chosen by the prototype when none.
    """

    name: str = "desolvation on a surface"
    ion: str = "Zn"
    most: int = 6
    fewest: int = 0
    calculator: StudyCalculator = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)
    shells: ShellSettings = field(default_factory=ShellSettings)
    cell: CellPolicy | None = None

    def make(self, surface: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            surface: recipe of the surface (its bulk is relaxed first), or the surface itself.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a [`DesolvationResult`][].
        """
        check_reference(self.ion)
        recipe = as_recipe(surface)
        NEUTRAL_SURFACE.require(recipe)
        pool = shared or SharedJobs()
        surrogate = geometry_method(self.calculator)
        bare = pool.relaxed_surface(recipe, surrogate, self.settings, self.cell)
        cut = pool.cut_surface(recipe, surrogate, self.settings, self.cell)
        water, metal = (pool.reference(name, surrogate, self.settings) for name in (WATER, self.ion))
        label = self.label(recipe)
        rungs: list[Job] = []
        for waters in range(self.most, self.fewest - 1, -1):
            above = rungs[-1].output if rungs else None
            rung = rung_job(
                waters,
                bare.output,
                above,
                self.ion,
                surrogate,
                self.settings,
                self.shells,
                label,
                recipe,
                cut.output,
            )
            rungs.append(self.named(light(rung), f"n = {waters}"))
        outputs = [rung.output for rung in rungs]
        collect = collect_surface_ladder_job(
            outputs, bare.output, water.output, metal.output, self.ion, self.shells, label, recipe.described
        )
        own = [*rungs, self.named(light(collect), "collect"), *self.correction(collect, self.calculator)]
        return self.flow(own, pool.jobs if shared is None else ())
