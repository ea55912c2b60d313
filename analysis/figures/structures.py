"""Slabs and interfaces seen from the side, small: atoms as discs, interface bonds as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...structures.bonds import follow_bonds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...structures.bonds import Bond, Bonds
    from ...structures.documents import StructureDocument

Array = np.ndarray

COLOURS = {
    "H": "#f4f4f4",
    "C": "#6e6e6e",
    "N": "#3050f8",
    "O": "#e8574a",
    "F": "#8fd45f",
    "S": "#e6c12f",
    "Ti": "#9ec3de",
    "V": "#6a4fa3",
    "Mo": "#3f8f8f",
    "Ru": "#2b7a78",
    "Zn": "#ffb000",
}
"""Elements of zinc-ion cathodes told apart at the size of a pinhead; others keep the colours of Jmol."""
INTACT, BROKEN, STICK = "#1a1a1a", "#d7191c", "0.55"
DISC = 0.6
"""Radius of an atom, in covalent radii between 0.7 and 1.25 angstrom."""
FADING = 0.55
"""Share of white in the colour of the farthest atoms."""
_EDGE = 0.05
"""Share of a cell vector before its origin from which on atoms of a layer are shown."""
_OPEN = 3.0
"""A film with a gap wider than this, angstrom, is a cluster or ribbon, and the picture is cut through the gap."""
_MARGIN = 1.0


@dataclass(frozen=True)
class SideView:
    """A structure in the plane of the picture.

    Attributes:
        symbols: elements.
        places: to the right, up and towards the viewer, angstrom, shape (n, 3); up from the mean of the support.
        cell: cell vectors in the same axes, rows, angstrom.
        pbc: periodic along each of them.
        sticks: bonds of everything, drawn faintly behind the atoms.
    """

    symbols: tuple[str, ...]
    places: Array
    cell: Array
    pbc: tuple[bool, bool, bool]
    sticks: Bonds

    @classmethod
    def of(cls, structure: StructureDocument, support: Sequence[int]) -> SideView:
        """Look along the shorter of a and b, with the longer one to the right and the normal of both up.

        Args:
            structure: a slab with its vacuum along c; or a molecule, seen along its b axis.
            support: atoms whose mean height is zero; all when none.
        """
        atoms = structure.to_atoms()
        atoms.cell = atoms.cell.complete()
        a, b, c = atoms.cell.array
        right = (a if np.linalg.norm(a) >= np.linalg.norm(b) else b) / max(np.linalg.norm(a), np.linalg.norm(b))
        up = np.cross(a, b) / np.linalg.norm(np.cross(a, b))
        up = up if up @ c > 0 else -up
        axes = np.array([right, up, np.cross(right, up)])
        fractional = atoms.cell.scaled_positions(atoms.positions)
        film = np.setdiff1d(np.arange(len(atoms)), list(support))
        for axis in (0, 1):
            if atoms.pbc[axis]:
                edge = _edge(fractional[film, axis], float(atoms.cell.lengths()[axis]))
                fractional[:, axis] -= np.floor(fractional[:, axis] - edge)
        if atoms.pbc[2]:
            fractional[:, 2] = in_one_piece(fractional[:, 2])
        places = fractional @ atoms.cell.array @ axes.T
        places[:, 1] -= places[list(support) or slice(None), 1].mean()
        (bonds,) = follow_bonds([atoms])
        return cls(tuple(structure.symbols), places, atoms.cell.array @ axes.T, structure.pbc, bonds.intact)

    def between(self, bond: Bond) -> Array:
        """Return the shortest way from one atom of a bond to the other, in the axes of the picture, angstrom."""
        from ase.geometry import find_mic

        way = self.places[bond.second] - self.places[bond.first]
        return np.asarray(find_mic(way, self.cell, self.pbc)[0])


def draw_side_view(
    panel: Axes,
    view: SideView,
    frame: tuple[float, float, float, float],
    intact: Iterable[Bond],
    broken: Iterable[Bond],
) -> None:
    """Draw a structure from the side.

    Args:
        panel: axes, used up by the picture.
        view: the structure.
        frame: left, right, bottom and top of what is shown, angstrom.
        intact: bonds drawn as dark lines.
        broken: bonds drawn as dotted red lines.
    """
    from matplotlib.collections import EllipseCollection, LineCollection

    left, right, bottom, top = frame
    panel.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[], aspect="equal")
    panel.spines[:].set_visible(False)
    panel.patch.set_alpha(0)
    order = np.argsort(view.places[:, 2], kind="stable")
    widths = [2 * radius_of(view.symbols[i]) for i in order]
    panel.add_collection(
        EllipseCollection(
            widths,
            widths,
            np.zeros(len(order)),
            units="xy",
            offsets=view.places[order, :2],
            offset_transform=panel.transData,
            facecolors=_faded(view, order),
            edgecolors="0.25",
            linewidths=0.25,
        )
    )
    styles = ((view.sticks, STICK, "-", 0.5, 0), (intact, INTACT, "-", 1.2, 3), (broken, BROKEN, (0, (1, 1)), 1.2, 3))
    for bonds, colour, style, width, layer in styles:
        halves = [half for bond in bonds for half in _halves(view, bond)]
        panel.add_collection(LineCollection(halves, colors=colour, linestyles=style, linewidths=width, zorder=layer))


def frame_of(views: Sequence[SideView]) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top of a frame that holds all of some structures, angstrom."""
    low = np.min([view.places.min(axis=0) for view in views], axis=0) - _MARGIN
    high = np.max([view.places.max(axis=0) for view in views], axis=0) + _MARGIN
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])


