"""Electrostatic-potential maps as a page for a browser: surfaces to turn, with the potential under the pointer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import AzibflowError
from .esp_colours import UNIT, ColourScale, Scale
from .esp_maps import bonds, grid

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Mesh3d, Scatter3d

    from .esp_maps import EspMap

ROW_HEIGHT = 560
"""Height of a row of molecules, pixels."""
OPACITIES = {"translucent": 0.8, "opaque": 1.0, "molecule": 0.12}
"""Buttons on the page; the first is how it opens."""
BALL_POINTS = 120
"""Points on the sphere of an atom."""
BALL_SIZE = 0.4
"""Radius of the sphere of an atom, in units of its covalent radius."""


def write_esp_page(maps: Sequence[EspMap], path: Path, scale: Scale = "common") -> None:
    """Write electrostatic-potential maps as one HTML file that opens without internet.

    Everything is inside the file, plotly's script included. The same maps give the same bytes.

    Args:
        maps: the surfaces, one scene each.
        path: file to write.
        scale: ``common`` gives all one colour scale, ``own`` gives each its own.

    Raises:
        AzibflowError: there is nothing to draw, or the file cannot be written.
    """
    if not maps:
        raise AzibflowError("there is no ESP result to draw")
    page = esp_page(maps, scale).to_html(
        include_plotlyjs=True, full_html=True, div_id="esp", config={"displaylogo": False, "responsive": True}
    )
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise AzibflowError(f"{path}: {error.strerror or error}") from error


def esp_page(maps: Sequence[EspMap], scale: Scale = "common") -> Figure:
    """Return the figure of [`write_esp_page`][], for a notebook.

    Args:
        maps: the surfaces, one scene each.
        scale: ``common`` or ``own``.
    """
    from plotly.subplots import make_subplots

    rows, columns = grid(len(maps))
    figure = make_subplots(
        rows=rows,
        cols=columns,
        specs=[[{"type": "scene"}] * columns for _ in range(rows)],
        subplot_titles=[_title(one) for one in maps],
        horizontal_spacing=0.02 if scale == "common" else 0.08,
        vertical_spacing=0.08,
    )
    shared = ColourScale.of(one.values for one in maps)
    for number, one in enumerate(maps):
        where = {"row": number // columns + 1, "col": number % columns + 1}
        surface = _surface(one)
        if scale == "common":
            surface.coloraxis = "coloraxis"
        else:
            scene = figure.layout["scene" if number == 0 else f"scene{number + 1}"]
            surface.update(_own_scale(ColourScale.of([one.values]), scene.domain))
        for trace in (surface, _atoms(one), _bonds(one), _extrema(one)):
            figure.add_trace(trace, **where)
    if scale == "common":
        figure.update_layout(coloraxis=_axis(shared) | {"colorbar": {"title": {"text": UNIT}, "len": 0.8}})
    hidden = {"visible": False}
    figure.update_scenes(xaxis=hidden, yaxis=hidden, zaxis=hidden, aspectmode="data")
    figure.update_layout(
        template="plotly_white",
        height=ROW_HEIGHT * rows + 60,
        margin={"l": 10, "r": 10, "t": 90, "b": 10},
        showlegend=False,
        updatemenus=[_buttons([i for i, trace in enumerate(figure.data) if trace.name == "surface"])],
    )
    return figure


def _title(one: EspMap) -> str:
    outcome = one.result.outcome
    return escape(one.title if outcome == "ok" else f"{one.title} ({outcome})")


def _surface(one: EspMap) -> Mesh3d:
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
        opacity=next(iter(OPACITIES.values())),
        name="surface",
        hovertemplate="%{intensity:.1f} kcal/mol<extra></extra>",
        lighting={"ambient": 0.7, "diffuse": 0.4, "specular": 0.15, "roughness": 0.6},
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

    vertices = [one.highest, one.lowest]
    x, y, z = one.vertices[vertices].T
    words = [f"{name} {one.values[vertex]:.1f}" for name, vertex in zip(("max", "min"), vertices, strict=True)]
    return Scatter3d(
        x=x,
        y=y,
        z=z,
        mode="markers+text",
        text=words,
        marker={"size": 4, "color": "black"},
        hovertemplate="%{text} kcal/mol<extra></extra>",
        name="extrema",
    )


def _axis(scale: ColourScale) -> dict[str, Any]:
    return {"colorscale": scale.steps(), "cmin": scale.low, "cmax": scale.high}


def _own_scale(scale: ColourScale, domain: Any) -> dict[str, Any]:
    """Put the colour bar of one scene at its right edge."""
    (_, right), (bottom, top) = domain.x, domain.y
    bar = {"title": {"text": UNIT}, "x": right, "y": (bottom + top) / 2, "len": 0.8 * (top - bottom), "thickness": 14}
    return _axis(scale) | {"colorbar": bar}


def _buttons(surfaces: list[int]) -> dict[str, Any]:
    return {
        "type": "buttons",
        "direction": "right",
        "x": 0.0,
        "y": 1.0,
        "xanchor": "left",
        "yanchor": "bottom",
        "pad": {"b": 45},
        "buttons": [
            {"label": word, "method": "restyle", "args": [{"opacity": opacity}, surfaces]}
            for word, opacity in OPACITIES.items()
        ],
    }
