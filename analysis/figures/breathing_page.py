"""Breathing studies as a page for a browser: the curve, and the structure of every number of ions to turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import __version__
from ...errors import AzibflowError
from ...structures.bonds import Bond, Bonds
from ...workflows.common.results import Outcome
from ..breathing.limit import breathing_limit
from ..breathing.protons import proton_sentences
from ..breathing.report import film_formula, headline, sentences
from ..report.page import symbols
from .breathing_pictures import Picture, pictures_of
from .formulas import set_formulas
from .structures import colour_of, radius_of

if TYPE_CHECKING:
    from ...workflows.breathing.results import BreathingResult
    from ..breathing.limit import BreathingLimit
    from ..breathing.rows import BreathingRow

WIDTH, HEIGHT = 420, 250
"""Of the curve, in its own pixels; it shrinks with the page."""
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 40
"""Margins of the curve."""
DECIMALS = 2
"""Of coordinates, angstrom."""


@dataclass(frozen=True)
class Point:
    """A number of ions on the curve, in pixels.

    Attributes:
        n: ions.
        x: to the right.
        y: down, at E_b.
        top: down, at the highest of the seeds.
        look: class of its style: ``hull``, ``above`` or ``unsound``.
    """

    n: int
    x: float
    y: float
    top: float
    look: str


@dataclass(frozen=True)
class Curve:
    """E_b over n in pixels: points, the hull as SVG writes it, ticks with their labels, and where the limit is."""

    points: list[Point]
    hull: str
    across: list[tuple[float, str]]
    up: list[tuple[float, str]]
    limit: float


@dataclass(frozen=True)
class PageStudy:
    """A study on the page: heading, limit and warnings in words, curve, first n, elements, states for the script."""

    heading: str
    headline: str
    ion: str
    sentences: list[str]
    curve: Curve
    start: int
    elements: dict[str, str]
    states: list[dict[str, Any]]


def write_breathing_page(results: Sequence[BreathingResult], path: Path) -> None:
    """Write breathing studies as one HTML file that opens without internet.

    Everything is inside the file, 3Dmol.js included. The same results give the same bytes.

    Args:
        results: the studies, from the top.
        path: file to write.

    Raises:
        AzibflowError: there is nothing to draw, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no breathing result to draw")
    try:
        path.write_text(breathing_page(results), encoding="utf-8")
    except OSError as error:
        raise AzibflowError(f"{path}: {error.strerror or error}") from error


