"""The page with the surfaces: it needs no internet, and shows what the results hold."""

import re

import numpy as np
import pytest

from azibflow.analysis.figures.esp_page import esp_page, write_esp_page
from azibflow.errors import AzibflowError


def test_page_opens_without_internet_and_repeats_byte_for_byte(esp_maps, tmp_path):
    for name in ("one", "two"):
        write_esp_page(esp_maps, tmp_path / f"{name}.html")
    text = (tmp_path / "one.html").read_text()
    assert re.findall(r"""src\s*=\s*["']?(?:https?:)?//[^"'\s>]*""", text) == []
    assert "<link" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert text.count("<script") == text.count("</script>") and "Plotly.newPlot" in text
    assert (tmp_path / "two.html").read_text() == text


def test_every_molecule_has_its_surface_on_one_scale(esp_maps):
    figure = esp_page(esp_maps)
    surfaces = [trace for trace in figure.data if trace.name == "surface"]
    assert [trace.scene for trace in surfaces] == ["scene", "scene2"]
    assert [trace.coloraxis for trace in surfaces] == ["coloraxis"] * 2
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == pytest.approx((-172, 172), abs=0.5)
    assert figure.layout.coloraxis.colorbar.title.text == "Vₛ (kcal/mol)"
    assert np.asarray(surfaces[1].intensity) == pytest.approx(esp_maps[1].values, abs=1e-4)
    assert "kcal/mol" in surfaces[0].hovertemplate


def test_own_scales_stand_beside_their_scenes(esp_maps):
    one, two = (trace for trace in esp_page(esp_maps, "own").data if trace.name == "surface")
    assert (one.cmin, one.cmax) == pytest.approx((-30, 30), abs=0.5)
    assert (two.cmin, two.cmax) == pytest.approx((148, 172), abs=0.5)
    assert one.colorbar.x < two.colorbar.x


def test_atoms_are_closed_spheres_joined_by_bonds(esp_maps):
    traces = {trace.name: trace for trace in esp_page(esp_maps[:1]).data}
    atoms = traces["atoms"]
    points = np.column_stack([atoms.x, atoms.y, atoms.z])
    corners = np.column_stack([atoms.i, atoms.j, atoms.k])
    assert len(points) == 3 * 120 and corners.max() == len(points) - 1
    assert len(corners) == 3 * (2 * 120 - 4), "Euler: 2V - 4 triangles close a sphere"
    volume = np.linalg.det(points[corners]).sum() / 6
    radii = 0.4 * np.array([0.66, 0.31, 0.31])
    assert volume == pytest.approx((4 / 3 * np.pi * radii**3).sum(), rel=0.06)
    assert np.isnan(traces["bonds"].x).sum() == 2
    assert list(traces["extrema"].text) == ["max 29.9", "min -29.9"]


def test_buttons_change_the_surfaces_only(esp_maps):
    figure = esp_page(esp_maps)
    for button in figure.layout.updatemenus[0].buttons:
        assert [figure.data[i].name for i in button.args[1]] == ["surface"] * 2


def test_page_that_cannot_be_written_is_a_clear_error(esp_maps, tmp_path):
    with pytest.raises(AzibflowError, match="No such file"):
        write_esp_page(esp_maps, tmp_path / "missing" / "esp.html")
    with pytest.raises(AzibflowError, match="no ESP result"):
        write_esp_page([], tmp_path / "esp.html")
