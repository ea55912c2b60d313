"""Electrostatic-potential maps as a page for a browser: surfaces to turn, with the potential under the pointer."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import __version__
from ...errors import AzibflowError
from .esp_colours import UNIT, ColourScale, Scale, blocks, signed
from .esp_maps import bonds, isovalues
from .rendering import LIGHT

if TYPE_CHECKING:
    from markupsafe import Markup
    from plotly.graph_objects import Figure, Mesh3d, Scatter3d

    from ...calculators.esp.statistics import Extremum
    from .esp_colours import Block
    from .esp_maps import EspMap

OPACITIES = {"opaque": 1.0, "translucent": 0.6, "molecule": 0.12}
"""Buttons on the page; the first is how it opens: a translucent surface mixes the colours of front and back."""
BALL_POINTS = 120
"""Points on the sphere of an atom."""
BALL_SIZE = 0.4
"""Radius of the sphere of an atom, in units of its covalent radius."""
ROOM = 0.5
"""What is drawn beyond the surface, such as a marker on it, is cut off this far outside, angstrom."""
DISTANCE = 2.5
"""Distance of the eye, in half sizes of the frame: outside; in parallel projection it changes nothing else."""
LAMP = 1e4 * LIGHT * (1, 1, -1)
"""Where the light is, far away from the upper left, as in the picture: it stays with the viewer, from whom plotly
counts forwards."""
OFF_SURFACE = 0.03
"""Markers stand this far outside the surface, in half sizes of the frame, or it would cut through them."""
CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtons": [["toImage", "resetCameraDefault3d"]],
    "toImageButtonOptions": {"filename": "esp", "scale": 2},
}


MOST = 12
"""Molecules that are shown at a time: a browser keeps 16 drawings, of this page and of others."""


@dataclass(frozen=True)
class PagePart:
    """Molecules that a button shows: the place of the first, their numbers in words, their names."""

    first: int
    words: str
    names: str


@dataclass(frozen=True)
class PageMap:
    """A molecule on the page: its heading, whether its result is sound, its extrema in words, and its scene in JSON."""

    heading: str
    sound: bool
    highest: str
    lowest: str
    scene: Markup


@dataclass(frozen=True)
class PageBlock:
    """Molecules of one colour scale on the page: what they share, the scale as CSS, its ticks, and the molecules."""

    whose: str
    gradient: str
    ticks: list[tuple[float, str]]
    maps: list[PageMap]


def write_esp_page(maps: Sequence[EspMap], path: Path, scale: Scale = "charge") -> None:
    """Write electrostatic-potential maps as one HTML file that opens without internet.

    Everything is inside the file, plotly's script included. The same maps give the same bytes.

    Args:
        maps: the surfaces, one scene each.
        path: file to write.
        scale: ``charge`` gives neutral molecules one colour scale and the ions of each charge one of theirs,
            ``common`` gives all one, ``own`` gives each its own.

    Raises:
        AzibflowError: there is nothing to draw, or the file cannot be written.
    """
    if not maps:
        raise AzibflowError("there is no ESP result to draw")
    try:
        path.write_text(esp_page(maps, scale), encoding="utf-8")
    except OSError as error:
        raise AzibflowError(f"{path}: {error.strerror or error}") from error


def esp_page(maps: Sequence[EspMap], scale: Scale = "charge") -> str:
    """Return the page of [`write_esp_page`][]; names in it are escaped.

    Args:
        maps: the surfaces, one scene each.
        scale: ``charge``, ``common`` or ``own``.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    studies = dict.fromkeys(one.result.study for one in maps)
    parts = blocks(maps, scale)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = (files("azibflow.data") / "figures" / "esp.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        version=__version__,
        title=f"Electrostatic potential maps: {', '.join(studies)}",
        isovalue=isovalues(maps),
        opacities=OPACITIES,
        unit=UNIT,
        blocks=[_block(part) for part in parts],
        side_by_side=len(parts) == len(maps),
        surface=0,
        most=MOST,
        parts=_page_parts([one.heading for part in parts for one in part.maps]),
        config=Markup(json.dumps(CONFIG)),  # noqa: S704 - our own
        plotly=Markup(get_plotlyjs()),  # noqa: S704 - plotly's own script
    )


def esp_scene(one: EspMap, colours: ColourScale) -> Figure:
    """Return one molecule with its surface, to turn in a notebook, first seen as in the picture.

    Args:
        one: the molecule.
        colours: scale of its surface.
    """
    from plotly.graph_objects import Figure

    figure = Figure([_surface(one, colours), _atoms(one), _bonds(one), _extrema(one)])
    figure.update_layout(
        template="plotly_white",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        scene=_framed(one),
    )
    return figure


def _page_parts(headings: Sequence[str]) -> list[PagePart]:
    found = []
    for first in range(0, len(headings), MOST):
        names = headings[first : first + MOST]
        found.append(PagePart(first, f"{first + 1} to {first + len(names)}", ", ".join(names)))
    return found


def _block(part: Block) -> PageBlock:
    return PageBlock(
        whose=part.whose,
        gradient=", ".join(colour for _, colour in part.colours.steps()),
        ticks=part.colours.ticks(),
        maps=[_map(one, part.colours) for one in part.maps],
    )


def _map(one: EspMap, colours: ColourScale) -> PageMap:
    from markupsafe import Markup
    from plotly.io.json import to_json_plotly

    scene = to_json_plotly(esp_scene(one, colours))
    return PageMap(
        heading=one.heading,
        sound=one.result.outcome == "ok",
        highest=_said(one.highest),
        lowest=_said(one.lowest),
        scene=Markup(scene),  # noqa: S704 - plotly writes < and > so that they end no script
    )


