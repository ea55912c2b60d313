"""Figures of binding energies and frontier levels: the numbers and words that are drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.axes import Axes

from azibflow.analysis.figures.binding import binding_figure, plot_binding
from azibflow.analysis.figures.orbitals import HOMO, IONS, LUMO, UNSOUND, orbitals_figure, plot_orbitals
from azibflow.calculators.specs import CalculatorRecord, PyscfSpec
from azibflow.errors import AzibflowError
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.molecular.binding import BindingResult
from azibflow.workflows.molecular.orbitals import OrbitalsResult

MINUS = "\N{MINUS SIGN}"


def levels_of(panel: Axes, colour: str) -> list[tuple[float, float]]:
    """Return middle and height of every level of a colour."""
    return [
        (round(sum(line.get_xdata()) / 2, 2), float(line.get_ydata()[0]))
        for line in panel.lines
        if line.get_color() == colour and len(line.get_xdata()) == 2
    ]


def words(panel: Axes) -> list[str]:
    return [text.get_text() for text in panel.texts if text.get_text()]


def test_levels_stand_at_their_energies_and_unsound_ones_are_grey(levels: OrbitalsResult) -> None:
    (panel,) = orbitals_figure([levels]).axes
    assert levels_of(panel, HOMO) == [(0.0, -8.25)]
    assert levels_of(panel, LUMO) == [(0.0, 0.5)]
    assert (1.0, -8.25) in levels_of(panel, UNSOUND) and (1.0, 0.5) in levels_of(panel, UNSOUND)
    assert [text for text in words(panel) if text == "8.8"] == ["8.8"] * 2  # the gap of 8.75
    assert f"{MINUS}8.2" in words(panel) and "0.5" in words(panel)
    assert "failed" in words(panel), "the molecule without any level"
    assert [label.get_text() for label in panel.get_xticklabels()] == ["H₂O", "DTPMP", "lysine"]


def test_ionisation_and_affinity_stand_where_levels_of_that_energy_would(levels: OrbitalsResult) -> None:
    """IP = 2.6 + 10 = 12.6 eV, EA = -10 + 9.4 = -0.6 eV."""
    (panel,) = orbitals_figure([levels]).axes
    heights = [height for _, height in levels_of(panel, IONS)]
    assert heights == pytest.approx([-12.6, 0.6])
    assert all(x > 0.27 for x, _ in levels_of(panel, IONS)), "right of the level, not across its number"


def test_binding_energies_with_counterpoise_medium_and_outcome(zinc_water: BindingResult) -> None:
    wet = CalculatorRecord(
        spec=PyscfSpec.model_validate({"preset": "standard", "energy": {"solvent": "water"}}), versions={}
    )
    others = [
        zinc_water.model_copy(update={"calculator": wet, "energy": -1.25, "counterpoise": None}),
        zinc_water.model_copy(update={"outcome": Outcome.SADDLE, "counterpoise": None, "literature": ("Zn-Zn2+",)}),
        zinc_water.model_copy(update={"outcome": Outcome.FAILED, "energy": None, "counterpoise": None}),
    ]
    figure = binding_figure([zinc_water, *others])
    (panel,) = figure.axes
    assert [bar.get_width() for bar in panel.patches] == [-5.5, -1.25, -5.5]
    assert [bool(bar.get_hatch()) for bar in panel.patches] == [False, False, True]
    names = [label.get_text() for label in panel.get_yticklabels()]
    assert names == [
        "Zn²⁺ + H₂O\ngas phase",
        "Zn²⁺ + H₂O\nIEF-PCM water",
        "Zn²⁺ + H₂O, saddle point\ngas phase",
        "Zn²⁺ + H₂O, failed\ngas phase",
        "Zn-Zn²⁺",
    ]
    marks = {line.get_marker(): (line.get_xdata()[0], line.get_ydata()[0]) for line in panel.lines}
    assert marks["o"] == (pytest.approx(-5.3), 0)
    assert marks["D"] == (-4.62, 4)
    assert f"{MINUS}4.62" in words(panel) and "no energy" in words(panel)
    assert panel.get_xlabel() == "binding energy (eV)"


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_same_results_give_the_same_bytes(
    levels: OrbitalsResult, zinc_water: BindingResult, tmp_path: Path, ending: str
) -> None:
    for name in ("one", "two"):
        plot_orbitals([levels], tmp_path / f"{name}-o.{ending}")
        plot_binding([zinc_water], tmp_path / f"{name}-b.{ending}")
    for kind in "ob":
        one, two = (tmp_path / f"{name}-{kind}.{ending}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_nothing_to_draw_is_a_clear_error(tmp_path: Path) -> None:
    for plot in (plot_orbitals, plot_binding):
        with pytest.raises(AzibflowError, match=r"there is no .* result to draw"):
            plot([], tmp_path / "a.svg")
