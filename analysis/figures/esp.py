"""Electrostatic-potential maps as a picture: every molecule's surface, coloured on a scale with a unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from ...errors import AzibflowError
from ..stored import nothing_of
from .esp_colours import UNIT, ColourScale, Scale, blocks, signed
from .esp_maps import bonds, grid, isovalues, load_maps
from .esp_page import write_esp_page
from .files import names_as_they_are, write_figure
from .formulas import ANGSTROM, set_formulas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from ...calculators.esp.statistics import Extremum
    from .esp_colours import Block
    from .esp_maps import EspMap
    from .rendering import Picture, View

TITLE_WIDTH, FOOT_WIDTH = 40, 50
INK = "0.15"
PANEL, HEIGHT, BAR = 3.1, 3.5, 0.9
"""Width and height of a panel, and width of a colour bar with its numbers, inches."""
HIGHEST, LOWEST = "^", "v"
"""Markers of V_s,max and V_s,min."""
SIGNS = {(HIGHEST, False): "▲", (LOWEST, False): "▼", (HIGHEST, True): "△", (LOWEST, True): "▽"}
"""The markers in words, by whether they are on the far side."""
SCALE_BAR = 2.0
"""Length of the bar below each molecule, angstrom."""


def draw_esp(sources: Sequence[Path], outputs: Sequence[Path], scale: Scale = "charge") -> None:
    """Draw the electrostatic-potential maps of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats: png, svg, or html, to turn in a browser.
        scale: colour scale, one for each ``charge``, ``common`` to all, or ``own`` to each molecule.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, none holds such a result, or the file of a surface is missing or has changed.
    """
    maps = load_maps(sources)
    if not maps:
        raise nothing_of("esp", sources)
    for output in outputs:
        if output.suffix.lower() == ".html":
            write_esp_page(maps, output, scale)
        else:
            plot_esp(maps, output, scale)


def plot_esp(maps: Sequence[EspMap], path: Path, scale: Scale = "charge") -> None:
    """Draw electrostatic-potential maps, one panel each.

    Atoms and bonds show faintly through the surface; triangles mark the highest and the lowest potential, hollow where
    they are on the far side. The same maps give the same bytes.

    Args:
        maps: the surfaces, in the order of the panels.
        path: file to write; its ending chooses the format, png or svg (with the surfaces as images in it).
        scale: ``charge`` gives neutral molecules one colour scale and the ions of each charge one of theirs, panels of
            one scale together; ``common`` gives all panels one, ``own`` gives each its own.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not maps:
        raise AzibflowError("there is no ESP result to draw")
    write_figure(lambda: esp_figure(maps, scale), path)


@names_as_they_are()
def esp_figure(maps: Sequence[EspMap], scale: Scale = "charge") -> Figure:
    """Return the figure of [`plot_esp`][], for a notebook.

    Args:
        maps: the surfaces, in the order of the panels.
        scale: ``charge``, ``common`` or ``own``.
    """
    from matplotlib.figure import Figure

    parts = blocks(maps, scale)
    columns = max(grid(len(part.maps))[1] for part in parts)
    rows = [math.ceil(len(part.maps) / columns) for part in parts]
    # Blocks of one panel each stand side by side, others one below the other.
    down, across = grid(len(parts)) if columns == 1 else (len(parts), 1)
    heights = rows if across == 1 else [1] * down
    size = (across * (PANEL * columns + BAR), HEIGHT * sum(heights) + 0.3)
    figure = Figure(figsize=size, layout="constrained")
    figures = figure.subfigures(down, across, squeeze=False, height_ratios=heights)
    for part, height, place in zip(parts, rows, figures.flat, strict=False):
        _draw_block(place, part, height, columns)
    words = (
        f"on the surface of electron density {isovalues(maps)} electrons/bohr³; "
        "▲ highest, ▼ lowest potential, hollow where on the far side"
    )
    figure.supxlabel(fill(words, FOOT_WIDTH * columns * across), fontsize=8)
    if engine := figure.get_layout_engine():
        engine.execute(figure)  # drawing does it again: the layout of nested figures settles in its second pass
    return figure


