"""Insertion as a figure: energies per ion and voltages of every host, its ions side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ...workflows.common.results import Outcome
from ..study_names import results_to_draw
from .bars import COLUMN, SMALL, UNSOUND, Bar, Look, draw_bars, height_of, legend_below
from .files import names_as_they_are, write_figure
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...workflows.insertion.results import InsertionResult, InsertionRow

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999")
"""Of the ions in the order of their first appearance; distinct to the colour-blind (10.1038/nmeth.1618)."""


def draw_insertion(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the insertion energies and voltages of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.insertion.results import InsertionResult

    results = results_to_draw("insertion", sources, InsertionResult)
    for output in outputs:
        plot_insertion(results, output)


def plot_insertion(results: Sequence[InsertionResult], path: Path) -> None:
    """Draw a bar for each host, ion and number of ions: insertion energies at the left, voltages at the right.

    Args:
        results: one for each ion in each host.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no insertion result to draw")
    write_figure(lambda: insertion_figure(results), path)


@names_as_they_are()
def insertion_figure(results: Sequence[InsertionResult]) -> Figure:
    """Return the figure of [`plot_insertion`][], for a notebook.

    Args:
        results: one for each ion in each host.
    """
    from matplotlib.figure import Figure

    looks = {ion: Look(colour, ion) for ion, colour in zip(_ions(results), COLOURS, strict=False)}
    rows = _side_by_side(results)
    energies = [_bar(result, row, row.energy, looks[result.ion]) for result, row in rows]
    potentials = [_bar(result, row, row.potential, looks[result.ion], per=_charge(result)) for result, row in rows]
    figure = Figure(figsize=(2 * COLUMN, height_of(len(rows)) + 0.5), layout="constrained")
    (part,) = figure.subfigures(1, 1, squeeze=False).flat
    left, right = part.subplots(1, 2)
    draw_bars(left, energies)
    left.set_xlabel("insertion energy per ion (eV)", fontsize=SMALL)
    draw_bars(right, potentials)
    right.set_xlabel("potential against SHE (V)", fontsize=SMALL)
    right.set_yticks([])
    legend_below(part, energies, (), error="one sigma of the committee")
    return figure


def _ions(results: Sequence[InsertionResult]) -> list[str]:
    return list(dict.fromkeys(result.ion for result in results))


def _side_by_side(results: Sequence[InsertionResult]) -> list[tuple[InsertionResult, InsertionRow]]:
    """Order rows by host, then by number of ions, then by ion, each in the order of first appearance."""
    hosts = list(dict.fromkeys(result.host_name for result in results))
    rows = [(result, row) for result in results for row in result.rows]
    return sorted(rows, key=lambda one: (hosts.index(one[0].host_name), one[1].n))


def _charge(result: InsertionResult) -> float:
    from ...workflows.common.electrodes import electrode

    return float(electrode(result.ion).charge)


def _bar(result: InsertionResult, row: InsertionRow, value: float | None, look: Look, per: float = 1.0) -> Bar:
    sound = row.outcome is Outcome.OK
    ended = "" if sound else f", {row.outcome}"
    many = f"{row.n} {result.ion}" if row.n > 1 else result.ion
    return Bar(
        f"{set_formulas(result.host_name)}, {many}{ended}",
        value,
        look if sound else UNSOUND,
        error=None if row.trust is None else row.trust.standard_error / per,
        says="no number",
    )
