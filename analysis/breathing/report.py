"""The limits of a breathing study in words: what they are, where they disagree, what speaks against them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...workflows.breathing.results import LadderEnd
from ...workflows.common.results import Outcome
from .hull import capacity
from .limit import DEFINITIONS
from .methods import largest_change
from .rows import BreathingFlag, BreathingRow, alone, searches

if TYPE_CHECKING:
    from ...workflows.breathing.family_results import HostTried
    from ...workflows.breathing.results import BreathingResult
    from .limit import BreathingLimit
    from .methods import OtherMethod

NOTICEABLE = 1e-3
"""Energies that differ by less (eV) are not worth a sentence."""


def headline(result: BreathingResult, limit: BreathingLimit) -> str:
    """Say in one sentence what the limit is and what capacity that makes."""
    n = limit.maximum.n
    q = capacity(n, result.charge, limit.mass)
    bound, least = ("", "") if limit.maximum.exact else (" or more", "at least ")
    without = f"without {result.ion}, without the support" if result.interface.support else f"without {result.ion}"
    return (
        f"n_max = {n}{bound} {result.ion} per cell, {least}{q:.1f} mAh/g of {film_formula(result, limit)} "
        f"({limit.mass:.2f} g/mol, {without})"
    )


def film_formula(result: BreathingResult, limit: BreathingLimit) -> str:
    """Return the composition of the film in the cell, metals first."""
    from ase.formula import Formula

    symbols = [limit.host.structure.symbols[i] for i in result.interface.film]
    return str(Formula.from_list(symbols).format("metal"))


def sentences(result: BreathingResult, limit: BreathingLimit, methods: Sequence[OtherMethod] = ()) -> list[str]:
    """Say everything that a reader of the limit has to know, most important first.

    Args:
        result: the study.
        limit: what [`breathing_limit`][azibflow.analysis.breathing.limit.breathing_limit] made of it.
        methods: what other methods make of it, at the same structures.
    """
    return [
        *_adhesion(result),
        *_bonding(result, limit),
        f"{headline(result, limit)}. n_thermo = {limit.thermodynamic.text} (last n on the hull), n_rev = "
        f"{limit.reversible.text} (every m up to it gives bonds and energy of the host back).",
        *(text for method in methods for text in _by_method(limit, method)),
        *_bound(result, limit),
        *_disagreement(limit),
        *_degradation(result, limit),
        *_reference(result, limit),
        *_searches(result, limit),
    ]


def _adhesion(result: BreathingResult) -> list[str]:
    """Say how strongly the host holds among the candidates that were tried, and first if it does not."""
    chosen = result.chosen_host
    if chosen is None:
        return []
    others = [f"{one.number} ({_held(one)})" for one in result.tried if one is not chosen]
    beside = f"; beside it were tried {', '.join(others)}" if others else ""
    found = [f"The host is candidate {chosen.number}, {chosen.where}, {_held(chosen)}{beside}."]
    if chosen.outcome is Outcome.OK and (chosen.adhesion_energy or 0.0) <= 0:
        found.insert(0, "The host is not bound to its support: apart the two are lower, and no candidate holds better.")
    return found


def _held(host: HostTried) -> str:
    bonds = ", ".join(f"{number} {pattern}" for pattern, number in host.bonds.items()) or "no interface bonds"
    energy = "no adhesion" if host.adhesion_energy is None else f"adhesion {host.adhesion_energy:.3f} eV per cell"
    return f"{bonds}, {energy}" if host.outcome is Outcome.OK else f"{bonds}, {energy}, {host.outcome}"


def _bonding(result: BreathingResult, limit: BreathingLimit) -> list[str]:
    """Say first that a host is not bound to its support: that decides what its limit is a limit of."""
    if limit.of_interface or not result.interface.support:
        return []
    return [
        "The host is not bound to its support: it has no interface bonds, and its own bonds decide what comes back. "
        "This is a limit of the film and of the gap, not of an interface."
    ]


def _bound(result: BreathingResult, limit: BreathingLimit) -> list[str]:
    largest = limit.rows[-1].n
    ended = []
    if result.end is not LadderEnd.COMPLETE:
        ended = [f"The ladder ended at n = {largest} of {result.asked}: {result.end}."]
    if limit.maximum.exact:
        return ended
    after = limit.maximum.n + 1
    why = f"n = {after} was not computed" if after > largest else f"n = {after} is no result that could tell"
    return [f"n_max is a lower bound: {why}.", *ended]


def _disagreement(limit: BreathingLimit) -> list[str]:
    by_definition = {
        "by energy": limit.thermodynamic,
        "by bonds that come back": limit.reversible,
        "by bonds that never break": limit.unbroken,
    }
    exact = {found.n for found in by_definition.values() if found.exact}
    bounds = {found.n for found in by_definition.values() if not found.exact}
    if len(exact) < 2 and all(bound <= number for bound in bounds for number in exact):
        return []
    listed = ", ".join(f"{found.text} {words}" for words, found in by_definition.items())
    return [f"The definitions of the limit disagree: {listed}."]


def _degradation(result: BreathingResult, limit: BreathingLimit) -> list[str]:
    texts = {
        BreathingFlag.PLATING: f"{result.ion} stands in metallic contact: it plates, and E_b is not of insertion alone",
        BreathingFlag.DISINTEGRATION: "metal atoms of the film lose their anions: it disintegrates, and E_b is that "
        "of another compound",
    }
    found = []
    for flag, text in texts.items():
        numbers = [row.n for row in limit.rows if flag in row.flags]
        if numbers:
            within = "; n_max is not free of it" if numbers[0] <= limit.maximum.n else ""
            found.append(f"At n = {', '.join(map(str, numbers))} {text}{within}.")
    return found


def _reference(result: BreathingResult, limit: BreathingLimit) -> list[str]:
    start = min(state.energy for state in result.hosts)
    found = []
    if limit.host.energy < start - NOTICEABLE:
        found.append(
            f"E[S] is that of the host {limit.host.origin}, {start - limit.host.energy:.3f} eV below the one that the "
            "search set out from; all energies and bonds refer to it."
        )
    if limit.lower_broken is not None and limit.lower_broken < -NOTICEABLE:
        found.append(
            f"An emptied host that is not intact lies {-limit.lower_broken:.3f} eV below the host: the interface is "
            "not the most stable state of these atoms."
        )
    return found


def _searches(result: BreathingResult, limit: BreathingLimit) -> list[str]:
    found = []
    for row in limit.rows:
        lower = [
            record.energy
            for record in result.records
            if record.n == row.n and record.outcome is Outcome.UNCONVERGED and record.energy is not None
        ]
        if row.outcome is Outcome.OK and row.energy is not None and min(lower, default=row.energy) < row.energy:
            below = row.energy - min(lower)
            found.append(f"n = {row.n}: a state that did not converge lies {below:.3f} eV below the lowest that did.")
    return [*found, *_convergence(result, limit)]


def _convergence(result: BreathingResult, limit: BreathingLimit) -> list[str]:
    """Say whether the searches agree, or that there is only one."""
    if not any(row.seeds for row in limit.rows):
        return []
    if searches(result) == 1:
        return ["One search alone: nothing says whether it has found the lowest states; ask for more seeds."]
    found = []
    spreads = {row.n: row.spread for row in limit.rows if row.spread is not None}
    if spreads:
        widest = max(spreads, key=lambda n: spreads[n])
        seeds = max(row.seeds for row in limit.rows)
        found.append(f"{seeds} seeds: their lowest E_b differ by up to {spreads[widest]:.3f} eV (n = {widest}).")
    unsettled = [row for row in limit.rows if BreathingFlag.SEARCH in row.flags]
    if apart := [row for row in unsettled if not alone(row, result)]:
        found.append(
            f"The search is not converged at n = {_numbers(apart)}: seeds differ there by more than "
            f"{result.criteria.search_tolerance:g} eV per cell, and lower states are to be expected."
        )
    if single := [row for row in unsettled if alone(row, result)]:
        found.append(
            f"The search is not converged at n = {_numbers(single)}: only one of {searches(result)} searches has a "
            "sound state there, which nothing confirms."
        )
    divided = [
        f"{row.seeds_reversible} of {row.seeds} at n = {row.n}"
        for row in limit.rows
        if row.seeds_reversible is not None and 0 < row.seeds_reversible < row.seeds
    ]
    if divided:
        found.append(f"Seeds whose lowest state is reversible: {', '.join(divided)}.")
    return found


def _numbers(rows: Iterable[BreathingRow]) -> str:
    return ", ".join(str(row.n) for row in rows)


def _by_method(limit: BreathingLimit, method: OtherMethod) -> list[str]:
    """Say what another method makes of the limits, how far it differs, and what it lacks."""
    found = []
    if method.limit is None:
        found.append(f"Nothing by {method.name}: host or metal has no single point.")
    else:
        limits = [f"{name} = {getattr(method.limit, field).text}" for name, field in DEFINITIONS.items()]
        reach = len(method.limit.rows) - 1
        short = f"; it computed n = 0 to {reach}" if reach < len(limit.rows) - 1 else ""
        found.append(f"By {method.name} at the same structures: {', '.join(limits)}{short}.")
    if change := largest_change(limit.rows, method):
        n, difference = change
        found.append(f"E_b by {method.name} differs by up to {abs(difference):.3f} eV (n = {n}, {difference:+.3f}).")
    if method.lacking:
        names = "; ".join(method.lacking)
        found.append(f"Single points by {method.name} that failed: {names}. The run's log says why.")
    return found
