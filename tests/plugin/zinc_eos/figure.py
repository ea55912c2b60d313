"""The figure of equations of state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from azibflow.analysis.figures.files import write_figure
from azibflow.analysis.study_names import load_named

from .flow import EosResult


def draw_eos(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw energy against volume for every crystal of some runs.

    Args:
        sources: run folders.
        outputs: files to write.
    """
    from matplotlib.figure import Figure

    def drawn() -> Figure:
        figure = Figure(figsize=(5.0, 3.6), layout="constrained")
        panel = figure.subplots()
        for result in load_named(sources, EosResult):
            modulus = "" if result.bulk_modulus is None else f", {result.bulk_modulus:.0f} GPa"
            lowest = min(point.energy for point in result.points)
            panel.plot(
                [point.volume for point in result.points],
                [1000 * (point.energy - lowest) for point in result.points],
                "o-",
                label=f"{result.study}{modulus}",
            )
        panel.set_xlabel("volume (angstrom$^3$/atom)")
        panel.set_ylabel("energy (meV/atom)")
        panel.legend(frameon=False)
        return figure

    for output in outputs:
        write_figure(drawn, output)
