"""Adsorption energies as a figure: a bar for each site and orientation, beside a map of where each ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from ...data.literature import Quantity
from ...errors import AzibflowError
from ...workflows.common.results import Outcome
from ..study_names import results_to_draw
from ..tables.declared import declared_by
from ..tables.own_values import with_own_literature
from ..tables.published import published_numbers
from .bars import BEST, COLUMN, PLAIN, SMALL, TINY, UNSOUND, Bar, draw_bars, height_of, legend_below
from .files import names_as_they_are, write_figure
from .formulas import set_formulas
from .free_energies import draw_free_energies, height_of_free_energies, with_free_energies
from .site_map import TopView, draw_site_map, place_of_adsorbate
from .structures import colour_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.lines import Line2D

    from ...data.literature import PublishedValue
    from ...workflows.adsorption.results import AdsorptionCorrection, AdsorptionResult, AdsorptionRow

MOST = 30
"""Rows of one surface and adsorbate; of more the most stable are drawn."""
SEVERAL, MANY = 4, 12
"""Surfaces and adsorbates above which they stand in two columns, and in three."""
FEW = 8
"""Rows of each that are drawn in columns."""
LOWEST = 2.2
"""Least height of a map, inches."""
MARKS = {PLAIN: "0.1", BEST: BEST.colour, UNSOUND: "0.5"}
"""Colours of labels on the map, by the look of the bar."""
TITLE_WIDTH, AXIS_WIDTH = 90, 42


def draw_adsorption(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the adsorption energies of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.adsorption.results import AdsorptionResult

    found = results_to_draw("adsorption", sources, AdsorptionResult)
    results = with_own_literature(found, "adsorption", declared_by(sources).published)
    for output in outputs:
        plot_adsorption(results, output)


def plot_adsorption(results: Sequence[AdsorptionResult], path: Path) -> None:
    """Draw adsorption energies with a map of the surface beside them, one surface and adsorbate below the other.

    Bars are in the order of stability, then come rows that are no results. Above all are the free energies on the best
    sites, where there are any. More than four surfaces and adsorbates stand in columns, with the eight best sites of
    each. The same results give the same bytes.

    Args:
        results: one per surface and adsorbate, from the top down.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no adsorption result to draw")
    write_figure(lambda: adsorption_figure(results), path)


@names_as_they_are()
def adsorption_figure(results: Sequence[AdsorptionResult]) -> Figure:
    """Return the figure of [`plot_adsorption`][], for a notebook.

    Args:
        results: one per surface and adsorbate, from the top down.
    """
    from matplotlib.figure import Figure

    free = with_free_energies(results)
    columns = 1 + (len(results) > SEVERAL) + (len(results) > MANY)
    most = MOST if columns == 1 else FEW
    lines = [results[start : start + columns] for start in range(0, len(results), columns)]
    heights = [max(_height(result, most) for result in line) for line in lines]
    if free:
        heights.insert(0, height_of_free_energies(free))
    figure = Figure(figsize=(2 * COLUMN * columns, sum(heights)), layout="constrained")
    parts = list(figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0])
    if free:
        draw_free_energies(parts.pop(0), free)
    for part, line in zip(parts, lines, strict=True):
        cells = [part] if columns == 1 else part.subfigures(1, columns)
        for cell, result in zip(cells, line, strict=False):  # the last line may be short
            _draw(cell, result, most)
    return figure


def by_stability(result: AdsorptionResult) -> list[AdsorptionRow]:
    """Return the rows of a result from the most stable on, then those that are no results, without energy last."""

    def place(row: AdsorptionRow) -> tuple[bool, bool, bool, float]:
        return row is not result.best, row.outcome is not Outcome.OK, row.energy is None, row.energy or 0.0

    return sorted(result.rows, key=place)


def _height(result: AdsorptionResult, most: int) -> float:
    bars = min(len(result.rows), most) + len(_published(result))
    return max(height_of(bars) + 0.2, LOWEST) + 0.75


