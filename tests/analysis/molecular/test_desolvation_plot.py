"""The figure of ladders: bars at D_n, sums beside them, and no line through what is missing."""

import re

import pytest

from azibflow.analysis.figures.desolvation import desolvation_figure, plot_desolvation
from azibflow.errors import AzibflowError
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.molecular.desolvation_results import StepCorrection
from azibflow.workflows.molecular.shells import LigandShell


def bars(panel):
    """Return number of waters, energy and whether it is sound, of every bar."""
    thick = [line for line in panel.lines if line.get_linewidth() == 2.5]
    return [
        (round(float(line.get_xdata().mean()), 6), round(float(line.get_ydata()[0]), 6), line.get_linestyle() == "-")
        for line in thick
    ]


def test_bars_stand_at_their_energies(ladder):
    steps, sums = desolvation_figure([ladder()]).axes
    assert bars(steps) == [(2, 4.5, True), (1, 5.5, True)]
    assert bars(sums) == [(2, 0, True), (1, 4.5, True), (0, 10.0, True)]
    assert steps.get_ylabel() == "$D_n$ (eV)" and sums.get_ylabel() == "cumulative $D_n$ (eV)"
    assert [label.get_text() for label in steps.get_xticklabels()] == ["2 → 1", "1 → 0"]
    assert steps.get_xlim()[0] > steps.get_xlim()[1], "the ladder falls from left to right"


def test_axes_say_what_is_taken_off(ladder):
    assert [panel.get_xlabel() for panel in desolvation_figure([ladder()]).axes] == [
        "step, waters before → after",
        "waters left",
    ]
    both = desolvation_figure([ladder(), ladder(shell=LigandShell(ligand="NH3"))]).axes
    assert [panel.get_xlabel() for panel in both] == ["step, ligands before → after", "ligands left"]


def test_step_that_is_no_result_is_dashed_and_so_are_the_sums_after_it(ladder, molecule):
    first = ladder().steps[0].model_copy(update={"outcome": Outcome.SADDLE})
    result = ladder(steps=[first, ladder().steps[1]])
    steps, sums = desolvation_figure([result]).axes
    assert [sound for *_, sound in bars(steps)] == [False, True]
    assert [sound for *_, sound in bars(sums)] == [True, False, False]


def test_failed_step_leaves_a_gap(ladder):
    steps, sums = desolvation_figure([ladder({0: None})]).axes
    assert bars(steps) == [(2, 4.5, True)]
    assert len(bars(sums)) == 2


def test_svg_says_what_it_shows(ladder, tmp_path):
    plot_desolvation([ladder(), ladder({0: None}, study="other & <x>")], tmp_path / "d.svg")
    found = re.findall(r"<text[^>]*>([^<]*)</text>", (tmp_path / "d.svg").read_text())
    assert "Zn²⁺, gas phase" in found and "other &amp; &lt;x&gt;" in found
    assert not any("$" in text for text in found), "a subscript is set, not spelt"
    assert found.count("PBE0-D3BJ/def2-tzvpd // PBE0-D3BJ/def2-svp") == 2
    assert "5.50" in found and "10.00" in found


def test_same_results_same_bytes(ladder, tmp_path):
    for name in ("one.svg", "two.svg"):
        plot_desolvation([ladder()], tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_nothing_to_draw_is_a_clear_error(tmp_path):
    with pytest.raises(AzibflowError, match="no desolvation result"):
        plot_desolvation([], tmp_path / "d.svg")


def test_a_corrected_ladder_says_that_its_bars_are_those_of_the_surrogate(ladder):
    correction = StepCorrection.model_construct(energy=4.457)
    step = ladder().steps[0].model_copy(update={"correction": correction})
    (legend,) = desolvation_figure([ladder(steps=[step, ladder().steps[1]])]).legends
    words = [text.get_text() for text in legend.get_texts()]
    assert words[0].splitlines()[-1] == "surrogate; corrected: 2 → 1 4.46 eV"
    (plain,) = desolvation_figure([ladder()]).legends
    assert "corrected" not in plain.get_texts()[0].get_text()
