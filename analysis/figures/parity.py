"""Parity plots: a surrogate's energies and forces against labels, and below them what is left, with error bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...workflows.surrogate.labels import ENERGY, FORCES
from .files import legend_label, names_as_they_are, write_figure
from .formulas import ANGSTROM, set_formulas

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from ...workflows.surrogate.validation import Judged


def plot_parity(name: str, frames: Sequence[Judged], energy_scale: float, output: Path) -> None:
    """Draw relative energies and force components of the test frames against their labels, and their errors below.

    Args:
        name: of the surrogate.
        frames: test frames with what the committee says.
        energy_scale: one sigma of an energy difference over the standard deviation of the members.
        output: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: the format is unknown, or the file cannot be written.
    """
    write_figure(lambda: parity_figure(name, frames, energy_scale), output)


@names_as_they_are()
def parity_figure(name: str, frames: Sequence[Judged], energy_scale: float) -> Figure:
    """Return the figure of [`plot_parity`][], for a notebook."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 6.4), layout="constrained")
    panels = figure.subplots(2, 2, sharex="col", height_ratios=(3, 2))
    for number, system in enumerate(sorted({str(one.frame.info["system"]) for one in frames})):
        mine = [one for one in frames if one.frame.info["system"] == system]
        for (above, below), compared in zip(panels.T, (_energies(mine, energy_scale), _forces(mine)), strict=True):
            style = {"color": f"C{number}", "markersize": 3 if compared.bars is not None else 1.5}
            above.plot(compared.labels, compared.said, "o", label=legend_label(set_formulas(system)), **style)
            errors = compared.said - compared.labels
            below.errorbar(compared.labels, errors, yerr=compared.bars, fmt="o", elinewidth=0.7, **style)
    titles = ("energy above the lowest frame", "eV"), ("force component", f"eV/{ANGSTROM}")
    for (above, below), (what, unit) in zip(panels.T, titles, strict=True):
        limits = [*above.get_xlim(), *above.get_ylim()]
        above.plot([min(limits), max(limits)], [min(limits), max(limits)], color="0.6", linewidth=0.8, zorder=0)
        below.axhline(0.0, color="0.6", linewidth=0.8, zorder=0)
        below.set_xlabel(f"{what}, label ({unit})")
        above.set_ylabel(f"{name} ({unit})")
        below.set_ylabel(f"{name} - label ({unit})")
    panels[0, 0].legend(fontsize="small", title="kept from training")
    figure.suptitle(f"{name} on systems kept from training; bars: one sigma")
    return figure


@dataclass(frozen=True)
class _Compared:
    """Numbers of some frames by the label and by the leading network, with one sigma where there is one."""

    labels: np.ndarray
    said: np.ndarray
    bars: np.ndarray | None = None


def _energies(frames: Sequence[Judged], scale: float) -> _Compared:
    rows = []
    for group in {one.group for one in frames}:
        members = [one for one in frames if one.group == group]
        lowest = min(members, key=lambda one: one.frame.info[ENERGY])
        for one in members:
            differences = one.said.energies - lowest.said.energies
            label = one.frame.info[ENERGY] - lowest.frame.info[ENERGY]
            rows.append((label, differences[0], scale * np.std(differences, ddof=1)))
    return _Compared(*np.array(rows).T)


def _forces(frames: Sequence[Judged]) -> _Compared:
    labels = np.concatenate([one.frame.arrays[FORCES].ravel() for one in frames])
    return _Compared(labels, np.concatenate([one.said.forces[0].ravel() for one in frames]))
