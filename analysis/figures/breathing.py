"""Breathing studies as a figure: energies, increments and interface bonds over n, and what the host looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import AzibflowError
from ...structures.bonds import Bonds, follow_bonds
from ...workflows.common.results import Outcome
from ..breathing.hull import capacity
from ..breathing.limit import breathing_limit
from ..breathing.report import film_formula, headline
from ..study_names import results_to_draw
from .files import names_as_they_are, write_figure
from .formulas import set_formulas
from .structures import SideView, colour_of, draw_side_view, frame_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.lines import Line2D

    from ...workflows.breathing.results import BreathingResult
    from ..breathing.limit import BreathingLimit
    from ..breathing.rows import BreathingRow

DOWN, UP, LOADED, EMPTIED, MARK = "#0072b2", "#d55e00", "#0072b2", "#009e73", "#aa3377"
"""Told apart by the colour-blind too (Okabe and Ito)."""
UNSOUND = "0.6"
BINDING = r"$E_\mathrm{b}$"
DASHES = (0, (4, 2))
WIDTH, PANELS = 9.2, 7.0
"""Inches: of the figure, and of the panels of one study without its pictures."""
SLOTS = 0.88
"""Share of the width that the pictures have."""
CAPTION, MOST_WIDE = 0.75, 1.6
"""Inches: height of the text under the pictures, width of a picture."""
TITLE_WIDTH, FLAG_WIDTH = 125, 14


def draw_breathing(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the breathing studies of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.breathing.results import BreathingResult

    results = results_to_draw("breathing", sources, BreathingResult)
    for output in outputs:
        plot_breathing(results, output)


def plot_breathing(results: Sequence[BreathingResult], path: Path) -> None:
    """Draw breathing studies one below the other: E_b with its hull, its steps, interface bonds, and the structures.

    Rows that are no results have hollow grey marks and take no part in the hull. The same results give the same bytes.

    Args:
        results: the studies, from the top down.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no breathing result to draw")
    write_figure(lambda: breathing_figure(results), path)


@names_as_they_are()
def breathing_figure(results: Sequence[BreathingResult]) -> Figure:
    """Return the figure of [`plot_breathing`][], for a notebook.

    Args:
        results: the studies, from the top down.
    """
    from matplotlib.figure import Figure

    studies = [_Study(result) for result in results]
    heights = [study.height for study in studies]
    figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    parts = figure.subfigures(len(studies), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, study in zip(parts, studies, strict=True):
        study.draw(part)
    return figure


class _Study:
    """One study and its part of the figure."""

    def __init__(self, result: BreathingResult) -> None:
        self.result = result
        self.limit = breathing_limit(result)
        self.rows = self.limit.rows
        self.pictures = _pictures(result, self.limit)
        self.frame = frame_of([picture.view for picture in self.pictures])
        left, right, bottom, top = self.frame
        slot = SLOTS * WIDTH / len(self.rows)
        self.lines = 1 + max(picture.line for picture in self.pictures)
        self.strip = self.lines * min(slot, MOST_WIDE) * (top - bottom) / (right - left) + CAPTION

    @property
    def height(self) -> float:
        """Height of its part, inches."""
        return PANELS + self.strip

    def draw(self, part: SubFigure) -> None:
        """Draw everything."""
        grid = part.add_gridspec(4, 1, height_ratios=[3.0, 1.7, 2.0, self.strip * 6.7 / PANELS])
        energies = part.add_subplot(grid[0])
        steps, bonds, strip = (part.add_subplot(grid[i], sharex=energies) for i in (1, 2, 3))
        _draw_energies(energies, self.result, self.limit)
        _draw_steps(steps, self.rows)
        _draw_bonds(bonds, self.limit)
        self._draw_strip(strip)
        for panel in (energies, steps, bonds):
            panel.spines[["top", "right"]].set_visible(False)
            panel.axvline(self.limit.maximum.n, color=MARK, linewidth=1.2, linestyle=DASHES, zorder=0)
            panel.tick_params(labelbottom=panel is bonds)
        energies.spines["top"].set_visible(True)
        bonds.set_xticks(range(len(self.rows)))
        bonds.set_xlim(-0.5, len(self.rows) - 0.5)
        bonds.set_xlabel(f"n, {self.result.ion} per cell")
        title = set_formulas(f"{self.result.study}: {headline(self.result, self.limit)}").replace("n_max", "nₘₐₓ")
        part.suptitle(fill(title, TITLE_WIDTH), x=0.01, ha="left", fontsize=9)

    def _draw_strip(self, strip: Axes) -> None:
        from matplotlib.lines import Line2D

        strip.set_ylim(0, 1)
        strip.spines[:].set_visible(False)
        strip.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
        floor = CAPTION / self.strip
        tall = (1 - floor) / self.lines
        for picture in self.pictures:
            bottom = 1 - (picture.line + 1) * tall
            box = (picture.n - 0.48, bottom, 0.96, tall)
            panel = strip.inset_axes(box, transform=strip.transData)
            draw_side_view(panel, picture.view, self.frame, picture.intact, picture.broken)
        for line, name in zip(range(self.lines), ("loaded", "emptied"), strict=False):
            strip.text(-0.55, 1 - (line + 0.5) * tall, name, ha="right", va="center", fontsize=8)
        for row in self.rows:
            caption = "\n".join([f"n = {row.n}", *(fill(flag, FLAG_WIDTH) for flag in row.flags)])
            strip.text(row.n, floor * 0.92, caption, ha="center", va="top", fontsize=6.5)
        elements = sorted({symbol for picture in self.pictures for symbol in picture.view.symbols})
        handles = [
            Line2D([], [], marker="o", linestyle="", color=colour_of(one), markeredgecolor="0.25", label=one)
            for one in elements
        ]
        strip.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=len(handles), frameon=False)


