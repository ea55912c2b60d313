"""What a potential on a surface says in numbers: extrema, averages, variances, as Politzer and Murray define them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from ase import Atoms

NEIGHBOURHOOD = 0.6
"""A vertex is a local extremum when none within this distance, angstrom, is more extreme: noise of the mesh is not."""
FLAT = 0.1
"""Where the potential varies less than this in that neighbourhood, kcal/mol, only the highest and the lowest point of
the whole surface are extrema: the fit is no more accurate, and a lone ion has the same potential everywhere."""
POLAR = 10.0
"""A piece of surface is polar when |V| is larger, kcal/mol."""


class Extremum(BaseModel):
    """A local extremum of the potential on the surface."""

    value: float = Field(description="potential, kcal/mol per elementary charge")
    position: tuple[float, float, float] = Field(description="where, angstrom")
    nearest_atom: int = Field(description="index of the nearest atom")
    nearest_symbol: str = Field(description="its chemical symbol")


class FitError(BaseModel):
    """Difference between the fitted and the exact potential at surface points that the fit did not use."""

    rms: float = Field(description="root mean square, kcal/mol")
    largest: float = Field(description="largest, kcal/mol")
    points: int = Field(description="points compared")


class SurfaceStatistics(BaseModel):
    """The potential on a molecular surface, area-weighted; kcal/mol per elementary charge.

    Definitions: P. Politzer, J. S. Murray and coworkers, 10.1016/0166-1280(94)80117-7; names as in Multiwfn,
    10.1016/j.jmgm.2012.07.004. Of a surface without a sign, quantities of that sign are none.
    """

    area: float = Field(description="area, angstrom^2")
    volume: float = Field(description="volume inside, angstrom^3")
    positive_area: float = Field(description="area where the potential is positive, angstrom^2")
    negative_area: float = Field(description="area where it is negative, angstrom^2")
    polar_area: float = Field(description="area where its magnitude is above 10 kcal/mol, angstrom^2")
    maximum: Extremum = Field(description="V_s,max")
    minimum: Extremum = Field(description="V_s,min")
    maxima: list[Extremum] = Field(description="local maxima, highest first")
    minima: list[Extremum] = Field(description="local minima, lowest first")
    average: float = Field(description="average, kcal/mol")
    average_positive: float | None = Field(description="average where positive, kcal/mol")
    average_negative: float | None = Field(description="average where negative, kcal/mol")
    variance_positive: float | None = Field(description="sigma+^2, (kcal/mol)^2")
    variance_negative: float | None = Field(description="sigma-^2, (kcal/mol)^2")
    variance: float = Field(description="sigma_tot^2 = sigma+^2 + sigma-^2, (kcal/mol)^2")
    balance: float | None = Field(description="nu = sigma+^2 sigma-^2 / sigma_tot^4; none without both signs")
    charge_separation: float = Field(description="Pi, average deviation from the average, kcal/mol")
    polarity_index: float = Field(description="MPI, average magnitude, kcal/mol")
    spread: float = Field(
        description="anisotropy: standard deviation of the potential over the whole surface, kcal/mol"
    )
    steepness: float = Field(
        description="anisotropy: root mean square of its gradient along the surface, kcal/mol/angstrom; large "
        "where high and low regions are adjacent"
    )
    fit_error: FitError | None = Field(None, description="error of the fitted potential; none when exact")


def surface_statistics(
    vertices: np.ndarray, triangles: np.ndarray, potential: np.ndarray, volume: float, atoms: Atoms
) -> SurfaceStatistics:
    """Compute the statistics of a potential on a triangulated surface.

    Everything is of the linear interpolant on the triangles. Those on which it changes sign are cut: which sign a whole
    triangle gets would depend on how the molecule lies in the grid.

    Args:
        vertices: angstrom, shape (n, 3).
        triangles: indices of vertices, shape (m, 3).
        potential: at the vertices, kcal/mol, shape (n,).
        volume: inside, angstrom^3.
        atoms: whose surface it is.

    Returns:
        The statistics.
    """
    corners, values = _cut_at_zero(vertices[triangles], potential[triangles])
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = np.linalg.norm(normals, axis=1) / 2
    means = values.mean(axis=1)
    average = _average(means, areas)
    positive, negative = means > 0, means < 0
    parts = [_variance(values[side], areas[side]) for side in (positive, negative)]
    total = sum(part for part in parts if part is not None)
    balance = None
    if parts[0] is not None and parts[1] is not None and total > 0:
        balance = parts[0] * parts[1] / total**2
    maxima = local_maxima(vertices, triangles, potential, atoms)
    minima = [
        extremum.model_copy(update={"value": -extremum.value})
        for extremum in local_maxima(vertices, triangles, -potential, atoms)
    ]
    gradients = _surface_gradients(corners, normals, values)
    return SurfaceStatistics(
        area=float(areas.sum()),
        volume=volume,
        positive_area=float(areas[positive].sum()),
        negative_area=float(areas[negative].sum()),
        polar_area=float(areas[np.abs(means) > POLAR].sum()),
        maximum=maxima[0],
        minimum=minima[0],
        maxima=maxima,
        minima=minima,
        average=average,
        average_positive=_average(means[positive], areas[positive]) if positive.any() else None,
        average_negative=_average(means[negative], areas[negative]) if negative.any() else None,
        variance_positive=parts[0],
        variance_negative=parts[1],
        variance=total,
        balance=balance,
        charge_separation=_average(np.abs(means - average), areas),
        polarity_index=_average(np.abs(means), areas),
        spread=float(np.sqrt(_variance(values, areas) or 0.0)),
        steepness=float(np.sqrt(_average(np.sum(gradients**2, axis=1), areas))),
    )


def local_maxima(vertices: np.ndarray, triangles: np.ndarray, potential: np.ndarray, atoms: Atoms) -> list[Extremum]:
    """Find the vertices that no vertex nearby exceeds, highest first.

    Args:
        vertices: angstrom, shape (n, 3).
        triangles: indices of vertices, shape (m, 3).
        potential: shape (n,).
        atoms: to say which is near.
    """
    from scipy.spatial import cKDTree

    # Only a vertex that tops its own triangles can top its neighbourhood; few do.
    highest = potential.copy()
    np.maximum.at(highest, triangles.ravel(), np.repeat(potential[triangles].max(axis=1), 3))
    candidates = np.flatnonzero(potential >= highest)
    tree = cKDTree(vertices)
    found: list[int] = []
    for i in candidates[np.argsort(-potential[candidates], kind="stable")]:
        near = tree.query_ball_point(vertices[i], NEIGHBOURHOOD)
        stands_out = not found or potential[i] - potential[near].min() > FLAT
        # Of equal neighbours the first one stands for all.
        if stands_out and potential[near].max() <= potential[i] and not set(near) & set(found):
            found.append(int(i))
    return [_extremum(vertices[i], float(potential[i]), atoms) for i in found]


def _extremum(position: np.ndarray, value: float, atoms: Atoms) -> Extremum:
    nearest = int(np.argmin(np.linalg.norm(atoms.positions - position, axis=1)))
    return Extremum(
        value=value,
        position=(float(position[0]), float(position[1]), float(position[2])),
        nearest_atom=nearest,
        nearest_symbol=str(atoms.symbols[nearest]),
    )


def _average(values: np.ndarray, areas: np.ndarray) -> float:
    return float(values @ areas / areas.sum())


def _variance(values: np.ndarray, areas: np.ndarray) -> float | None:
    """Return the variance of a function that is linear on each triangle, values at its corners, shape (m, 3)."""
    if not len(values):
        return None
    deviations = values - _average(values.mean(axis=1), areas)
    squares = (np.sum(deviations**2, axis=1) + np.sum(deviations, axis=1) ** 2) / 12
    return _average(squares, areas)


def _cut_at_zero(corners: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut the triangles on which a linear function changes sign along the line where it is zero.

    Args:
        corners: shape (m, 3, 3).
        values: at the corners, shape (m, 3).

    Returns:
        Corners and values of triangles none of which has both signs.
    """
    crossed = (values.min(axis=1) < 0) & (values.max(axis=1) > 0)
    # The corner that is alone on its side comes first; a zero counts as negative.
    inside = values[crossed] > 0
    alone = np.where(inside.sum(axis=1) == 1, inside.argmax(axis=1), (~inside).argmax(axis=1))
    order = (alone[:, None] + np.arange(3)) % 3
    a, b, c = (np.take_along_axis(corners[crossed], order[:, [i], None], axis=1)[:, 0] for i in range(3))
    at_a, at_b, at_c = (np.take_along_axis(values[crossed], order[:, [i]], axis=1)[:, 0] for i in range(3))
    ab = a + (at_a / (at_a - at_b))[:, None] * (b - a)
    ac = a + (at_a / (at_a - at_c))[:, None] * (c - a)
    zero = np.zeros(len(a))
    pieces = [((a, ab, ac), (at_a, zero, zero)), ((ab, b, c), (zero, at_b, at_c)), ((ab, c, ac), (zero, at_c, zero))]
    return (
        np.concatenate([corners[~crossed], *(np.stack(points, axis=1) for points, _ in pieces)]),
        np.concatenate([values[~crossed], *(np.stack(numbers, axis=1) for _, numbers in pieces)]),
    )


def _surface_gradients(corners: np.ndarray, normals: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the gradient of the linear interpolant on each triangle, shape (m, 3)."""
    squares = np.maximum(np.sum(normals**2, axis=1, keepdims=True), 1e-12)
    edges = corners[:, [2, 0, 1]] - corners[:, [1, 2, 0]]
    slopes = np.cross(normals[:, None, :], edges).transpose(0, 2, 1) @ values[:, :, None]
    return np.asarray(slopes[:, :, 0] / squares)
