"""Scaling laws through measured points: multiples of a few terms, and how far they are off at points left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .measured import MeasuredPoint
from .size import Size

Term: TypeAlias = Callable[[Size], float]
"""Something that a cost may be proportional to."""
Value: TypeAlias = Callable[[MeasuredPoint], float]
"""Which cost of a point."""


@dataclass(frozen=True)
class Law:
    """A sum of terms.

    Attributes:
        terms: what the cost is made of.
        coefficients: multiple of each.
        factor: how far it may be off, either way.
    """

    terms: tuple[Term, ...]
    coefficients: tuple[float, ...]
    factor: float

    def of(self, size: Size) -> float:
        """Return the cost of a calculation, in the unit of the points."""
        return sum(number * term(size) for number, term in zip(self.coefficients, self.terms, strict=True))


def fitted(points: Sequence[MeasuredPoint], value: Value, terms: Sequence[Term]) -> Law:
    """Fit a law to measured points, so that its relative errors are least.

    Args:
        points: more than there are terms.
        value: the cost of a point.
        terms: what it may be proportional to.

    Returns:
        The law; its factor is the largest by which a point is missed that was left out of the fit.
    """
    misses = []
    for number, point in enumerate(points):
        others = [*points[:number], *points[number + 1 :]]
        ratio = _law(others, value, terms, 1.0).of(point.size) / value(point)
        misses.append(max(ratio, 1 / ratio) if ratio > 0 else np.inf)
    return _law(points, value, terms, float(max(misses)))


def _law(points: Sequence[MeasuredPoint], value: Value, terms: Sequence[Term], factor: float) -> Law:
    from scipy.optimize import nnls

    relative = np.array([[term(point.size) / value(point) for term in terms] for point in points])
    largest = relative.max(axis=0)
    scale = np.where(largest > 0, largest, 1.0)  # terms differ by many orders of magnitude
    coefficients, _ = nnls(relative / scale, np.ones(len(points)))
    return Law(tuple(terms), tuple((coefficients / scale).tolist()), factor)
