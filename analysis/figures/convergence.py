"""Convergence as a figure: how far each setting is from the finest one, in units of what is near enough."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ..study_names import results_to_draw
from ..tables.convergence import MEV, described
from .bars import COLUMN, SMALL, TINY
from .files import names_as_they_are, write_figure
from .formulas import ANGSTROM, set_formulas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from ...workflows.convergence.results import ConvergenceResult

COLOURS = {"energy": ("#0072b2", "o"), "force": ("#d55e00", "s"), "pressure": ("#009e73", "^")}
"""Colour (Okabe and Ito, 10.1038/nmeth.1618) and marker of what changes with a setting."""
CHOSEN, BAND = "#cc79a7", "0.93"
LEAST = (0.3, 3.0)
"""Ends of the axis of changes, in units of the least and the largest change or of the tolerance."""
HEIGHT, LABEL_WIDTH = 3.1, 44


def draw_convergence(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the convergence studies of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.convergence.results import ConvergenceResult

    results = results_to_draw("convergence", sources, ConvergenceResult)
    for output in outputs:
        plot_convergence(results, output)


def plot_convergence(results: Sequence[ConvergenceResult], path: Path) -> None:
    """Draw changes of energy, forces and pressure from the finest setting, a panel for each key that is varied.

    Args:
        results: one per structure, from the top down.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no convergence result to draw")
    write_figure(lambda: convergence_figure(results), path)


@names_as_they_are()
def convergence_figure(results: Sequence[ConvergenceResult]) -> Figure:
    """Return the figure of [`plot_convergence`][], for a notebook.

    Args:
        results: one per structure, from the top down.
    """
    from matplotlib.figure import Figure

    columns = max(1, *(len(_keys(result)) for result in results))
    figure = Figure(figsize=(COLUMN * columns + 0.2, HEIGHT * len(results)), layout="constrained")
    parts = figure.subfigures(len(results), 1, squeeze=False)[:, 0]
    for part, result in zip(parts, results, strict=True):
        _draw(part, result, columns)
    return figure


def _keys(result: ConvergenceResult) -> list[str]:
    return list(dict.fromkeys(row.key for row in result.rows))


def _draw(part: SubFigure, result: ConvergenceResult, columns: int) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.ticker import FuncFormatter

    panels = part.subplots(1, columns, squeeze=False, sharey=True)[0]
    for panel, key in zip(panels, _keys(result), strict=False):
        _draw_changes(panel, result, key)
    panels[0].set_ylabel("change / tolerance", fontsize=SMALL)
    changes = [float(one) for panel in panels for line in panel.lines for one in line.get_ydata()]
    low, high = LEAST[0] * min([1.0, *changes]), LEAST[1] * max([1.0, *changes])
    panels[0].set(yscale="log", ylim=(low, high))
    panels[0].yaxis.set_major_formatter(FuncFormatter(lambda change, _: f"{change:g}"))
    for panel, key in zip(panels, _keys(result), strict=False):
        _finish(panel, result, key, low)
    for panel in panels[len(_keys(result)) :]:
        panel.remove()
    part.suptitle(set_formulas(result.study), x=0.01, ha="left", fontsize=9)
    limits = result.within
    words = {
        "energy": f"energy, {MEV * limits.energy:g} meV/atom",
        "force": f"forces, {limits.force:g} eV/{ANGSTROM}",
        "pressure": f"pressure, {limits.pressure:g} GPa",
    }
    handles = [
        Line2D([], [], color=colour, marker=marker, markersize=4, linewidth=1.2, label=words[name])
        for name, (colour, marker) in COLOURS.items()
        if any(getattr(row, f"{name}_change") is not None for row in result.rows)
    ]
    if any(result.coarsest_within(key) for key in _keys(result)):
        handles.append(Line2D([], [], color=CHOSEN, linestyle="--", label="near enough from here"))
    if handles:
        part.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=TINY, frameon=False)


def _draw_changes(panel: Axes, result: ConvergenceResult, key: str) -> None:
    """Draw the changes of one key; what does not change has no place on the axis, above all the finest setting."""
    rows = [row for row in result.of_key(key) if not row.reference]
    for name, (colour, marker) in COLOURS.items():
        tolerance = getattr(result.within, name)
        shown = [(row.value, abs(change)) for row in rows if (change := getattr(row, f"{name}_change"))]
        values, changes = [value for value, _ in shown], [change / tolerance for _, change in shown]
        panel.plot(values, changes, color=colour, marker=marker, markersize=4, linewidth=1.2)


def _finish(panel: Axes, result: ConvergenceResult, key: str, low: float) -> None:
    panel.axhspan(low, 1.0, color=BAND, zorder=0, linewidth=0)
    chosen = result.coarsest_within(key)
    if chosen is not None:
        panel.axvline(chosen.value, color=CHOSEN, linestyle="--", linewidth=1.0, zorder=1)
    ticks = [row.value for row in result.of_key(key)]
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks], rotation=0 if len(ticks) < 6 else 45)
    if ticks[0] > ticks[-1]:
        panel.invert_xaxis()
    panel.set_xlabel(fill(described(result, key) or key, LABEL_WIDTH), fontsize=SMALL)
    panel.tick_params(labelsize=SMALL)
    panel.spines[["top", "right"]].set_visible(False)
