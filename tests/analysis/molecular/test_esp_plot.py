"""Pictures of potentials: what is visible is what is in front, and the colours are those of the colour bar."""

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread

from azibflow.analysis.figures.esp import esp_figure, plot_esp
from azibflow.analysis.figures.esp_colours import ColourScale, blocks
from azibflow.analysis.figures.rendering import View, render
from azibflow.errors import AzibflowError

MARKS = {"^": "Vₛ,max", "v": "Vₛ,min"}


def marks(panel):
    return {MARKS[line.get_marker()]: line for line in panel.lines if line.get_marker() in MARKS}


def test_picture_says_what_its_colours_and_markers_are(esp_maps, tmp_path):
    plot_esp(esp_maps, tmp_path / "esp.svg")
    text = (tmp_path / "esp.svg").read_text()
    found = re.findall(r"<text[^>]*>([^<]*)</text>", text)
    assert {"Vₛ, neutral (kcal/mol)", "Vₛ, charge +2 (kcal/mol)"} <= set(found)
    assert "H₂O" in found and "NH₄⁺" in found
    assert sum("Vₛ,max 29.9" in part and "Vₛ,min −29.9 kcal/mol" in part for part in found) == 1
    assert found.count("2 Å") == 2
    assert any("0.001 electrons/bohr³" in part for part in found)
    assert any("hollow" in part for part in found)
    assert text.count("<image") >= 2, "the surfaces are images inside"


def test_markers_are_the_extrema_of_the_table_and_hollow_on_the_far_side(esp_maps):
    """A sphere hides the half that looks away, and its extrema are at opposite poles: one of them is hollow."""
    figure = esp_figure(esp_maps)
    panels = [panel for panel in figure.axes if panel.get_images()]
    for panel, one in zip(panels, esp_maps, strict=True):
        extrema = {"Vₛ,max": one.result.statistics.maximum, "Vₛ,min": one.result.statistics.minimum}
        found = marks(panel)
        said = panel.texts[-1].get_text() if "Vₛ" in panel.texts[-1].get_text() else panel.texts[0].get_text()
        for name, extremum in extrema.items():
            x, y, depth = one.view.project(np.array(extremum.position))
            assert (*found[name].get_xdata(), *found[name].get_ydata()) == pytest.approx((x, y))
            hollow = found[name].get_markerfacecolor() == "none"
            assert hollow == (depth < 0)
            sign = {("Vₛ,max", False): "▲", ("Vₛ,max", True): "△", ("Vₛ,min", False): "▼", ("Vₛ,min", True): "▽"}
            assert f"{sign[name, hollow]} {name} {extremum.value:.1f}".replace("-", "−") in said
        assert {line.get_markerfacecolor() for line in found.values()} == {"none", "black"}


def test_each_scale_has_its_bar(esp_maps):
    figure = esp_figure(esp_maps)
    assert {axes.get_ylabel(): axes.get_ylim() for axes in figure.axes if axes.get_ylabel()} == {
        "Vₛ, neutral (kcal/mol)": pytest.approx((-30, 30), abs=0.5),
        "Vₛ, charge +2 (kcal/mol)": pytest.approx((148, 172), abs=0.5),
    }


def test_scales_may_be_common_or_each_molecules_own(esp_maps):
    def limits(scale):
        return [(part.colours.low, part.colours.high) for part in blocks(esp_maps, scale)]

    assert limits("common") == [pytest.approx((-172, 172), abs=0.5)]
    assert limits("own") == [pytest.approx((-30, 30), abs=0.5), pytest.approx((148, 172), abs=0.5)]
    assert {part.whose for scale in ("common", "own") for part in blocks(esp_maps, scale)} == {""}


def test_molecules_of_one_charge_stand_together_on_the_widest_scale_of_them(esp_maps):
    neutral, cation = esp_maps
    stronger = replace(neutral, title="stronger", values=2 * neutral.values)
    positive = replace(neutral, title="a noble gas", values=np.abs(neutral.values) + 1)
    anion = replace(
        cation,
        title="anion",
        values=-cation.values,
        result=cation.result.model_copy(update={"molecule": cation.result.molecule.model_copy(update={"charge": -1})}),
    )
    first, second, third = blocks([neutral, cation, stronger, anion], "charge")
    assert [one.title for one in first.maps] == ["H2O", "stronger"]
    assert (first.whose, second.whose, third.whose) == ("neutral", "charge +2", "charge −1")
    assert (first.colours.low, first.colours.high) == pytest.approx((-59.8, 59.8), abs=0.3)
    assert third.colours.high < 0
    (alone,) = blocks([positive], "charge")
    assert alone.colours.low == -alone.colours.high, "white is zero for every neutral molecule"


