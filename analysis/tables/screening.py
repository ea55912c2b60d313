"""The ranking of a screening: what is known of the order of its structures, and what is not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...data.barriers import published_hops
from ..benchmarks.barriers import ION
from ..benchmarks.host_errors import BarrierErrors, barrier_errors
from .building import Entry, columns_of, make_table
from .model import Column, Table, Value

if TYPE_CHECKING:
    from ...calculators.specs import CalculatorRecord
    from ...workflows.screening.results import ScreeningResult

UNITS = {"eV": 3, "V": 2, "J/m^2": 3}
"""Decimals of a quantity, by its unit."""
BARRIER = "migration barrier"
FEWEST = 3
"""A rank correlation of fewer pairs says nothing."""


def screening_table(results: Sequence[ScreeningResult], *, literature: bool = False) -> Table:
    """Tabulate screenings, one row per structure, the best first.

    Args:
        results: every structure at every stage, of one or several screenings.
        literature: put published barriers of DFT beside structures that are called as the hops of the benchmark.

    Returns:
        The table.
    """
    screenings: dict[str, list[ScreeningResult]] = {}
    for result in results:
        screenings.setdefault(result.screening, []).append(result)
    entries = [
        entry for some in screenings.values() for entry in _entries(some, several=len(screenings) > 1, dft=literature)
    ]
    notes = [note for name, some in screenings.items() for note in _notes(name, some, dft=literature)]
    columns = _columns(results, several=len(screenings) > 1, dft=literature)
    return make_table("Screening", columns, entries, notes, published=None, unit="")


def error_of(result: ScreeningResult) -> float | None:
    """Return one sigma of the value of a structure among others by the same method; none where nothing is known.

    What all errors of a method have in common does not change an order. Of barriers of Zn it is the spread of the
    errors of the potential over published barriers of DFT, of hosts of the same class where enough are published, else
    the spread of an ensemble, else that of a committee.

    Args:
        result: with a value.
    """
    found, measured = result.found, measured_errors(result)
    if measured is not None:
        return measured.alone.value
    if found.opinions and found.value is not None:
        return float(np.std([found.value, *found.opinions], ddof=1))
    return None if found.trust is None or result.corrected_by is not None else found.trust.standard_error


def measured_errors(result: ScreeningResult) -> BarrierErrors | None:
    """Return what was measured of the method of a structure, where the number is a barrier of Zn."""
    if result.quantity != BARRIER or result.ion != ION:
        return None
    return barrier_errors(_method(result), result.found.host_class)


def could_be(results: Sequence[ScreeningResult]) -> list[tuple[int, int] | None]:
    """Return the first and the last rank that each structure may have, given the error bars; none without any.

    Two structures have an order where their numbers, of one method, differ by more than one sigma of the difference.

    Args:
        results: of one screening, in the order of the ranking, with values.
    """
    sigmas = [_Sigma(result, error_of(result), measured_errors(result)) for result in results]
    found: list[tuple[int, int] | None] = []
    for own, one in enumerate(sigmas):
        if one.error is None:
            found.append(None)
            continue
        tied = [place for place, other in enumerate(sigmas) if one.is_tied_with(other)]
        before = sum(place < own for place in tied)
        after = sum(place > own for place in tied)
        found.append((own + 1 - before, own + 1 + after))
    return found


class _Sigma(NamedTuple):
    """A structure with a value, and what is known of its error."""

    result: ScreeningResult
    error: float | None
    measured: BarrierErrors | None

    def is_tied_with(self, other: _Sigma) -> bool:
        """Tell whether two of one stage differ by less than one sigma of the difference; not where none is known."""
        value, its = self.result.found.value, other.result.found.value
        if self.result.stage != other.result.stage or value is None or its is None:
            return False
        if self.measured is not None and other.measured is not None:
            return abs(value - its) < math.sqrt(2) * self.measured.between(other.measured).value
        if self.error is None or other.error is None:
            return False
        return abs(value - its) < math.hypot(self.error, other.error)


def _method(result: ScreeningResult) -> CalculatorRecord:
    """Return what computed the number."""
    return result.corrected_by or result.calculator


def _entries(results: list[ScreeningResult], *, several: bool, dft: bool) -> Iterator[Entry]:
    from ...workflows.screening.results import ranked

    order = ranked(results)
    sound = [result for result in order if result.found.value is not None]
    ranges = could_be(sound)
    for place, result in enumerate(order):
        among = ranges[place] if place < len(sound) else None
        cells: dict[str, Value] = {
            "rank": place + 1 if place < len(sound) else None,
            "could_be": "" if among is None else _range(among),
            "screening": result.screening if several else None,
            "system": result.system,
            "value": result.found.value,
            "error": None if result.found.value is None else error_of(result),
            "unit": result.unit,
            "quantity": result.quantity,
            "ion": result.ion,
            "host_class": result.found.host_class or None,
            "at": result.found.at,
            "by": None if result.found.value is None else _method(result).spec.in_words(),
            "before": _before(result, results),
            "n_atoms": result.found.n_atoms,
            "force_calls": _sum(results, result.system, "force_calls"),
            "seconds": _sum(results, result.system, "seconds"),
            **{f"along_{axis}": result.found.along.get(axis) for axis in "abc"},
            **({"published_dft": _published(result)} if dft else {}),
        }
        yield Entry(result, result, f"stage {result.stage + 1}", cells)


def _range(among: tuple[int, int]) -> str:
    first, last = among
    return str(first) if first == last else f"{first}-{last}"


def _before(result: ScreeningResult, results: Sequence[ScreeningResult]) -> str:
    """Say what earlier stages gave, and which later one gave nothing."""
    others = [one for one in results if one.system == result.system and one.stage != result.stage]
    said = []
    for one in sorted(others, key=lambda other: other.stage):
        method = _method(one).spec.in_words()
        number = "none" if one.found.value is None else f"{one.found.value:.{UNITS.get(one.unit, 3)}f}"
        said.append(f"{number} ({method})")
    return ", ".join(said)


def _sum(results: Sequence[ScreeningResult], system: str, field: str) -> float | int | None:
    """Add up what all stages took of a structure; single points count what they begin from themselves."""
    mine = [one for one in results if one.system == system]
    again = {one.stage - 1 for one in mine if one.how == "single points"}
    found = [getattr(one.found, field) for one in mine if one.stage not in again]
    known = [number for number in found if number is not None]
    return sum(known) if known else None


def _published(result: ScreeningResult) -> float | None:
    hop = published_hops().get(result.system.rpartition("/")[2])
    comparable = result.quantity == BARRIER and hop is not None and hop.ion == result.ion
    return hop.dft if comparable and hop is not None else None


def _columns(results: Sequence[ScreeningResult], *, several: bool, dft: bool) -> list[Column]:
    from ...workflows.screening.results import Found, ScreeningResult

    of, found = columns_of(ScreeningResult), columns_of(Found)
    quantities = {(result.quantity, result.unit, result.ion) for result in results}
    head, unit, _ = quantities.pop() if len(quantities) == 1 else ("value", "", "")
    decimals = UNITS.get(unit, 3)
    axes = [
        Column(
            key=f"along_{axis}",
            head=axis,
            unit=unit,
            decimals=decimals,
            result=True,
            description=f"barrier along {axis}",
        )
        for axis in "abc"
        if any(axis in result.found.along for result in results)
    ]
    published = Column(
        key="published_dft", head="DFT", unit="eV", decimals=3, description="published barrier of the hop of this name"
    )
    return [
        of("system", "structure"),
        *([of("screening", "screening")] if several else []),
        Column(key="rank", head="rank", description="place in the order of the numbers"),
        Column(key="value", head=head, unit=unit, decimals=decimals, description=head, result=True),
        Column(key="error", head="+-", unit=unit, decimals=decimals, description="one sigma among structures"),
        Column(
            key="could_be",
            head="rank may be",
            description="ranks that the error bars leave open among structures of the same stage",
        ),
        *axes,
        *([published] if dft and any(_published(result) is not None for result in results) else []),
        found("at", "where"),
        Column(key="by", head="by", description="method of the number"),
        Column(key="before", head="before", description="numbers of other stages"),
        found("n_atoms", "atoms"),
        found("force_calls", "calls"),
        found("seconds", "time", "s", 0),
        of("unit", "unit", detail=True),
        of("quantity", "quantity", detail=True),
        of("ion", "ion", detail=True),
        *([found("host_class", "host class", detail=True)] if any(one.found.host_class for one in results) else []),
    ]


def _notes(name: str, results: list[ScreeningResult], *, dft: bool) -> Iterator[str]:
    from ...workflows.screening.results import ranked

    order = ranked(results)
    sound = [result for result in order if result.found.value is not None]
    one = results[0]
    about = f" of {one.ion}" if one.ion else ""
    own = "" if name.startswith(one.quantity) else f"{name}: "
    what = f"{own}{one.quantity}{about}"
    yield f"{what[0].upper()}{what[1:]}, {one.prefer} first: {len(sound)} of {len(order)} structures have a number."
    if len({result.stage for result in results}) > 1:
        yield (
            "Structures that a later stage computed stand first, in the order of its numbers; numbers of different "
            "stages are of different methods and not compared."
        )
    if one.quantity == BARRIER:
        yield (
            "The barrier is the highest saddle above the lowest site on the easiest way that runs on through the "
            "crystal; along an axis, that of the easiest way along it."
        )
    yield from _on_errors(sound)
    for result in sound:
        if result.found.reason:
            yield f"{result.system}: {result.found.reason}."
    if dft:
        yield from _agreement(sound)


def _on_errors(sound: Sequence[ScreeningResult]) -> Iterator[str]:
    methods = {_method(result).spec.in_words(): result for result in sound}
    unknown = [method for method, result in methods.items() if error_of(result) is None]
    if len(unknown) < len(methods):
        yield (
            "+-: one sigma of a number among others of the same method; for barriers of Zn the spread of its errors "
            "over published barriers of DFT, where the method was measured, else that of an ensemble or a committee. "
            "Structures whose numbers differ by less than one sigma of the difference are tied."
        )
        yield from _on_classes(sound)
    for method in unknown:
        yield f"No error of {method} is known for this: how far its order can be believed is not known either."
    ranges = could_be(sound)
    if sound and ranges[0] is not None and ranges[0][1] > 1:
        tied = ", ".join(result.system for result in sound[1 : ranges[0][1]])
        yield f"Not decided within the error: {sound[0].system} before {tied}."


def _on_classes(sound: Sequence[ScreeningResult]) -> Iterator[str]:
    """Say which published barriers the error bars are of."""
    measured = [(result, errors) for result in sound if (errors := measured_errors(result)) is not None]
    systems: dict[str, list[str]] = {}
    for result, errors in measured:
        systems.setdefault(f"{_method(result).spec.in_words()}, {errors.alone.over}", []).append(result.system)
    for over, names in systems.items():
        yield f"+- of {', '.join(names) if len(systems) > 1 else 'all'}: {over}."
    if any(errors.of_class is not None for _, errors in measured) and len(systems) > 1:
        yield "Structures of different classes are compared by the spread over hosts of all classes."


def _agreement(sound: Sequence[ScreeningResult]) -> Iterator[str]:
    """Compare the order with that of published barriers, stage by stage."""
    from scipy.stats import spearmanr

    for stage in sorted({result.stage for result in sound}):
        pairs = [
            (result.found.value, dft)
            for result in sound
            if result.stage == stage and (dft := _published(result)) is not None
        ]
        if len(pairs) >= FEWEST:
            own, published = zip(*pairs, strict=True)
            rank = spearmanr(own, published).statistic
            mean = float(np.mean(np.subtract(own, published)))
            yield (
                f"Stage {stage + 1}: rank correlation with published DFT {rank:.2f} over {len(pairs)} structures, mean "
                f"difference {mean:+.2f} eV; the published barrier is that of one hop, not of the whole way."
            )
