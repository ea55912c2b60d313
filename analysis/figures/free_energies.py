"""Free energies of adsorption side by side: a bar for the best site of every surface, and the line of zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .bars import SMALL, TINY, height_of
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

    from ...workflows.adsorption.results import AdsorptionResult

ENERGY, FREE = "#cfe6f5", "#0072b2"
"""Colours of energies and of free energies."""
MINUS = "\N{MINUS SIGN}"


def with_free_energies(results: Sequence[AdsorptionResult]) -> list[AdsorptionResult]:
    """Return the results whose best site has a free energy."""
    return [one for one in results if one.best is not None and one.best.delta_g is not None]


def height_of_free_energies(results: Sequence[AdsorptionResult]) -> float:
    """Return the height that the bars need, inches."""
    return height_of(len(results), lines=2) + 0.5


def draw_free_energies(part: SubFigure, results: Sequence[AdsorptionResult]) -> None:
    """Draw the energy and the free energy on the best site of each surface, from the top down.

    Args:
        part: of the figure.
        results: whose best site has a free energy.
    """
    panel = part.subplots()
    for place, result in enumerate(results):
        best = result.best
        assert best is not None
        assert best.delta_g is not None
        energy = (best.correction or best).e_ads_vs_molecule or 0.0
        panel.barh(place - 0.19, energy, height=0.36, color=ENERGY, label="dE" if not place else None)
        panel.barh(place + 0.19, best.delta_g, height=0.36, color=FREE, label="dG" if not place else None)
        end = max(energy, best.delta_g, 0.0)
        panel.annotate(
            f"{energy:.2f}, {best.delta_g:.2f}".replace("-", MINUS),
            (end, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=TINY,
        )
    names = [set_formulas(f"{one.study}\n{one.best.site if one.best else ''}") for one in results]
    panel.set_yticks(range(len(results)), names, fontsize=SMALL)
    panel.set_ylim(len(results) - 0.4, -0.6)
    panel.axvline(0.0, color="0.2", linewidth=1.0)
    panel.margins(x=0.15)
    panel.tick_params(axis="y", length=0)
    panel.tick_params(axis="x", labelsize=SMALL)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.set_xlabel(f"energy and free energy of adsorption (eV){_at(results)}", fontsize=SMALL)
    panel.legend(fontsize=TINY, frameon=False, loc="best")


def _at(results: Sequence[AdsorptionResult]) -> str:
    """Say at which potential and pH all are, where they agree."""
    said = {
        (one.free_energies.settings.potential, one.free_energies.settings.pH) for one in results if one.free_energies
    }
    if len(said) != 1:
        return ""
    potential, acidity = said.pop()
    return f" at {potential:g} V (SHE) and pH {acidity:g}"
