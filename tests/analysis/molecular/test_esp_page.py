"""The page with the surfaces: it needs no internet, and shows what the results hold."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from azibflow.analysis.figures.esp_colours import ColourScale, blocks
from azibflow.analysis.figures.esp_page import esp_page, esp_scene, write_esp_page
from azibflow.analysis.figures.rendering import render
from azibflow.errors import AzibflowError

COLOURS = ColourScale(-30.0, 30.0, "RdBu")
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")


def without_scripts(text):
    return re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def scene(one, colours):
    return {trace.name: trace for trace in esp_scene(one, colours).data}


def test_page_opens_without_internet_and_repeats_byte_for_byte(esp_maps, tmp_path):
    for name in ("one", "two"):
        write_esp_page(esp_maps, tmp_path / f"{name}.html")
    text = (tmp_path / "one.html").read_text()
    assert re.findall(r"""src\s*=\s*["']?(?:https?:)?//[^"'\s>]*""", text) == []
    assert re.findall("<link[^>]*>", without_scripts(text)) == ['<link rel="icon" href="data:,">']
    assert text.count("<script") == text.count("</script>") and "Plotly.newPlot" in text
    assert (tmp_path / "two.html").read_text() == text


def test_page_says_what_it_shows(esp_maps, tmp_path):
    write_esp_page(esp_maps, tmp_path / "esp.html")
    text = without_scripts((tmp_path / "esp.html").read_text())
    assert re.findall("<title>(.*?)</title>", text) == ["Electrostatic potential maps: ESP"]
    assert re.findall("<h1>(.*?)</h1>", text) == ["Electrostatic potential maps: ESP"]
    assert "electron density 0.001 e/bohr<sup>3</sup>" in text
    assert re.findall("<h2>(.*?)</h2>", text) == ["Neutral", "Charge +2"]
    assert text.count("V<sub>s</sub> (kcal/mol)") == 2, "a bar with its unit for each charge"
    assert re.findall(r"V<sub>s,(m..)</sub> (.*?)</span>", text) == [
        ("max", "29.9 kcal/mol near O0"),
        ("min", "−29.9 kcal/mol near H1"),
        ("max", "172.0 kcal/mol near O0"),
        ("min", "148.0 kcal/mol near H1"),
    ]


@pytest.mark.parametrize(("scale", "bars"), [("charge", 2), ("common", 1), ("own", 2)])
def test_every_scale_has_its_bar(esp_maps, scale, bars):
    assert without_scripts(esp_page(esp_maps, scale)).count("linear-gradient") == bars


def test_names_are_text(esp_maps):
    one = esp_maps[0]
    result = one.result.model_copy(update={"study": "<b>& study"})
    text = without_scripts(esp_page([replace(one, title="<script>alert(1)</script>", result=result)]))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text and "alert(1)</script>" not in text
    assert "<title>Electrostatic potential maps: &lt;b&gt;&amp; study</title>" in text


def test_surface_has_the_colours_of_its_scale_and_hides_what_is_behind(esp_maps):
    (neutral, cation) = blocks(esp_maps, "charge")
    surface = scene(esp_maps[1], cation.colours)["surface"]
    assert (surface.cmin, surface.cmax) == pytest.approx((148, 172), abs=0.5)
    assert np.asarray(surface.intensity) == pytest.approx(esp_maps[1].values, abs=1e-4)
    assert [colour for _, colour in surface.colorscale] == [colour for _, colour in cation.colours.steps()]
    assert "kcal/mol" in surface.hovertemplate
    assert scene(esp_maps[0], neutral.colours)["surface"].opacity == 1


def test_page_and_picture_see_a_molecule_from_one_side_and_as_large(esp_maps):
    one = esp_maps[0]
    found = esp_scene(one, COLOURS).layout.scene
    eye, up = (np.array([vector.x, vector.y, vector.z]) for vector in (found.camera.eye, found.camera.up))
    assert eye / np.linalg.norm(eye) == pytest.approx(one.view.axes[2])
    assert up == pytest.approx(one.view.axes[1])
    assert found.camera.projection.type == "orthographic"
    picture = render(one.view.project(one.vertices), one.triangles, one.values, COLOURS.colours, size=40)
    for axis, number in zip("xyz", range(3), strict=True):
        low, high = found[f"{axis}axis"].range
        assert (low + high) / 2 == pytest.approx(one.view.centre[number])
        assert (high - low) / found.aspectratio[axis] == pytest.approx(picture.half_size)


def test_extrema_are_marked_just_outside_the_surface(esp_maps):
    one = esp_maps[0]
    found = scene(one, COLOURS)["extrema"]
    for place, extremum in zip(np.column_stack([found.x, found.y, found.z]), (one.highest, one.lowest), strict=True):
        assert 0 < np.linalg.norm(place - extremum.position) < 0.1
        assert np.linalg.norm(place) > 2.0, "the radius of the surface"
    assert list(found.text) == ["Vₛ,max 29.9 kcal/mol", "Vₛ,min −29.9 kcal/mol"]


def test_atoms_are_closed_spheres_joined_by_bonds(esp_maps):
    traces = scene(esp_maps[0], COLOURS)
    atoms = traces["atoms"]
    points = np.column_stack([atoms.x, atoms.y, atoms.z])
    corners = np.column_stack([atoms.i, atoms.j, atoms.k])
    assert len(points) == 3 * 120 and corners.max() == len(points) - 1
    assert len(corners) == 3 * (2 * 120 - 4), "Euler: 2V - 4 triangles close a sphere"
    volume = np.linalg.det(points[corners]).sum() / 6
    radii = 0.4 * np.array([0.66, 0.31, 0.31])
    assert volume == pytest.approx((4 / 3 * np.pi * radii**3).sum(), rel=0.06)
    assert np.isnan(traces["bonds"].x).sum() == 2


def test_buttons_change_the_surfaces_only(esp_maps):
    assert esp_scene(esp_maps[0], COLOURS).data[0].name == "surface"
    assert "Plotly.restyle(plotOf(frame), { opacity }, [0])" in esp_page(esp_maps)


def test_page_that_cannot_be_written_is_a_clear_error(esp_maps, tmp_path):
    with pytest.raises(AzibflowError, match="No such file"):
        write_esp_page(esp_maps, tmp_path / "missing" / "esp.html")
    with pytest.raises(AzibflowError, match="no ESP result"):
        write_esp_page([], tmp_path / "esp.html")


def probed(page, tmp_path, width, probe, *, height=3000, wait=9000):
    """Open a page in a frame, for windows are no narrower than 500 pixels, and return what a script in it found."""
    page = page.replace("</body>", f"<script>{probe}</script></body>")
    frame = f'<body style="margin: 0"><iframe style="border: 0; width: {width}px; height: {height}px"></iframe></body>'
    holder = "<script>document.querySelector('iframe').srcdoc = {}</script></body>"
    written = json.dumps(page).replace("</", "<\\/")
    (tmp_path / "page.html").write_text(frame.replace("</body>", holder.format(written)))
    words = ["--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--dump-dom"]
    words += ["--enable-unsafe-swiftshader", f"--virtual-time-budget={wait}", "--window-size=1300,3000"]
    done = subprocess.run(
        [BROWSER, *words, f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / "page.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=180,
    )
    return json.loads(unescape(re.search('data-probe="([^"]*)"', done.stdout)[1]))


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no chromium here")
@pytest.mark.parametrize("width", [1200, 400])
def test_a_browser_shows_every_molecule_whole(esp_maps, tmp_path, width):
    probe = """setTimeout(() => {
      const wide = document.documentElement.clientWidth;
      const inside = (part) => part.getBoundingClientRect().left >= 0 && part.getBoundingClientRect().right <= wide;
      parent.document.body.dataset.probe = JSON.stringify({
        wide,
        overflow: document.documentElement.scrollWidth - wide,
        inside: [...document.querySelectorAll("canvas, figcaption, .ticks span, button")].every(inside),
        square: [...document.querySelectorAll(".scene canvas")].map(
          (scene) => scene.clientWidth > 300 && scene.clientWidth === scene.clientHeight),
      });
    }, 4000)"""
    found = probed(esp_page(esp_maps), tmp_path, width, probe)
    assert found == {"wide": width, "overflow": 0, "inside": True, "square": [True, True]}


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no chromium here")
def test_of_many_molecules_a_browser_draws_a_part_at_a_time(esp_maps, tmp_path, monkeypatch):
    """Browsers drop the oldest of more than 16 drawings: of 3 molecules, 2 at a time, two are drawn, then the third."""
    monkeypatch.setattr("azibflow.analysis.figures.esp_page.MOST", 2)
    probe = """const seen = [];
    const look = () => {
      const scenes = [...document.querySelectorAll(".scene")];
      seen.push([
        scenes.filter((scene) => scene.querySelector("canvas")).length,
        scenes.filter((scene) => scene.clientWidth > 0).length,
        [...document.querySelectorAll("section")].filter((section) => section.clientHeight > 0).length,
      ]);
      parent.document.body.dataset.probe = JSON.stringify(seen);
    };
    setTimeout(() => {
      look();
      document.querySelector("button[data-first='2']").click();
      setTimeout(look, 3000);
    }, 4000);"""
    neutral, charged = esp_maps
    page = esp_page([neutral, neutral, charged])
    assert probed(page, tmp_path, 1200, probe) == [[2, 2, 1], [1, 1, 1]]


def test_every_molecule_of_a_page_is_in_it_however_many(esp_maps):
    text = esp_page([esp_maps[0]] * 18)
    scenes = re.findall('<script type="application/json">(.*?)</script>', text)
    assert len(scenes) == 18
    buttons = re.findall('<button type="button" data-first="([0-9]+)"[^>]*>(.*?)</button>', text)
    assert buttons == [("0", "1 to 12"), ("12", "13 to 18")]
    assert 'data-first="' not in without_scripts(esp_page(esp_maps))
    assert [trace["type"] for trace in json.loads(scenes[0])["data"]] == ["mesh3d", "mesh3d", "scatter3d", "scatter3d"]