def test_zero_is_white_where_it_occurs_and_nowhere_else():
    both = ColourScale.of([np.array([-20.0, 50.0])])
    assert (both.low, both.high) == (-50, 50)
    red, white, blue = both.colours(np.array([-50.0, 0.0, 50.0]))
    assert red[0] > 2 * red[2] and blue[2] > 2 * blue[0] and white.min() > 0.95
    positive = ColourScale.of([np.array([150.0, 170.0]), np.array([160.0, 190.0])])
    assert (positive.low, positive.high) == (150, 190)
    lightness = positive.colours(np.linspace(150, 190, 9)).sum(axis=1)
    assert (np.diff(lightness) < 0).all(), "one direction of lightness"
    negative = ColourScale.of([np.array([-90.0, -60.0])])
    assert negative.colours(np.array([-90.0]))[0, 0] > 2 * negative.colours(np.array([-90.0]))[0, 2]


@pytest.mark.parametrize(("low", "high"), [(-91.0, 91.0), (126.5, 238.1), (-250.0, -170.0)])
def test_ticks_stand_where_their_potentials_are(low, high):
    scale = ColourScale(low, high, "RdBu")
    ticks = scale.ticks()
    assert 3 <= len(ticks) <= 7
    for place, text in ticks:
        assert 0 <= place <= 1
        assert low + place * (high - low) == pytest.approx(float(text.replace("−", "-")))


def test_page_and_picture_have_the_same_colours():
    scale = ColourScale.of([np.array([-30.0, 30.0])])
    steps = scale.steps()
    assert (steps[0][0], steps[-1][0]) == (0.0, 1.0)
    middle = int(str(steps[len(steps) // 2][1])[1:3], 16) / 255
    assert middle == pytest.approx(scale.colours(np.array([0.0]))[0, 0], abs=0.005)


def test_what_is_in_front_hides_what_is_behind():
    """Two squares face the viewer: the near one is blue, the far one larger and red."""
    near = np.array([[-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]], dtype=float)
    vertices = np.concatenate([near, near * (2, 2, -1)])
    triangles = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])
    values = np.repeat([1.0, 0.0], 4)
    picture = render(vertices, triangles, values, lambda v: np.stack([1 - v, 0 * v, v], axis=1), size=80)
    red, _, blue, alpha = np.moveaxis(picture.pixels, 2, 0)
    assert blue[40, 40] > 0.5 > red[40, 40]
    assert red[40, 6] > 0.5 > blue[40, 6]
    assert alpha[0, 0] == 0 and alpha[40, 40] == 1
    assert picture.hides(np.array([0.0, 0.0, -1.0])) and not picture.hides(np.array([0.0, 0.0, 1.0]))
    assert not picture.hides(np.array([1.5, 0.0, -1.0]))


def test_picture_is_upright_and_not_mirrored():
    triangle = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    picture = render(triangle, np.array([[0, 1, 2]]), np.ones(3), lambda v: np.ones((len(v), 3)), size=40)
    assert picture.pixels[15, 25, 3] > 0, "up and to the right is covered"
    assert picture.pixels[25, 15, 3] == 0 and picture.pixels[25, 25, 3] == 0 and picture.pixels[15, 15, 3] == 0


def test_coverage_of_a_disc_is_its_area(esp_maps):
    one = esp_maps[0]
    picture = render(
        one.view.project(one.vertices), one.triangles, one.values, lambda v: np.ones((len(v), 3)), size=200
    )
    pixel = (2 * picture.half_size / 200) ** 2
    assert picture.pixels[..., 3].sum() * pixel == pytest.approx(np.pi * 4, rel=0.01)
    assert picture.depth.max() == pytest.approx(2.0, abs=0.05)


def test_view_is_a_rotation_and_shows_the_extremes():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(500, 3)) * (3, 2, 1)
    facing = np.array([[0.5, 0.2, -1.5], [-1.0, 0.0, -1.2]])
    view = View.of(points, facing)
    assert view.axes @ view.axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(view.axes) == pytest.approx(1.0)
    assert (view.project(facing)[:, 2] > 0).all()
    spread = view.project(points).std(axis=0)
    assert spread[0] > spread[1] > spread[2]


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_same_maps_same_bytes(esp_maps, tmp_path, ending):
    for name in ("one", "two"):
        plot_esp(esp_maps[:1], tmp_path / f"{name}.{ending}")
    assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()


def test_png_has_200_dots_per_inch_and_both_colours(esp_maps, tmp_path):
    plot_esp(esp_maps[:1], tmp_path / "esp.png")
    pixels = imread(tmp_path / "esp.png")[..., :3]
    assert pixels.shape[:2] == (760, 800)
    assert (pixels[..., 0] - pixels[..., 2] > 0.3).mean() > 0.02
    assert (pixels[..., 2] - pixels[..., 0] > 0.3).mean() > 0.02


def test_titles_are_not_cut(esp_maps, tmp_path):
    neutral, cation = esp_maps
    plot_esp([neutral, cation] * 2, tmp_path / "esp.png")
    assert imread(tmp_path / "esp.png")[:6, :, :3].min() > 0.95


def test_nothing_to_draw_and_unknown_endings_are_clear_errors(esp_maps, tmp_path):
    with pytest.raises(AzibflowError, match="no ESP result"):
        plot_esp([], tmp_path / "esp.png")
    with pytest.raises(AzibflowError, match="ending has to be one of png, svg"):
        plot_esp(esp_maps, tmp_path / "esp.pdf")
