"""One search of a breathing study, ion by ion: what is noted after each, where the next goes, and when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..common.attempts import attempted
from ..common.references import ReferenceEnergy
from ..common.results import Outcome
from .hosts import convergence, empty_host, interface_of, is_intact
from .moves import hand_back, moved
from .results import BreathingRecord, BreathingResult, EmptiedHost, HostState, LadderEnd, judged, lower_intact_host
from .search import SAME_ENERGY, Candidate, Ranked, Screening, State, fill_beam, relax_candidate, screen
from .tasks import BreathingTask, Ladder


class Rung(NamedTuple):
    """Where a search stands: what it has found, the states that the next ion is put into, and its number."""

    ladder: Ladder
    parents: list[Ranked]
    n: int


class Loaded(NamedTuple):
    """The host with one ion more: the states of the beam, and the record of the lowest."""

    beam: list[Ranked]
    record: BreathingRecord


def next_rung(
    ladder: Ladder,
    record: BreathingRecord | None,
    emptied: EmptiedHost | None,
    beam: list[Ranked] | None,
    n: int,
    task: BreathingTask,
    back: BreathingRecord | None = None,
) -> Rung:
    """Note the last number of ions and go on to the next; begin anew when the emptied host is a lower intact one.

    Args:
        ladder: what the search has found.
        record: the last loaded host; none before the first ion.
        emptied: the host after removal of its ions; none when that failed.
        beam: states that the next ion is put into; none for the host itself.
        n: number of the next ion.
        task: the study.
        back: a lower state with one ion less that the last one has led to, if it has.
    """
    host = ladder.hosts[-1]
    if back is not None:
        sides = interface_of(host.structure.to_atoms(), task.settings.film)
        back = judged(back, host, task.ion, sides, task.settings.criteria)
        ladder = ladder.model_copy(update={"records": [*ladder.records, back]})
    if record is not None:
        empty = emptied or EmptiedHost(outcome=Outcome.FAILED, reason="its job failed; the run's log says why")
        sides = interface_of(host.structure.to_atoms(), task.settings.film)
        record = judged(record.model_copy(update={"emptied": empty}), host, task.ion, sides, task.settings.criteria)
        ladder = ladder.model_copy(update={"records": [*ladder.records, record]})
        lower = lower_intact_host(record, host, task.settings.restart_below)
        if lower is not None and len(ladder.hosts) <= task.settings.restarts:
            ladder = ladder.model_copy(update={"hosts": [*ladder.hosts, lower]})
            host, beam, n = lower, None, 1
    return Rung(ladder, beam or [Ranked(rank=0, state=of_host(host))], n)


def loaded(
    screenings: Sequence[Screening | None],
    candidates: Sequence[Candidate | None],
    ladder: Ladder,
    n: int,
    task: BreathingTask,
) -> Loaded | LadderEnd:
    """Choose among relaxed candidates with n ions.

    Args:
        screenings: of the states that the last ion was put into; none where one failed.
        candidates: relaxed; none where that failed.
        ladder: what the search has found.
        n: number of ions.
        task: the study.

    Returns:
        The beam and the record of its lowest state, not yet emptied; or why the search ends.
    """
    screened = [one for one in screenings if one is not None]
    beam = fill_beam([one for one in candidates if one is not None], task.settings.search.width)
    tried = sum(one.sites_tried for one in screened)
    if not beam:
        return LadderEnd.NO_SITE if screened and tried == 0 else LadderEnd.NO_RESULT
    calls = sum(one.force_calls for one in screened) + _calls(candidates)
    return Loaded(beam, _record(lowest(beam), n, ladder.seed, tried, calls))


def lowest(beam: Sequence[Ranked]) -> State:
    """Return the lowest state of a beam, converged ones first."""
    return min((ranked.state for ranked in beam), key=lambda state: state.order)


def settled(found: Loaded, moved: Sequence[Candidate | None], task: BreathingTask) -> Loaded:
    """Take the states that a round of moves has reached into the beam, where they are lower.

    Args:
        found: the beam before, and the record of its lowest state.
        moved: states reached; none where a move failed.
        task: the study.
    """
    before, record = found
    children = [Candidate(parent=ranked.rank, state=ranked.state) for ranked in before]
    reached = [one for one in moved if one is not None]
    beam = fill_beam([*children, *reached], task.settings.search.width)
    calls = record.force_calls + _calls(moved)
    return Loaded(beam, _record(lowest(beam), record.n, record.seed, record.sites_tried, calls))


def settled_host(ladder: Ladder, moved: Sequence[Candidate | None], task: BreathingTask) -> Ladder:
    """Set out from the lowest whole host that a round of moves has reached, if it is lower than the present one.

    Args:
        ladder: a search that has not put any ion in yet.
        moved: states of the host reached; none where a move failed.
        task: the study.
    """
    (host,) = ladder.hosts
    reached = [one.state for one in moved if one is not None and one.state is not None]
    for state in sorted(reached, key=lambda state: state.order):
        if state.converged and state.energy < host.energy and is_intact(host, state.structure.to_atoms(), task):
            origin = f"explored with seed {ladder.seed}"
            host = HostState(
                origin=origin,
                structure=state.structure,
                energy=state.energy,
                converged=True,
                trust=state.trust,
                moments=state.moments,
            )
            break
    return ladder.model_copy(update={"hosts": [host.model_copy(update={"seed": ladder.seed})]})


def energy_of(ladder: Ladder, n: int) -> float:
    """Return the lowest energy that a search has found for a number of ions that it has been at, eV."""
    return min(one.energy for one in ladder.records if one.n == n and one.energy is not None)


def move_seed(ladder: Ladder, n: int, round_: int, number: int) -> int:
    """Return the seed of one move, which no other move of the study has."""
    return int(np.random.SeedSequence((ladder.seed, n, round_, number)).generate_state(1)[0])


def _calls(candidates: Sequence[Candidate | None]) -> int:
    return sum(one.state.force_calls for one in candidates if one is not None and one.state is not None)


def _record(best: State, n: int, seed: int, tried: int, calls: int) -> BreathingRecord:
    outcome, reason = convergence(best)
    return BreathingRecord(
        n=n,
        seed=seed,
        outcome=outcome,
        reason=reason,
        energy=best.energy,
        fmax=best.fmax,
        sites_tried=tried,
        force_calls=calls,
        structure=best.structure,
        trust=best.trust,
        moments=best.moments,
    )


def climb(seed: int, host: HostState, task: BreathingTask, folder: Path | None = None) -> Ladder:
    """Search ion by ion without Jobflow.

    Args:
        seed: of the search.
        host: it sets out from.
        task: the study.
        folder: where checkpoints go; none keeps no files.

    Returns:
        What was found; a part whose calculation failed is left out, as in the flow.
    """
    search, calculator, explore = task.settings.search, task.calculator, task.settings.explore
    ladder, size = Ladder(seed=seed, hosts=[host]), len(host.structure.symbols)
    for round_ in range(explore.rounds):
        ladder = settled_host(ladder, _round(of_host(ladder.hosts[-1]), ladder, 0, round_, task, folder), task)
    rung = next_rung(ladder, None, None, None, 1, task)
    while rung.n <= task.settings.ions:
        ladder, parents, n = rung
        screenings: list[Screening | None] = []
        candidates: list[Candidate | None] = []
        for parent in parents:
            here = f"{task.label.study}, n = {n}, state {parent.rank}"
            state = parent.state.structure.to_atoms()
            found = attempted(f"{here}: sites", partial(screen, state, task.ion, calculator, search, seed))
            screenings.append(found)
            if found is None:
                continue
            for number in range(search.relaxed):
                relax = partial(
                    relax_candidate, found, number, parent.rank, calculator, task.relax, folder, task.settings.cell
                )
                candidates.append(attempted(f"{here}: candidate {number}", relax))
        chosen = loaded(screenings, candidates, ladder, n, task)
        if isinstance(chosen, LadderEnd):
            return ladder.model_copy(update={"end": chosen})
        for round_ in range(explore.rounds):
            chosen = settled(chosen, _round(lowest(chosen.beam), ladder, n, round_, task, folder), task)
        empty = partial(empty_host, chosen.record, size, task, folder)
        emptied = attempted(f"{task.label.study}, n = {n}: emptying", empty)
        back = None
        if explore.rounds and n > 1:
            return_one = partial(hand_back, chosen.record, energy_of(ladder, n - 1) - SAME_ENERGY, size, task, folder)
            back = attempted(f"{task.label.study}, n = {n}: handing back", return_one)
        rung = next_rung(ladder, chosen.record, emptied, chosen.beam, n + 1, task, back)
    return rung.ladder


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
        interface=interface_of(states[0].structure.to_atoms(), task.settings.film),
        criteria=task.settings.criteria,
        reference=reference,
        hosts=list(hosts.values()),
        records=[one for ladder in found for one in ladder.records],
        asked=task.settings.ions,
        end=LadderEnd.NO_RESULT if farthest is None else farthest.end,
        searches=task.settings.seeds,
        correct_up_to=task.settings.correct_up_to,
        calculator=reference.calculator,
        tried=task.tried,
        candidate=task.candidate,
    )


def _round(
    state: State, ladder: Ladder, n: int, round_: int, task: BreathingTask, folder: Path | None
) -> list[Candidate | None]:
    """Make the moves of one round, one after the other."""
    size, found = len(ladder.hosts[-1].structure.symbols), []
    for number in range(task.settings.explore.moves):
        which = round_ * task.settings.explore.moves + number
        move = partial(moved, state, size, which, move_seed(ladder, n, round_, number), task, folder)
        reached = attempted(f"{task.label.study}, n = {n}, round {round_}: move {number}", move)
        found.append(None if reached is None else Candidate(parent=0, state=reached))
    return found


def of_host(host: HostState) -> State:
    """Return a host as the state that a first ion is put into."""
    return State(
        structure=host.structure,
        energy=host.energy,
        fmax=0.0,
        converged=host.converged,
        trust=host.trust,
        moments=host.moments,
    )
