"""A triangulated surface as a picture: what hides what is decided pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

TILT = np.radians((18.0, 22.0))
"""Turns about the horizontal and the vertical axis of the picture: symmetric molecules then hide less of themselves."""
LIGHT = np.array([-0.35, 0.45, 0.82])
AMBIENT, DIFFUSE, GLOSS, SHININESS = 0.72, 0.30, 0.10, 24
OVERSAMPLING = 2
"""Pixels are computed this much finer in both directions and averaged: smooth outlines."""
CANDIDATES = 400_000
"""Pixels tested at a time for lying in a triangle: bounds the memory."""


@dataclass(frozen=True)
class View:
    """Where a surface is seen from, in parallel projection.

    Attributes:
        centre: shown in the middle, angstrom.
        axes: rows: to the right, up, and towards the viewer.
    """

    centre: np.ndarray
    axes: np.ndarray

    @classmethod
    def of(cls, vertices: np.ndarray, facing: np.ndarray) -> View:
        """Look at a surface from one of its flat sides, its length horizontal.

        Args:
            vertices: of the surface, angstrom.
            facing: points to have on the near side, as far as one view can, angstrom, shape (k, 3).
        """
        centre = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
        _, principal = np.linalg.eigh(np.cov((vertices - centre).T))
        views = []
        for near in (principal[:, 0], -principal[:, 0]):
            for right in (principal[:, 2], -principal[:, 2]):
                views.append(cls(centre, _tilt() @ np.array([right, np.cross(near, right), near])))
        return max(views, key=lambda view: round(float(view.project(facing)[:, 2].min()), 6))

    def project(self, points: np.ndarray) -> np.ndarray:
        """Return places to the right, upwards and towards the viewer, angstrom."""
        return np.asarray((points - self.centre) @ self.axes.T)


@dataclass(frozen=True)
class Picture:
    """A rendered surface.

    Attributes:
        pixels: RGBA between 0 and 1, top row first.
        depth: how near the surface is at each pixel, angstrom; minus infinity where there is none.
        half_size: distance from the middle of the picture to each edge, angstrom.
    """

    pixels: np.ndarray
    depth: np.ndarray
    half_size: float

    def hides(self, point: np.ndarray, tolerance: float = 0.15) -> bool:
        """Tell whether the surface is in front of a projected point, angstrom."""
        size = len(self.depth)
        column, row = ((point[:2] * (1, -1) / self.half_size + 1) / 2 * size).astype(int).clip(0, size - 1)
        return bool(self.depth[row, column] > point[2] + tolerance)


def render(
    vertices: np.ndarray,
    triangles: np.ndarray,
    values: np.ndarray,
    colours: Callable[[np.ndarray], np.ndarray],
    size: int = 520,
) -> Picture:
    """Draw a surface with smooth colours and light from the upper left.

    Args:
        vertices: projected, angstrom.
        triangles: indices of their corners; their orientation does not matter.
        values: at the vertices.
        colours: from values to RGB.
        size: width and height of the picture, pixels.

    Returns:
        The picture.
    """
    fine = size * OVERSAMPLING
    half_size = half_size_of(vertices)
    places = (vertices[:, :2] * (1, -1) / half_size + 1) / 2 * fine
    pixel, weights, corners = _fragments(places, vertices[:, 2], triangles, fine)
    normals = np.einsum("fc,fcx->fx", weights, _normals(vertices, triangles)[corners])
    colour = _lit(colours(np.einsum("fc,fc->f", weights, values[corners])), normals)
    flat = np.zeros((fine * fine, 4))
    flat[pixel] = np.column_stack([colour, np.ones(len(colour))])
    depth = np.full(fine * fine, -np.inf)
    depth[pixel] = np.einsum("fc,fc->f", weights, vertices[:, 2][corners])
    blocks = flat.reshape(size, OVERSAMPLING, size, OVERSAMPLING, 4)
    cover = blocks[..., 3].mean(axis=(1, 3))
    mixed = blocks[..., :3].sum(axis=(1, 3)) / np.maximum(blocks[..., 3].sum(axis=(1, 3)), 1)[..., None]
    nearest = depth.reshape(size, OVERSAMPLING, size, OVERSAMPLING).max(axis=(1, 3))
    return Picture(np.dstack([mixed, cover]), nearest, half_size)


def half_size_of(vertices: np.ndarray) -> float:
    """Return how far a square frame about the middle reaches that holds projected vertices, angstrom."""
    return 1.04 * float(np.abs(vertices[:, :2]).max())


def _tilt() -> np.ndarray:
    (sine_x, sine_y), (cosine_x, cosine_y) = np.sin(TILT), np.cos(TILT)
    about_x = np.array([[1, 0, 0], [0, cosine_x, -sine_x], [0, sine_x, cosine_x]])
    about_y = np.array([[cosine_y, 0, sine_y], [0, 1, 0], [-sine_y, 0, cosine_y]])
    return np.asarray(about_x @ about_y)


def _fragments(
    places: np.ndarray, depths: np.ndarray, triangles: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the nearest triangle at every pixel: indices of pixels, barycentric weights, corners."""
    first, second, third = (places[triangles[:, corner]] for corner in range(3))
    area = _cross(second - first, third - first)
    low = np.floor(np.minimum(np.minimum(first, second), third) - 0.5).astype(int).clip(0, size - 1)
    high = np.ceil(np.maximum(np.maximum(first, second), third) - 0.5).astype(int).clip(0, size - 1)
    extent = high - low + 1
    counts = extent.prod(axis=1) * (np.abs(area) > 1e-9)
    ends = np.cumsum(counts)
    found = []
    for part in np.split(np.arange(len(triangles)), np.searchsorted(ends, np.arange(CANDIDATES, ends[-1], CANDIDATES))):
        which = np.repeat(part, counts[part])
        place = np.arange(len(which)) - np.repeat(np.cumsum(counts[part]) - counts[part], counts[part])
        column = low[which, 0] + place % extent[which, 0]
        row = low[which, 1] + place // extent[which, 0]
        point = np.column_stack([column, row]) + 0.5
        one, two, three = first[which] - point, second[which] - point, third[which] - point
        weights = np.column_stack([_cross(two, three), _cross(three, one), _cross(one, two)]) / area[which, None]
        hit = (weights >= -1e-9).all(axis=1)
        found.append((row[hit] * size + column[hit], weights[hit], triangles[which[hit]]))
    pixel, weight, corner = (np.concatenate(parts) for parts in zip(*found, strict=True))
    near = np.einsum("fc,fc->f", weight, depths[corner])
    order = np.lexsort((-near, pixel))
    _, front = np.unique(pixel[order], return_index=True)
    keep = order[front]
    return pixel[keep], weight[keep], corner[keep]


def _cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])


def _normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Return normals at the vertices: those of the triangles around, weighted by area."""
    first, second, third = (vertices[triangles[:, corner]] for corner in range(3))
    faces = np.cross(second - first, third - first)
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], faces)
    return normals


def _lit(colours: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Shade colours; a surface seen from behind is lit as if it faced the viewer."""
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    towards = normals / np.maximum(length, 1e-12) * np.where(normals[:, 2:] < 0, -1.0, 1.0)
    light = LIGHT / np.linalg.norm(LIGHT)
    between = light + np.array([0.0, 0.0, 1.0])
    half = between / np.linalg.norm(between)
    diffuse = AMBIENT + DIFFUSE * np.clip(towards @ light, 0, None)
    gloss = GLOSS * np.clip(towards @ half, 0, None) ** SHININESS
    return np.asarray(np.clip(colours * diffuse[:, None] + gloss[:, None], 0, 1))
