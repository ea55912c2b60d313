"""Electrostatic-potential maps as a picture: every molecule's surface, coloured on a scale with a unit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ..stored import nothing_of
from .esp_colours import UNIT, ColourScale, Scale
from .esp_maps import bonds, grid, load_maps
from .esp_page import write_esp_page
from .files import names_as_they_are, write_figure
from .formulas import ANGSTROM, set_formulas

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .esp_maps import EspMap
    from .rendering import Picture, View

TITLE_WIDTH, FOOT_WIDTH = 40, 50
INK = "0.15"
HIGHEST, LOWEST = "^", "v"
"""Markers of V_s,max and V_s,min."""
SCALE_BAR = 2.0
"""Length of the bar below each molecule, angstrom."""


def draw_esp(sources: Sequence[Path], outputs: Sequence[Path], scale: Scale = "common") -> None:
    """Draw the electrostatic-potential maps of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats: png, svg, or html, to turn in a browser.
        scale: colour scale, ``common`` or ``own`` to each molecule.

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


def plot_esp(maps: Sequence[EspMap], path: Path, scale: Scale = "common") -> None:
    """Draw electrostatic-potential maps, one panel each.

    Atoms and bonds show faintly through the surface; triangles mark the highest and the lowest potential, hollow where
    they are on the far side. The same maps give the same bytes.

    Args:
        maps: the surfaces, in the order of the panels.
        path: file to write; its ending chooses the format, png or svg (with the surfaces as images in it).
        scale: ``common`` gives all panels one colour scale; ``own`` gives each its own, to see the pattern on ions of
            very different charge.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not maps:
        raise AzibflowError("there is no ESP result to draw")
    write_figure(lambda: esp_figure(maps, scale), path)


@names_as_they_are()
def esp_figure(maps: Sequence[EspMap], scale: Scale = "common") -> Figure:
    """Return the figure of [`plot_esp`][], for a notebook.

    Args:
        maps: the surfaces, in the order of the panels.
        scale: ``common`` or ``own``.
    """
    from matplotlib.figure import Figure

    rows, columns = grid(len(maps))
    width = 3.1 * columns + 0.9 if scale == "common" else 3.9 * columns
    figure = Figure(figsize=(width, 3.5 * rows + 0.3), layout="constrained")
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    shared = ColourScale.of(one.values for one in maps)
    for panel, one in zip(panels, maps, strict=False):
        colours = shared if scale == "common" else ColourScale.of([one.values])
        _draw(panel, one, colours)
        if scale == "own":
            figure.colorbar(colours.mappable(), ax=panel, label=UNIT, shrink=0.7, pad=0.02)
    for panel in panels[len(maps) :]:
        panel.remove()
    if scale == "common":
        figure.colorbar(shared.mappable(), ax=panels[: len(maps)], label=UNIT, shrink=0.8, pad=0.02)
    isovalues = sorted({one.result.isovalue for one in maps})
    surface = ", ".join(f"{isovalue:g}" for isovalue in isovalues)
    words = f"on the surface of electron density {surface} electrons/bohr³; hollow markers: on the far side"
    figure.supxlabel(fill(words, FOOT_WIDTH * columns), fontsize=8)
    return figure


def _draw(panel: Axes, one: EspMap, scale: ColourScale) -> None:
    from .rendering import View, render

    view = View.of(one.vertices, one.vertices[[one.highest, one.lowest]])
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
    for vertex, marker in ((one.highest, HIGHEST), (one.lowest, LOWEST)):
        _mark(panel, picture, view.project(one.vertices[vertex]), marker)
    _draw_scale_bar(panel, half)
    extremes = f"max {one.values[one.highest]:.1f}    min {one.values[one.lowest]:.1f} kcal/mol".replace(
        "-", "\N{MINUS SIGN}"
    )
    panel.text(0, -1.32 * half, extremes, ha="center", va="bottom", fontsize=8, color=INK)


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


def _mark(panel: Axes, picture: Picture, place: np.ndarray, marker: str) -> None:
    panel.plot(
        *place[:2],
        marker,
        markersize=6,
        markerfacecolor="none" if picture.hides(place) else "white",
        markeredgecolor="black",
        markeredgewidth=0.9,
        zorder=4,
    )


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
