"""Parity plots: a surrogate's energies and forces against labels, with its error bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .figure_files import write_figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..workflows.surrogate.validation import Judged


def plot_parity(name: str, frames: Sequence[Judged], energy_scale: float, output: Path) -> None:
    """Draw relative energies with error bars, and force components, of the test frames against their labels.

    Args:
        name: of the surrogate.
        frames: test frames with what the committee says.
        energy_scale: one sigma of an energy difference over the standard deviation of the members.
        output: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: the format is unknown, or the file cannot be written.
    """
    write_figure(lambda: parity_figure(name, frames, energy_scale), output)


def parity_figure(name: str, frames: Sequence[Judged], energy_scale: float) -> Figure:
    """Return the figure of :func:`plot_parity`, for a notebook."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    systems = sorted({str(one.frame.info["system"]) for one in frames})
    for number, system in enumerate(systems):
        mine = [one for one in frames if one.frame.info["system"] == system]
        colour = f"C{number}"
        _energies(left, mine, energy_scale, colour, system)
        labels = np.concatenate([one.frame.arrays["REF_forces"].ravel() for one in mine])
        said = np.concatenate([one.said.forces[0].ravel() for one in mine])
        right.plot(labels, said, ".", markersize=2, color=colour, label=system)
    for axes, what, unit in ((left, "energy above the lowest frame", "eV"), (right, "force component", "eV/angstrom")):
        limits = [*axes.get_xlim(), *axes.get_ylim()]
        axes.plot([min(limits), max(limits)], [min(limits), max(limits)], color="0.6", linewidth=0.8, zorder=0)
        axes.set_xlabel(f"{what}, label ({unit})")
        axes.set_ylabel(f"{what}, {name} ({unit})")
        axes.set_aspect("equal", adjustable="datalim")
    left.legend(fontsize="small", title="kept from training")
    figure.suptitle(f"{name} on systems kept from training; bars: one sigma")
    return figure


def _energies(axes: Axes, frames: Sequence[Judged], scale: float, colour: str, system: str) -> None:
    labels, said, bars = [], [], []
    for group in {one.group for one in frames}:
        members = [one for one in frames if one.group == group]
        lowest = min(members, key=lambda one: one.frame.info["REF_energy"])
        for one in members:
            labels.append(one.frame.info["REF_energy"] - lowest.frame.info["REF_energy"])
            said.append(one.said.energies[0] - lowest.said.energies[0])
            bars.append(scale * np.std(one.said.energies - lowest.said.energies, ddof=1))
    axes.errorbar(labels, said, yerr=bars, fmt="o", markersize=3, elinewidth=0.7, color=colour, label=system)
