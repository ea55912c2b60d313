"""Frontier levels as a figure: HOMO and LUMO of each molecule with the gap between them, and vertical IP and EA."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from ...errors import AzibflowError
from ...workflows.common.results import Outcome
from ..study_names import results_to_draw
from ..tables.molecules import medium
from ..tables.orbitals import published_beside
from ..tables.published import published_numbers
from .bars import COLUMN, PUBLISHED, SMALL, TINY
from .files import names_as_they_are, write_figure
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from ...workflows.molecular.orbitals import OrbitalRow, OrbitalsResult

HOMO, LUMO, IONS, UNSOUND = "#0072b2", "#e69f00", "#009e73", "0.6"
"""Told apart by the colour-blind too (Okabe and Ito, 10.1038/nmeth.1618)."""
PER_MOLECULE, HEIGHT = 0.68, 3.4
"""Inches: width of a molecule, and height of a study."""
HALF, IONS_AT = 0.27, (0.31, 0.47)
"""Half of the length of a level, and ends of the marks right of it, in units of the distance between molecules."""
LONG = 6
"""Characters of a name from which on names are slanted."""
DASHES = (0, (2, 1))


def draw_orbitals(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the frontier levels of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.molecular.orbitals import OrbitalsResult

    results = results_to_draw("orbitals", sources, OrbitalsResult)
    for output in outputs:
        plot_orbitals(results, output)


def plot_orbitals(results: Sequence[OrbitalsResult], path: Path) -> None:
    """Draw level diagrams, one study below the other.

    Vertical ionisation energies and electron affinities stand at their negatives, where levels of that energy would.

    Args:
        results: the studies, from the top down.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no orbitals result to draw")
    write_figure(lambda: orbitals_figure(results), path)


@names_as_they_are()
def orbitals_figure(results: Sequence[OrbitalsResult]) -> Figure:
    """Return the figure of [`plot_orbitals`][], for a notebook.

    Args:
        results: the studies, from the top down.
    """
    from matplotlib.figure import Figure

    most = max(len(result.rows) for result in results)
    width = max(COLUMN, PER_MOLECULE * most + 0.7)
    figure = Figure(figsize=(width, HEIGHT * len(results)), layout="constrained")
    parts = figure.subfigures(len(results), 1, squeeze=False)[:, 0]
    for part, result in zip(parts, results, strict=True):
        _draw(part, result, title_width=round(15 * width))
    return figure


def _draw(part: SubFigure, result: OrbitalsResult, title_width: int) -> None:
    panel = part.subplots()
    for place, row in enumerate(result.rows):
        _draw_molecule(panel, place, row)
        for entry in published_numbers(published_beside(result, row), Quantity.ORBITAL_ENERGY):
            panel.plot(
                [place], [entry.value or 0.0], "D", color=PUBLISHED, markerfacecolor="white", markersize=4.5, zorder=5
            )
    names = [set_formulas(row.molecule_name) for row in result.rows]
    slanted = max(map(len, names), default=0) > LONG
    panel.set_xticks(
        range(len(names)),
        names,
        fontsize=SMALL,
        rotation=30 if slanted else 0,
        ha="right" if slanted else "center",
        rotation_mode="anchor",
    )
    panel.set_xlim(-0.6, len(names) - 0.4)
    panel.margins(y=0.08)
    panel.set_ylabel("energy against vacuum (eV)", fontsize=SMALL)
    panel.tick_params(axis="y", labelsize=SMALL)
    panel.axhline(0.0, color="0.8", linewidth=0.7, zorder=0)
    panel.spines[["top", "right"]].set_visible(False)
    head = [set_formulas(result.study), f"{result.method}, {medium(result.calculator)}"]
    part.suptitle("\n".join(fill(line, title_width) for line in head), x=0.01, ha="left", fontsize=SMALL)
    _legend(part, result)


def _draw_molecule(panel: Axes, place: int, row: OrbitalRow) -> None:
    sound = row.outcome is Outcome.OK
    levels = [level for level in (row.homo, row.lumo) if level is not None]
    for level, colour, side in ((row.homo, HOMO, -1), (row.lumo, LUMO, 1)):
        if level is not None:
            panel.plot(
                [place - HALF, place + HALF],
                [level, level],
                color=colour if sound else UNSOUND,
                linewidth=2.2,
                linestyle="-" if sound else DASHES,
                solid_capstyle="butt",
            )
            _beside(panel, place, level, f"{level:.1f}", side)
    if len(levels) == 2 and row.gap is not None:
        arrow = {"arrowstyle": "<->", "color": "0.5", "linewidth": 0.8, "shrinkA": 1, "shrinkB": 1}
        panel.annotate("", (place, levels[0]), (place, levels[1]), arrowprops=arrow)
        panel.annotate(
            f"{row.gap:.1f}",
            (place, sum(levels) / 2),
            ha="center",
            va="center",
            fontsize=TINY,
            bbox={"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"},
        )
    for energy in (row.ionization_energy, row.electron_affinity):
        if energy is not None:
            ends = [place + end for end in IONS_AT]
            panel.plot(ends, [-energy, -energy], color=IONS if sound else UNSOUND, linewidth=1.8)
    if not levels:
        words = "no levels" if sound else row.outcome
        panel.text(place, 0.5, words, transform=panel.get_xaxis_transform(), ha="center", fontsize=TINY, color=UNSOUND)


def _beside(panel: Axes, place: int, energy: float, text: str, side: int) -> None:
    """Write a number above a level, or below it."""
    panel.annotate(
        text.replace("-", "\N{MINUS SIGN}"),
        (place, energy),
        xytext=(0, 3 * side),
        textcoords="offset points",
        ha="center",
        va="bottom" if side > 0 else "top",
        fontsize=TINY,
    )


def _legend(part: SubFigure, result: OrbitalsResult) -> None:
    from matplotlib.lines import Line2D

    rows = result.rows
    handles = [
        Line2D([], [], color=LUMO, linewidth=2.2, label="LUMO"),
        Line2D([], [], color=HOMO, linewidth=2.2, label="HOMO"),
    ]
    if any(row.ionization_energy is not None or row.electron_affinity is not None for row in rows):
        ions = "\N{MINUS SIGN}EA, \N{MINUS SIGN}IP (vertical)"
        handles.append(Line2D([], [], color=IONS, linewidth=1.8, label=ions))
    if any(row.outcome is not Outcome.OK and row.homo is not None for row in rows):
        handles.append(Line2D([], [], color=UNSOUND, linewidth=2.2, linestyle=DASHES, label="not a result"))
    if any(published_numbers(published_beside(result, row), Quantity.ORBITAL_ENERGY) for row in rows):
        handles.append(
            Line2D([], [], color=PUBLISHED, marker="D", markerfacecolor="white", linestyle="", label="published")
        )
    part.legend(
        handles=handles,
        loc="outside lower center",
        ncols=math.ceil(len(handles) / (1 if len(handles) < 4 else 2)),
        fontsize=TINY,
        frameon=False,
    )
