"""Breathing studies of a family of hosts: the candidates of a heterostructure relaxed, the best ones loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Response, job

from ...calculators.specs import CalculatorSpec, ChgnetSpec, geometry_method
from ...errors import CalculationError
from ...structures.building import as_recipe
from ...structures.documents import StructureDocument
from ...structures.recipes import StructureRecipe
from ..common.attempts import attempted
from ..common.collecting import despite_failures
from ..common.references import ReferenceEnergy, reference_energy
from ..common.relaxation_jobs import RelaxationResult, relax_job, relax_structure
from ..common.results import RelaxSettings
from ..common.shared_jobs import SharedJobs
from ..common.work import computing, light
from ..interfaces.flow import OF_ATOMS, collect_interface_job
from ..interfaces.results import InterfaceResult, collect_interface
from .family import HostFamily, Member, build_family, check_family, member_label, tasks_of_kept, tried_hosts
from .flow import BreathingMaker, search_jobs
from .hosts import check_ion
from .protons import PROTON
from .results import BreathingResult
from .study import searched, task_of
from .tasks import BreathingSettings, BreathingTask

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Job


def breathing_family_study(
    host: StructureRecipe,
    ion: str = "Zn",
    calculator: CalculatorSpec = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    hosts: HostFamily = HostFamily(),  # noqa: B008 - frozen
    breathing: BreathingSettings | None = None,
    folder: Path | None = None,
) -> list[BreathingResult]:
    """Find without Jobflow how many ions the best of several candidates of a heterostructure take.

    Args:
        host: recipe of the heterostructure.
        ion: symbol of the inserted ion, whose bulk metal is the reference.
        calculator: spec of the calculator for everything, so that errors cancel.
        settings: convergence targets of all relaxations.
        hosts: how many candidates are relaxed and kept.
        breathing: how far, how hard, what counts; the defaults when none.
        folder: where checkpoints go; none keeps no files.

    Returns:
        One result for each host that is kept, the one that holds best first, as in the flow of
        [`BreathingFamilyMaker`][].

    Raises:
        CalculationError: no candidate could be relaxed.
        CapabilityError: the calculator cannot treat host and ions.
        StructureError: there is no bulk metal as a reference for the ion, or the host has no candidates.
    """
    recipe, chosen = as_recipe(host), breathing or BreathingSettings()
    check_ion(ion, chosen)
    check_family(recipe, chosen)
    task = task_of(recipe, ion, calculator, settings, chosen)
    reference = reference_energy(ion, calculator, settings, folder)
    built = build_family(recipe, hosts.candidates)

    def relaxed(structure: StructureDocument) -> RelaxationResult | None:
        relax = partial(relax_structure, structure.to_atoms(), calculator, settings, folder=folder, atomic=OF_ATOMS)
        return attempted(f"the relaxation of {structure.label}", relax)

    together = [relaxed(member.geometry.structure) for member in built.members]
    films, supports = ([relaxed(side) for side in sides] for sides in (built.films, built.supports))
    adhesions = [
        collect_interface(
            member.geometry,
            whole,
            films[member.film],
            supports[member.support],
            calculator,
            settings,
            member_label(task, member.number),
        )
        for member, whole in zip(built.members, together, strict=True)
    ]
    going_on = _going_on(built.members, together, adhesions, hosts, task)
    hydrogen = reference_energy(PROTON, calculator, settings, folder) if chosen.protons.most else None
    return [searched(whole, reference, one, folder, hydrogen) for one, whole in going_on]


@job
def family_job(
    recipe: StructureRecipe,
    hosts: HostFamily,
    reference: ReferenceEnergy,
    task: BreathingTask,
    hydrogen: ReferenceEnergy | None = None,
) -> Response[list[BreathingResult]]:
    """Build the candidates, and replace itself by their relaxations, their adhesions, and the choice among them."""
    built = build_family(recipe, hosts.candidates)
    together = [
        _relaxation(member.geometry.structure, f"relax candidate {member.number}", task) for member in built.members
    ]
    films = [
        _relaxation(side, f"relax film alone{_numbered(n, built.films)}", task) for n, side in enumerate(built.films)
    ]
    supports = [
        _relaxation(side, f"relax support alone{_numbered(n, built.supports)}", task)
        for n, side in enumerate(built.supports)
    ]
    adhesions = [
        _adhesion(member, whole, films[member.film], supports[member.support], task)
        for member, whole in zip(built.members, together, strict=True)
    ]
    choose = despite_failures(
        choose_hosts_job(
            built.members,
            [whole.output for whole in together],
            [held.output for held in adhesions],
            hosts,
            reference,
            task,
            hydrogen,
        )
    )
    choose.name = f"{task.label.study}: choose hosts"
    return Response(replace=Flow([*together, *films, *supports, *adhesions, choose], output=choose.output))


@job
def choose_hosts_job(
    members: list[Member],
    together: list[RelaxationResult | None],
    adhesions: list[InterfaceResult],
    hosts: HostFamily,
    reference: ReferenceEnergy,
    task: BreathingTask,
    hydrogen: ReferenceEnergy | None = None,
) -> Response[list[BreathingResult]]:
    """Choose the candidates that hold best, and replace itself by one search for each."""
    going_on = _going_on(members, together, adhesions, hosts, task)
    searches = [search_jobs(whole, reference, one, hydrogen) for one, whole in going_on]
    jobs = [job for search in searches for job in search]
    return Response(replace=Flow(jobs, output=[search[-1].output for search in searches]))


def _going_on(
    members: Sequence[Member],
    together: Sequence[RelaxationResult | None],
    adhesions: Sequence[InterfaceResult],
    hosts: HostFamily,
    task: BreathingTask,
) -> list[tuple[BreathingTask, RelaxationResult]]:
    """Return the studies of the candidates that are kept, each with its relaxed host.

    Raises:
        CalculationError: none could be relaxed.
    """
    there = [place for place, whole in enumerate(together) if whole is not None]
    if not there:
        raise CalculationError(f"{task.label.study}: no candidate could be relaxed; the log of each says why")
    whole_of = {members[place].number: whole for place in there if (whole := together[place]) is not None}
    tried = tried_hosts(members, adhesions, hosts)
    return [(one, whole_of[number]) for number, one in tasks_of_kept(task, tried, hosts).items() if number in whole_of]


def _relaxation(structure: StructureDocument, what: str, task: BreathingTask) -> Job:
    relax = computing(relax_job(structure, task.calculator, task.relax, atomic=OF_ATOMS), task.calculator)
    relax.name = f"{task.label.study}: {what}"
    return relax


def _adhesion(member: Member, together: Job, film: Job, support: Job, task: BreathingTask) -> Job:
    label = member_label(task, member.number)
    collect = despite_failures(
        collect_interface_job(
            member.geometry, together.output, film.output, support.output, task.calculator, task.relax, label
        )
    )
    collect.name = f"{label.study}: adhesion"
    return collect


def _numbered(number: int, among: Sequence[StructureDocument]) -> str:
    return f", {number + 1} of {len(among)}" if len(among) > 1 else ""


@dataclass
class BreathingFamilyMaker(BreathingMaker):
    """The number of ions that the best of several candidates of a heterostructure take.

    Steps: build the registries of a layer, or the faces and turns of a cluster, that touch differently; relax each, and
    film and support alone; go on as [`BreathingMaker`][] with those that hold best.

    Attributes:
        hosts: how many candidates are relaxed and kept.
    """

    hosts: HostFamily = field(default_factory=HostFamily)

    def make(self, host: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            host: recipe of the heterostructure.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a list of [`BreathingResult`][], one for each host that is kept.

        Raises:
            StructureError: there is no bulk metal as a reference for the ion, or the host has no candidates.
        """
        check_ion(self.ion, self.settings)
        recipe = as_recipe(host)
        check_family(recipe, self.settings)
        pool = shared or SharedJobs()
        reference = pool.reference(self.ion, geometry_method(self.calculator), self.relax)
        start = light(family_job(recipe, self.hosts, reference.output, self.task(recipe), self.hydrogen(pool)))
        return self.flow([self.named(start, "candidates")], pool.jobs if shared is None else ())