def breathing_page(results: Sequence[BreathingResult]) -> str:
    """Return the page of [`write_breathing_page`][]; names in it are escaped.

    Args:
        results: the studies, from the top.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    studies = [_study(result) for result in results]
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["symbols"] = symbols
    data = files("azibflow.data")
    template = (data / "figures" / "breathing.html.jinja").read_text(encoding="utf-8")
    viewer = (data / "report" / "3Dmol-min.js").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        version=__version__,
        studies=studies,
        size=(WIDTH, HEIGHT),
        frame=(LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM),
        states=[study.states for study in studies],
        elements={symbol: colour for study in studies for symbol, colour in study.elements.items()},
        radii={symbol: round(radius_of(symbol), 2) for study in studies for symbol in study.elements},
        viewer=Markup(viewer),  # noqa: S704 - a file of this package, not input
    )


def _study(result: BreathingResult) -> PageStudy:
    limit = breathing_limit(result)
    pictures = {(picture.n, picture.emptied): picture for picture in pictures_of(result, limit)}
    symbols = sorted({symbol for picture in pictures.values() for symbol in picture.view.symbols})
    return PageStudy(
        heading=set_formulas(result.study),
        headline=set_formulas(headline(result, limit)),
        ion=result.ion,
        sentences=[set_formulas(text) for text in (*sentences(result, limit), *proton_sentences(result, limit))],
        curve=_curve(limit),
        start=limit.maximum.n,
        elements={symbol: colour_of(symbol) for symbol in symbols},
        states=[_state(row, pictures, result, limit) for row in limit.rows],
    )


def _curve(limit: BreathingLimit) -> Curve:
    from matplotlib.ticker import MaxNLocator

    known = {row.n: row for row in limit.rows if row.binding is not None}
    lows = [row.binding or 0.0 for row in known.values()]
    highs = [(row.binding or 0.0) + (row.spread or 0.0) for row in known.values()]
    ticks = MaxNLocator(6).tick_values(min(lows), max(highs) or 0.1)
    low, high, last = float(ticks[0]), float(ticks[-1]), max(limit.rows[-1].n, 1)

    def right(n: float) -> float:
        return round(LEFT + 14 + n * (WIDTH - LEFT - RIGHT - 28) / last, 1)

    def down(energy: float) -> float:
        return round(TOP + (high - energy) * (HEIGHT - TOP - BOTTOM) / (high - low), 1)

    points = [
        Point(n, right(n), down(row.binding or 0.0), down((row.binding or 0.0) + (row.spread or 0.0)), _look(row))
        for n, row in known.items()
    ]
    hull = " ".join(f"{right(n)},{down(known[n].binding or 0.0)}" for n in limit.hull)
    step = max(1, round(last / 10))
    return Curve(
        points=points,
        hull=hull,
        across=[(right(n), str(n)) for n in range(0, last + 1, step)],
        up=[(down(tick), f"{tick:g}".replace("-", "\N{MINUS SIGN}")) for tick in np.round(ticks, 6) + 0.0],
        limit=right(limit.maximum.n),
    )


def _look(row: BreathingRow) -> str:
    if row.outcome is not Outcome.OK:
        return "unsound"
    return "hull" if row.on_hull else "above"


def _state(
    row: BreathingRow, pictures: dict[tuple[int, bool], Picture], result: BreathingResult, limit: BreathingLimit
) -> dict[str, Any]:
    """Return a number of ions as the script of the page reads it: what is known of it, and its structures."""
    shown = {name: pictures.get((row.n, emptied)) for name, emptied in (("loaded", False), ("emptied", True))}
    return {
        "n": row.n,
        "facts": _facts(row, result, limit),
        **{name: None if picture is None else _scene(picture) for name, picture in shown.items()},
    }


def _facts(row: BreathingRow, result: BreathingResult, limit: BreathingLimit) -> list[tuple[str, str]]:
    film = set_formulas(film_formula(result, limit))
    facts = {
        "binding energy": _number(row.binding, 3, "eV per cell"),
        "above it, other seeds": _number(row.spread, 3, "eV"),
        "voltage, stable n": _number(row.voltage, 3, "V against metal"),
        "bonds intact": "" if row.intact is None else f"{row.intact} of {limit.bonds}",
        "re-formed when emptied": "" if row.reformed is None or not row.broken else f"{row.reformed} of {row.broken}",
        "emptied, above the host": _number(row.emptied, 3, "eV"),
        "capacity": f"{row.capacity:.1f} mAh/g of {film}",
        "of film and support": f"{row.composite_capacity:.1f} mAh/g" if result.interface.support else "",
        "to be known": ", ".join(row.flags),
        "no result": row.reason if row.outcome is not Outcome.OK else "",
    }
    return [(label, value) for label, value in facts.items() if value]


def _number(value: float | None, decimals: int, unit: str) -> str:
    return "" if value is None else f"{value:.{decimals}f} {unit}".replace("-", "\N{MINUS SIGN}")


def _scene(picture: Picture) -> dict[str, Any]:
    view = picture.view
    lines = [str(len(view.symbols)), ""]
    for symbol, place in zip(view.symbols, view.places, strict=True):
        lines.append(symbol + "".join(f" {number:.{DECIMALS}f}" for number in place))
    return {
        "xyz": "\n".join([*lines, ""]),
        "sticks": [[bond.first, bond.second] for bond in view.sticks if not _across(picture, bond)],
        "middle": _rounded((view.places.min(axis=0) + view.places.max(axis=0)) / 2),
        "intact": _ends(picture, picture.intact),
        "broken": _ends(picture, picture.broken),
    }


def _ends(picture: Picture, bonds: Bonds) -> list[list[list[float]]]:
    """Return the ends of bonds, from both of their atoms where they cross the border of the cell."""
    found = []
    for bond in bonds:
        found += _lines(picture, bond)
    return found


def _lines(picture: Picture, bond: Bond) -> list[list[list[float]]]:
    way = picture.view.between(bond)
    first, second = (picture.view.places[index] for index in (bond.first, bond.second))
    lines = [(first, first + way)]
    if _across(picture, bond):
        lines.append((second, second - way))
    return [[_rounded(start), _rounded(end)] for start, end in lines]


def _across(picture: Picture, bond: Bond) -> bool:
    """Tell whether a bond crosses the border of the cell, as it is shown."""
    places = picture.view.places
    return not np.allclose(places[bond.first] + picture.view.between(bond), places[bond.second], atol=0.1)


def _rounded(place: np.ndarray) -> list[float]:
    return [round(float(number), DECIMALS) for number in place]
