"""Trained surrogates as a figure: their errors on every system kept from training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ...workflows.common.results import Outcome
from ..study_names import results_to_draw
from .bars import BEST, PLAIN, SMALL, UNSOUND, Bar, Look, draw_bars, height_of, legend_below
from .files import names_as_they_are, write_figure
from .formulas import ANGSTROM, set_formulas

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

    from ...workflows.surrogate.publication import SurrogateResult

ALL = "all"
"""What cards call all test frames together."""
WIDTH, TITLE_WIDTH = 7.0, 95
TOGETHER = Look(BEST.colour, "all test frames; in brackets how many")
PANELS = (
    ("energy_mae", "meV/atom", "energy", 1),
    ("relative_energy_mae", "eV", "relative energy", 3),
    ("forces_mae", f"eV/{ANGSTROM}", "force component", 3),
)
"""Mean absolute errors that are drawn: field, unit, name, decimals."""


def draw_surrogate(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the errors of the surrogates that some runs trained.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.surrogate.publication import SurrogateResult

    results = results_to_draw("surrogate", sources, SurrogateResult)
    for output in outputs:
        plot_surrogates(results, output)


def plot_surrogates(results: Sequence[SurrogateResult], path: Path) -> None:
    """Draw mean absolute errors of energies and forces by system of the test, one surrogate below the other.

    Args:
        results: the surrogates, from the top down.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no surrogate result to draw")
    write_figure(lambda: surrogate_figure(results), path)


@names_as_they_are()
def surrogate_figure(results: Sequence[SurrogateResult]) -> Figure:
    """Return the figure of [`plot_surrogates`][], for a notebook.

    Args:
        results: the surrogates, from the top down.
    """
    from matplotlib.figure import Figure

    heights = [height_of(max(len(result.card.errors), 4)) + 0.7 for result in results]
    figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    parts = figure.subfigures(len(results), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, result in zip(parts, results, strict=True):
        _draw(part, result)
    return figure


def _draw(part: SubFigure, result: SurrogateResult) -> None:
    panels = part.subplots(1, len(PANELS))
    for place, (panel, (field, unit, name, decimals)) in enumerate(zip(panels, PANELS, strict=True)):
        bars = _bars(result, field)
        draw_bars(panel, bars, decimals=decimals)
        panel.set_xlabel(f"error of {name}\n({unit})", fontsize=SMALL)
        panel.tick_params(axis="y", labelleft=place == 0)
        panel.locator_params(axis="x", nbins=4)
    head = [f"{result.card.name} on systems kept from training", f"mean absolute errors against {result.card.method}"]
    part.suptitle("\n".join(fill(line, TITLE_WIDTH) for line in head), x=0.01, ha="left", fontsize=SMALL)
    legend_below(part, _bars(result, PANELS[0][0]), ())


def _bars(result: SurrogateResult, field: str) -> list[Bar]:
    sound = result.outcome is Outcome.OK
    return [
        Bar(
            f"{set_formulas(system)} ({errors.frames})",
            getattr(errors, field),
            UNSOUND if not sound else TOGETHER if system == ALL else PLAIN,
        )
        for system, errors in result.card.errors.items()
    ]
