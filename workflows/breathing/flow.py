"""The interfacial-breathing limit: ions go into an interface one by one, and out again after each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Maker, OnMissing, Response, job
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt

from ...calculators.specs import CalculatorSpec, ChgnetSpec
from ...errors import StructureError
from ...structures.bonds import Interface, reference_bonds
from ...structures.degradation import coordination_losses
from ...structures.documents import StructureDocument
from ...structures.heterostructures import film_and_support
from ...structures.insertion_sites import CLOSEST, insertion_sites
from ...structures.recipes import StructureRecipe, as_recipe, build
from ..common.references import COHESIVE_ENERGY, ReferenceEnergy
from ..common.relaxation_jobs import RelaxationResult, relax_job, relax_structure
from ..common.results import Outcome, RelaxSettings, StudyLabel
from ..common.shared_jobs import SharedJobs
from ..common.work import computing, light
from .annealing import AnnealSettings, anneal_job
from .results import (
    BreathingCriteria,
    BreathingRecord,
    BreathingResult,
    EmptiedHost,
    HostState,
    LadderEnd,
    judged,
    lower_intact_host,
)
from .search import Candidate, Ranked, Screening, SearchSettings, State, fill_beam, relax_candidate_job, screen_job

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Job

AS_BUILT = "relaxed as built"


class BreathingSettings(BaseModel):
    """How far the interface is loaded, how hard each site is looked for, and what counts as coming back."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    ions: PositiveInt = Field(9, description="largest number of ions that is tried")
    charge: PositiveInt = Field(2, description="electrons that each ion brings, z")
    seeds: PositiveInt = Field(1, description="independent searches; each anneals the host and looks for sites anew")
    search: SearchSettings = Field(default_factory=SearchSettings, description="the search for sites")
    anneal: AnnealSettings = Field(default_factory=AnnealSettings, description="annealing of the host")
    restarts: NonNegativeInt = Field(
        1, description="times that a search begins anew, from n = 1, when it finds a lower intact host"
    )
    restart_below: PositiveFloat = Field(0.05, description="how much lower that host has to be, eV per cell")
    criteria: BreathingCriteria = Field(
        default_factory=BreathingCriteria, description="bonds, coming back, disintegration"
    )


class BreathingTask(BaseModel):
    """What all jobs of one study know."""

    label: StudyLabel = Field(description="study, for tables")
    host_name: str = Field(description="name of the heterostructure")
    ion: str = Field(description="symbol of the inserted ion")
    calculator: CalculatorSpec = Field(description="spec")
    relax: RelaxSettings = Field(description="convergence targets")
    settings: BreathingSettings = Field(description="the study's own settings")


class Ladder(BaseModel):
    """What one search has found so far."""

    seed: int = Field(description="of the search")
    hosts: list[HostState] = Field(description="hosts that it set out from, the present one last")
    records: list[BreathingRecord] = Field(default_factory=list, description="one per number of ions, and per restart")
    end: LadderEnd = Field(LadderEnd.COMPLETE, description="why it ended")


def interface_of(atoms: Atoms) -> Interface:
    """Read film and support from the tags of a heterostructure.

    Raises:
        StructureError: it has no such tags.
    """
    film, support = film_and_support(atoms)
    return Interface(film=tuple(film), support=tuple(support))


def fullest(host: Atoms, ion: str, settings: BreathingSettings) -> Atoms:
    """Put as many ions as are asked for on sites of the host, to find out whether it can hold them at all.

    Args:
        host: heterostructure as built, tagged.
        ion: chemical symbol.
        settings: how many.

    Returns:
        The host with the ions, not relaxed.

    Raises:
        StructureError: there is no bulk metal as a reference for the ion, film and support are not told apart, there is
            no interface bond, or there is no room.
    """
    import numpy as np
    from ase import Atoms as Ions
    from ase.data import atomic_numbers, covalent_radii

    _check_reference(ion)
    reference_bonds(host, interface_of(host), settings.criteria.bonds)
    least = 2 * CLOSEST * covalent_radii[atomic_numbers.get(ion, 0)]
    places = insertion_sites(host, ion, settings.ions, apart=float(least))
    if len(places) < settings.ions:
        label = host.info.get("label") or host.get_chemical_formula()
        raise StructureError(
            f"{label} has room for {len(places)} {ion} at least {least:.2f} angstrom apart, fewer than the "
            f"{settings.ions} asked for; ask for fewer ions, or repeat the cell"
        )
    full = host + Ions(f"{ion}{settings.ions}", positions=np.asarray(places))
    full.info = dict(host.info)
    return full


