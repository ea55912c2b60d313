"""Energy profiles along migration paths."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ..study_names import results_to_draw
from .files import names_as_they_are, write_figure
from .formulas import ANGSTROM, set_formulas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...workflows.migration.results import MigrationResult

PANELS_PER_ROW = 3
TITLE_WIDTH = 46
TIMES, UNIT = " \N{MULTIPLICATION SIGN} ", "\N{NO-BREAK SPACE}eV"
"""Between lengths of a cell; of energies, on the line of their number."""
SOUND, UNSOUND = "#1f5fa8", "#8a8a8a"
"""Colours of profiles that are results, and of those that are not."""


def draw_migration(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the energy profile of every hop of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.migration.results import MigrationResult

    results = results_to_draw("migration", sources, MigrationResult)
    for output in outputs:
        plot_barriers(results, output)


def plot_barriers(results: Sequence[MigrationResult], path: Path) -> None:
    """Draw the energy profile of every hop, one panel each on a common energy axis.

    Points are the images of the band. The line between them is a monotone cubic (PCHIP, 10.1137/0717021), which never
    rises above its points: a guide to the eye that invents no barrier. The same results give the same bytes.

    Args:
        results: the hops, in the order of the panels.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no migration result to draw")
    write_figure(lambda: barrier_figure(results), path)


@names_as_they_are()
def barrier_figure(results: Sequence[MigrationResult]) -> Figure:
    """Return the figure of [`plot_barriers`][], for a notebook.

    Args:
        results: the hops, in the order of the panels.
    """
    from matplotlib.figure import Figure

    columns = min(PANELS_PER_ROW, len(results))
    rows = math.ceil(len(results) / columns)
    figure = Figure(figsize=(3.2 * columns + 0.4, 2.9 * rows), layout="constrained")
    panels = list(figure.subplots(rows, columns, sharey=True, squeeze=False).flat)
    for panel, result in zip(panels, results, strict=False):
        _draw(panel, result)
    for panel in panels[::columns]:
        panel.set_ylabel("energy (eV)")
    for panel in panels[len(results) :]:
        panel.remove()
    return figure


def _draw(panel: Axes, result: MigrationResult) -> None:
    sound = result.outcome == "ok"
    colour = SOUND if sound else UNSOUND
    cell = (
        [] if result.cell is None else [f"cell {TIMES.join(f'{length:.2f}' for length in result.cell[:3])} {ANGSTROM}"]
    )
    better = (
        [] if result.correction is None else [f"surrogate; corrected: {result.correction.barrier_forward:.2f}{UNIT}"]
    )
    if result.refinement is not None:
        better = [f"{better[0]}, refined: {result.refinement.barrier_forward:.2f}{UNIT}"]
    head = [
        set_formulas(result.study),
        set_formulas(f"{result.host}, {_hop(result)}"),
        *cell,
        *better,
        *_others(result),
        *([] if sound else [result.outcome]),
    ]
    panel.set_title("\n".join(fill(line, TITLE_WIDTH) for line in head), loc="left", fontsize=8)
    panel.set_xlabel(f"path length ({ANGSTROM})")
    panel.margins(x=0.06, y=0.15)
    panel.spines[["top", "right"]].set_visible(False)
    panel.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    if not result.path:
        panel.set_xticks([])
        panel.text(0.5, 0.5, "no path", transform=panel.transAxes, ha="center", color=colour)
        return
    distances = [point.distance for point in result.path]
    energies = [point.energy for point in result.path]
    panel.plot(*_guide(distances, energies), color=colour, linewidth=1.4, linestyle="-" if sound else "--")
    panel.plot(distances, energies, "o", color=colour, markersize=4.5, markerfacecolor=colour if sound else "white")
    top = max(range(len(energies)), key=energies.__getitem__)
    panel.annotate(
        f"{energies[top]:.2f} eV",
        (distances[top], energies[top]),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        va="bottom",
        color=colour,
    )


def _hop(result: MigrationResult) -> str:
    """Name the hop with the sign of the angstrom, which names in results do without."""
    return re.sub(r"(?<=\d) A\b", f" {ANGSTROM}", result.hop)


def _others(result: MigrationResult) -> list[str]:
    """Name the barriers of the other members of an ensemble; nothing where there is none."""
    said = [
        f"{points.calculator.spec.in_words()} {opinion.barrier_forward:.2f}{UNIT}"
        for points, opinion in zip(result.ensemble, result.opinions, strict=False)
        if opinion is not None
    ]
    return [f"{result.calculator.spec.in_words()}; by others here: {', '.join(said)}"] if said else []


def _guide(distances: list[float], energies: list[float]) -> tuple[list[float], list[float]]:
    """Return a line through the images; straight where the path does not advance from image to image."""
    import numpy as np
    from scipy.interpolate import PchipInterpolator

    if np.diff(distances).min(initial=1.0) <= 0 or len(distances) < 3:
        return distances, energies
    dense = np.linspace(distances[0], distances[-1], 200)
    return dense.tolist(), PchipInterpolator(distances, energies)(dense).tolist()
