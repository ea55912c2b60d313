"""Binding energies as a figure: a bar for each complex, and published values below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from ...errors import AzibflowError
from ...workflows.common.results import Outcome
from ..study_names import results_to_draw
from ..tables.molecules import medium
from ..tables.published import published_numbers
from .bars import PLAIN, SMALL, UNSOUND, Bar, draw_bars, height_of, legend_below
from .files import names_as_they_are, write_figure
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...workflows.molecular.binding import BindingResult

WIDTH, NAME_WIDTH = 4.2, 30


def draw_binding(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the binding energies of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.molecular.binding import BindingResult

    results = results_to_draw("binding", sources, BindingResult)
    for output in outputs:
        plot_binding(results, output)


def plot_binding(results: Sequence[BindingResult], path: Path) -> None:
    """Draw a bar for each complex, in the order given; negative binds.

    Args:
        results: the complexes, from the top down.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no binding result to draw")
    write_figure(lambda: binding_figure(results), path)


@names_as_they_are()
def binding_figure(results: Sequence[BindingResult]) -> Figure:
    """Return the figure of [`plot_binding`][], for a notebook.

    Args:
        results: the complexes, from the top down.
    """
    from matplotlib.figure import Figure

    bars = [_bar(result) for result in results]
    keys = dict.fromkeys(key for result in results for key in result.literature)
    published = published_numbers(keys, Quantity.ADSORPTION_ENERGY)
    lines = max(bar.name.count("\n") + 1 for bar in bars)
    figure = Figure(figsize=(WIDTH, height_of(len(bars) + len(published), lines) + 0.4), layout="constrained")
    (part,) = figure.subfigures(1, 1, squeeze=False).flat
    panel = part.subplots()
    draw_bars(panel, bars, published)
    panel.set_xlabel("binding energy (eV)", fontsize=SMALL)
    legend_below(part, bars, published, error="one sigma of the committee", better="counterpoise")
    return figure


def _bar(result: BindingResult) -> Bar:
    sound = result.outcome is Outcome.OK
    ended = "" if sound else f", {result.outcome}"
    around = medium(result.calculator)
    name = fill(set_formulas(result.study) + ended, NAME_WIDTH)
    return Bar(
        name if around in result.study else f"{name}\n{around}",
        result.energy,
        PLAIN if sound else UNSOUND,
        error=None if result.trust is None else result.trust.standard_error,
        better=result.counterpoise,
        says="no energy",
    )
