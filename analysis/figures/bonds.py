"""Bond strengths as a figure: adhesion per interface bond, and the share of opened bonds that come back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ..breathing import BONDS
from ..breathing.strength import BondStrength, Strength, bond_strengths
from ..stored import nothing_of
from ..study_names import load_named
from .files import names_as_they_are, write_figure
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = {Strength.WEAK: "#d55e00", Strength.MODERATE: "#009e73", Strength.STRONG: "#0072b2", None: "0.55"}
"""Of Okabe and Ito (10.1038/nmeth.1618); grey where nothing is decided."""
NEVER_OPEN = 1.4
"""Height at which interfaces stand whose bonds never open: they have no share."""


def draw_bonds(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw adhesion per bond against the share of bonds that come back, for the interfaces of some runs.

    Args:
        sources: run folders.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or no interface was both held apart and loaded.
    """
    from ...workflows.breathing.results import BreathingResult
    from ...workflows.interfaces.results import InterfaceResult

    pairs = bond_strengths(load_named(sources, InterfaceResult), load_named(sources, BreathingResult))
    found = [one for _, one in pairs if one.per_bond is not None and one.opened is not None]
    if not found:
        raise nothing_of(BONDS, sources)
    for output in outputs:
        plot_bonds(found, output)


def plot_bonds(found: Sequence[BondStrength], path: Path) -> None:
    """Draw interfaces that have an adhesion per bond and were loaded.

    Args:
        found: the interfaces.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not found:
        raise AzibflowError("there is no interface to draw that has an adhesion per bond and was loaded")
    write_figure(lambda: bonds_figure(found), path)


@names_as_they_are()
def bonds_figure(found: Sequence[BondStrength]) -> Figure:
    """Return the figure of [`plot_bonds`][], for a notebook.

    Args:
        found: the interfaces, each with adhesion per bond and bonds that were followed.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.5, 3.1 + 0.15 * len(found)), layout="constrained")
    panel = figure.subplots()
    for number, one in enumerate(found, start=1):
        place = (one.per_bond or 0.0, _height(one))
        says = f"{number}  {set_formulas(one.system)}, {one.strength or 'not decided'}, n_rev {one.reversible_text}"
        panel.plot(*place, "o", markersize=11, color=COLOURS[one.strength], label=says)
        panel.annotate(str(number), place, ha="center", va="center_baseline", fontsize=7.5, color="white")
    panel.set_xlabel("adhesion per interface bond (eV)")
    panel.set_ylabel("opened bonds that come back")
    ticks = {0.0: "none", 0.5: "half", 1.0: "all"} | ({NEVER_OPEN: "(no bond\nopens)"} if _locked(found) else {})
    panel.set_yticks(list(ticks), list(ticks.values()))
    panel.set_ylim(-0.2, max(ticks) + 0.2)
    panel.margins(x=0.15)
    panel.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", fontsize=7, frameon=False, markerscale=0.5)
    return figure


def _height(one: BondStrength) -> float:
    return NEVER_OPEN if one.share is None else one.share


def _locked(found: Sequence[BondStrength]) -> bool:
    return any(one.share is None for one in found)
