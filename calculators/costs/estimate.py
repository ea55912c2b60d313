"""How long a self-consistent field takes, and what memory and disk it needs, before it is begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .law import Law, Term, fitted

if TYPE_CHECKING:
    from .measured import MeasuredCosts, MeasuredPoint
    from .size import Size

FEWEST = 5
"""Measured points of a method that an estimate needs."""


def start(size: Size) -> float:
    """Start the program."""
    del size
    return 1.0


def wave_functions(size: Size) -> float:
    """Keep the numbers that all orbitals are made of."""
    return size.orbitals * size.functions


def blocks(size: Size) -> float:
    """Set up every spin and k-point."""
    return size.spins * size.kpoints


def transforms(size: Size) -> float:
    """Bring all orbitals onto the grid."""
    return size.orbitals * size.grid


def linear_algebra(size: Size) -> float:
    """Make all orbitals orthogonal."""
    return size.orbitals * size.bands * size.functions


def grid(size: Size) -> float:
    """Keep densities and potentials."""
    return size.grid


def products(size: Size) -> float:
    """Bring the products of neighbouring Gaussians onto the grid."""
    return size.products


PLANE_WAVES: tuple[Term, ...] = (start, blocks, transforms, linear_algebra)
GAUSSIANS: tuple[Term, ...] = (products, grid)
TIMES = {"gpaw": PLANE_WAVES, "cp2k": GAUSSIANS}
"""What the time of a code is made of."""


@dataclass(frozen=True)
class Estimate:
    """The cost of one structure on one core.

    Attributes:
        first: time of the first evaluation, s.
        following: time of a next geometry, from the orbitals or the density of the last, s.
        memory: MB.
        disk: that is kept, MB.
        beyond: how many times longer the first evaluation is than the longest that was measured; below 1 for shorter.
    """

    first: float
    following: float
    memory: float
    disk: float
    beyond: float

    def of(self, evaluations: int) -> float:
        """Return the time of several geometries one after the other, s."""
        return self.first + (evaluations - 1) * self.following


@dataclass(frozen=True)
class CostModel:
    """The laws of one method.

    Attributes:
        points: that they are fitted to.
        time: of a first evaluation.
        following: of a next geometry.
        memory: of the program.
        disk: that is kept.
    """

    points: list[MeasuredPoint]
    time: Law
    following: Law
    memory: Law
    disk: Law

    @property
    def factor(self) -> float:
        """How far a time may be off, either way."""
        return max(self.time.factor, self.following.factor)

    def of(self, size: Size) -> Estimate:
        """Estimate a calculation."""
        first = self.time.of(size)
        return Estimate(
            first=first,
            following=self.following.of(size),
            memory=self.memory.of(size),
            disk=self.disk.of(size),
            beyond=first / max(point.seconds for point in self.points),
        )


def cost_model(method: str, costs: MeasuredCosts) -> CostModel | None:
    """Fit the laws of a method.

    Args:
        method: code and algorithm, as sizes name it.
        costs: measured points.

    Returns:
        The laws; none where too few points were measured.
    """
    points = costs.of_method(method)
    if len(points) < FEWEST:
        return None
    times = TIMES.get(method.partition(",")[0], PLANE_WAVES)
    kept = (start, grid, wave_functions)
    return CostModel(
        points=points,
        time=fitted(points, lambda point: point.seconds, times),
        following=fitted(points, lambda point: point.next_seconds, times),
        memory=fitted(points, lambda point: point.memory, kept),
        disk=fitted(points, lambda point: point.disk, kept),
    )
