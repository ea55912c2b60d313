"""Reactions as a figure: a bar for the energy of each, with its voltage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ...workflows.common.results import Outcome
from ..study_names import results_to_draw
from .bars import PLAIN, UNSOUND, Bar, one_panel
from .files import names_as_they_are, write_figure
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...workflows.reactions.results import ReactionResult

ARROW = "\N{RIGHTWARDS ARROW}"
WIDTH = 5.5
"""Inches; equations are long."""


def draw_reactions(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the reaction energies of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.reactions.results import ReactionResult

    results = results_to_draw("reaction", sources, ReactionResult)
    for output in outputs:
        plot_reactions(results, output)


def plot_reactions(results: Sequence[ReactionResult], path: Path) -> None:
    """Draw a bar for each reaction, in the order given; negative energies run to the right of the equation.

    Args:
        results: the reactions, from the top down.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no reaction to draw")
    write_figure(lambda: reactions_figure(results), path)


@names_as_they_are()
def reactions_figure(results: Sequence[ReactionResult]) -> Figure:
    """Return the figure of [`plot_reactions`][], for a notebook.

    Args:
        results: the reactions, from the top down.
    """
    return one_panel([_bar(result) for result in results], "reaction energy (eV)", WIDTH)


def _bar(result: ReactionResult) -> Bar:
    sound = result.outcome is Outcome.OK
    against = " against SHE" if result.half else ""
    below = "" if result.voltage is None else f"{result.voltage:.2f} V{against}".replace("-", "\N{MINUS SIGN}")
    return Bar(
        f"{set_formulas(result.equation).replace('->', ARROW)}\n{below if sound else result.outcome}",
        result.energy,
        PLAIN if sound else UNSOUND,
        error=None if result.trust is None else result.trust.standard_error,
        says="no energy",
    )
