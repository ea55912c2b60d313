"""Parity of barriers: what potentials give for published hops, against DFT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...data.barriers import published_hops
from ..benchmarks.barriers import barriers_of, errors_of, host_classes
from .files import legend_label, names_as_they_are, write_figure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.figure import Figure

    from ..benchmarks.barriers import Measured

MARKERS = "osD^v*"
HIGHEST = 1.7
"""End of both axes, eV, unless a barrier lies beyond."""


def plot_barrier_parity(potentials: Mapping[str, Measured], output: Path) -> None:
    """Draw a panel for each potential: its barriers of Zn against those of DFT, by class of host.

    Args:
        potentials: measured ones, by name.
        output: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: the format is unknown, or the file cannot be written.
    """
    write_figure(lambda: barrier_parity_figure(potentials), output)


@names_as_they_are()
def barrier_parity_figure(potentials: Mapping[str, Measured]) -> Figure:
    """Return the figure of [`plot_barrier_parity`][], for a notebook."""
    from matplotlib.figure import Figure

    columns = min(3, len(potentials))
    lines = -(-len(potentials) // columns)
    figure = Figure(figsize=(3.3 * columns + 0.4, 3.3 * lines + 0.9), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True)
    highest = max([HIGHEST, *(barrier for one in potentials.values() for barrier in barriers_of(one).values())])
    for panel, (name, one) in zip(panels.flat, potentials.items(), strict=False):
        barriers = barriers_of(one)
        panel.plot([0, highest], [0, highest], color="0.6", linewidth=0.8, zorder=0)
        for number, hosts in enumerate(host_classes()):
            mine = [hop for hop in barriers if published_hops()[hop].host_class == hosts]
            if mine:
                x = [published_hops()[hop].dft for hop in mine]
                y = [barriers[hop] for hop in mine]
                panel.plot(x, y, MARKERS[number], color=f"C{number}", markersize=5, label=legend_label(hosts))
        errors = errors_of(barriers)
        says = "\n" if errors is None else f"\n{errors.number} hops: {errors.mean:+.2f} +- {errors.spread:.2f} eV"
        if not barriers:
            panel.text(0.5, 0.1, "no sound barrier", transform=panel.transAxes, ha="center", color="0.4")
        panel.set_title(f"{name}{says}", fontsize="medium")
        panel.set_aspect("equal")
    for panel in panels.flat[len(potentials) :]:
        panel.set_visible(False)
    for panel in panels.flat[max(0, len(potentials) - columns) : len(potentials)]:  # the lowest of each column
        panel.set_xlabel("barrier by DFT (eV)")
        panel.tick_params(labelbottom=True)
    for panel in panels[:, 0]:
        panel.set_ylabel("barrier (eV)")
    named = {
        label: line for panel in panels.flat for line, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=4, fontsize="small")
    return figure
