"""What tables say of corrections: the number of the better method, the difference, and what both methods took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from .building import FORCE
from .model import Column, Value
from .provenance import describe

if TYPE_CHECKING:
    from ...calculators.specs import CalculatorRecord
    from ...workflows.common.single_points import Correction, SinglePoints

COST = (
    Column(
        key="better_calls",
        head="calls, better",
        description="evaluations by the better method behind the row; those that rows share count in each",
    ),
    Column(
        key="better_seconds",
        head="time, better",
        unit="s",
        decimals=1,
        description="wall time of the better method behind the row, s",
    ),
    Column(
        key="surrogate_calls",
        head="calls, surrogate",
        description="evaluations by the surrogate behind the row; those that rows share count in each",
    ),
    Column(
        key="surrogate_seconds",
        head="time, surrogate",
        unit="s",
        decimals=1,
        description="wall time of the surrogate behind the row, s",
    ),
    Column(
        key="better_fmax",
        head="fmax, better",
        unit=FORCE,
        decimals=3,
        description="largest force of the better method on these structures, eV/angstrom: what a correction by single "
        "points leaves out",
        detail=True,
    ),
)


class Corrected(Protocol):
    """A row that may have been corrected."""

    @property
    def correction(self) -> Correction | None:
        """What the better method says."""


class Computed(Protocol):
    """A result that may have single points."""

    @property
    def study(self) -> str:
        """Name of the study."""

    @property
    def calculator(self) -> CalculatorRecord:
        """What computed it."""

    @property
    def single_points(self) -> SinglePoints | None:
        """What the better method computed."""


def correction_columns(
    results: Iterable[Computed], quantities: Sequence[Column], changes: Sequence[str]
) -> list[Column]:
    """Return the columns of corrections; none when nothing was corrected, so that plain tables stay as they are.

    Args:
        results: of the table.
        quantities: columns of the surrogate's numbers that a correction has too.
        changes: keys of those whose change is printed; of the others it is for CSV and JSON, so that tables fit.
    """
    if all(result.single_points is None for result in results):
        return []
    columns: list[Column] = []
    for quantity in quantities:
        columns += [
            quantity.model_copy(
                update={
                    "key": f"{quantity.key}_corrected",
                    "head": f"{quantity.head} corrected",
                    "description": f"{quantity.description}; by the better method at the surrogate's structures",
                }
            ),
            quantity.model_copy(
                update={
                    "key": f"{quantity.key}_change",
                    "head": f"{quantity.head} change",
                    "description": f"{quantity.head} corrected minus {quantity.head}, {quantity.unit}",
                    "detail": quantity.key not in changes,
                }
            ),
        ]
    return [*columns, *COST]


def correction_cells(row: Corrected, quantities: Sequence[Column]) -> dict[str, Value]:
    """Return the cells of [`correction_columns`][]; none for a row that was not corrected."""
    correction = row.correction
    if correction is None:
        return {}
    cells: dict[str, Value] = {
        "better_calls": correction.calls,
        "better_seconds": correction.seconds,
        "better_fmax": correction.fmax,
        "surrogate_calls": correction.surrogate_calls,
        "surrogate_seconds": correction.surrogate_seconds,
    }
    for quantity in quantities:
        better, own = getattr(correction, quantity.key), getattr(row, quantity.key)
        cells[f"{quantity.key}_corrected"] = better
        cells[f"{quantity.key}_change"] = None if better is None or own is None else better - own
    return cells


def correction_notes(results: Iterable[Computed]) -> list[str]:
    """Name both methods and what the better one took for each study."""
    corrected = [(result, result.single_points) for result in results if result.single_points is not None]
    if not corrected:
        return []
    notes = [
        "corrected: single points of a better method at the structures of the surrogate as they are; change: "
        "corrected minus the surrogate's own number. Calls: evaluations of energy and forces behind a row."
    ]
    for result, points in corrected:
        notes.append(
            f"{result.study}: structures by {result.calculator.spec.kind}; corrected by {describe(points.calculator)}; "
            f"{points.calls} single points, {points.seconds:.1f} s, each counted once."
        )
    return notes