def _said(extremum: Extremum) -> str:
    return f"{signed(f'{extremum.value:.1f}')} {UNIT} near {extremum.nearest_symbol}{extremum.nearest_atom}"


def _framed(one: EspMap) -> dict[str, Any]:
    """See a molecule from where the picture sees it, in parallel projection, and as large in its frame.

    Plotly's frame reaches one unit up and down, and an axis is as many units long as its ``aspectratio`` says.
    """
    view = one.view
    low, high = one.vertices.min(axis=0) - ROOM, one.vertices.max(axis=0) + ROOM
    _, up, near = view.axes
    axes = {f"{axis}axis": {"visible": False, "range": [float(low[i]), float(high[i])]} for i, axis in enumerate("xyz")}
    return {
        **axes,
        "aspectmode": "manual",
        "aspectratio": _xyz((high - low) / one.half_size),
        "camera": {
            "projection": {"type": "orthographic"},
            "up": _xyz(up),
            "eye": _xyz(DISTANCE * near),
            "center": _xyz(np.zeros(3)),
        },
    }


def _xyz(vector: np.ndarray) -> dict[str, float]:
    return {axis: float(length) for axis, length in zip("xyz", vector, strict=True)}


def _surface(one: EspMap, colours: ColourScale) -> Mesh3d:
    from plotly.graph_objects import Mesh3d

    x, y, z = one.vertices.T.astype(np.float32)
    i, j, k = one.triangles.T.astype(np.int32)
    return Mesh3d(
        x=x,
        y=y,
        z=z,
        i=i,
        j=j,
        k=k,
        intensity=one.values.astype(np.float32),
        colorscale=colours.steps(),
        cmin=colours.low,
        cmax=colours.high,
        showscale=False,
        opacity=next(iter(OPACITIES.values())),
        name="surface",
        hovertemplate=f"%{{intensity:.1f}} {UNIT}<extra></extra>",
        lighting={"ambient": 0.72, "diffuse": 0.3, "specular": 0.1, "roughness": 0.6},
        lightposition=_xyz(LAMP),
        flatshading=False,
    )


def _atoms(one: EspMap) -> Mesh3d:
    """Draw every atom as a sphere, all in one mesh."""
    from ase.data import covalent_radii
    from ase.data.colors import jmol_colors
    from plotly.graph_objects import Mesh3d

    ball, faces = _ball()
    atoms = one.atoms
    radii = BALL_SIZE * covalent_radii[atoms.numbers]
    points = (atoms.positions[:, None, :] + radii[:, None, None] * ball).reshape(-1, 3)
    corners = np.concatenate([faces + BALL_POINTS * number for number in range(len(atoms))])
    x, y, z = points.T.astype(np.float32)
    i, j, k = corners.T.astype(np.int32)
    labels = [f"{symbol}{number}" for number, symbol in enumerate(atoms.get_chemical_symbols())]
    return Mesh3d(
        x=x,
        y=y,
        z=z,
        i=i,
        j=j,
        k=k,
        vertexcolor=np.repeat(jmol_colors[atoms.numbers], BALL_POINTS, axis=0),
        text=np.repeat(labels, BALL_POINTS),
        hovertemplate="%{text}<extra></extra>",
        name="atoms",
    )


def _ball() -> tuple[np.ndarray, np.ndarray]:
    """Return points spread evenly over the unit sphere, and the triangles between them, outward by the right hand."""
    from scipy.spatial import ConvexHull

    turns = np.arange(BALL_POINTS) + 0.5
    polar, azimuth = np.arccos(1 - 2 * turns / BALL_POINTS), np.pi * (1 + math.sqrt(5)) * turns
    ball = np.column_stack([np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)])
    faces = ConvexHull(ball).simplices
    inward = np.linalg.det(ball[faces]) < 0
    faces[inward] = faces[inward][:, ::-1]
    return ball, faces


def _bonds(one: EspMap) -> Scatter3d:
    from plotly.graph_objects import Scatter3d

    atoms = one.atoms
    gap = np.full(3, np.nan)
    line = [point for i, j in bonds(atoms) for point in (atoms.positions[i], atoms.positions[j], gap)]
    x, y, z = np.array(line).reshape(-1, 3).T
    grey = {"color": "#555555", "width": 7}
    return Scatter3d(x=x, y=y, z=z, mode="lines", line=grey, hoverinfo="skip", name="bonds")


def _extrema(one: EspMap) -> Scatter3d:
    from plotly.graph_objects import Scatter3d

    extrema = {"max": one.highest, "min": one.lowest}
    x, y, z = np.array([_outside(one, extremum) for extremum in extrema.values()]).T
    return Scatter3d(
        x=x,
        y=y,
        z=z,
        mode="markers",
        text=[f"Vₛ,{name} {signed(f'{extremum.value:.1f}')} {UNIT}" for name, extremum in extrema.items()],
        marker={"size": 7, "color": "black", "symbol": ["diamond", "circle"], "line": {"color": "white", "width": 1}},
        hovertemplate="%{text}<extra></extra>",
        name="extrema",
    )


def _outside(one: EspMap, extremum: Extremum) -> np.ndarray:
    """Return where an extremum is marked: just outside the surface, away from the nearest atom."""
    place = np.array(extremum.position)
    away = place - one.atoms.positions[extremum.nearest_atom]
    step = OFF_SURFACE * one.half_size
    return np.asarray(place + step * away / np.linalg.norm(away))
