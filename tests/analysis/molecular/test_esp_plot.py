"""Pictures of potentials: what is visible is what is in front, and the colours are those of the colour bar."""

import re

import numpy as np
import pytest
from matplotlib.image import imread

from azibflow.analysis.figures.esp import esp_figure, plot_esp
from azibflow.analysis.figures.esp_colours import ColourScale
from azibflow.analysis.figures.rendering import View, render
from azibflow.errors import AzibflowError


def test_picture_has_a_colour_bar_with_its_unit_and_the_extrema(esp_maps, tmp_path):
    plot_esp(esp_maps, tmp_path / "esp.svg")
    text = (tmp_path / "esp.svg").read_text()
    found = re.findall(r"<text[^>]*>([^<]*)</text>", text)
    assert found.count("Vₛ (kcal/mol)") == 1
    assert "H₂O" in found and "NH₄⁺" in found
    assert "max 29.9    min −29.9 kcal/mol" in found
    assert found.count("2 Å") == 2
    assert any("0.001 electrons/bohr³" in part for part in found)
    assert text.count("<image") >= 2, "the surfaces are images inside"


def test_common_scale_is_one_and_own_scales_are_several(esp_maps):
    def limits(scale):
        axes = [panel for panel in esp_figure(esp_maps, scale).axes if panel.get_ylabel() == "Vₛ (kcal/mol)"]
        return [panel.get_ylim() for panel in axes]

    assert limits("common") == [pytest.approx((-172, 172), abs=0.5)]
    assert limits("own") == [pytest.approx((-30, 30), abs=0.5), pytest.approx((148, 172), abs=0.5)]


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
    view = View.of(one.vertices, one.vertices[[one.highest]])
    picture = render(view.project(one.vertices), one.triangles, one.values, lambda v: np.ones((len(v), 3)), size=200)
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


def test_nothing_to_draw_and_unknown_endings_are_clear_errors(esp_maps, tmp_path):
    with pytest.raises(AzibflowError, match="no ESP result"):
        plot_esp([], tmp_path / "esp.png")
    with pytest.raises(AzibflowError, match="ending has to be one of png, svg"):
        plot_esp(esp_maps, tmp_path / "esp.pdf")