def _check_reference(ion: str) -> None:
    if ion not in COHESIVE_ENERGY:
        raise StructureError(f"no bulk reference for the ion {ion}; there is one for {', '.join(COHESIVE_ENERGY)}")


def empty_host(record: BreathingRecord, host_size: int, task: BreathingTask, folder: Path | None) -> EmptiedHost:
    """Take the ions out of a loaded host and relax what is left.

    Args:
        record: the loaded host.
        host_size: its number of atoms without ions.
        task: calculator and settings.
        folder: where the checkpoint goes.

    Returns:
        The emptied host, its bonds not yet followed.
    """
    assert record.structure is not None  # only states that were found are emptied
    atoms = record.structure.to_atoms()[:host_size]
    atoms.info = dict(record.structure.to_atoms().info)
    relaxed = relax_structure(atoms, task.calculator, task.relax, folder=folder)
    outcome, reason = _convergence(State.of(relaxed))
    return EmptiedHost(
        outcome=outcome, reason=reason, energy=relaxed.energy, structure=relaxed.structure, trust=relaxed.trust
    )


def host_states(
    built: RelaxationResult, annealed: Sequence[RelaxationResult | None], criteria: BreathingCriteria
) -> list[HostState]:
    """Return the states of the host that still have interface bonds and a whole film, lowest first.

    Args:
        built: the host, relaxed as it was built.
        annealed: after annealing, one per seed; none where the job failed.
        criteria: what a bond and a whole film are.

    Raises:
        StructureError: relaxed, the host has no interface bond.
    """
    start = built.structure.to_atoms()
    sides = interface_of(start)
    reference_bonds(start, sides, criteria.bonds)
    found = [
        HostState(
            origin=AS_BUILT,
            structure=built.structure,
            energy=built.energy,
            converged=built.converged,
            trust=built.trust,
        )
    ]
    for seed, one in enumerate(annealed):
        if one is None:
            continue
        atoms = one.structure.to_atoms()
        whole = not coordination_losses(start, atoms, criteria.bonds, criteria.coordination, among=sides.film)
        if whole and _bonded(atoms, sides, criteria):
            found.append(HostState.of(f"annealed, seed {seed}", one))
    return sorted(found, key=lambda state: (not state.converged, round(state.energy, 6)))


def collect_breathing(
    ladders: Sequence[Ladder | None], states: Sequence[HostState], reference: ReferenceEnergy, task: BreathingTask
) -> BreathingResult:
    """Gather all searches.

    Args:
        ladders: one per seed; none where a job failed.
        states: of the host, lowest first.
        reference: of the ion.
        task: the study.

    Returns:
        The result; the limit follows from it by arithmetic.
    """
    found = [ladder for ladder in ladders if ladder is not None]
    hosts = {host.structure.sha256(): host for host in [*states, *(host for one in found for host in one.hosts)]}
    farthest = max(found, key=lambda ladder: max((r.n for r in ladder.records), default=0), default=None)
    return BreathingResult(
        **task.label.model_dump(),
        host_name=task.host_name,
        ion=task.ion,
        charge=task.settings.charge,
        interface=interface_of(states[0].structure.to_atoms()),
        criteria=task.settings.criteria,
        reference=reference,
        hosts=list(hosts.values()),
        records=[one for ladder in found for one in ladder.records],
        asked=task.settings.ions,
        end=LadderEnd.NO_RESULT if farthest is None else farthest.end,
        calculator=reference.calculator,
    )


def _bonded(atoms: Atoms, sides: Interface, criteria: BreathingCriteria) -> bool:
    try:
        reference_bonds(atoms, sides, criteria.bonds)
    except StructureError:
        return False
    return True


def _convergence(state: State) -> tuple[Outcome, str]:
    if state.converged:
        if state.trust is not None and state.trust.flagged:
            return Outcome.OUTSIDE, state.trust.problem
        return Outcome.OK, ""
    return Outcome.UNCONVERGED, f"fmax {state.fmax:.3f} eV/angstrom when the steps ran out"


@job(output_schema=EmptiedHost)
def empty_job(record: BreathingRecord, host_size: int, task: BreathingTask) -> EmptiedHost:
    """Take the ions out and relax the host in the job's folder."""
    return empty_host(record, host_size, task, Path.cwd())


