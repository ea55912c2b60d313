"""Water dissociation as a figure: its barrier against how the surface holds OH and H, a point for each surface."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ...workflows.common.results import Outcome
from ..study_names import results_to_draw
from .files import legend_label, names_as_they_are, write_figure
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...workflows.dissociation.results import DissociationResult

MARKERS = "osD^v<>ph"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Colours of Okabe and Ito (10.1038/nmeth.1618), one for what stands beside the water."""
AXES = (("e_hydroxyl", "adsorption energy of OH (eV)"), ("e_hydrogen", "adsorption energy of H (eV)"))


def draw_dissociation(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the barriers of water dissociation of some runs.

    Args:
        sources: run folders.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: no row has a barrier, a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.dissociation.results import DissociationResult

    results = results_to_draw("dissociation", sources, DissociationResult)
    for output in outputs:
        write_figure(lambda: dissociation_figure(results), output)


@names_as_they_are()
def dissociation_figure(results: Sequence[DissociationResult]) -> Figure:
    """Return the figure: barriers against energies of OH, left, and of H, right, in one colour for each neighbour.

    Rows that are no results are left out.

    Args:
        results: of all surfaces.

    Raises:
        AzibflowError: no row has a barrier.
    """
    from matplotlib.figure import Figure

    drawn = [one for one in results if one.outcome is Outcome.OK and one.barrier_forward is not None]
    if not drawn:
        raise AzibflowError("no dissociation has a barrier that could be drawn")
    figure = Figure(figsize=(7.4, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for panel, (key, says) in zip((left, right), AXES, strict=True):
        _draw(panel, drawn, key)
        panel.set_xlabel(says)
    left.set_ylim(bottom=min(0.0, *(one.barrier_forward or 0.0 for one in drawn)))
    left.set_ylabel(set_formulas("barrier of H2O* to OH* + H* (eV)"))
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), fontsize="small", frameon=False)
    return figure


def _draw(panel: Axes, results: Sequence[DissociationResult], key: str) -> None:
    """Draw a point for each row, named by its surface where water is alone, else by colour."""
    neighbours = list(dict.fromkeys(one.beside for one in results))
    for number, beside in enumerate(neighbours):
        mine = [one for one in results if one.beside == beside and getattr(one, key) is not None]
        panel.plot(
            [getattr(one, key) for one in mine],
            [one.barrier_forward or 0.0 for one in mine],
            MARKERS[number % len(MARKERS)],
            color=COLOURS[number % len(COLOURS)],
            markersize=5,
            label=legend_label(f"beside {beside}" if beside else "water alone"),
        )
    named: set[str] = set()
    for one in results:
        if one.surface not in named and getattr(one, key) is not None:
            named.add(one.surface)
            place = (getattr(one, key), one.barrier_forward)
            panel.annotate(
                set_formulas(one.surface), place, xytext=(5, 4), textcoords="offset points", fontsize="small"
            )
    panel.margins(0.18, 0.15)
    panel.spines[["top", "right"]].set_visible(False)
