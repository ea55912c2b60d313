"""One row for every number of inserted ions: its energies, its bonds, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, Field

from ...calculators.surrogates.trust import Trust, combined
from ...structures.bond_criteria import NON_METALS
from ...structures.bonds import follow_bonds, followed
from ...workflows.breathing.results import BreathingRecord, BreathingResult, HostState, best_record
from ...workflows.common.results import Outcome
from .hull import Plateau, binding_energy, capacity, molar_mass


class BreathingFlag(StrEnum):
    """What is to be known of a number of ions beside its energy."""

    PLATING = "plating"
    DISINTEGRATION = "disintegration"
    UNCONVERGED = "unconverged"
    BONDS = "not re-formed"
    ENERGY = "energy not recovered"
    SEARCH = "search not converged"


class BreathingRow(BaseModel):
    """One number of ions."""

    n: int = Field(description="ions in the cell")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")
    binding: float | None = Field(None, description="E_b(n) = E[S+nX] - E[S] - n mu, eV per cell; negative binds")
    per_ion: float | None = Field(None, description="E_b(n) / n, eV")
    increment: float | None = Field(None, description="E_b(n) - E_b(n-1), eV; none unless both are results")
    on_hull: bool | None = Field(None, description="stable against all other n, the bare host and the bulk metal")
    voltage: float | None = Field(
        None, description="voltage of the plateau that ends at this n or spans it, V against the metal and its ion"
    )
    intact: int | None = Field(None, description="followed bonds of the host that the loaded host has")
    broken: int | None = Field(None, description="followed bonds of the host that the loaded host has not")
    new: int | None = Field(None, description="followed bonds of the loaded host that the host has not")
    reformed: int | None = Field(None, description="of the broken bonds, those back after removal of the ions")
    returned: int | None = Field(None, description="followed bonds of the host that the emptied host has")
    returned_new: int | None = Field(None, description="followed bonds of the emptied host that the host has not")
    emptied: float | None = Field(None, description="energy of the emptied host above that of the host, eV per cell")
    reversible: bool | None = Field(
        None, description="the emptied host has the host's bonds, film and energy again; none when not known"
    )
    flags: list[BreathingFlag] = Field(default_factory=list, description="what is to be known of this n")
    capacity: float = Field(description="z n F / (3.6 M) with M the mass of the film alone, without ions, mAh/g")
    composite_capacity: float = Field(
        description="the same with M the mass of film and support of the cell, without ions, mAh/g"
    )
    electrons_per_metal: float | None = Field(
        None, description="z n electrons over the metal atoms of the film; none where it has none"
    )
    seeds: int = Field(0, description="seeds that gave a result")
    seeds_reversible: int | None = Field(None, description="seeds whose best state is reversible")
    spread: float | None = Field(None, description="highest minus lowest E_b among the seeds' best states, eV")
    sites_tried: int = Field(0, description="sites tried by all seeds together")
    energy: float | None = Field(None, description="E[S+nX] or, for n = 0, E[S], eV, on the calculator's own zero")
    lost: str = Field("", description="broken bonds by the numbers of their atoms")
    losses: str = Field("", description="metal atoms of the film that lost their anions")
    trust: Trust | None = Field(None, exclude=True, repr=False, description="what a surrogate's committee says of E_b")
    record: BreathingRecord | None = Field(None, exclude=True, repr=False, description="the record that counts")


def breathing_rows(result: BreathingResult, host: HostState) -> list[BreathingRow]:
    """Return one row for every n from 0 to the largest with a record, hull and neighbours not yet in them.

    Args:
        result: a study whose records have been judged against the host.
        host: reference state.

    Returns:
        The rows; one that says so for every n without a record.
    """
    largest = max((record.n for record in result.records), default=0)
    return [_host_row(host, result), *(_row(n, host, result) for n in range(1, largest + 1))]


def with_neighbours(
    row: BreathingRow, energies: Mapping[int, float], hull: Sequence[int], steps: Sequence[Plateau]
) -> BreathingRow:
    """Add to a row what follows from the others.

    Args:
        row: the row.
        energies: E_b by n of the rows that are results, eV.
        hull: stable numbers of ions.
        steps: plateaus between them.
    """
    if row.n not in energies:
        return row
    before = energies.get(row.n - 1)
    voltages = [step.voltage for step in steps if step.start < row.n <= step.end]
    return row.model_copy(
        update={
            "increment": None if before is None else energies[row.n] - before,
            "on_hull": row.n in hull,
            "voltage": voltages[0] if voltages else None,
        }
    )


def _host_row(host: HostState, result: BreathingResult) -> BreathingRow:
    atoms, criteria = host.structure.to_atoms(), result.criteria.bonds
    (state,) = follow_bonds([atoms], criteria, followed(atoms, result.interface, criteria))
    outcome, reason = _reference_outcome(host, result)
    return BreathingRow(
        n=0,
        outcome=outcome,
        reason=reason,
        binding=0.0,
        intact=len(state.intact),
        broken=0,
        new=0,
        reformed=0,
        returned=len(state.intact),
        returned_new=0,
        emptied=0.0,
        reversible=True,
        capacity=0.0,
        composite_capacity=0.0,
        electrons_per_metal=_electrons_per_metal(0, host, result),
        energy=host.energy,
        flags=[] if outcome is Outcome.OK else [BreathingFlag.UNCONVERGED],
    )


def _row(n: int, host: HostState, result: BreathingResult) -> BreathingRow:
    records = [record for record in result.records if record.n == n]
    film, support = result.interface.film, result.interface.support
    charged = {
        "capacity": capacity(n, result.charge, molar_mass(host.structure, film)),
        "composite_capacity": capacity(n, result.charge, molar_mass(host.structure, (*film, *support))),
        "electrons_per_metal": _electrons_per_metal(n, host, result),
    }
    best = best_record(records)
    if best is None:
        return BreathingRow(n=n, outcome=Outcome.FAILED, reason="nothing was computed", **charged)
    seeds = [
        found for seed in {r.seed for r in records} if (found := best_record(r for r in records if r.seed == seed))
    ]
    sound = [seed.energy for seed in seeds if seed.outcome is Outcome.OK and seed.energy is not None]
    returns = [_reversible(seed, host, result) for seed in seeds]
    outcome, reason = _reference_outcome(host, result)
    if outcome is Outcome.OK:
        outcome, reason = best.outcome, best.reason
    bonds, empty = best.bonds, best.emptied
    after = None if empty is None else empty.bonds
    energy = None if best.energy is None else binding_energy(best.energy, host.energy, n, result.reference.energy)
    row = BreathingRow(
        n=n,
        outcome=outcome,
        reason=reason,
        binding=energy,
        per_ion=None if energy is None else energy / n,
        intact=None if bonds is None else len(bonds.intact),
        broken=None if bonds is None else len(bonds.broken),
        new=None if bonds is None else len(bonds.new),
        reformed=None if after is None else len(after.reformed),
        returned=None if after is None else len(after.intact),
        returned_new=None if after is None else len(after.new),
        emptied=None if empty is None or empty.energy is None else empty.energy - host.energy,
        reversible=_reversible(best, host, result),
        **charged,
        seeds=len(sound),
        seeds_reversible=returns.count(True) if any(known is not None for known in returns) else None,
        spread=max(sound) - min(sound) if len(sound) > 1 else None,
        sites_tried=sum(record.sites_tried for record in records),
        energy=best.energy,
        lost="" if bonds is None else " ".join(bond.label for bond in bonds.broken),
        losses=", ".join(loss.label for loss in best.losses),
        trust=combined([(1.0, best.trust), (-1.0, host.trust), (-float(n), result.reference.trust)]),
        record=best,
    )
    return row.model_copy(update={"flags": _flags(row, best, result)})


def _electrons_per_metal(n: int, host: HostState, result: BreathingResult) -> float | None:
    metals = sum(host.structure.symbols[i] not in NON_METALS for i in result.interface.film)
    return result.charge * n / metals if metals else None


def _reversible(record: BreathingRecord, host: HostState, result: BreathingResult) -> bool | None:
    """Tell whether the emptied host is the host again; none when a calculation that would say so is no result."""
    empty = record.emptied
    if record.outcome is not Outcome.OK or empty is None or empty.outcome is not Outcome.OK:
        return None
    if empty.bonds is None or empty.energy is None:
        return None
    same = empty.bonds.unchanged and not empty.losses
    return same and empty.energy - host.energy <= result.criteria.energy_tolerance


def _reference_outcome(host: HostState, result: BreathingResult) -> tuple[Outcome, str]:
    if not host.converged:
        return Outcome.UNCONVERGED, f"the host ({host.origin}) did not converge"
    if result.reference.outcome is not Outcome.OK:
        return Outcome.UNCONVERGED, f"the reference ({result.reference.state}) did not converge"
    if host.trust is not None and host.trust.flagged:
        return Outcome.OUTSIDE, f"the host ({host.origin}): {host.trust.problem}"
    if result.reference.trust is not None and result.reference.trust.flagged:
        return Outcome.OUTSIDE, f"the reference ({result.reference.state}): {result.reference.trust.problem}"
    return Outcome.OK, ""


def _flags(row: BreathingRow, record: BreathingRecord, result: BreathingResult) -> list[BreathingFlag]:
    empty = record.emptied
    ended = [row.outcome, *([] if empty is None else [empty.outcome])]
    back = empty is None or empty.outcome is not Outcome.OK or empty.bonds is None or empty.bonds.unchanged
    known = empty is not None and empty.outcome is Outcome.OK and row.emptied is not None
    recovered = not known or (row.emptied or 0.0) <= result.criteria.energy_tolerance
    raised = {
        BreathingFlag.PLATING: bool(record.contacts),
        BreathingFlag.DISINTEGRATION: bool(record.losses or (empty is not None and empty.losses)),
        BreathingFlag.UNCONVERGED: Outcome.UNCONVERGED in ended,
        BreathingFlag.BONDS: not back,
        BreathingFlag.ENERGY: not recovered,
        BreathingFlag.SEARCH: row.spread is not None and row.spread > result.criteria.search_tolerance,
    }
    return [flag for flag, holds in raised.items() if holds]