@job
def set_out_job(
    built: RelaxationResult,
    annealed: list[RelaxationResult | None],
    reference: ReferenceEnergy,
    task: BreathingTask,
) -> Response[BreathingResult]:
    """Choose the lowest intact host and replace itself by one search per seed, and what gathers them."""
    states = host_states(built, annealed, task.settings.criteria)
    searches = [
        _next_ion(Ladder(seed=seed, hosts=[states[0]]), None, None, None, 1, task)
        for seed in range(task.settings.seeds)
    ]
    collect = light(collect_breathing_job([search.output for search in searches], states, reference, task))
    collect.name = f"{task.label.study}: collect"
    collect.config.on_missing_references = OnMissing.NONE
    return Response(replace=Flow([*searches, collect], output=collect.output, name=task.label.study))


@job(output_schema=BreathingResult)
def collect_breathing_job(
    ladders: list[Ladder | None], states: list[HostState], reference: ReferenceEnergy, task: BreathingTask
) -> BreathingResult:
    """Gather all searches."""
    return collect_breathing(ladders, states, reference, task)


@job
def next_ion_job(
    ladder: Ladder,
    record: BreathingRecord | None,
    emptied: EmptiedHost | None,
    beam: list[Ranked] | None,
    n: int,
    task: BreathingTask,
) -> Response[Ladder]:
    """Note the last number of ions, and replace itself by the search for the site of the next ion.

    It begins anew when the emptied host is a lower intact one.
    """
    host = ladder.hosts[-1]
    if record is not None:
        empty = emptied or EmptiedHost(outcome=Outcome.FAILED, reason="its job failed; the run's log says why")
        sides = interface_of(host.structure.to_atoms())
        record = judged(record.model_copy(update={"emptied": empty}), host, task.ion, sides, task.settings.criteria)
        ladder = ladder.model_copy(update={"records": [*ladder.records, record]})
        lower = lower_intact_host(record, host, task.settings.restart_below)
        if lower is not None and len(ladder.hosts) <= task.settings.restarts:
            ladder = ladder.model_copy(update={"hosts": [*ladder.hosts, lower]})
            host, beam, n = lower, None, 1
    if n > task.settings.ions:
        return Response(output=ladder)
    parents = beam or [Ranked(rank=0, state=_of_host(host))]
    screens, relaxations = [], []
    for parent in parents:
        screening = computing(
            screen_job(parent.state.structure, task.ion, task.calculator, task.settings.search, ladder.seed),
            task.calculator,
        )
        screening.name = _name(task, ladder, n, f"sites of state {parent.rank}")
        screens.append(screening)
        for number in range(task.settings.search.relaxed):
            candidate = computing(
                relax_candidate_job(screening.output, number, parent.rank, task.calculator, task.relax),
                task.calculator,
            )
            candidate.name = _name(task, ladder, n, f"relax candidate {number} of state {parent.rank}")
            relaxations.append(candidate)
    choose = light(choose_job([one.output for one in screens], [one.output for one in relaxations], ladder, n, task))
    choose.name = _name(task, ladder, n, "choose")
    choose.config.on_missing_references = OnMissing.NONE
    return Response(replace=Flow([*screens, *relaxations, choose], output=choose.output))


@job
def choose_job(
    screenings: list[Screening | None],
    candidates: list[Candidate | None],
    ladder: Ladder,
    n: int,
    task: BreathingTask,
) -> Response[Ladder]:
    """Keep the best states, and replace itself by emptying the lowest and going on to the next ion."""
    screened = [one for one in screenings if one is not None]
    beam = fill_beam([one for one in candidates if one is not None], task.settings.search.width)
    tried = sum(one.sites_tried for one in screened)
    if not beam:
        end = LadderEnd.NO_SITE if screened and tried == 0 else LadderEnd.NO_RESULT
        return Response(output=ladder.model_copy(update={"end": end}))
    best = min((ranked.state for ranked in beam), key=lambda state: state.order)
    outcome, reason = _convergence(best)
    record = BreathingRecord(
        n=n,
        seed=ladder.seed,
        outcome=outcome,
        reason=reason,
        energy=best.energy,
        fmax=best.fmax,
        sites_tried=tried,
        force_calls=sum(one.force_calls for one in screened)
        + sum(one.state.force_calls for one in candidates if one is not None and one.state is not None),
        structure=best.structure,
        trust=best.trust,
    )
    size = len(ladder.hosts[-1].structure.symbols)
    emptied = computing(empty_job(record, size, task), task.calculator)
    emptied.name = _name(task, ladder, n, "empty")
    following = _next_ion(ladder, record, emptied, beam, n + 1, task)
    return Response(replace=Flow([emptied, following], output=following.output))


