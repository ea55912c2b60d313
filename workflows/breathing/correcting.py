"""The states that decide a breathing study, and the study as another method has it at these structures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ..common.results import Outcome
from ..common.single_points import WORTH_CORRECTING, SinglePoints, States, by_state

if TYPE_CHECKING:
    from .results import BreathingRecord, BreathingResult, EmptiedHost

HOST = "host"
"""Name of the host's reference state."""


def loaded_name(n: int) -> str:
    """Name the lowest state with some number of ions."""
    return f"n = {n}"


def emptied_name(n: int) -> str:
    """Name the host that this state leaves when its ions are taken out."""
    return f"n = {n}, emptied"


def best_record(records: Iterable[BreathingRecord]) -> BreathingRecord | None:
    """Return the record that counts: the lowest of those that are results, else the lowest; equal ones by content."""
    return min(records, key=_rank, default=None)


def deciding_records(result: BreathingResult) -> list[BreathingRecord]:
    """Return the record that counts of every number of ions that is to be corrected, where that is worth it."""
    most = result.correct_up_to
    numbers = sorted({record.n for record in result.records if most is None or record.n <= most})
    best = (best_record(record for record in result.records if record.n == n) for n in numbers)
    return [record for record in best if record is not None and record.outcome in WORTH_CORRECTING]


def deciding_states(result: BreathingResult) -> States:
    """Return the structures that decide E_b(n) and n_rev.

    Args:
        result: judged against its only host.

    Returns:
        The host, the bulk metal, the lowest state of every number of ions and what it leaves when it is emptied;
        nothing where host or metal did not converge, or nothing was loaded.
    """
    (host,) = result.hosts
    records = deciding_records(result)
    if not records or not host.converged or result.reference.outcome not in WORTH_CORRECTING:
        return {}
    states = {HOST: host.structure} | result.reference.states
    for record in records:
        if record.structure is not None:
            states[loaded_name(record.n)] = record.structure
        if record.emptied is not None and record.emptied.structure is not None and _is_worth(record.emptied):
            states[emptied_name(record.n)] = record.emptied.structure
    return states


def as_other_method_has_it(result: BreathingResult, points: SinglePoints) -> BreathingResult | None:
    """Return the study with the energies of another method, at the structures that decide it.

    All its energies are on that method's zero. It is a study of these states alone: of every number of ions it has one
    record, and that of a single point that failed is no result. What lay outside the domain of the surrogate counts,
    as its energy is not the surrogate's any more.

    Args:
        result: judged against its only host.
        points: single points of its states.

    Returns:
        The study; none where host or metal has no single point.
    """
    energies = {state: point.energy for state, point in by_state(points).items()}
    (host,) = result.hosts
    reference = result.reference
    if not reference.parts or not {HOST, *reference.states}.issubset(energies):
        return None
    known = {"energy": reference.energy_from(energies), "trust": None}
    return result.model_copy(
        update={
            "hosts": [host.model_copy(update={"energy": energies[HOST], "trust": None})],
            "reference": reference.model_copy(update=known),
            "records": [_record(record, energies) for record in deciding_records(result)],
            "searches": 1,
            "calculator": points.calculator,
        }
    )


def _record(record: BreathingRecord, energies: Mapping[str, float]) -> BreathingRecord:
    changes: dict[str, object] = _ending(energies.get(loaded_name(record.n)))
    if record.emptied is not None:
        energy = energies.get(emptied_name(record.n))
        worth = _is_worth(record.emptied)
        ending = _ending(energy) if worth else {"energy": None, "trust": None}
        changes["emptied"] = record.emptied.model_copy(update=ending)
    return record.model_copy(update=changes)


def _ending(energy: float | None) -> dict[str, object]:
    if energy is None:
        failed = {"outcome": Outcome.FAILED, "reason": "its single point failed; the run's log says why"}
        return {"energy": None, "trust": None, **failed}
    return {"energy": energy, "trust": None, "outcome": Outcome.OK, "reason": ""}


def _is_worth(empty: EmptiedHost) -> bool:
    return empty.outcome in WORTH_CORRECTING


def _rank(record: BreathingRecord) -> tuple[bool, bool, float, str]:
    missing = record.energy is None
    return (record.outcome is not Outcome.OK, missing, record.energy or 0.0, record.model_dump_json())
