"""Breathing studies as a figure: energies, voltages, bonds and pictures over n, one column of a journal each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from ...errors import AzibflowError
from ..breathing.hull import capacity
from ..breathing.limit import breathing_limit
from ..breathing.report import film_formula
from ..study_names import results_to_draw
from .bars import COLUMN, SMALL, TINY
from .breathing_page import write_breathing_page
from .breathing_panels import (
    MARK,
    draw_bonds,
    draw_capacities,
    draw_energies,
    draw_voltages,
    legend_handles,
)
from .breathing_pictures import Strip
from .files import names_as_they_are, write_figure
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...workflows.breathing.results import BreathingResult
    from ..breathing.limit import BreathingLimit

ENERGIES, VOLTAGES, BONDS = 1.9, 1.1, 1.1
"""Heights of the panels, inches."""
AROUND, LINE, LEGEND = 1.3, 0.14, 1.0
"""Inches: of axes and their labels, of a line of the title, and of the legend of the figure."""
PLACES = 5
"""Decimals of the places of panels, in widths of the figure: the layout is not reproducible to the last."""
BESIDE = 2
"""Studies side by side: they fill the width of a page."""
TITLE_WIDTH, TITLE_LEFT = 50, -0.25
"""Characters of a line, and where lines begin, in widths of the panel."""


def draw_breathing(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the breathing studies of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats: png, svg, or html, with structures to turn.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.breathing.results import BreathingResult

    results = results_to_draw("breathing", sources, BreathingResult)
    for output in outputs:
        if output.suffix.lower() == ".html":
            write_breathing_page(results, output)
        else:
            plot_breathing(results, output)


def plot_breathing(results: Sequence[BreathingResult], path: Path) -> None:
    """Draw breathing studies side by side: E_b with its hull, voltages, bonds, and the structures where these end.

    Energies and voltages of all studies have one scale. Rows that are no results have hollow grey marks and take no
    part in the hull. The same results give the same bytes.

    Args:
        results: the studies, from the left; two fill a row.
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
        results: the studies, from the left.
    """
    from matplotlib.figure import Figure

    studies = [_Study(result) for result in results]
    across = min(BESIDE, len(studies))
    down = math.ceil(len(studies) / across)
    pictures = max(study.strip.height for study in studies)
    around = AROUND + LINE * max(len(study.title) for study in studies)
    height = down * (ENERGIES + VOLTAGES + BONDS + pictures + around)
    figure = Figure(figsize=(across * COLUMN, height + LEGEND), layout="constrained")
    heights = [*[ENERGIES, VOLTAGES, BONDS, pictures] * down, LEGEND]
    grid = figure.add_gridspec(4 * down + 1, across, height_ratios=heights)
    drawn = []
    for number, study in enumerate(studies):
        row, column = divmod(number, across)
        panels = [figure.add_subplot(grid[4 * row + place, column]) for place in range(4)]
        study.draw(panels, pictures)
        drawn.append(panels)
    for level in (0, 1):
        _share_scale([panels[level] for panels in drawn])
    handles = legend_handles([study.limit for study in studies])
    below = figure.add_subplot(grid[-1, :])
    below.set_axis_off()
    below.legend(handles=handles, loc="center", ncols=across, fontsize=TINY, frameon=False).set_in_layout(False)
    _settle(figure)
    return figure


class _Study:
    """One study and its column of the figure."""

    def __init__(self, result: BreathingResult) -> None:
        self.result = result
        self.limit = breathing_limit(result)
        self.strip = Strip(result, self.limit)
        self.title = _title(result, self.limit)

    def draw(self, panels: Sequence[Axes], pictures: float) -> None:
        """Draw everything.

        Args:
            panels: for energies, voltages, bonds and pictures.
            pictures: height of the last, inches.
        """
        energies, voltages, bonds, strip = panels
        draw_energies(energies, self.limit)
        draw_voltages(voltages, self.limit, self.result.charge)
        draw_bonds(bonds, self.limit)
        self.strip.draw(strip, pictures)
        last = len(self.limit.rows) - 1
        for panel in (energies, voltages, bonds):
            panel.spines[["top", "right"]].set_visible(False)
            panel.tick_params(labelsize=TINY, labelbottom=panel is bonds)
            panel.set_xticks(range(0, last + 1, math.ceil((last + 1) / 12)))
            panel.set_xlim(-0.5, last + 0.5)
            self._mark_limit(panel)
        bonds.set_xlabel(f"n, {self.result.ion} per cell", fontsize=SMALL)
        draw_capacities(energies, self.result, self.limit)
        energies.set_title("\n".join(self.title), loc="left", x=TITLE_LEFT, fontsize=SMALL)

    def _mark_limit(self, panel: Axes) -> None:
        most = self.limit.maximum
        panel.axvline(most.n, color=MARK, linewidth=1.1, linestyle=(0, (4, 2)), zorder=0)
        if most.single is not None and most.single[0] < most.single[1]:
            panel.axvspan(*most.single, color=MARK, alpha=0.1, linewidth=0, zorder=0)


def _title(result: BreathingResult, limit: BreathingLimit) -> list[str]:
    n = limit.maximum.n
    bound = "" if limit.maximum.exact else "at least "
    film = f"{capacity(n, result.charge, limit.mass):.1f} mAh/g of {film_formula(result, limit)}"
    whole = f", {limit.rows[n].composite_capacity:.1f} of the composite" if result.interface.support else ""
    words = [
        result.study,
        f"n_max = {limit.maximum.text}: {bound}{film}{whole}",
        f"by the hull {limit.thermodynamic.text}, by bonds that come back {limit.reversible.text}",
    ]
    lines = [line for text in words for line in wrap(set_formulas(text), TITLE_WIDTH)]
    return [line.replace("n_max", "nₘₐₓ") for line in lines]


def _settle(figure: Figure) -> None:
    """Lay panels out once and to so many digits that they are the same every time."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for panel in figure.get_axes():
        panel.set_position(np.round(panel.get_position().bounds, PLACES))


def _share_scale(panels: Iterable[Axes]) -> None:
    """Give panels side by side one scale, so that heights can be compared."""
    every = list(panels)
    low = min(panel.get_ylim()[0] for panel in every)
    high = max(panel.get_ylim()[1] for panel in every)
    for panel in every:
        panel.set_ylim(low, high)
