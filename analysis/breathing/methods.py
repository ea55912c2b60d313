"""A breathing study by every method that computed its states: energies and limits of each, from the same structures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...workflows.breathing.correcting import (
    HOST,
    as_other_method_has_it,
    deciding_states,
    emptied_name,
    loaded_name,
)
from ...workflows.breathing.results import BreathingResult, rereferenced
from ...workflows.common.single_points import Correction, SinglePoints, by_state, effort
from .limit import BreathingLimit, breathing_limit, limit_of
from .rows import BreathingCorrection, BreathingRow


class OtherMethod(NamedTuple):
    """What another method makes of a study."""

    name: str
    points: SinglePoints
    limit: BreathingLimit | None
    """None where host or metal has no single point."""
    lacking: list[str]
    """States whose single points failed."""


def better_method(result: BreathingResult) -> OtherMethod | None:
    """Return what the better method makes of a study; none where it was not corrected."""
    return None if result.single_points is None else _method(rereferenced(result), result.single_points)


def other_members(result: BreathingResult) -> list[OtherMethod]:
    """Return what the other members of an ensemble make of a study."""
    if not result.ensemble:
        return []
    judged = rereferenced(result)
    return [_method(judged, points) for points in result.ensemble]


def deciding_limit(result: BreathingResult) -> BreathingLimit:
    """Return the limit that counts: by the better method where there is one, else by that of the structures."""
    better = better_method(result)
    return breathing_limit(result) if better is None or better.limit is None else better.limit


def correction_of(row: BreathingRow, result: BreathingResult, method: OtherMethod) -> BreathingCorrection | None:
    """Return what another method says of a row; none where it has no energy there.

    Args:
        row: of the method that found the structures.
        result: the study.
        method: the other one.
    """
    if method.limit is None or row.n >= len(method.limit.rows) or method.limit.rows[row.n].binding is None:
        return None
    other = method.limit.rows[row.n]
    states = [HOST, *result.reference.states, loaded_name(row.n), emptied_name(row.n)]
    found = by_state(method.points)
    return BreathingCorrection(
        **effort(found[state] for state in states if state in found),
        surrogate_calls=sum(record.force_calls for record in result.records if record.n == row.n) or None,
        **{key: getattr(other, key) for key in BreathingCorrection.model_fields if key not in Correction.model_fields},
    )


def largest_change(rows: Sequence[BreathingRow], method: OtherMethod) -> tuple[int, float] | None:
    """Return the number of ions at which a method differs most in E_b, and by how much, eV; none without any."""
    if method.limit is None:
        return None
    changes = {
        row.n: other.binding - row.binding
        for row, other in zip(rows, method.limit.rows, strict=False)
        if row.n and row.binding is not None and other.binding is not None
    }
    if not changes:
        return None
    n = max(changes, key=lambda n: abs(changes[n]))
    return n, changes[n]


def _method(judged: BreathingResult, points: SinglePoints) -> OtherMethod:
    whole = as_other_method_has_it(judged, points)
    found = {point.state for point in points.points}
    return OtherMethod(
        name=points.calculator.spec.in_words(),
        points=points,
        limit=None if whole is None else limit_of(rereferenced(whole)),
        lacking=[state for state in deciding_states(judged) if state not in found],
    )
