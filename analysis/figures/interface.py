"""Heterostructures as a figure: the work of adhesion of each, with its interface bonds and its strain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ...workflows.common.results import Outcome
from ...workflows.common.units import J_PER_M2
from ..study_names import results_to_draw
from .bars import PLAIN, UNSOUND, Bar, one_panel
from .files import names_as_they_are, write_figure
from .formulas import set_formulas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...workflows.interfaces.results import InterfaceResult

WIDTH = 4.2
"""Inches; names with bonds and strain below them take a part of it."""
NO_STRAIN = 5e-5
"""Strains below this are printed as none."""


def draw_interface(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Draw the work of adhesion of the heterostructures of some runs.

    Args:
        sources: run folders, in the order of the figure.
        outputs: files to write; their endings choose the formats, png or svg.

    Raises:
        AzibflowError: a format is unknown, or a file cannot be written.
        RunError: a folder holds no run, or none holds such a result.
    """
    from ...workflows.interfaces.results import InterfaceResult

    results = results_to_draw("interface", sources, InterfaceResult)
    for output in outputs:
        plot_interfaces(results, output)


def plot_interfaces(results: Sequence[InterfaceResult], path: Path) -> None:
    """Draw a bar for each heterostructure, in the order given; positive adheres.

    Args:
        results: the heterostructures, from the top down.
        path: file to write; its ending chooses the format, png or svg.

    Raises:
        AzibflowError: there is nothing to draw, the format is unknown, or the file cannot be written.
    """
    if not results:
        raise AzibflowError("there is no interface result to draw")
    write_figure(lambda: interface_figure(results), path)


@names_as_they_are()
def interface_figure(results: Sequence[InterfaceResult]) -> Figure:
    """Return the figure of [`plot_interfaces`][], for a notebook.

    Args:
        results: the heterostructures, from the top down.
    """
    return one_panel([_bar(result) for result in results], "work of adhesion (J/m²)", WIDTH)


def _bar(result: InterfaceResult) -> Bar:
    sound = result.outcome is Outcome.OK
    ended = "" if sound else f", {result.outcome}"
    return Bar(
        f"{set_formulas(result.study)}{ended}\n{_bonds(result)}, {_strain(result)}",
        result.work_of_adhesion,
        PLAIN if sound else UNSOUND,
        error=None if result.trust is None else result.trust.standard_error / result.area * J_PER_M2,
        says="no energy",
    )


def _bonds(result: InterfaceResult) -> str:
    """Say how many bonds there are of each pattern."""
    if not result.bonds:
        return "no bond"
    said = ", ".join(f"{number} {pattern}" for pattern, number in result.bonds.items())
    return f"{said} {'bond' if sum(result.bonds.values()) == 1 else 'bonds'}"


def _strain(result: InterfaceResult) -> str:
    """Say what is stretched or compressed by how much: the film, the support, or both."""
    sides = {"film": result.film_strain, "support": result.support_strain}
    said = [f"{name} {100 * strain:+.1f} %" for name, strain in sides.items() if abs(strain) > NO_STRAIN]
    return ", ".join(said).replace("-", "\N{MINUS SIGN}") or "no strain"
