"""Convex bodies in perspective of no vanishing point: the faces that look at the viewer, shaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray

TURNED, RAISED = np.deg2rad(28.0), np.deg2rad(20.0)
"""Where the viewer is: turned from x towards y, raised towards z."""
LIGHT = np.array([-0.35, 0.5, 0.8])
"""Direction to the light: to the right, up, towards the viewer."""
DARKEST = 0.55
"""Share of its colour that a face turned away from the light keeps."""
SPACE = 1.08
"""Half the width of the picture, in units of the farthest corner."""


def draw_polyhedron(panel: Axes, faces: Sequence[tuple[Array, Array, str]]) -> None:
    """Draw a convex body around the origin.

    Args:
        panel: axes, used up by the picture.
        faces: normal, shape (3,), corners in order, shape (n, 3), and colour of each.
    """
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgb

    axes = _viewer()
    light = LIGHT / np.linalg.norm(LIGHT)
    seen = [(axes @ normal, corners @ axes.T, colour) for normal, corners, colour in faces]
    seen = [face for face in seen if face[0][2] > 1e-6]
    brightness = [DARKEST + (1 - DARKEST) * max(0.0, float(normal @ light)) for normal, _, _ in seen]
    colours = [
        tuple(shine * channel for channel in to_rgb(colour))
        for shine, (_, _, colour) in zip(brightness, seen, strict=True)
    ]
    outlines = [corners[:, :2] for _, corners, _ in seen]
    panel.add_collection(
        PolyCollection(outlines, facecolors=colours, edgecolors="0.15", linewidths=0.7, joinstyle="round")
    )
    size = SPACE * max(float(np.abs(outline).max()) for outline in outlines)
    panel.set(xlim=(-size, size), ylim=(-size, size), aspect="equal")


def _viewer() -> Array:
    """Return the axes of the picture: to the right, up, towards the viewer."""
    towards = np.array([np.cos(RAISED) * np.cos(TURNED), np.cos(RAISED) * np.sin(TURNED), np.sin(RAISED)])
    right = np.array([-np.sin(TURNED), np.cos(TURNED), 0.0])
    return np.array([right, np.cross(towards, right), towards])
