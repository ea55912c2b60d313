"""The figure: what it says, what it draws, and that it comes out the same twice."""

from __future__ import annotations

import re

import matplotlib as mpl
import numpy as np
import pytest
from ase import Atoms
from matplotlib.collections import EllipseCollection
from matplotlib.image import imread

from azibflow.analysis.figures.breathing import breathing_figure, plot_breathing
from azibflow.analysis.figures.structures import SideView, colour_of, frame_of
from azibflow.errors import AzibflowError
from azibflow.structures.bonds import Bond
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.common.results import Outcome


@pytest.fixture
def axes(toy_result):
    figure = breathing_figure([toy_result])
    figure.draw_without_rendering()
    (part,) = figure.subfigs
    return part.axes


def test_svg_says_what_it_shows(toy_result, tmp_path):
    plot_breathing([toy_result], tmp_path / "b.svg")
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", (tmp_path / "b.svg").read_text())
    for text in ("n, Zn per cell", "capacity (mAh/g of V₄O₄, z = 2)", "nₘₐₓ = 4", "0.25 V"):
        assert text in texts
    assert not any("E_b" in text or "$" in text for text in texts), "a subscript is set, not spelt"
    assert "(per cell)" in texts and "(eV)" in texts
    assert texts.count("re-formed") + texts.count("not re-formed") == 3


def test_what_is_drawn_is_what_was_computed(axes):
    energies, steps, bonds, _ = axes
    hull = energies.lines[0].get_xydata()
    assert hull == pytest.approx(np.array([(0, 0), (1, -0.5), (4, -0.88), (6, -0.9)]), abs=1e-6)
    heights = [bar.get_height() for bar in steps.patches]
    assert heights == pytest.approx([-0.50, -0.08, -0.06, -0.24, 0.03, -0.05, 0.07], abs=1e-6)
    drawn = {line.get_label(): list(line.get_ydata()) for line in bonds.lines}
    assert drawn["intact when loaded"] == [4, 4, 3, 2, 2, 1, 1, 1]
    assert drawn["there again when emptied"] == [4, 4, 4, 4, 4, 3, 3, 3]
    (top,) = energies.child_axes
    assert top.get_xlim()[1] / energies.get_xlim()[1] == pytest.approx(200.189, abs=0.01)


def test_the_strip_has_every_structure_loaded_and_emptied(axes):
    panels = axes[3].child_axes
    assert len(panels) == 8 + 7
    atoms = [len(panel.collections[0].get_offsets()) for panel in panels]
    assert sorted(atoms) == sorted([12] + [12 + n for n in range(1, 8)] + [12] * 7)
    assert all(isinstance(panel.collections[0], EllipseCollection) for panel in panels)


def test_failed_rows_leave_a_gap(toy_result):
    records = [record for record in toy_result.records if record.n != 3]
    records[-1] = records[-1].model_copy(update={"outcome": Outcome.UNCONVERGED, "reason": "fmax 0.2"})
    (part,) = breathing_figure([toy_result.model_copy(update={"records": records})]).subfigs
    assert len(part.axes[3].child_axes) == 15 - 2
    assert "not a result" in [text.get_text() for text in part.axes[0].get_legend().get_texts()]


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_same_results_same_bytes_whatever_the_user_set(toy_result, tmp_path, ending):
    plot_breathing([toy_result], tmp_path / f"one.{ending}")
    with mpl.rc_context({"lines.linewidth": 7, "font.size": 20}):
        plot_breathing([toy_result], tmp_path / f"two.{ending}")
    assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()


def test_several_studies_stand_below_each_other(toy_result, tmp_path):
    plot_breathing([toy_result], tmp_path / "one.png")
    plot_breathing([toy_result, toy_result.model_copy(update={"study": "other"})], tmp_path / "two.png")
    one, two = (imread(tmp_path / f"{name}.png").shape for name in ("one", "two"))
    assert two[0] == pytest.approx(2 * one[0], abs=2) and two[1] == one[1]


def test_nothing_to_draw_and_unknown_formats_are_errors(toy_result, tmp_path):
    with pytest.raises(AzibflowError, match="no breathing result"):
        plot_breathing([], tmp_path / "b.png")
    with pytest.raises(AzibflowError, match="png, svg"):
        plot_breathing([toy_result], tmp_path / "b.pdf")


def test_a_slab_is_seen_in_one_piece_with_its_longer_side_to_the_right():
    slab = Atoms("CZnO", positions=[(1, 7, 19.5), (1, 7, 1.5), (2.99, -0.5, 0.5)], cell=(3, 8, 20), pbc=True)
    view = SideView.of(StructureDocument.from_atoms(slab), support=[0])
    assert view.places[:, 1] == pytest.approx([0, 2, 1])
    assert view.places[:, 0] == pytest.approx([7, 7, 7.5])
    assert frame_of([view]) == pytest.approx((6, 8.5, -1, 3))
    bond = Bond(first=0, second=2, symbols=("C", "O"))
    assert view.between(bond)[:2] == pytest.approx([0.5, 1]) and abs(view.between(bond)[2]) == pytest.approx(1.01)


def test_a_cluster_across_the_border_of_the_cell_is_seen_in_one_piece():
    pair = Atoms("CVO", positions=[(1, 4.5, 1), (1, 7.5, 3), (1, 0.5, 3)], cell=(3, 8, 20), pbc=True)
    view = SideView.of(StructureDocument.from_atoms(pair), support=[0])
    assert view.places[1:, 0] == pytest.approx([7.5, 8.5])
    assert view.places[0, 0] == pytest.approx(4.5)


def test_elements_without_a_colour_of_their_own_have_one():
    assert colour_of("Zn") != colour_of("V") and re.fullmatch("#[0-9a-f]{6}", colour_of("Cs"))
