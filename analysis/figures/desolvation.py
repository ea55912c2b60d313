"""Desolvation ladders as a figure: what each water costs, and what all of them cost together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ..study_names import results_to_draw
from .files import legend_label, names_as_they_are, write_figure
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...workflows.molecular.desolvation_results import DesolvationResult, DesolvationStep

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
"""Told apart by the colour-blind too (Okabe and Ito); used again from the front after the last."""
HALF_WIDTH = 0.38
"""Of the bar of a step, in units of the distance between steps."""
LEGEND_WIDTH = 64


def draw_desolvation(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the desolvation ladders of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.molecular.desolvation_results import DesolvationResult

    results = results_to_draw("desolvation", sources, DesolvationResult)
    for output in outputs:
        plot_desolvation(results, output)


def plot_desolvation(results: Sequence[DesolvationResult], path: Path) -> None:
    """Draw desolvation ladders: D_n of every step, and their sum from the top of the ladder.

    Steps that are no results are dashed; a step whose calculation failed leaves a gap; a triangle marks a step on a
    surface before which waters have left the ion for the surface; corrected energies stand in the legend. The same
    results give the same bytes.

    Args:
        results: the ladders, in the order of the legend.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no desolvation result to draw")
    write_figure(lambda: desolvation_figure(results), path)


@names_as_they_are()
def desolvation_figure(results: Sequence[DesolvationResult]) -> Figure:
    """Return the figure of [`plot_desolvation`][], for a notebook.

    Args:
        results: the ladders, in the order of the legend.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    what = "waters" if all(result.shell.taken.name == "H2O" for result in results) else "ligands"
    most = max(member.waters for result in results for member in result.members)
    fewest = min(member.waters for result in results for member in result.members)
    figure = Figure(figsize=(8.6, 4.0 + 0.3 * len(results)), layout="constrained")
    steps, sums = figure.subplots(1, 2)
    for number, result in enumerate(results):
        colour = COLOURS[number % len(COLOURS)]
        _draw_steps(steps, result, colour, every_value=len(results) == 1)
        _draw_sums(sums, result, colour)
    _finish(
        steps, "$D_n$ (eV)", f"step, {what} before → after", [(n, f"{n} → {n - 1}") for n in range(most, fewest, -1)]
    )
    _finish(sums, "cumulative $D_n$ (eV)", f"{what} left", [(n, str(n)) for n in range(most, fewest - 1, -1)])
    handles = [
        Line2D([], [], color=COLOURS[number % len(COLOURS)], linewidth=2.5, label=legend_label(_label(result)))
        for number, result in enumerate(results)
    ]
    if any(step.outcome != "ok" and step.energy is not None for result in results for step in result.steps):
        handles.append(Line2D([], [], color="0.4", linestyle=(0, (2, 1)), label="dashed: not a result"))
    if any(step.on_surface for result in results for step in result.steps if step.energy is not None):
        label = "waters off the ion, on the surface, and how many"
        handles.append(Line2D([], [], color="0.4", marker="v", markerfacecolor="white", linestyle="none", label=label))
    figure.legend(handles=handles, loc="outside lower center", ncols=min(2, len(handles)), frameon=False, fontsize=8)
    return figure


def _label(result: DesolvationResult) -> str:
    better = [
        f"{step.waters} → {step.waters - 1} {step.correction.energy:.2f} eV" for step in result.steps if step.correction
    ]
    corrected = f"surrogate; corrected: {', '.join(better)}" if better else ""
    return "\n".join(
        fill(line, LEGEND_WIDTH) for line in (set_formulas(result.study), result.method, corrected) if line
    )


def _draw_steps(panel: Axes, result: DesolvationResult, colour: str, *, every_value: bool) -> None:
    from ..tables.desolvation import costliest

    highest = costliest(result)
    last: DesolvationStep | None = None
    for step in result.steps:
        if step.energy is None:
            last = None
            continue
        if last is not None and last.energy is not None:
            joint = step.waters + 0.5
            panel.plot(
                [joint + 0.5 - HALF_WIDTH, joint - 0.5 + HALF_WIDTH],
                [last.energy, step.energy],
                color=colour,
                linewidth=0.7,
                alpha=0.6,
            )
        _bar(panel, step.waters, step.energy, colour, sound=step.outcome == "ok")
        if step.on_surface:
            _mark_on_surface(panel, step.waters, step.energy, step.on_surface, colour)
        if every_value or step is highest:
            panel.annotate(
                f"{step.energy:.2f}",
                (step.waters, step.energy),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                va="bottom",
                color=colour,
                fontweight="bold" if step is highest else "normal",
            )
        last = step


def _mark_on_surface(panel: Axes, waters: int, energy: float, count: int, colour: str) -> None:
    """Mark a step whose state before it has waters on the surface instead of the ion, with their number."""
    panel.plot([waters], [energy], marker="v", markersize=7, color=colour, markerfacecolor="white", linestyle="none")
    panel.annotate(
        str(count),
        (waters, energy),
        xytext=(0, -6),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=7,
        color=colour,
    )


def _draw_sums(panel: Axes, result: DesolvationResult, colour: str) -> None:
    if not result.steps:
        return
    last, sound = 0.0, True
    _bar(panel, result.steps[0].waters, last, colour, sound=True)
    for step in result.steps:
        if step.cumulative is None:
            return
        sound = sound and step.outcome == "ok"
        panel.plot(
            [step.waters - HALF_WIDTH, step.waters - 1 + HALF_WIDTH],
            [last, step.cumulative],
            color=colour,
            linewidth=0.7,
            alpha=0.6,
        )
        last = step.cumulative
        _bar(panel, step.waters - 1, last, colour, sound=sound)
    panel.annotate(
        f"{last:.2f}",
        (result.steps[-1].waters - 1, last),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        color=colour,
    )


def _bar(panel: Axes, waters: int, energy: float, colour: str, *, sound: bool) -> None:
    panel.plot(
        [waters - HALF_WIDTH, waters + HALF_WIDTH],
        [energy, energy],
        color=colour,
        linewidth=2.5,
        linestyle="-" if sound else (0, (2, 1)),
        solid_capstyle="butt",
    )


def _finish(panel: Axes, ylabel: str, xlabel: str, ticks: list[tuple[int, str]]) -> None:
    # Figures take names of studies literally; this text is the figure's own, and has a subscript.
    panel.set_ylabel(ylabel).set_parse_math(True)
    panel.set_xlabel(xlabel)
    panel.set_xticks([n for n, _ in ticks], [text for _, text in ticks])
    panel.set_xlim(ticks[0][0] + 0.6, ticks[-1][0] - 0.6)
    low, high = min(0.0, panel.dataLim.y0), max(0.0, panel.dataLim.y1)
    panel.set_ylim(low - 0.04 * (high - low), high + 0.1 * (high - low))
    panel.spines[["top", "right"]].set_visible(False)
