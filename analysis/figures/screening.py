"""Rankings: a bar for each structure, the best at the top, with the error bar that decides its order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ..study_names import results_to_draw
from ..tables.screening import error_of
from .files import legend_label, names_as_they_are, write_figure
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...workflows.screening.results import ScreeningResult

COLOURS = ("#9aa5b1", "#0072b2", "#d55e00", "#009e73")
"""Of the stages, from the first; distinct to the colour-blind (10.1038/nmeth.1618)."""
MOST = 60
"""Bars in one figure; of more structures the best are drawn."""
POWERS = {"J/m^2": "J/m²"}


def draw_screening(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the rankings of some runs.

    Args:
        sources: run folders, in the order of the panels.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.screening.results import ScreeningResult

    results = results_to_draw("screening", sources, ScreeningResult)
    for output in outputs:
        plot_rankings(results, output)


def plot_rankings(results: Sequence[ScreeningResult], path: Path) -> None:
    """Draw the ranking of every screening, one panel each.

    Args:
        results: structures at all stages, of one or several screenings.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: no structure has a number, the format is unknown, or the file cannot be written.
    """
    write_figure(lambda: ranking_figure(results), path)


@names_as_they_are()
def ranking_figure(results: Sequence[ScreeningResult]) -> Figure:
    """Return the figure of [`plot_rankings`][], for a notebook.

    Args:
        results: structures at all stages, of one or several screenings.
    """
    from matplotlib.figure import Figure

    from ...workflows.screening.results import ranked

    screenings: dict[str, list[ScreeningResult]] = {}
    for result in results:
        screenings.setdefault(result.screening, []).append(result)
    orders = {name: [one for one in ranked(some) if one.found.value is not None] for name, some in screenings.items()}
    orders = {name: order for name, order in orders.items() if order}
    if not orders:
        raise AzibflowError("no structure of a screening has a number that could be drawn")
    shown = {name: order[:MOST] for name, order in orders.items()}
    heights = [0.24 * len(order) + 0.9 for order in shown.values()]
    figure = Figure(figsize=(5.2, sum(heights) + 0.3), layout="constrained")
    panels = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights)[:, 0]
    for panel, (name, order) in zip(panels, shown.items(), strict=True):
        _draw(panel, order)
        first = order[0]
        about = f" of {first.ion}" if first.ion else ""
        panel.set_xlabel(f"{first.quantity}{about} ({POWERS.get(first.unit, first.unit)})")
        more = f", the first {MOST} of {len(orders[name])}" if len(orders[name]) > MOST else ""
        if len(shown) > 1 or more:
            panel.set_title(f"{name}{more}", fontsize="medium")
    return figure


def _draw(panel: Axes, order: Sequence[ScreeningResult]) -> None:
    """Draw one ranking."""
    places = range(len(order))
    stages = sorted({result.stage for result in order})
    for stage in stages:
        mine = [place for place in places if order[place].stage == stage]
        method = (order[mine[0]].corrected_by or order[mine[0]].calculator).spec.in_words()
        panel.barh(
            mine,
            [order[place].found.value or 0.0 for place in mine],
            xerr=[error_of(order[place]) or 0.0 for place in mine],
            color=COLOURS[stage % len(COLOURS)],
            error_kw={"elinewidth": 0.8, "capsize": 2.0, "ecolor": "0.25"},
            height=0.7,
            label=legend_label(method),
        )
    panel.set_yticks(list(places), [set_formulas(result.system) for result in order], fontsize="small")
    panel.invert_yaxis()
    panel.axvline(0.0, color="0.4", linewidth=0.6)
    panel.spines[["top", "right"]].set_visible(False)
    if len(stages) > 1:
        panel.legend(fontsize="small", frameon=False)
