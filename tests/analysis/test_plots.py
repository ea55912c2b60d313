"""The energy profiles: what is in the picture, and that it comes out the same twice."""

import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from azibflow.analysis.figures.files import legend_label
from azibflow.analysis.figures.migration import barrier_figure, plot_barriers
from azibflow.errors import AzibflowError


@pytest.fixture
def hops(hop, unconverged_hop, failed_hop):
    return [hop(), unconverged_hop, failed_hop, hop(study="100$ & <x>", hop="second")]


def texts(path):
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text())


def test_svg_says_what_it_shows(hops, tmp_path):
    plot_barriers(hops, tmp_path / "b.svg")
    found = texts(tmp_path / "b.svg")
    assert found.count("path length (Å)") == 4
    assert "energy (eV)" in found and "0.36 eV" in found
    assert "alpha-V₂O₅, b 3.56" in found and "cell 11.51 × 10.69 × 8.74 Å" in found
    assert found.count("unconverged") == 1 and found.count("failed") == 1
    assert "100$ &amp; &lt;x&gt;" in found


def test_a_host_without_a_hop_has_a_panel_without_a_path(failed_hop, tmp_path):
    plot_barriers([failed_hop.model_copy(update={"cell": None, "hop": "none found"})], tmp_path / "b.svg")
    found = texts(tmp_path / "b.svg")
    assert {"VO₂(B), none found", "no path", "failed"} <= set(found)
    assert not any("Å" in text and "cell" in text for text in found)


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_same_results_same_bytes_whatever_the_user_set(hops, tmp_path, ending):
    plot_barriers(hops, tmp_path / f"one.{ending}")
    with mpl.rc_context({"lines.linewidth": 7, "font.size": 20, "savefig.dpi": 50}):
        plot_barriers(hops, tmp_path / f"two.{ending}")
        assert mpl.rcParams["font.size"] == 20
    assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()


def test_svg_has_no_date(hops, tmp_path):
    plot_barriers(hops, tmp_path / "b.svg")
    assert "dc:date" not in (tmp_path / "b.svg").read_text()


def test_png_has_200_dots_per_inch(hop, tmp_path):
    plot_barriers([hop()], tmp_path / "b.png")
    assert imread(tmp_path / "b.png").shape[:2] == (580, 720)


def test_guide_goes_through_the_images_and_never_above_them(hop):
    guide, images = barrier_figure([hop()]).axes[0].lines[1:3]
    x, y = guide.get_data()
    assert np.max(y) <= max(point.energy for point in hop().path) + 1e-12
    assert np.interp(images.get_xdata(), x, y) == pytest.approx(images.get_ydata(), abs=2e-3)


def test_images_that_do_not_advance_are_joined_straight(hop):
    path = [point.model_copy(update={"distance": 0.0}) for point in hop().path]
    guide = barrier_figure([hop(path=path)]).axes[0].lines[1]
    assert list(guide.get_ydata()) == [point.energy for point in path]


def test_unsound_profile_is_dashed_and_hollow(hop, unconverged_hop):
    sound, unsound = barrier_figure([hop(), unconverged_hop]).axes
    assert [axes.lines[1].get_linestyle() for axes in (sound, unsound)] == ["-", "--"]
    assert unsound.lines[2].get_markerfacecolor() == "white"


def test_panels_share_the_energy_axis(hop):
    high = hop(path=[point.model_copy(update={"energy": 3 * point.energy}) for point in hop().path])
    first, second = barrier_figure([hop(), high]).axes
    assert first.get_ylim() == second.get_ylim()
    assert first.get_ylim()[1] > 3 * 0.3604


def test_lengths_and_numbers_are_written_as_people_do(hop):
    (panel,) = barrier_figure([hop(study="Zn in V2O5", hop="s1 to s1, 4.55 A")]).axes
    assert panel._left_title.get_text() == "Zn in V₂O₅\nalpha-V₂O₅, s1 to s1, 4.55 Å\ncell 11.51 × 10.69 × 8.74 Å"


def test_four_hops_have_four_panels(hops):
    assert len(barrier_figure(hops).axes) == 4


@pytest.mark.parametrize(
    ("name", "message"),
    [("b.pdf", "ending has to be one of png, svg"), ("missing/b.svg", "missing/b.svg: No such file")],
)
def test_file_that_cannot_be_written_is_a_clear_error(hop, tmp_path, name, message):
    with pytest.raises(AzibflowError, match=message):
        plot_barriers([hop()], tmp_path / name)


def test_nothing_to_draw_is_a_clear_error(tmp_path):
    with pytest.raises(AzibflowError, match="no migration result"):
        plot_barriers([], tmp_path / "b.svg")


def test_a_name_is_no_formula_in_a_notebook_either(hop):
    """There matplotlib's own setting holds, which would read "a$b$" as a formula."""
    figure = barrier_figure([hop(study="a$b$ V2O5_{x}"), hop(study=r"$\nonsense{$")])
    with mpl.rc_context({"text.parse_math": True}):
        figure.canvas.draw()
    assert not any(axes.title.get_parse_math() or axes._left_title.get_parse_math() for axes in figure.axes)


def test_a_name_that_begins_with_an_underscore_is_in_the_legend():
    assert legend_label("_x").strip() == "_x"
    assert not legend_label("_x").startswith("_")
    assert legend_label("x_") == "x_"
