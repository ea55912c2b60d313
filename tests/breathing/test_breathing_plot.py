"""The figure: what it says, what it draws, and that it comes out the same twice."""

from __future__ import annotations

import re

import matplotlib as mpl
import numpy as np
import pytest
from ase import Atoms
from matplotlib.collections import EllipseCollection
from matplotlib.colors import to_hex

from azibflow.analysis.figures.breathing import breathing_figure, plot_breathing
from azibflow.analysis.figures.breathing_panels import LOADED, REFORMED
from azibflow.analysis.figures.structures import SideView, colour_of, frame_of
from azibflow.errors import AzibflowError
from azibflow.structures.bonds import Bond, Interface
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.common.results import Outcome


@pytest.fixture(scope="module")
def axes(toy_result):
    figure = breathing_figure([toy_result])
    figure.draw_without_rendering()
    return parts_of(figure)[0]


def parts_of(figure):
    *above, _ = figure.axes
    return [above[first : first + 4] for first in range(0, len(above), 4)]


def legend(figure):
    *_, below = figure.axes
    return [text.get_text() for text in below.get_legend().get_texts()]


def test_svg_says_what_it_shows(toy_result, tmp_path):
    plot_breathing([toy_result], tmp_path / "b.svg")
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", (tmp_path / "b.svg").read_text())
    for text in ("n, Zn per cell", "mAh/g of V₄O₄", "mAh/g of film and support", "n = 4, limit"):
        assert text in texts
    assert "nₘₐₓ = 4: 800.8 mAh/g of V₄O₄, 678.9 of the" in texts
    assert not any("E_b" in text or "n_max" in text or "$" in text for text in texts), "a subscript is set, not spelt"


def test_what_is_drawn_is_what_was_computed(axes):
    energies, voltages, _, _ = axes
    hull = energies.lines[0].get_xydata()
    assert hull == pytest.approx(np.array([(0, 0), (1, -0.5), (4, -0.88), (6, -0.9)]), abs=1e-6)
    profile, steps = (line.get_xydata() for line in voltages.lines[:2])
    levels = [(0, 0.25), (1, 0.25), (1, 0.38 / 6), (4, 0.38 / 6), (4, 0.005), (6, 0.005), (6, 0)]
    assert profile == pytest.approx(np.array(levels), abs=1e-6)
    assert steps[:, 0] == pytest.approx(np.arange(7) + 0.5)
    assert steps[:, 1] == pytest.approx([0.25, 0.04, 0.03, 0.12, -0.015, 0.025, -0.035], abs=1e-6)
    film, composite = energies.child_axes
    assert film.get_xlim()[1] / energies.get_xlim()[1] == pytest.approx(200.189, abs=0.01)
    # 2 x 26801.5 mAh/mol per zinc over V4O4 and C4, 267.76 + 48.04 g/mol
    assert composite.get_xlim()[1] / energies.get_xlim()[1] == pytest.approx(169.73, abs=0.01)


def test_bonds_are_those_that_stay_come_back_and_do_not(axes):
    bonds = axes[2]
    heights = {}
    for bar in bonds.patches:
        if hasattr(bar, "get_height"):
            heights.setdefault(to_hex(bar.get_facecolor()), {})[round(bar.get_x() + 0.35)] = bar.get_height()
    assert heights[LOADED] == {0: 4, 1: 4, 2: 3, 3: 2, 4: 2, 5: 1, 6: 1, 7: 1}
    assert heights[REFORMED] == {2: 1, 3: 2, 4: 2, 5: 2, 6: 2, 7: 2}
    assert heights["#ffffff"] == {5: 1, 6: 1, 7: 1}
    assert list(bonds.lines[0].get_ydata()) == [4, 4, 4, 4, 4, 3, 3, 3]


def test_the_pictures_are_of_host_limit_and_the_number_after_it(axes):
    panels = axes[3].child_axes
    atoms = [len(panel.collections[0].get_offsets()) for panel in panels]
    assert sorted(atoms) == [12, 12, 12, 12 + 4, 12 + 5], "host, and both with and without ions"
    assert all(isinstance(panel.collections[0], EllipseCollection) for panel in panels)
    captions = [text.get_text() for text in axes[3].texts]
    assert [text.partition("\n")[0] for text in captions[2:]] == ["n = 0", "n = 4, limit", "n = 5"]


def test_failed_rows_leave_a_gap(toy_result):
    records = [record for record in toy_result.records if record.n != 4]
    records[-1] = records[-1].model_copy(update={"outcome": Outcome.UNCONVERGED, "reason": "fmax 0.2"})
    figure = breathing_figure([toy_result.model_copy(update={"records": records})])
    (panels,) = parts_of(figure)
    assert [text.get_text()[:5] for text in panels[3].texts[2:]] == ["n = 0", "n = 3", "n = 7"]
    assert "not a result" in legend(figure)


def test_single_searches_that_differ_are_a_shade(toy_result):
    short = [record.model_copy(update={"seed": 1, "energy": record.energy + 0.2}) for record in toy_result.records[:5]]
    figure = breathing_figure([toy_result.model_copy(update={"records": [*toy_result.records, *short]})])
    assert "range of the seeds" in legend(figure)
    bars = parts_of(figure)[0][0].containers
    assert next(round(bar.lines[2][0].get_segments()[0][1, 1], 6) for bar in bars if bar.has_yerr) == -0.3


def test_a_lattice_stands_beside_an_interface(toy_result):
    everything = toy_result.interface.support + toy_result.interface.film
    lattice = toy_result.model_copy(update={"interface": Interface(film=everything, support=()), "study": "lattice"})
    figure = breathing_figure([toy_result, lattice])
    figure.draw_without_rendering()
    one, other = parts_of(figure)
    assert [panel.get_ylim() for panel in one[:2]] == [panel.get_ylim() for panel in other[:2]]
    assert [len(panels[0].child_axes) for panels in (one, other)] == [2, 1], "no support, no composite"
    heights = [[round(panel.get_position().y0, 3) for panel in panels] for panels in (one, other)]
    assert heights[0] == heights[1], "panels are level"
    assert np.isfinite(other[3].child_axes[0].collections[0].get_offsets()).all()


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_same_results_same_bytes_whatever_the_user_set(toy_result, tmp_path, ending):
    plot_breathing([toy_result], tmp_path / f"one.{ending}")
    with mpl.rc_context({"lines.linewidth": 7, "font.size": 20}):
        plot_breathing([toy_result], tmp_path / f"two.{ending}")
    assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()


def test_two_studies_fill_a_row(toy_result, tmp_path):
    sizes = []
    for number in (1, 2, 3):
        studies = [toy_result.model_copy(update={"study": f"study {one}"}) for one in range(number)]
        sizes.append(breathing_figure(studies).get_size_inches())
    assert sizes[1] == pytest.approx((2 * sizes[0][0], sizes[0][1]))
    assert sizes[2][0] == pytest.approx(sizes[1][0])
    assert sizes[2][1] > 1.8 * sizes[1][1]


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