@dataclass(frozen=True)
class _Picture:
    """One structure of the strip: its place there and the interface bonds drawn into it."""

    n: int
    line: int
    view: SideView
    intact: Bonds
    broken: Bonds


def _pictures(result: BreathingResult, limit: BreathingLimit) -> list[_Picture]:
    support = result.interface.support
    (state,) = follow_bonds([limit.host.structure.to_atoms()], result.criteria.bonds, result.interface)
    pictures = [_Picture(0, 0, SideView.of(limit.host.structure, support), state.intact, ())]
    for row in limit.rows:
        record = row.record
        if record is None or record.structure is None or record.bonds is None:
            continue
        loaded = SideView.of(record.structure, support)
        pictures.append(_Picture(row.n, 0, loaded, record.bonds.intact + record.bonds.new, record.bonds.broken))
        empty = record.emptied
        if empty is not None and empty.structure is not None and empty.bonds is not None:
            view = SideView.of(empty.structure, support)
            pictures.append(_Picture(row.n, 1, view, empty.bonds.intact + empty.bonds.new, empty.bonds.broken))
    return pictures


def _draw_energies(panel: Axes, result: BreathingResult, limit: BreathingLimit) -> None:
    from matplotlib.ticker import MaxNLocator

    known = {row.n: row.binding for row in limit.rows if row.binding is not None}
    hull = [(n, known[n]) for n in limit.hull]
    panel.plot(*zip(*hull, strict=True), color="0.25", linewidth=1.2)
    last, lowest = hull[-1]
    panel.plot([last, len(limit.rows) - 1], [lowest, lowest], color="0.25", linewidth=1.0, linestyle=":")
    for row in limit.rows:
        if row.binding is None:
            continue
        sound = row.outcome is Outcome.OK
        colour = DOWN if sound else UNSOUND
        panel.errorbar(
            row.n,
            row.binding,
            yerr=None if row.spread is None else [[0.0], [row.spread]],
            fmt="o",
            color=colour,
            markerfacecolor=colour if row.on_hull else "white",
            capsize=2,
            zorder=4,
        )
    for step in limit.plateaus:
        middle = ((step.start + step.end) / 2, (known[step.start] + known[step.end]) / 2)
        panel.annotate(
            f"{step.voltage:.2f} V",
            middle,
            xytext=(-3, -3),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=8,
        )
    panel.set_ylabel(f"{BINDING}(n) (eV per cell)").set_parse_math(True)  # the figure's own words, no name in them
    _legend_on_top(panel, share=0.3, handles=_energy_legend(limit), ncols=2)
    per_ion = capacity(1, result.charge, limit.mass)
    scale = (lambda n: np.asarray(n) * per_ion, lambda q: np.asarray(q) / per_ion)
    top = panel.secondary_xaxis("top", functions=scale)
    full = per_ion * (len(limit.rows) - 1)
    top.set_xticks([q for q in MaxNLocator(8).tick_values(0.0, full) if 0 <= q <= full + per_ion / 2])
    top.set_xlabel(f"capacity (mAh/g of {set_formulas(film_formula(result, limit))}, z = {result.charge})")