def _next_ion(
    ladder: Ladder,
    record: BreathingRecord | None,
    emptied: Job | None,
    beam: list[Ranked] | None,
    n: int,
    task: BreathingTask,
) -> Job:
    following = light(next_ion_job(ladder, record, None if emptied is None else emptied.output, beam, n, task))
    following.name = _name(task, ladder, n, "go on")
    following.config.on_missing_references = OnMissing.NONE
    return following


def _name(task: BreathingTask, ladder: Ladder, n: int, what: str) -> str:
    seed = f", seed {ladder.seed}" if task.settings.seeds > 1 else ""
    again = f", restart {len(ladder.hosts) - 1}" if len(ladder.hosts) > 1 else ""
    return f"{task.label.study}{seed}{again}, n = {n}: {what}"


def _of_host(host: HostState) -> State:
    return State(structure=host.structure, energy=host.energy, fmax=0.0, converged=host.converged, trust=host.trust)


@dataclass
class BreathingMaker(Maker):
    """The number of ions that an interface takes before its bonds no longer come back.

    Steps: build the heterostructure; relax it as built, and after annealing with each seed; set out from the lowest
    intact state; for n = 1, 2, ...: screen the sites of every state of the beam (single points, a few steps of
    relaxation), relax the best fully, keep a beam; take the ions out of the lowest and relax again; begin anew when
    that finds a lower intact host; collect. E_b(n) = E[S+nX] - E[S] - n mu_X with the bulk metal for mu_X.

    Attributes:
        name: name of the flow, of its jobs and of the study in tables.
        ion: symbol of the inserted ion, whose bulk metal is the reference.
        calculator: spec of the calculator for everything, so that errors cancel.
        relax: convergence targets of all relaxations.
        settings: how far, how hard, what counts.
        literature: keys of published values that tables put beside the result.
        place: place of the study in its campaign, for the order of tables.
    """

    name: str = "breathing"
    ion: str = "Zn"
    calculator: CalculatorSpec = field(default_factory=ChgnetSpec)
    relax: RelaxSettings = field(default_factory=RelaxSettings)
    settings: BreathingSettings = field(default_factory=BreathingSettings)
    literature: list[str] = field(default_factory=list)
    place: tuple[int, ...] = ()

    def make(self, host: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            host: recipe of the heterostructure, or the structure itself, film and support told apart by tags.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a :class:`BreathingResult`.

        Raises:
            StructureError: there is no bulk metal as a reference for the ion.
        """
        _check_reference(self.ion)
        recipe = as_recipe(host)
        pool = shared or SharedJobs()
        task = BreathingTask(
            label=StudyLabel.of(self, recipe),
            host_name=recipe.described,
            ion=self.ion,
            calculator=self.calculator,
            relax=self.relax,
            settings=self.settings,
        )
        reference = pool.reference(self.ion, self.calculator, self.relax)
        built = light(build_job(recipe))
        built.name = f"{self.name}: build"
        relaxed = computing(relax_job(built.output, self.calculator, self.relax), self.calculator)
        relaxed.name = f"{self.name}: relax host"
        annealed = []
        for seed in range(self.settings.seeds if self.settings.anneal.steps else 0):
            hot = computing(
                anneal_job(relaxed.output.structure, self.calculator, self.relax, self.settings.anneal, seed),
                self.calculator,
            )
            hot.name = f"{self.name}: anneal host, seed {seed}"
            annealed.append(hot)
        start = light(set_out_job(relaxed.output, [hot.output for hot in annealed], reference.output, task))
        start.name = f"{self.name}: set out"
        start.config.on_missing_references = OnMissing.NONE
        own = [built, relaxed, *annealed, start]
        return Flow(own if shared is not None else [*pool.jobs, *own], output=start.output, name=self.name)


@job(output_schema=StructureDocument)
def build_job(recipe: StructureRecipe) -> StructureDocument:
    """Build the heterostructure of a recipe."""
    return StructureDocument.from_atoms(build(recipe))
