"""Surface energies as a figure: a bar for each slab, and the Wulff shape of the facets beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from ...errors import AzibflowError, StructureError
from ...structures.axes import OWN
from ...workflows.common.results import Outcome
from ...workflows.common.units import J_PER_M2
from ..study_names import results_to_draw
from ..tables.published import published_numbers
from ..tables.surface import facet_label
from .bars import COLUMN, PLAIN, SMALL, UNSOUND, Bar, Look, draw_bars, height_of, legend_below
from .files import names_as_they_are, write_figure
from .formulas import set_formulas
from .polyhedra import draw_polyhedron

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from ...data.literature import PublishedValue
    from ...workflows.surfaces.results import Miller, SurfaceResult, SurfaceRow

LOWEST_FACET = Look("#0072b2", "lowest facet")
THINNER = Look("#d3e9f7", "thinner slabs")
FACETS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
"""Told apart by the colour-blind too (Okabe and Ito, 10.1038/nmeth.1618); used again from the front after the last."""
LOWEST = 2.6
"""Least height of a part with a shape, inches."""
TITLE_WIDTH, WORDS_WIDTH = 90, 40


def draw_surface(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the surface energies of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.surfaces.results import SurfaceResult

    results = results_to_draw("surface", sources, SurfaceResult)
    for output in outputs:
        plot_surfaces(results, output)


def plot_surfaces(results: Sequence[SurfaceResult], path: Path) -> None:
    """Draw surface energies, one bulk below the other; beside them the Wulff shape where there are several facets.

    Args:
        results: one per bulk, from the top down.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no surface result to draw")
    write_figure(lambda: surface_figure(results), path)


@names_as_they_are()
def surface_figure(results: Sequence[SurfaceResult]) -> Figure:
    """Return the figure of [`plot_surfaces`][], for a notebook.

    Args:
        results: one per bulk, from the top down.
    """
    from matplotlib.figure import Figure

    heights = [_height(result) for result in results]
    columns = 2 if any(len(facet_energies(result)) > 1 for result in results) else 1
    figure = Figure(figsize=(columns * COLUMN, sum(heights)), layout="constrained")
    parts = figure.subfigures(len(results), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, result in zip(parts, results, strict=True):
        _draw(part, result, columns)
    return figure


def thickest(result: SurfaceResult) -> list[SurfaceRow]:
    """Return of each facet and termination the thickest slab that is a result."""
    found: dict[tuple[Miller, int], SurfaceRow] = {}
    for row in result.rows:
        key = (row.miller, row.termination)
        sound = row.outcome is Outcome.OK and row.gamma is not None and math.isfinite(row.gamma)
        if sound and (key not in found or row.layers > found[key].layers):
            found[key] = row
    return list(found.values())


def facet_energies(result: SurfaceResult) -> dict[Miller, float]:
    """Return of each facet the lowest surface energy among its terminations, each of its thickest slab, J/m^2."""
    energies: dict[Miller, float] = {}
    for row in thickest(result):
        if row.gamma is not None:
            energies[row.miller] = min(row.gamma, energies.get(row.miller, row.gamma))
    return energies


def _height(result: SurfaceResult) -> float:
    bars = height_of(len(result.rows) + len(_published(result)))
    return max(bars, LOWEST if len(facet_energies(result)) > 1 else 0.0) + 0.55


def _draw(part: SubFigure, result: SurfaceResult, columns: int) -> None:
    panels = part.subplots(1, columns, squeeze=False)[0]
    bars, published = _bars(result), _published(result)
    draw_bars(panels[0], bars, published)
    panels[0].set_xlabel("surface energy (J/m²)", fontsize=SMALL)
    part.suptitle(fill(set_formulas(result.study), TITLE_WIDTH // (3 - columns)), x=0.01, ha="left", fontsize=9)
    legend_below(part, bars, published, error="one sigma of the committee")
    if columns > 1:
        _draw_shape(panels[1], result)


def _bars(result: SurfaceResult) -> list[Bar]:
    thick = thickest(result)
    lowest = min(facet_energies(result).values(), default=None) if len({row.miller for row in thick}) > 1 else None

    def look(row: SurfaceRow) -> Look:
        if row.outcome is not Outcome.OK:
            return UNSOUND
        if row not in thick:
            return THINNER
        return LOWEST_FACET if row.gamma == lowest else PLAIN

    several = {row.miller for row in result.rows if row.termination}
    return [
        Bar(
            f"{facet_label(row.miller)}{f' t{row.termination}' if row.miller in several else ''}, {row.layers} layers",
            row.gamma,
            look(row),
            error=None if row.trust is None else row.trust.standard_error * J_PER_M2 / (2 * row.area),
            says=str(row.outcome),
        )
        for row in result.rows
    ]


def _published(result: SurfaceResult) -> list[PublishedValue]:
    return published_numbers(result.literature, Quantity.SURFACE_ENERGY)


def _draw_shape(panel: Axes, result: SurfaceResult) -> None:
    """Draw the Wulff shape with the share of each facet, or say why there is none."""
    from matplotlib.patches import Patch

    from ...structures.wulff import shares, wulff_shape

    panel.set_axis_off()
    energies = facet_energies(result)
    if len(energies) < 2:
        return
    panel.set_title("Wulff shape", fontsize=SMALL)
    try:
        faces = wulff_shape(result.bulk.structure.to_atoms(), result.axes or OWN, energies)
    except StructureError as error:
        words = fill(f"none: {error}", WORDS_WIDTH)
        panel.text(0.5, 0.5, words, transform=panel.transAxes, ha="center", va="center", fontsize=SMALL, color="0.4")
        return
    colours = {miller: FACETS[place % len(FACETS)] for place, miller in enumerate(energies)}
    draw_polyhedron(panel, [(face.normal, face.corners, colours[face.miller]) for face in faces])
    share = shares(faces)
    handles = [
        Patch(
            facecolor=colours[miller],
            edgecolor="0.25",
            linewidth=0.5,
            label=f"{facet_label(miller)} {_percent(share[miller])}",
        )
        for miller in energies
        if miller in share
    ]
    handles += [
        Patch(facecolor="none", edgecolor="none", label=f"{facet_label(miller)} not on it")
        for miller in energies
        if miller not in share
    ]
    panel.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=2, fontsize=7, frameon=False)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.005 else "< 1 %"