def colour_of(symbol: str) -> str:
    """Return the colour of an element, as hexadecimal RGB."""
    from ase.data import atomic_numbers
    from ase.data.colors import jmol_colors
    from matplotlib.colors import to_hex

    return COLOURS.get(symbol) or str(to_hex(jmol_colors[atomic_numbers[symbol]]))


def radius_of(symbol: str) -> float:
    """Return the radius of the disc of an element, angstrom."""
    from ase.data import atomic_numbers, covalent_radii

    return DISC * float(np.clip(covalent_radii[atomic_numbers[symbol]], 0.7, 1.25))


def _halves(view: SideView, bond: Bond) -> Iterator[Array]:
    """Draw a bond from both of its atoms: across the edge of a cell it is in two pieces."""
    way = view.between(bond)
    for start, step in ((view.places[bond.first], way), (view.places[bond.second], -way)):
        yield np.array([start, start + step])[:, :2]


def _faded(view: SideView, order: Array) -> Array:
    from matplotlib.colors import to_rgb

    depth = view.places[:, 2]
    room = float(np.abs(view.cell[:2, 2]).sum())
    share = FADING * np.clip((depth.max() - depth) / room, 0, 1)
    colours = np.array([to_rgb(colour_of(symbol)) for symbol in view.symbols])
    faded: Array = colours + (1 - colours) * share[:, None]
    return np.asarray(faded[order])


def _edge(places: Array, length: float) -> float:
    """Return where a periodic axis is cut: through the middle of the film's widest gap, else near the origin."""
    ordered = np.sort(places - np.floor(places))
    if not len(ordered):
        return -_EDGE
    gaps = np.diff(ordered, append=ordered[0] + 1)
    widest = int(gaps.argmax())
    if gaps[widest] * length <= _OPEN:
        return -_EDGE
    return float((ordered[widest] + gaps[widest] / 2) % 1)


def in_one_piece(heights: Array) -> Array:
    """Take what lies above the widest gap of a periodic axis one cell down."""
    wrapped = heights - np.floor(heights)
    ordered = np.sort(wrapped)
    gaps = np.diff(ordered, append=ordered[0] + 1)
    cut = ordered[int(gaps.argmax())]
    return np.asarray(np.where(wrapped > cut + 1e-9, wrapped - 1, wrapped))
