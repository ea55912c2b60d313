"""The panels of a breathing study: energies with their hull, voltages, bonds that open and come back, capacities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...workflows.common.results import Outcome
from ..breathing.hull import capacity, molar_mass
from ..breathing.report import film_formula
from .bars import SMALL, TINY
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from ...workflows.breathing.results import BreathingResult
    from ..breathing.limit import BreathingLimit
    from ..breathing.rows import BreathingRow

INK, LOADED, REFORMED, OPEN, MARK = "0.2", "#0072b2", "#009e73", "#d55e00", "#aa3377"
"""Told apart by the colour-blind too (Okabe and Ito)."""
UNSOUND, UNKNOWN = "0.6", "0.85"
BINDING = r"$E_\mathrm{b}$"
SECOND_AXIS = 1.27
"""Height of the axis of the composite above the panel, in heights of the panel."""


def draw_energies(panel: Axes, limit: BreathingLimit) -> None:
    """Draw E_b over n, the range of the seeds above the lowest, and the lower hull.

    Args:
        panel: axes.
        limit: rows and hull.
    """
    known = {row.n: row.binding for row in limit.rows if row.binding is not None}
    hull = [(n, known[n]) for n in limit.hull]
    panel.plot(*zip(*hull, strict=True), color=INK, linewidth=1.1)
    last, lowest = hull[-1]
    panel.plot([last, len(limit.rows) - 1], [lowest, lowest], color=INK, linewidth=0.9, linestyle=":")
    for row in limit.rows:
        if row.binding is None:
            continue
        colour = LOADED if row.outcome is Outcome.OK else UNSOUND
        panel.errorbar(
            row.n,
            row.binding,
            yerr=None if row.spread is None else [[0.0], [row.spread]],
            fmt="o",
            color=colour,
            markerfacecolor=colour if row.on_hull else "white",
            markersize=4.5,
            capsize=2,
            linewidth=0.9,
            zorder=4,
        )
    panel.margins(y=0.1)
    panel.set_ylabel(f"{BINDING}(n) (eV per cell)", fontsize=SMALL).set_parse_math(True)  # the figure's own words


def draw_voltages(panel: Axes, limit: BreathingLimit, charge: int) -> None:
    """Draw the voltage between the stable numbers of ions as a profile, and that of every single step.

    Args:
        panel: axes.
        limit: rows and plateaus.
        charge: electrons per ion.
    """
    corners: list[tuple[float, float]] = []
    for step in limit.plateaus:
        corners += [(step.start, step.voltage), (step.end, step.voltage)]
    if corners:
        panel.plot(*zip(*corners, (corners[-1][0], 0.0), strict=True), color=INK, linewidth=1.4)
    steps = [(row.n - 0.5, -row.increment / charge) for row in limit.rows if row.increment is not None]
    if steps:
        panel.plot(*zip(*steps, strict=True), "_", color=LOADED, markersize=9, markeredgewidth=1.4)
    panel.axhline(0, color="0.6", linewidth=0.7)
    panel.margins(y=0.15)
    panel.set_ylabel("voltage\nagainst metal (V)", fontsize=SMALL)


def draw_bonds(panel: Axes, limit: BreathingLimit) -> None:
    """Draw for every n how many bonds of the host stay, come back and do not.

    Args:
        panel: axes.
        limit: rows.
    """
    from matplotlib.ticker import MaxNLocator

    for row in limit.rows:
        bottom = 0
        for count, look in _shares(row):
            if count:
                panel.bar(row.n, count, bottom=bottom, width=0.7, linewidth=0.7, **look)
            bottom += count
    emptied = [(row.n, row.returned) for row in limit.rows if row.returned is not None]
    panel.plot(*zip(*emptied, strict=True), "D", color=INK, markerfacecolor="white", markersize=3.2, linestyle="")
    most = max(limit.bonds, 1)
    panel.set_ylim(-0.06 * most, 1.12 * most)
    panel.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    which = "interface bonds" if limit.of_interface else "bonds"
    panel.set_ylabel(f"{which}\nper cell", fontsize=SMALL)


def draw_capacities(panel: Axes, result: BreathingResult, limit: BreathingLimit) -> None:
    """Put the capacity per mass of the film above a panel, and above that the one per mass of film and support.

    Args:
        panel: axes over n.
        result: the study.
        limit: its limit.
    """
    film = set_formulas(film_formula(result, limit))
    masses = {f"mAh/g of {film}": (1.0, limit.mass)}
    support = result.interface.support
    if support:
        whole = molar_mass(limit.host.structure, (*result.interface.film, *support))
        masses["mAh/g of film and support"] = (SECOND_AXIS, whole)
    for label, (place, mass) in masses.items():
        _capacity_axis(panel, label, place, capacity(1, result.charge, mass), len(limit.rows) - 1)


def legend_handles(limits: Sequence[BreathingLimit]) -> list[Artist]:
    """Return what the marks of some studies mean, those that there are.

    Args:
        limits: of all of them.
    """
    rows = [row for limit in limits for row in limit.rows]
    drawn = [row for row in rows if row.binding is not None]
    sound = [row for row in drawn if row.outcome is Outcome.OK]
    return [
        _line("on the lower hull, from host to metal", marker="o", color=INK, markerfacecolor=LOADED, linewidth=1.1),
        *_if(any(row.on_hull is False for row in sound), _mark(LOADED, "above the hull")),
        *_if(len(sound) < len(drawn), _mark(UNSOUND, "not a result")),
        *_if(any(row.spread is not None for row in drawn), _line("range of the seeds", color=LOADED, linewidth=0.9)),
        *_if(
            any(limit.hull[-1] < limit.rows[-1].n for limit in limits),
            _line("beyond, bulk metal is more stable", color=INK, linestyle=":"),
        ),
        _line("nₘₐₓ; shade: by single searches", color=MARK, linestyle=(0, (4, 2))),
        _line("voltage between stable n", color=INK, linewidth=1.4),
        _mark(LOADED, "voltage from n \N{MINUS SIGN} 1 to n", marker="_"),
        *_bond_handles(rows),
        _mark(INK, "there when emptied", marker="D"),
    ]


def _shares(row: BreathingRow) -> list[tuple[int, dict[str, Any]]]:
    """Return how many bonds of a row are what, from the bottom up, and how that looks."""
    if row.intact is None or row.broken is None:
        return []
    shares = [(row.intact, _look("intact"))]
    if row.returned is None:
        return [*shares, (row.broken, _look("unknown"))]
    back = row.reformed or 0
    return [*shares, (back, _look("reformed")), (row.broken - back, _look("open"))]


def _look(share: str) -> dict[str, Any]:
    return {
        "intact": {"facecolor": LOADED, "edgecolor": LOADED},
        "reformed": {"facecolor": REFORMED, "edgecolor": REFORMED},
        "open": {"facecolor": "white", "edgecolor": OPEN, "hatch": "////"},
        "unknown": {"facecolor": UNKNOWN, "edgecolor": "0.5"},
    }[share]


def _bond_handles(rows: Sequence[BreathingRow]) -> list[Artist]:
    from matplotlib.patches import Patch

    says = {
        "intact": "bonds intact when loaded",
        "reformed": "broken, re-formed when emptied",
        "open": "broken, not re-formed",
        "unknown": "broken, not emptied",
    }
    shown = [look for row in rows for count, look in _shares(row) if count]
    return [Patch(label=text, linewidth=0.7, **_look(name)) for name, text in says.items() if _look(name) in shown]


def _if(holds: bool, handle: Artist) -> list[Artist]:
    return [handle] if holds else []


def _mark(colour: str, label: str, marker: str = "o") -> Artist:
    return _line(label, marker=marker, linestyle="", color=colour, markerfacecolor="white")


def _line(label: str, **look: Any) -> Artist:
    from matplotlib.lines import Line2D

    return Line2D([], [], label=label, markersize=4.5, **look)


def _capacity_axis(panel: Axes, label: str, place: float, per_ion: float, last: int) -> None:
    from matplotlib.ticker import MaxNLocator

    scale = (lambda n: np.asarray(n) * per_ion, lambda q: np.asarray(q) / per_ion)
    axis = panel.secondary_xaxis(place, functions=scale)
    full = per_ion * last
    axis.set_xticks([q for q in MaxNLocator(6).tick_values(0.0, full) if 0 <= q <= full + per_ion / 2])
    axis.tick_params(labelsize=TINY)
    axis.set_xlabel(label, fontsize=TINY)
