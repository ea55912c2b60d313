"""Published limits beside the ranges of computed ones, by every definition and every method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...data.literature import Quantity, published_values
from .limit import DEFINITIONS, BreathingLimit, Limit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...workflows.breathing.results import BreathingResult


def against_published(result: BreathingResult, limits: Iterable[tuple[str, BreathingLimit]]) -> list[str]:
    """Say of every published limit of a study whether it lies within the range of each computed one.

    Args:
        result: the study, with the keys of published values.
        limits: the name of each method, and what it makes of them.
    """
    values, by_method = published_values(), list(limits)
    limited = [
        (key, values[key].value)
        for key in result.literature
        if key in values and values[key].quantity == Quantity.STORAGE_LIMIT
    ]
    return [
        f"Published {key}, n = {number:g}, by {method}: {_said(number, limit)}."
        for key, number in limited
        if number is not None
        for method, limit in by_method
    ]


def _said(number: float, limit: BreathingLimit) -> str:
    found: dict[str, Limit] = {name: getattr(limit, field) for name, field in DEFINITIONS.items()}
    return ", ".join(f"{_place(number, one)} {name} = {one.text}" for name, one in found.items())


def _place(number: float, limit: Limit) -> str:
    lowest, highest = limit.range
    if number < lowest or (highest is not None and number > highest):
        return "not within"
    return "within" if highest is not None else "not excluded by"
