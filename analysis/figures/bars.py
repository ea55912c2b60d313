"""Bars of energies, the first at the top: looks, error bars, numbers beside them, published values below."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...data.literature import UNKNOWN
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.lines import Line2D

    from ...data.literature import PublishedValue

SMALL, TINY = 8.0, 7.0
"""Font sizes that can be read in one column of a journal."""
COLUMN = 3.3
"""Width of a panel, inches: one column of a journal."""
BAR, AROUND = 0.21, 0.75
"""Inches: height that a bar has, and height of an axis with its label."""
PUBLISHED, BETTER = "#d55e00", "#009e73"
"""Colours of published values, and of those of a better method."""
FEWEST = 5
"""Bars that a panel has room for, so that few are not thick."""
LONG = 24
"""Characters of a name from which on names are set smaller."""
ROOM = 0.22
"""Share of the width beyond the longest bar that its number needs."""


@dataclass(frozen=True)
class Look:
    """How bars look that mean the same.

    Attributes:
        colour: of the face, one of Okabe and Ito's (10.1038/nmeth.1618) or a tint of it.
        says: for the legend; empty where that needs no words.
        edge: colour of the edge.
        hatch: as matplotlib writes it.
    """

    colour: str
    says: str = ""
    edge: str = "none"
    hatch: str = ""


PLAIN = Look("#56b4e9")
BEST = Look("#0072b2", "most stable")
UNSOUND = Look("#eeeeee", "not a result", edge="0.5", hatch="////")


@dataclass(frozen=True)
class Bar:
    """A number with a name.

    Attributes:
        name: at the axis; may have two lines.
        value: in the unit of the axis; none where there is none.
        look: what it means.
        error: one sigma, in the same unit.
        better: the same number by a better method.
        says: instead of the number, where there is none.
    """

    name: str
    value: float | None
    look: Look = PLAIN
    error: float | None = None
    better: float | None = None
    says: str = "no number"


def height_of(bars: int, lines: int = 1) -> float:
    """Return the height that a panel needs, inches.

    Args:
        bars: their number, published values among them.
        lines: of their names.
    """
    return bars * (BAR if lines == 1 else 0.16 * lines) + AROUND


def draw_bars(panel: Axes, bars: Sequence[Bar], published: Sequence[PublishedValue] = (), *, decimals: int = 2) -> None:
    """Draw bars from the top down, and below them published values as diamonds.

    Args:
        panel: axes.
        bars: in their order.
        published: numbers in the unit of the axis.
        decimals: of the numbers beside the bars.
    """
    bars = [_finite(bar) for bar in bars]
    for place, bar in enumerate(bars):
        if bar.value is not None:
            panel.barh(
                place,
                bar.value,
                height=0.7,
                color=bar.look.colour,
                edgecolor=bar.look.edge,
                hatch=bar.look.hatch,
                linewidth=0.6,
                xerr=bar.error,
                error_kw={"elinewidth": 0.9, "capsize": 2.0, "ecolor": "0.15"},
            )
        if bar.better is not None:
            panel.plot(bar.better, place, "o", color=BETTER, markersize=4.5, markeredgecolor="white")
    for place, entry in enumerate(published, start=len(bars)):
        panel.plot([entry.value or 0.0], [place], "D", color=PUBLISHED, markerfacecolor="white", markersize=4.5)
    names = [bar.name for bar in bars] + [set_formulas(entry.key) for entry in published]
    panel.set_yticks(range(len(names)), names, fontsize=SMALL if _width(names) < LONG else TINY)
    slack = max(0.0, (FEWEST - len(names)) / 2)
    panel.set_ylim(len(names) - 0.4 + slack, -0.6 - slack)
    panel.tick_params(axis="y", length=0)
    panel.tick_params(axis="x", labelsize=SMALL)
    panel.locator_params(axis="x", nbins=5)
    panel.axvline(0.0, color="0.3", linewidth=0.7)
    panel.spines[["top", "right", "left"]].set_visible(False)
    numbers = [bar.says if bar.value is None else _written(bar.value, decimals) for bar in bars]
    _write(panel, bars, published, [*numbers, *(_written(entry.value or 0.0, decimals) for entry in published)])


def legend_below(part: SubFigure, bars: Iterable[Bar], published: Sequence[PublishedValue], **says: Any) -> None:
    """Put below a part of a figure what its bars mean; nothing where they need no words.

    Args:
        part: of the figure.
        bars: all that it shows.
        published: likewise.
        says: words for ``error`` and ``better``, and further ``handles``.
    """
    handles = [*bar_legend(bars, published, says.get("error", ""), says.get("better", "")), *says.get("handles", ())]
    if handles:
        columns = 3 if len(handles) > 3 else len(handles)
        part.legend(handles=handles, loc="outside lower center", ncols=columns, fontsize=TINY, frameon=False)


def bar_legend(
    bars: Iterable[Bar], published: Sequence[PublishedValue], error: str = "", better: str = ""
) -> list[Any]:
    """Return the handles of a legend for what is among some bars.

    Args:
        bars: all of the legend.
        published: likewise.
        error: what error bars are.
        better: what a better method is called.
    """
    from matplotlib.patches import Patch

    every = list(bars)
    looks = dict.fromkeys(bar.look for bar in every if bar.look.says and bar.value is not None)
    handles: list[Any] = [
        Patch(facecolor=look.colour, edgecolor=look.edge, hatch=look.hatch, linewidth=0.6, label=look.says)
        for look in looks
    ]
    if any(bar.error is not None for bar in every):
        handles.append(_mark("|", "0.15", "0.15", error))
    if any(bar.better is not None for bar in every):
        handles.append(_mark("o", BETTER, BETTER, better))
    if published:
        unknown = any(entry.reference_state == UNKNOWN for entry in published)
        handles.append(_mark("D", PUBLISHED, "white", "published" + ", reference unknown" * unknown))
    return handles


def _finite(bar: Bar) -> Bar:
    """Take numbers that no axis can show for none, as tables do."""
    value, error, better = (
        number if number is not None and math.isfinite(number) else None
        for number in (bar.value, bar.error, bar.better)
    )
    return replace(bar, value=value, error=None if value is None else error, better=None if value is None else better)


def _mark(marker: str, colour: str, face: str, label: str) -> Line2D:
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="", marker=marker, color=colour, markerfacecolor=face, markersize=5, label=label)


def _write(panel: Axes, bars: Sequence[Bar], published: Sequence[PublishedValue], numbers: Sequence[str]) -> None:
    """Write every number beyond the end of its bar, and make room for it."""
    ends = [_end(bar) for bar in bars] + [entry.value or 0.0 for entry in published]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    room = ROOM * (high - low or 1.0)
    worded = any(bar.value is None for bar in bars)
    panel.set_xlim(low - room * (low < 0), high + room * (high > 0 or worded or low == high))
    for place, (end, number) in enumerate(zip(ends, numbers, strict=True)):
        side = -1 if end < 0 else 1
        gap = 5 if place >= len(bars) else 3
        panel.annotate(
            number,
            (end, place),
            xytext=(side * gap, 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center",
            fontsize=TINY,
            color="0.45" if place < len(bars) and bars[place].look is UNSOUND else "0.1",
        )


def _width(names: Sequence[str]) -> int:
    return max((len(line) for name in names for line in name.split("\n")), default=0)


def _written(number: float, decimals: int) -> str:
    return f"{round(number, decimals) + 0.0:.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def _end(bar: Bar) -> float:
    """Return the end of a bar with its error bar, or of what lies beyond it."""
    if bar.value is None:
        return 0.0
    side = -1.0 if bar.value < 0 else 1.0
    end = bar.value + side * (bar.error or 0.0)
    return end if bar.better is None else side * max(side * end, side * bar.better)


def one_panel(bars: Sequence[Bar], axis: str, width: float) -> Figure:
    """Return a figure of one panel of bars whose names have two lines.

    Args:
        bars: from the top down.
        axis: what they are, with the unit.
        width: of the figure, inches.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height_of(len(bars), lines=2) + 0.35), layout="constrained")
    (part,) = figure.subfigures(1, 1, squeeze=False).flat
    panel = part.subplots()
    draw_bars(panel, bars)
    panel.set_xlabel(axis, fontsize=SMALL)
    legend_below(part, bars, (), error="one sigma of the committee")
    return figure
