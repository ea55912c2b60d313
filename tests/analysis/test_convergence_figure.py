"""The figure of convergence: changes in units of the tolerances, and where they are near enough."""

from __future__ import annotations

import matplotlib as mpl
import pytest

from azibflow.analysis.figures.convergence import convergence_figure, plot_convergence
from azibflow.calculators.records import CalculatorRecord
from azibflow.calculators.specs import GpawSpec
from azibflow.errors import AzibflowError
from azibflow.structures.documents import StructureDocument
from azibflow.structures.prototypes import prototype
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.convergence.results import (
    ConvergencePoint,
    ConvergenceResult,
    ConvergenceRow,
    Tolerances,
    compared,
)

GPAW = CalculatorRecord(spec=GpawSpec(), versions={})


def rows(key: str, energies: dict[float, float | None]) -> list[ConvergenceRow]:
    """Return settings of one key from their energies in meV per atom; the force on the atom is ten times as large."""
    points = [
        None
        if energy is None
        else ConvergencePoint(energy=energy / 1000, forces=[[energy / 100, 0, 0]], seconds=1.0, calculator=GPAW)
        for energy in energies.values()
    ]
    ended = [Outcome.FAILED if point is None else Outcome.OK for point in points]
    settings = [ConvergenceRow(key=key, value=value, outcome=end) for value, end in zip(energies, ended, strict=True)]
    return compared(settings, points)


@pytest.fixture(scope="module")
def figure() -> mpl.figure.Figure:
    cutoffs = rows("cutoff", {300.0: 8.0, 400.0: None, 500.0: 0.5, 700.0: 0.0})
    spacings = rows("kspacing", {0.4: -3.0, 0.2: 0.0})
    zinc = StructureDocument.from_atoms(prototype("Zn"), "Zn")
    result = ConvergenceResult(
        study="convergence of ZnS2",
        structure=zinc,
        displaced=0.05,
        within=Tolerances(),
        rows=cutoffs + spacings,
        calculator=GPAW,
    )
    return convergence_figure([result])


def test_changes_are_in_units_of_the_tolerances_and_the_finest_has_none(figure: mpl.figure.Figure) -> None:
    cutoffs, spacings = figure.axes
    energy, force, pressure, near = cutoffs.lines
    assert list(energy.get_xdata()) == [300, 500]
    assert list(energy.get_ydata()) == pytest.approx([8.0, 0.5])
    assert list(force.get_ydata()) == pytest.approx([8.0, 0.5])
    assert not len(pressure.get_xdata())
    assert near.get_xdata()[0] == 500
    assert list(spacings.lines[0].get_ydata()) == pytest.approx([3.0])


def test_axes_go_from_coarse_to_fine_and_are_written_without_powers(figure: mpl.figure.Figure) -> None:
    cutoffs, spacings = figure.axes
    assert [label.get_text() for label in cutoffs.get_xticklabels()] == ["300", "400", "500", "700"]
    assert spacings.get_xlim()[0] > spacings.get_xlim()[1]
    assert cutoffs.get_ylim()[0] < 0.5 < 8.0 < cutoffs.get_ylim()[1]
    figure.draw_without_rendering()
    assert {"1", "10"} <= {label.get_text() for label in cutoffs.get_yticklabels()}
    (part,) = figure.subfigs
    assert part.get_suptitle() == "convergence of ZnS₂"
    words = [text.get_text() for text in part.legends[0].get_texts()]
    assert words == ["energy, 1 meV/atom", "forces, 0.01 eV/Å", "near enough from here"]


def test_nothing_to_draw_is_a_clear_error(tmp_path) -> None:
    with pytest.raises(AzibflowError, match="no convergence result"):
        plot_convergence([], tmp_path / "c.png")
