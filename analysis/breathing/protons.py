"""Protons beside the ions: energies of n ions and m hydrogen atoms, and which of them is lowest at which potential.

A state of the electrode against a potential U (against SHE) and a pH has the grand potential
E_b(n, m) + z n (U - U0) + m (U + kT ln(10) pH), U0 the measured standard potential of the ion's metal: the
computational hydrogen electrode (Norskov et al., J. Phys. Chem. B 2004, 108, 17886, 10.1021/jp047349j).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from ...calculators.surrogates.trust import Trust, combined
from ...structures.protonation import free_hydrogens
from ...workflows.common.electrodes import electrode, proton_shift
from ...workflows.common.results import Outcome
from .hull import binding_energy

if TYPE_CHECKING:
    from ...workflows.breathing.proton_results import ProtonRecord
    from ...workflows.breathing.results import BreathingResult
    from .limit import BreathingLimit

WATER = (0.0, 14.0)
"""Between which pH an electrolyte is water."""
State = tuple[int, int]
"""Numbers of ions and of hydrogen atoms."""


class ProtonRow(BaseModel):
    """One number of ions and of hydrogen atoms."""

    n: int = Field(description="ions in the cell")
    m: int = Field(description="hydrogen atoms that were put in beside them")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")
    binding: float | None = Field(
        None, description="E_b(n, m) = E[S+nX+mH] - E[S] - n mu(X) - m mu(H), mu(H) half of H2, eV per cell"
    )
    free: int = Field(0, description="hydrogen atoms that are on no oxygen")
    energy: float | None = Field(None, description="E[S+nX+mH], eV, on the calculator's own zero")
    trust: Trust | None = Field(None, exclude=True, repr=False, description="what a surrogate's committee says of E_b")


class Window(BaseModel):
    """The potentials between which a state is the lowest, against SHE."""

    state: State = Field(description="numbers of ions and of hydrogen atoms")
    above: float = Field(description="the next is lower below this, V; at the last one metal is plated")
    below: float | None = Field(description="the state before is lower above this, V; none for the bare host")


def proton_rows(result: BreathingResult, limit: BreathingLimit) -> list[ProtonRow]:
    """Return one row for every number of ions and of hydrogen atoms that was put beside them.

    Args:
        result: the study.
        limit: what [`breathing_limit`][azibflow.analysis.breathing.limit.breathing_limit] made of it.
    """
    return [] if result.protons is None else [_row(one, result, limit) for one in result.protons.records]


def _row(record: ProtonRecord, result: BreathingResult, limit: BreathingLimit) -> ProtonRow:
    assert result.protons is not None  # it has records
    hydrogen, n, m = result.protons.reference, record.n, record.m
    outcome, reason = record.outcome, record.reason
    if outcome is Outcome.OK and not (limit.host.converged and result.reference.outcome is Outcome.OK):
        outcome, reason = Outcome.UNCONVERGED, "the host or the reference of the ion did not converge"
    if outcome is Outcome.OK and hydrogen.outcome is not Outcome.OK:
        outcome, reason = Outcome.UNCONVERGED, f"the reference ({hydrogen.state}) did not converge"
    energy = None
    if record.energy is not None:
        energy = binding_energy(record.energy, limit.host.energy, n, result.reference.energy) - m * hydrogen.energy
    terms = [(1.0, record.trust), (-1.0, limit.host.trust), (-float(n), result.reference.trust)]
    return ProtonRow(
        n=n,
        m=m,
        outcome=outcome,
        reason=reason,
        binding=energy,
        free=0 if record.structure is None else free_hydrogens(record.structure.to_atoms(), m),
        energy=record.energy,
        trust=combined([*terms, (-float(m), hydrogen.trust)]),
    )


def energies_of_states(limit: BreathingLimit, rows: Iterable[ProtonRow]) -> dict[State, float]:
    """Return E_b(n, m) of all that are results, eV; with hydrogen that has left its oxygen, none."""
    found = {(row.n, 0): row.binding for row in limit.rows if row.outcome is Outcome.OK}
    found |= {(row.n, row.m): row.binding for row in rows if row.outcome is Outcome.OK and not row.free}
    return {state: energy for state, energy in found.items() if energy is not None}


def windows(energies: Mapping[State, float], ion: str, ph: float) -> list[Window]:
    """Return the states that are the lowest somewhere, from high potentials to that at which metal is plated.

    Args:
        energies: E_b(n, m), eV, without hydrogen at pH 0 and 0 V against SHE.
        ion: whose standard potential counts, at unit activity.
        ph: of the electrolyte.
    """
    plated = electrode(ion).potential
    found: list[Window] = []
    state, below = (0, 0), None
    while True:
        onsets = {other: _onset(state, other, energies, ion, ph) for other in energies}
        later = {other: onset for other, onset in onsets.items() if onset is not None and onset > plated}
        if not later:
            return [*found, Window(state=state, above=plated, below=below)]
        after = max(later, key=lambda other: (round(later[other], 9), _electrons(other, ion)))
        found.append(Window(state=state, above=later[after], below=below))
        state, below = after, later[after]


def ion_alone_above(energies: Mapping[State, float], ion: str) -> float | None:
    """Return the pH above which the first to go in, as the potential falls, is an ion and no hydrogen.

    Args:
        energies: E_b(n, m), eV.
        ion: chemical symbol.

    Returns:
        The pH, which may lie outside of any water; none when no ion alone goes in above the potential of its metal.
    """
    plated, bare = electrode(ion).potential, (0, 0)
    alone = [_onset(bare, state, energies, ion, 0.0) for state in energies if state[1] == 0]
    first = max((onset for onset in alone if onset is not None), default=plated)
    if first <= plated:
        return None
    # With m hydrogen atoms of z n + m electrons the potential falls by m / (z n + m) kT ln(10) per unit of pH.
    crossings = [
        (onset - first) * _electrons(state, ion) / (state[1] * proton_shift(1.0))
        for state in energies
        if state[1] and (onset := _onset(bare, state, energies, ion, 0.0)) is not None
    ]
    return max(crossings, default=None)


def proton_sentences(result: BreathingResult, limit: BreathingLimit) -> list[str]:
    """Say what goes in first, ions or protons, and at what potential.

    Args:
        result: the study.
        limit: its limit.
    """
    if result.protons is None:
        return []
    ph, ion = result.protons.ph, result.ion
    rows = proton_rows(result, limit)
    energies = energies_of_states(limit, rows)
    found = windows(energies, ion, ph)
    said = [f"At pH {ph:g} against SHE, as the potential falls: {_listed(found, ion)}."]
    if len(found) > 1:
        ions, protons = found[1].state
        first = f"{ion} and H together" if ions and protons else "H" if protons else ion
        said.append(f"At pH {ph:g} {first} go{'' if ions and protons else 'es'} first, below {found[1].below:.2f} V.")
    alone = ion_alone_above(energies, ion)
    if alone is not None:
        said.append(_by_ph(alone, ion))
    free = [f"({row.n}, {row.m})" for row in rows if row.free]
    if free:
        said.append(f"With (n, m) = {', '.join(free)} hydrogen has left its oxygen; these states are not compared.")
    return said


def _by_ph(alone: float, ion: str) -> str:
    low, high = WATER
    if alone >= high:
        return f"H goes first, with or without {ion}, at every pH up to {high:g}."
    if alone <= low:
        return f"{ion} alone goes first at every pH from {low:g} on."
    return f"{ion} alone goes first above pH {alone:.1f}, H or both below."


def _listed(found: list[Window], ion: str) -> str:
    texts = [f"{_named(window.state, ion)} to {window.above:.2f} V" for window in found[:-1]]
    return ", ".join([*texts, f"{_named(found[-1].state, ion)} to {found[-1].above:.2f} V, where {ion} is plated"])


def _named(state: State, ion: str) -> str:
    parts = [f"{count} {symbol}" for count, symbol in zip(state, (ion, "H"), strict=True) if count]
    return " + ".join(parts) or "the bare host"


def _electrons(state: State, ion: str) -> int:
    n, m = state
    return electrode(ion).charge * n + m


def _onset(one: State, other: State, energies: Mapping[State, float], ion: str, ph: float) -> float | None:
    """Return the potential below which a state of more electrons is lower than another, V against SHE."""
    electrons = _electrons(other, ion) - _electrons(one, ion)
    if electrons <= 0:
        return None
    return (_at_zero(one, energies, ion, ph) - _at_zero(other, energies, ion, ph)) / electrons


def _at_zero(state: State, energies: Mapping[State, float], ion: str, ph: float) -> float:
    """Return the grand potential of a state at 0 V against SHE, eV."""
    metal = electrode(ion)
    n, m = state
    return energies[state] - metal.charge * n * metal.potential + m * proton_shift(ph)
