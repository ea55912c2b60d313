"""The interfacial-breathing limit: ions go into an interface one by one, and out again after each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, Response, job

from ...calculators.specs import ChgnetSpec, StudyCalculator, geometry_method
from ...structures.building import as_recipe, build
from ...structures.documents import StructureDocument
from ...structures.recipes import StructureRecipe
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.references import ReferenceEnergy
from ..common.relaxation_jobs import MOMENTS, RelaxationResult, relax_job
from ..common.results import RelaxSettings
from ..common.shared_jobs import SharedJobs
from ..common.work import computing, light
from .annealing import anneal_job
from .hosts import check_ion, empty_host, host_states
from .ladder import (
    Loaded,
    collect_breathing,
    energy_of,
    loaded,
    lowest,
    move_seed,
    next_rung,
    of_host,
    settled,
    settled_host,
)
from .moves import hand_back_job, move_job
from .protons import PROTON, protons_job
from .results import BreathingRecord, BreathingResult, EmptiedHost, HostState, LadderEnd
from .search import SAME_ENERGY, Candidate, Ranked, Screening, State, relax_candidate_job, screen_job
from .tasks import BreathingSettings, BreathingTask, Ladder

if TYPE_CHECKING:
    from ase import Atoms
    from jobflow import Job
    from jobflow.core.reference import OutputReference


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
    hydrogen: ReferenceEnergy | None = None,
) -> Response[BreathingResult]:
    """Choose the lowest intact host and replace itself by one search per seed, and what gathers them."""
    states = host_states(built, annealed, task.settings.criteria, task.settings.film)
    searches = [_explore_host(Ladder(seed=seed, hosts=[states[0]]), 0, task) for seed in range(task.settings.seeds)]
    ladders = [search[-1].output for search in searches]
    collect = despite_failures(
        collect_breathing_job(ladders, states, reference, task)
        if hydrogen is None
        else protons_job(ladders, states, reference, hydrogen, task)
    )
    collect.name = f"{task.label.study}: collect" if hydrogen is None else f"{task.label.study}: protons"
    jobs = [job for search in searches for job in search]
    return Response(replace=Flow([*jobs, collect], output=collect.output, name=task.label.study))


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
    back: BreathingRecord | None = None,
) -> Response[Ladder]:
    """Note the last number of ions, and replace itself by the search for the site of the next ion.

    It begins anew when the emptied host is a lower intact one.
    """
    ladder, parents, n = next_rung(ladder, record, emptied, beam, n, task, back)
    if n > task.settings.ions:
        return Response(output=ladder)
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
                relax_candidate_job(
                    screening.output, number, parent.rank, task.calculator, task.relax, task.settings.cell
                ),
                task.calculator,
            )
            candidate.name = _name(task, ladder, n, f"relax candidate {number} of state {parent.rank}")
            relaxations.append(candidate)
    choose = despite_failures(
        choose_job([one.output for one in screens], [one.output for one in relaxations], ladder, n, task)
    )
    choose.name = _name(task, ladder, n, "choose")
    return Response(replace=Flow([*screens, *relaxations, choose], output=choose.output))


@job
def choose_job(
    screenings: list[Screening | None],
    candidates: list[Candidate | None],
    ladder: Ladder,
    n: int,
    task: BreathingTask,
) -> Response[Ladder]:
    """Keep the best states, and replace itself by a search for lower ones, or by going on."""
    found = loaded(screenings, candidates, ladder, n, task)
    if isinstance(found, LadderEnd):
        return Response(output=ladder.model_copy(update={"end": found}))
    return _go_on(found, ladder, 0, task)


@job
def settle_job(
    moved: list[Candidate | None],
    beam: list[Ranked],
    record: BreathingRecord,
    ladder: Ladder,
    round_: int,
    task: BreathingTask,
) -> Response[Ladder]:
    """Keep the lowest states of a round of moves, and replace itself by the next round, or by going on."""
    return _go_on(settled(Loaded(beam, record), moved, task), ladder, round_ + 1, task)


@job
def settle_host_job(
    moved: list[Candidate | None], ladder: Ladder, round_: int, task: BreathingTask
) -> Response[Ladder]:
    """Keep the lowest host of a round of moves, and replace itself by the next round, or by the first ion."""
    jobs = _explore_host(settled_host(ladder, moved, task), round_ + 1, task)
    return Response(replace=Flow(jobs, output=jobs[-1].output))


def _explore_host(ladder: Ladder, round_: int, task: BreathingTask) -> list[Job]:
    """Make the jobs of a round of moves of the host, the last one of which goes on."""
    if round_ >= task.settings.explore.rounds:
        first = despite_failures(next_ion_job(ladder, None, None, None, 1, task))
        first.name = _name(task, ladder, 1, "go on")
        return [first]
    moves = _moves(of_host(ladder.hosts[-1]), ladder, 0, round_, task)
    settle = despite_failures(settle_host_job([move.output for move in moves], ladder, round_, task))
    settle.name = _name(task, ladder, 0, f"settle round {round_}")
    return [*moves, settle]


def _go_on(found: Loaded, ladder: Ladder, round_: int, task: BreathingTask) -> Response[Ladder]:
    """Move on from the states with some number of ions: to another round of moves, or out and to the next ion."""
    beam, record = found
    if round_ < task.settings.explore.rounds:
        moves = _moves(lowest(beam), ladder, record.n, round_, task)
        settle = despite_failures(settle_job([move.output for move in moves], beam, record, ladder, round_, task))
        settle.name = _name(task, ladder, record.n, f"settle round {round_}")
        return Response(replace=Flow([*moves, settle], output=settle.output))
    size = len(ladder.hosts[-1].structure.symbols)
    emptied = computing(empty_job(record, size, task), task.calculator)
    emptied.name = _name(task, ladder, record.n, "empty")
    out = [emptied]
    if round_ and record.n > 1:
        below = energy_of(ladder, record.n - 1) - SAME_ENERGY
        out.append(computing(hand_back_job(record, below, size, task), task.calculator))
        out[-1].name = _name(task, ladder, record.n, "hand back")
    following = despite_failures(
        next_ion_job(ladder, record, emptied.output, beam, record.n + 1, task, out[-1].output if len(out) > 1 else None)
    )
    following.name = _name(task, ladder, record.n + 1, "go on")
    return Response(replace=Flow([*out, following], output=following.output))


def _moves(state: State, ladder: Ladder, n: int, round_: int, task: BreathingTask) -> list[Job]:
    size, explore, moves = len(ladder.hosts[-1].structure.symbols), task.settings.explore, []
    for number in range(explore.moves):
        which, seed = round_ * explore.moves + number, move_seed(ladder, n, round_, number)
        move = computing(move_job(state, size, which, seed, task), task.calculator)
        move.name = _name(task, ladder, n, f"move {number} of round {round_}")
        moves.append(move)
    return moves


def _name(task: BreathingTask, ladder: Ladder, n: int, what: str) -> str:
    seed = f", seed {ladder.seed}" if task.settings.seeds > 1 else ""
    again = f", restart {len(ladder.hosts) - 1}" if len(ladder.hosts) > 1 else ""
    return f"{task.label.study}{seed}{again}, n = {n}: {what}"


@dataclass
class BreathingMaker(StudyMaker):
    """The number of ions that an interface takes before its bonds no longer come back.

    Steps: build the heterostructure; relax it as built, and after annealing with each seed; set out from the lowest
    intact state; for n = 1, 2, ...: screen the sites of every state of the beam (single points, a few steps of
    relaxation), relax the best fully, keep a beam; take the ions out of the lowest and relax again; begin anew when
    that finds a lower intact host; collect; correct. E_b(n) = E[S+nX] - E[S] - n mu_X with the bulk metal for mu_X.

    Attributes:
        ion: symbol of the inserted ion, whose bulk metal is the reference.
        calculator: one for everything, so that errors cancel; or a surrogate and what corrects it, or an ensemble.
        relax: convergence targets of all relaxations.
        settings: how far, how hard, what counts.
    """

    name: str = "breathing"
    ion: str = "Zn"
    calculator: StudyCalculator = field(default_factory=ChgnetSpec)
    relax: RelaxSettings = field(default_factory=RelaxSettings)
    settings: BreathingSettings = field(default_factory=BreathingSettings)

    def make(self, host: StructureRecipe | Atoms, shared: SharedJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            host: recipe of the heterostructure, or the structure itself, film and support told apart by tags.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a [`BreathingResult`][].

        Raises:
            StructureError: there is no bulk metal as a reference for the ion.
        """
        check_ion(self.ion, self.settings)
        recipe = as_recipe(host)
        pool, surrogate = shared or SharedJobs(), geometry_method(self.calculator)
        task = self.task(recipe)
        reference = pool.reference(self.ion, surrogate, self.relax)
        built = self.named(light(build_job(recipe)), "build")
        relaxing = relax_job(built.output, surrogate, self.relax, self.settings.cell, atomic=MOMENTS)
        relaxed = self.named(computing(relaxing, surrogate), "relax host")
        searching = search_jobs(relaxed.output, reference.output, task, self.hydrogen(pool))
        own = [built, relaxed, *searching, *self.correction(searching[-1], self.calculator)]
        return self.flow(own, pool.jobs if shared is None else ())

    def hydrogen(self, pool: SharedJobs) -> OutputReference | None:
        """Return the output that will hold the reference of hydrogen; none where no protons are asked for.

        Args:
            pool: jobs that other studies have already made.
        """
        asked = self.settings.protons.most
        return pool.reference(PROTON, geometry_method(self.calculator), self.relax).output if asked else None

    def task(self, recipe: StructureRecipe) -> BreathingTask:
        """Return what all jobs of the study know.

        Args:
            recipe: of the host.
        """
        return BreathingTask(
            label=self.label(recipe),
            host_name=recipe.described,
            ion=self.ion,
            calculator=geometry_method(self.calculator),
            relax=self.relax,
            settings=self.settings,
        )


def search_jobs(
    relaxed: RelaxationResult | OutputReference,
    reference: ReferenceEnergy | OutputReference,
    task: BreathingTask,
    hydrogen: ReferenceEnergy | OutputReference | None = None,
) -> list[Job]:
    """Make the jobs that anneal a relaxed host and set out from its lowest intact state; the last one goes on.

    Args:
        relaxed: the host, or the output that will hold it.
        reference: of the ion, likewise.
        task: the study.
        hydrogen: reference of hydrogen, likewise; none without protons.
    """
    settings, annealed = task.settings, []
    for seed in range(settings.seeds if settings.anneal.steps else 0):
        hot = anneal_job(relaxed.structure, task.calculator, task.relax, settings.anneal, seed)
        annealed.append(computing(hot, task.calculator))
        hot.name = f"{task.label.study}: anneal host, seed {seed}"
    start = despite_failures(set_out_job(relaxed, [hot.output for hot in annealed], reference, task, hydrogen))
    start.name = f"{task.label.study}: set out"
    return [*annealed, start]


@job(output_schema=StructureDocument)
def build_job(recipe: StructureRecipe) -> StructureDocument:
    """Build the heterostructure of a recipe."""
    return StructureDocument.from_atoms(build(recipe))