def _draw(part: SubFigure, result: AdsorptionResult, most: int) -> None:
    rows = by_stability(result)[:most]
    best = result.best if len(result.rows) > 1 else None
    bars = [_bar(number, row, best, result.adsorbate) for number, row in enumerate(rows, start=1)]
    published = _published(result)
    energies, view = part.subplots(1, 2)
    draw_bars(energies, bars, published)
    against = fill(f"against {_reference(result)}", AXIS_WIDTH)
    energies.set_xlabel(f"adsorption energy (eV)\n{against}", fontsize=SMALL)
    _draw_map(view, result, rows, bars)
    more = f"; the first {most} of {len(result.rows)}" if len(result.rows) > most else ""
    part.suptitle(fill(set_formulas(result.study) + more, TITLE_WIDTH), x=0.01, ha="left", fontsize=9)
    legend_below(
        part,
        bars,
        published,
        error="one sigma of the ensemble" if result.ensemble else "one sigma of the committee",
        better="corrected by the better method",
        handles=_elements(result),
    )


def _reference(result: AdsorptionResult) -> str:
    """Write the reference state as people do: H₂O(g) − H₂(g), not H2O(g) -1 H2(g)."""
    signed = re.sub(r" -(1 )?", " \N{MINUS SIGN} ", result.reference.state)
    return set_formulas(re.sub(r" \+1 ", " + ", signed))


def _bar(number: int, row: AdsorptionRow, best: AdsorptionRow | None, adsorbate: str) -> Bar:
    sound = row.outcome is Outcome.OK
    look = BEST if row is best else PLAIN if sound else UNSOUND
    ended = "" if sound else f", {row.outcome}"
    orientation = f", {row.orientation}" if row.orientation not in ("", adsorbate) else ""
    return Bar(
        f"{set_formulas(row.site + orientation)}{ended}\N{EN SPACE}{number}",
        _energy(row),
        look,
        error=_error(row),
        better=None if row.correction is None else _energy(row.correction),
        says="no energy",
    )


def _energy(row: AdsorptionRow | AdsorptionCorrection) -> float | None:
    """Return the energy against the reference that was computed: bulk metal or molecules, eV."""
    return row.e_ads_vs_molecule if row.e_ads_vs_bulk is None else row.e_ads_vs_bulk


def _error(row: AdsorptionRow) -> float | None:
    """Return one sigma: the spread of an ensemble, else that of a committee; none where nothing gives one."""
    said = [_energy(row), *(_energy(one) for one in row.opinions if one is not None)]
    numbers = [number for number in said if number is not None]
    if len(numbers) > 1:
        return float(np.std(numbers, ddof=1))
    return None if row.trust is None else row.trust.standard_error


def _published(result: AdsorptionResult) -> list[PublishedValue]:
    return published_numbers(result.literature, Quantity.ADSORPTION_ENERGY)


def _draw_map(panel: Axes, result: AdsorptionResult, rows: Sequence[AdsorptionRow], bars: Sequence[Bar]) -> None:
    surface = len(result.bare.structure.symbols)
    places = [
        (str(number), place_of_adsorbate(row.structure, surface), MARKS[bar.look])
        for number, (row, bar) in enumerate(zip(rows, bars, strict=True), start=1)
        if row.structure is not None
    ]
    draw_site_map(panel, TopView.of(result.bare.structure), places)
    name, _, _ = result.surface.partition(": ")  # its recipe is in the table, and would be cut off here
    panel.set_title(f"where each ended on {set_formulas(name)}", fontsize=SMALL)
    lost = [str(number) for number, row in enumerate(rows, start=1) if row.structure is None]
    if lost:
        panel.set_xlabel(fill(f"no structure of {', '.join(lost)}", AXIS_WIDTH), fontsize=TINY, color="0.4")


def _elements(result: AdsorptionResult) -> list[Line2D]:
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], marker="o", linestyle="", color=colour_of(one), markeredgecolor="0.25", label=one)
        for one in sorted(set(result.bare.structure.symbols))
    ]
