"""Radial distribution functions of amorphous solids, with the published distances of the pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ..study_names import results_to_draw
from ..tables.amorphous import published_distances
from .bars import BEST, COLUMN, PUBLISHED, SMALL, TINY
from .files import names_as_they_are, write_figure
from .formulas import ANGSTROM, set_formulas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from ...structures.packing import Pair
    from ...workflows.amorphous.results import AmorphousResult

HEIGHT = 1.25
"""Inches of a panel."""
ROOM = 1.25
"""Of the axis, in units of the highest peak."""


def draw_amorphous(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the radial distribution functions of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.amorphous.results import AmorphousResult

    results = results_to_draw("amorphous", sources, AmorphousResult)
    for output in outputs:
        plot_amorphous(results, output)


def plot_amorphous(results: Sequence[AmorphousResult], path: Path) -> None:
    """Draw g(r) of every pair of elements, the mean over the seeds that gave an amorphous solid.

    Args:
        results: one per study, from the top down.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no amorphous solid to draw")
    write_figure(lambda: amorphous_figure(results), path)


@names_as_they_are()
def amorphous_figure(results: Sequence[AmorphousResult]) -> Figure:
    """Return the figure of [`plot_amorphous`][], for a notebook.

    Args:
        results: one per study, from the top down.
    """
    from matplotlib.figure import Figure

    pairs = [_pairs(result) for result in results]
    heights = [HEIGHT * len(of_one) + 0.7 for of_one in pairs]
    figure = Figure(figsize=(COLUMN + 1.2, sum(heights)), layout="constrained")
    parts = figure.subfigures(len(results), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, result, of_one in zip(parts, results, pairs, strict=True):
        _draw(part, result, of_one)
    return figure


def _pairs(result: AmorphousResult) -> list[Pair]:
    from ...structures.packing import element_pairs

    return element_pairs(result.crystal.structure.to_atoms())


def _draw(part: SubFigure, result: AmorphousResult, pairs: Sequence[Pair]) -> None:
    from matplotlib.lines import Line2D

    panels = part.subplots(len(pairs), 1, squeeze=False, sharex=True)[:, 0]
    for panel, pair in zip(panels, pairs, strict=True):
        _draw_pair(panel, result, pair)
    panels[-1].set_xlabel(f"distance ({ANGSTROM})", fontsize=SMALL)
    count = len(result.sound)
    made = f"{count} of {len(result.seeds)} seed{'s' * (len(result.seeds) > 1)}"
    part.suptitle(f"{set_formulas(result.study)}, {made}", x=0.01, ha="left", fontsize=9)
    handles = [Line2D([], [], color="0.6", linewidth=0.8, label="crystal, drawn wider")]
    if count:
        handles.insert(0, Line2D([], [], color=BEST.colour, label="amorphous"))
    if any(published_distances(result, pair) for pair in pairs):
        handles.append(Line2D([], [], color=PUBLISHED, linestyle="--", label="published"))
    part.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=TINY, frameon=False)


def _draw_pair(panel: Axes, result: AmorphousResult, pair: Pair) -> None:
    from ...structures.radial import SMOOTH, radial_distribution, repeated

    # the lines of a crystal are drawn wide: as narrow as the others they would hide them
    ordered = radial_distribution([repeated(result.crystal.structure.to_atoms())], pair, SMOOTH)
    panel.plot(*ordered, color="0.6", linewidth=0.8)
    solids = [one.structure.to_atoms() for one in result.sound if one.structure is not None]
    highest = float(ordered[1].max())
    if solids:
        distances, density = radial_distribution(solids, pair)
        panel.plot(distances, density, color=BEST.colour, linewidth=1.3)
        highest = float(density.max())
    for value in published_distances(result, pair):
        panel.axvline(value, color=PUBLISHED, linestyle="--", linewidth=1.0)
    panel.axhline(1.0, color="0.85", linewidth=0.6, zorder=0)
    panel.set(xlim=(1.0, None), ylim=(0.0, ROOM * max(highest, 1.0)))
    panel.set_ylabel(f"g(r) {'-'.join(pair)}", fontsize=SMALL)
    panel.tick_params(labelsize=SMALL)
    panel.spines[["top", "right"]].set_visible(False)