def _legend_on_top(panel: Axes, share: float, **options: Any) -> None:
    """Put a legend above all data, on a share of the panel that is added for it."""
    low, high = panel.get_ylim()
    panel.set_ylim(low, high + share * (high - low))
    panel.legend(frameon=False, fontsize=8, loc="upper center", **options)


def _energy_legend(limit: BreathingLimit) -> list[Line2D]:
    from matplotlib.lines import Line2D

    def mark(colour: str, face: str, label: str) -> Line2D:
        return Line2D([], [], marker="o", linestyle="", color=colour, markerfacecolor=face, label=label)

    bound = "" if limit.maximum.exact else ", a lower bound"
    handles = [
        mark(DOWN, DOWN, "on the hull against bare host and metal"),
        Line2D([], [], color=MARK, linestyle=DASHES, label=f"nₘₐₓ = {limit.maximum.n}{bound}"),
    ]
    if any(row.on_hull is False for row in limit.rows):
        handles.append(mark(DOWN, "white", "above the hull"))
    if limit.hull[-1] < limit.rows[-1].n:
        handles.append(Line2D([], [], color="0.25", linestyle=":", label="beyond, bulk metal is more stable"))
    if any(row.spread is not None for row in limit.rows):
        handles.append(Line2D([], [], color=DOWN, label="bar: spread of the seeds"))
    if any(row.outcome is not Outcome.OK and row.binding is not None for row in limit.rows):
        handles.append(mark(UNSOUND, "white", "not a result"))
    return handles


def _draw_steps(panel: Axes, rows: Sequence[BreathingRow]) -> None:
    for row in rows:
        if row.increment is not None:
            panel.bar(row.n, row.increment, width=0.6, color=DOWN if row.increment < 0 else UP)
    panel.axhline(0, color="0.3", linewidth=0.8)
    panel.set_ylabel(f"{BINDING}(n) \N{MINUS SIGN} {BINDING}(n\N{MINUS SIGN}1)\n(eV)").set_parse_math(True)
    panel.margins(y=0.12)


def _draw_bonds(panel: Axes, limit: BreathingLimit) -> None:
    from matplotlib.ticker import MaxNLocator

    most = max(limit.bonds, 1)
    panel.axhline(limit.bonds, color="0.5", linewidth=0.9, linestyle=":", label="host")
    loaded = [(row.n, row.intact) for row in limit.rows if row.intact is not None]
    emptied = [(row.n, row.returned) for row in limit.rows if row.returned is not None]
    panel.plot(*zip(*loaded, strict=True), "o-", color=LOADED, markersize=5, label="intact when loaded")
    panel.plot(
        *zip(*emptied, strict=True),
        "s--",
        color=EMPTIED,
        markersize=7,
        markerfacecolor="none",
        label="there again when emptied",
    )
    panel.set_ylabel("interface bonds\n(per cell)")
    panel.set_ylim(-0.1 * most, 1.1 * most)
    panel.yaxis.set_major_locator(MaxNLocator(integer=True))
    _legend_on_top(panel, share=0.2, ncols=3)
