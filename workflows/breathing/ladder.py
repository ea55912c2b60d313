"""One search of a breathing study, ion by ion: what is noted after each, where the next goes, and when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ..common.attempts import attempted
from ..common.results import Outcome
from .hosts import convergence, empty_host, interface_of
from .results import BreathingRecord, EmptiedHost, HostState, LadderEnd, judged, lower_intact_host
from .search import Candidate, Ranked, Screening, State, fill_beam, relax_candidate, screen
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
) -> Rung:
    """Note the last number of ions and go on to the next; begin anew when the emptied host is a lower intact one.

    Args:
        ladder: what the search has found.
        record: the last loaded host; none before the first ion.
        emptied: the host after removal of its ions; none when that failed.
        beam: states that the next ion is put into; none for the host itself.
        n: number of the next ion.
        task: the study.
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
    return Rung(ladder, beam or [Ranked(rank=0, state=_of_host(host))], n)


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
    best = min((ranked.state for ranked in beam), key=lambda state: state.order)
    outcome, reason = convergence(best)
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
    return Loaded(beam, record)


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
    search, calculator = task.settings.search, task.calculator
    rung = next_rung(Ladder(seed=seed, hosts=[host]), None, None, None, 1, task)
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
                relax = partial(relax_candidate, found, number, parent.rank, calculator, task.relax, folder)
                candidates.append(attempted(f"{here}: candidate {number}", relax))
        chosen = loaded(screenings, candidates, ladder, n, task)
        if isinstance(chosen, LadderEnd):
            return ladder.model_copy(update={"end": chosen})
        size = len(ladder.hosts[-1].structure.symbols)
        empty = partial(empty_host, chosen.record, size, task, folder)
        emptied = attempted(f"{task.label.study}, n = {n}: emptying", empty)
        rung = next_rung(ladder, chosen.record, emptied, chosen.beam, n + 1, task)
    return rung.ladder


def _of_host(host: HostState) -> State:
    return State(structure=host.structure, energy=host.energy, fmax=0.0, converged=host.converged, trust=host.trust)
