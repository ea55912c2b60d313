"""Pictures of a breathing study: the host, the state at the limit and the one beyond, loaded and emptied."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

from ...structures.bonds import Bonds, BondState, follow_bonds
from .bars import COLUMN, TINY
from .structures import SideView, colour_of, draw_side_view, frame_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...workflows.breathing.results import BreathingResult
    from ..breathing.limit import BreathingLimit

MOST, TALLEST = 3, 1.3
"""Pictures side by side, and height of one in inches: large enough to see a bond open."""
WORDS, ELEMENTS = 0.55, 0.25
"""Inches: of the text below the pictures, and of the colours of the elements."""
CAPTION = 18
"""Characters."""
BELOW = 3.0
"""How much of a support is shown below the film, angstrom."""
MARGIN = 1.0


@dataclass(frozen=True)
class Picture:
    """A structure with the bonds that are followed.

    Attributes:
        n: ions in it, or that were in it.
        emptied: whether they have been taken out.
        view: from the side.
        intact: bonds of an interface that are there.
        broken: bonds of the host that are not.
    """

    n: int
    emptied: bool
    view: SideView
    intact: Bonds
    broken: Bonds


def pictures_of(result: BreathingResult, limit: BreathingLimit) -> list[Picture]:
    """Return the host and every number of ions, loaded and emptied, as far as there are structures.

    Args:
        result: the study.
        limit: its limit.
    """
    support = result.interface.support
    (state,) = follow_bonds([limit.host.structure.to_atoms()], result.criteria.bonds, result.interface)
    pictures = [Picture(0, False, SideView.of(limit.host.structure, support), state.intact, ())]
    for row in limit.rows:
        record = row.record
        if record is None or record.structure is None or record.bonds is None:
            continue
        loaded = SideView.of(record.structure, support)
        pictures.append(Picture(row.n, False, loaded, _there(record.bonds, limit), record.bonds.broken))
        empty = record.emptied
        if empty is not None and empty.structure is not None and empty.bonds is not None:
            view = SideView.of(empty.structure, support)
            pictures.append(Picture(row.n, True, view, _there(empty.bonds, limit), empty.bonds.broken))
    return pictures


def _there(state: BondState, limit: BreathingLimit) -> Bonds:
    """Return the bonds that are shown as there: those of an interface; of a lattice they are everywhere."""
    return state.intact + state.new if limit.of_interface else ()


class Strip:
    """The pictures that tell where it ends: host, limit, and one ion more."""

    def __init__(self, result: BreathingResult, limit: BreathingLimit) -> None:
        self.limit = limit
        every = pictures_of(result, limit)
        self.numbers = _telling([picture.n for picture in every], limit.maximum.n)
        self.pictures = [picture for picture in every if picture.n in self.numbers]
        self.frame = _frame(self.pictures, result)
        self.lines = 2 if any(picture.emptied for picture in self.pictures) else 1
        left, right, bottom, top = self.frame
        self._tall = min(TALLEST, 0.86 * COLUMN / MOST * (top - bottom) / (right - left))

    @property
    def height(self) -> float:
        """Height, inches."""
        return self.lines * self._tall + WORDS + ELEMENTS

    def draw(self, strip: Axes, height: float) -> None:
        """Draw the pictures side by side, loaded above emptied.

        Args:
            strip: axes, used up by the pictures.
            height: of the axes, inches; at least that of the pictures.
        """
        strip.set(xlim=(-0.62, MOST - 0.5), ylim=(self.height - height, self.height), xticks=[], yticks=[])
        strip.spines[:].set_visible(False)
        places = {n: place + (MOST - len(self.numbers)) / 2 for place, n in enumerate(self.numbers)}
        for picture in self.pictures:
            bottom = self.height - (1 + picture.emptied) * self._tall
            panel = strip.inset_axes((places[picture.n] - 0.48, bottom, 0.96, self._tall), transform=strip.transData)
            draw_side_view(panel, picture.view, self.frame, picture.intact, picture.broken)
        for line, name in zip(range(self.lines), ("loaded", "emptied"), strict=False):
            height = self.height - (line + 0.5) * self._tall
            strip.text(-0.6, height, name, ha="center", va="center", fontsize=TINY, rotation=90)
        below = self.height - self.lines * self._tall - 0.04
        for n, place in places.items():
            strip.text(place, below, self._caption(n), ha="center", va="top", fontsize=TINY)
        self._name_elements(strip)

    def _caption(self, n: int) -> str:
        at = ", limit" if n == self.limit.maximum.n else ""
        flags = fill(", ".join(self.limit.rows[n].flags), CAPTION)
        return f"n = {n}{at}\n{flags}"

    def _name_elements(self, strip: Axes) -> None:
        from matplotlib.lines import Line2D

        elements = sorted({symbol for picture in self.pictures for symbol in picture.view.symbols})
        handles = [
            Line2D([], [], marker="o", linestyle="", color=colour_of(one), markeredgecolor="0.25", label=one)
            for one in elements
        ]
        look = {"frameon": False, "fontsize": TINY, "handletextpad": 0.1, "columnspacing": 1.0, "borderpad": 0}
        strip.legend(handles=handles, loc="lower center", ncols=len(handles), **look)


def _telling(numbers: list[int], limit: int) -> list[int]:
    """Choose the host, the limit, and the number after it; the largest where that says more."""
    known = sorted(set(numbers))
    wanted = [0, limit, limit + 1, known[-1]]
    chosen = dict.fromkeys(n for n in wanted if n in known)
    return sorted(list(chosen)[:MOST])


def _frame(pictures: list[Picture], result: BreathingResult) -> tuple[float, float, float, float]:
    """Frame what is not support, and what is just below it."""
    left, right, bottom, top = frame_of([picture.view for picture in pictures])
    support = set(result.interface.support)
    if not support:
        return left, right, bottom, top
    places = [place for picture in pictures for index, place in enumerate(picture.view.places) if index not in support]
    low = min(place[1] for place in places)
    across = [place[0] for place in places]
    left, right = max(left, min(across) - 1.5 * MARGIN), min(right, max(across) + 1.5 * MARGIN)
    return float(left), float(right), float(max(bottom, low - BELOW - MARGIN)), top
