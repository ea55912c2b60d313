"""A surface seen from above, with numbered places on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from .structures import colour_of, in_one_piece, radius_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...structures.documents import StructureDocument

Array = np.ndarray
Frame = tuple[float, float, float, float]

FADING, DEPTH = 0.75, 4.0
"""Share of white in the colour of atoms this far (angstrom) below the highest one, and of all deeper ones."""
MARGIN, AROUND = 0.9, 4.5
"""Of the surface beyond its cell, and of the part of a large cell that is shown around all places, angstrom."""
LARGE = 0.6
"""Share of a cell's picture below which the part around the places is shown alone."""
NEAR = 0.055
"""Places nearer to each other than this share of the picture have one label."""
PER_LABEL = 2
"""Numbers on a line of a label."""


@dataclass(frozen=True)
class TopView:
    """A slab in the plane of its surface, seen against its outward normal.

    Attributes:
        symbols: elements.
        places: along a, perpendicular to it, and up, angstrom, shape (n, 3).
        cell: cell vectors a and b in the first two of these axes, rows, angstrom.
    """

    symbols: tuple[str, ...]
    places: Array
    cell: Array

    @classmethod
    def of(cls, slab: StructureDocument) -> TopView:
        """Look down on a slab whose vacuum is along c."""
        atoms = slab.to_atoms()
        fractional = atoms.cell.scaled_positions(atoms.positions)
        fractional[:, 2] = in_one_piece(fractional[:, 2])
        axes = _axes(atoms.cell.array)
        places = fractional @ atoms.cell.array @ axes.T
        return cls(tuple(slab.symbols), places, (atoms.cell.array @ axes.T)[:2, :2])

    def frame(self, places: Array) -> Frame:
        """Return left, right, bottom and top of a picture, angstrom: of the cell, or of what is around places in it.

        Args:
            places: in the cell, shape (n, 2), angstrom.
        """
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) @ self.cell
        low, high = corners.min(axis=0) - MARGIN, corners.max(axis=0) + MARGIN
        if len(places):
            near = np.maximum(low, places.min(axis=0) - AROUND), np.minimum(high, places.max(axis=0) + AROUND)
            if np.prod(near[1] - near[0]) < LARGE * np.prod(high - low):
                low, high = near
        return float(low[0]), float(high[0]), float(low[1]), float(high[1])

    def repeated(self, frame: Frame) -> tuple[Array, Array]:
        """Return places of all atoms of a picture from the lowest up, shape (m, 3), and the atoms they are of."""
        left, right, bottom, top = frame
        shifts = np.array([[*(np.array(steps) @ self.cell), 0.0] for steps in product((-1, 0, 1), repeat=2)])
        wrapped = self.places.copy()
        wrapped[:, :2] = self.within(wrapped[:, :2])
        every = (wrapped[None] + shifts[:, None]).reshape(-1, 3)
        atoms = np.tile(np.arange(len(wrapped)), len(shifts))
        shown = (
            (every[:, 0] > left - 1) & (every[:, 0] < right + 1) & (every[:, 1] > bottom - 1) & (every[:, 1] < top + 1)
        )
        order = np.flatnonzero(shown)[np.argsort(every[shown, 2], kind="stable")]
        return every[order], atoms[order]

    def within(self, places: Array) -> Array:
        """Return places of the plane, shape (n, 2), taken into the cell."""
        fractional = places @ np.linalg.inv(self.cell)
        inside: Array = (fractional - np.floor(fractional + 0.02)) @ self.cell
        return inside


def place_of_adsorbate(relaxed: StructureDocument, surface: int) -> Array:
    """Return where on a surface an adsorbate sits: below the atom of it that is nearest to the surface.

    Args:
        relaxed: the surface with the adsorbate last.
        surface: number of atoms of the surface.

    Returns:
        In the axes of a [`TopView`][] of the surface, angstrom, shape (2,).
    """
    from ase.geometry import get_distances

    atoms = relaxed.to_atoms()
    guest, host = atoms.positions[surface:], atoms.positions[:surface]
    _, distances = get_distances(guest, host, cell=atoms.cell, pbc=atoms.pbc)
    nearest = guest[distances.min(axis=1).argmin()]
    place: Array = (_axes(atoms.cell.array) @ nearest)[:2]
    return place


def draw_site_map(panel: Axes, view: TopView, places: Sequence[tuple[str, Array, str]]) -> None:
    """Draw a surface and labels on it; labels that would cover each other become one.

    Args:
        panel: axes, used up by the picture.
        view: the surface.
        places: text, place (angstrom, in the axes of the view) and colour, the most important first.
    """
    from matplotlib.patches import Polygon

    frame = view.frame(view.within(np.array([place for _, place, _ in places]).reshape(-1, 2)))
    left, right, bottom, top = frame
    panel.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[], aspect="equal", anchor="N")
    panel.spines[:].set_visible(False)
    _draw_atoms(panel, view, frame)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) @ view.cell
    panel.add_patch(Polygon(corners, fill=False, edgecolor="0.2", linewidth=0.9, linestyle=(0, (4, 2))))
    for texts, place, colour in reversed(_labels(view, places, NEAR * (right - left))):
        lines = [", ".join(texts[start : start + PER_LABEL]) for start in range(0, len(texts), PER_LABEL)]
        panel.text(
            float(place[0]),
            float(place[1]),
            ",\n".join(lines),
            ha="center",
            va="center",
            fontsize=7,
            color=colour,
            fontweight="bold",
            bbox={"boxstyle": "round,pad=0.18", "facecolor": "white", "edgecolor": colour, "linewidth": 1.0},
        )


def _draw_atoms(panel: Axes, view: TopView, frame: Frame) -> None:
    from matplotlib.collections import EllipseCollection
    from matplotlib.colors import to_rgb

    places, atoms = view.repeated(frame)
    widths = [2 * radius_of(view.symbols[i]) for i in atoms]
    colours = np.array([to_rgb(colour_of(view.symbols[i])) for i in atoms])
    share = FADING * np.clip((view.places[:, 2].max() - places[:, 2]) / DEPTH, 0, 1)
    panel.add_collection(
        EllipseCollection(
            widths,
            widths,
            np.zeros(len(atoms)),
            units="xy",
            offsets=places[:, :2],
            offset_transform=panel.transData,
            facecolors=colours + (1 - colours) * share[:, None],
            edgecolors=[str(0.25 + 0.5 * one) for one in share],
            linewidths=0.4,
        )
    )


def _labels(view: TopView, places: Sequence[tuple[str, Array, str]], near: float) -> list[tuple[list[str], Array, str]]:
    """Put texts of places near to each other together, at the place and in the colour of the first."""
    found: list[tuple[list[str], Array, str]] = []
    for text, place, colour in places:
        (inside,) = view.within(place[None])
        beside = next((texts for texts, other, _ in found if _distance(view, inside, other) < near), None)
        if beside is None:
            found.append(([text], inside, colour))
        else:
            beside.append(text)
    return found


def _distance(view: TopView, one: Array, other: Array) -> float:
    shifts = np.array(list(product((-1, 0, 1), repeat=2))) @ view.cell
    return float(np.linalg.norm(one - other + shifts, axis=1).min())


def _axes(cell: Array) -> Array:
    """Return a, what is perpendicular to it in the plane of a and b, and the normal towards c, all of length one."""
    a, b, c = cell
    up = np.cross(a, b) / np.linalg.norm(np.cross(a, b))
    up = up if up @ c > 0 else -up
    right = a / np.linalg.norm(a)
    return np.array([right, np.cross(up, right), up])