def _draw_block(place: SubFigure, part: Block, rows: int, columns: int) -> None:
    panels = list(place.subplots(rows, columns, squeeze=False).flat)
    for panel, one in zip(panels, part.maps, strict=False):
        _draw(panel, one, part.colours)
    for panel in panels[len(part.maps) :]:
        panel.set_axis_off()
    label = f"Vₛ, {part.whose} ({UNIT})" if part.whose else f"Vₛ ({UNIT})"
    place.colorbar(part.colours.mappable(), ax=panels, label=label, shrink=0.8, pad=0.02)


def _draw(panel: Axes, one: EspMap, scale: ColourScale) -> None:
    from .rendering import render

    view = one.view
    picture = render(view.project(one.vertices), one.triangles, one.values, scale.colours)
    half = picture.half_size
    panel.imshow(picture.pixels, extent=(-half, half, -half, half), interpolation="antialiased")
    panel.set_axis_off()
    panel.set_xlim(-half, half)
    panel.set_ylim(-1.32 * half, half)
    sound = one.result.outcome == "ok"
    head = [one.title, *([] if sound else [str(one.result.outcome)])]
    panel.set_title(
        "\n".join(fill(set_formulas(line), TITLE_WIDTH) for line in head), fontsize=9, color=INK if sound else "#b00000"
    )
    _draw_molecule(panel, one, view)
    extremes = [
        _mark(panel, picture, view, extremum, marker, name)
        for extremum, marker, name in ((one.highest, HIGHEST, "Vₛ,max"), (one.lowest, LOWEST, "Vₛ,min"))
    ]
    _draw_scale_bar(panel, half)
    panel.text(0, -1.32 * half, f"{'    '.join(extremes)} {UNIT}", ha="center", va="bottom", fontsize=8, color=INK)


def _draw_molecule(panel: Axes, one: EspMap, view: View) -> None:
    from ase.data import covalent_radii
    from ase.data.colors import jmol_colors
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Circle

    atoms = one.atoms
    places = view.project(atoms.positions)
    panel.add_collection(
        LineCollection([places[[i, j], :2] for i, j in bonds(atoms)], colors=INK, linewidths=1.2, alpha=0.35, zorder=2)
    )
    for i in places[:, 2].argsort():
        x, y = (float(place) for place in places[i, :2])
        radius = 0.38 * covalent_radii[atoms.numbers[i]]
        colour = jmol_colors[atoms.numbers[i]]
        panel.add_patch(
            Circle((x, y), radius, facecolor=(*colour, 0.45), edgecolor=(0, 0, 0, 0.45), linewidth=0.6, zorder=3)
        )


def _mark(panel: Axes, picture: Picture, view: View, extremum: Extremum, marker: str, name: str) -> str:
    """Mark an extremum, hollow where the surface hides it, with a white rim to be seen on dark colours; name it."""
    from matplotlib.patheffects import withStroke

    place = view.project(np.array(extremum.position))
    hidden = picture.hides(place)
    panel.plot(
        *place[:2],
        marker,
        markersize=6,
        markerfacecolor="none" if hidden else "black",
        markeredgecolor="black",
        markeredgewidth=0.9,
        path_effects=[withStroke(linewidth=2.4, foreground="white")],
        zorder=4,
    )
    return f"{SIGNS[marker, hidden]} {name} {signed(f'{extremum.value:.1f}')}"


def _draw_scale_bar(panel: Axes, half: float) -> None:
    height = -1.04 * half
    panel.plot([-SCALE_BAR / 2, SCALE_BAR / 2], [height, height], color=INK, linewidth=1.5, solid_capstyle="butt")
    panel.annotate(
        f"{SCALE_BAR:g} {ANGSTROM}",
        (0, height),
        xytext=(0, -2),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=7,
        color=INK,
        annotation_clip=False,
    )
