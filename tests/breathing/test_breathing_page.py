"""The page: the curve, what it says of each number of ions, structures to turn, and that nothing breaks out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from azibflow.analysis.figures.breathing import draw_breathing
from azibflow.analysis.figures.breathing_page import breathing_page, write_breathing_page
from azibflow.errors import AzibflowError

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
EVIL = "</script><script>alert(1)</script>"


@pytest.fixture(scope="module")
def page(toy_result) -> str:
    return breathing_page([toy_result])


def states_in(page: str) -> list[dict]:
    (states,) = json.loads(re.search(r'id="states">(.*?)</script>', page, re.DOTALL)[1])
    return states


def test_every_number_of_ions_has_its_facts_and_structures(page):
    states = states_in(page)
    assert [state["n"] for state in states] == list(range(8))
    facts = [dict(state["facts"]) for state in states]
    assert facts[5]["binding energy"] == "\N{MINUS SIGN}0.850 eV per cell"
    assert facts[5]["bonds intact"] == "1 of 4" and facts[5]["re-formed when emptied"] == "2 of 3"
    assert facts[4]["capacity"] == "800.8 mAh/g of V₄O₄" and facts[4]["of film and support"] == "678.9 mAh/g"
    assert states[0]["emptied"] is None
    for state in states[1:]:
        assert state["loaded"]["xyz"].split("\n")[0] == str(12 + state["n"])
        assert state["emptied"]["xyz"].split("\n")[0] == "12"
    assert [len(state["loaded"]["broken"]) for state in states] == [0, 0, 1, 2, 2, 3, 3, 3]
    assert [len(state["emptied"]["broken"]) for state in states[1:]] == [0, 0, 0, 0, 1, 1, 1]
    (start, end), *_ = states[0]["loaded"]["intact"]
    assert end[1] - start[1] == pytest.approx(1.43, abs=0.02), "from carbon up to oxygen, as it is seen"


def test_the_curve_is_that_of_the_energies(page):
    points = re.findall(r'class="point (\w+)" data-n="(\d)".*?cx="([\d.]+)" cy="([\d.]+)"', page)
    assert [look for look, *_ in points] == ["hull", "hull", "above", "above", "hull", "above", "hull", "above"]
    down = [float(y) for *_, y in points]
    assert (down[6] - down[0]) / (down[1] - down[0]) == pytest.approx(0.9 / 0.5, abs=0.01)
    across = [float(x) for _, _, x, _ in points]
    assert across[7] - across[0] == pytest.approx(7 * (across[1] - across[0]), abs=0.5)
    assert 'value="4"' in page, "it opens at the limit"


def test_names_do_not_break_out_and_nothing_is_fetched(toy_result):
    page = breathing_page([toy_result.model_copy(update={"study": EVIL})])
    assert EVIL not in page
    head = page.partition("<script")[0]
    assert "http" not in head
    assert not re.search(r'(src|href)="(?!data:)', page.partition('<script type="application/json"')[0])
    assert page == breathing_page([toy_result.model_copy(update={"study": EVIL})])


def test_what_cannot_be_written_is_one_message(toy_result, tmp_path):
    with pytest.raises(AzibflowError, match="no breathing result"):
        write_breathing_page([], tmp_path / "b.html")
    with pytest.raises(AzibflowError, match="No such file"):
        write_breathing_page([toy_result], tmp_path / "no" / "b.html")


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no browser")
def test_a_browser_shows_structures_and_facts(page, tmp_path):
    path = tmp_path / "b.html"
    path.write_text(page)
    software = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    command = [BROWSER, "--headless", "--no-sandbox", *software, "--virtual-time-budget=8000", "--dump-dom"]
    dom = subprocess.run([*command, path.as_uri()], capture_output=True, text=True, timeout=300, check=True).stdout
    assert re.search(r"<canvas", dom)
    assert ">n = 4</output>" in dom
    assert re.search(r'class="point hull chosen" data-n="4"', dom)
    assert "<dt>bonds intact</dt><dd>2 of 4</dd>" in dom


def test_a_run_is_drawn_as_a_page(toy_result, tmp_path, monkeypatch):
    monkeypatch.setattr("azibflow.analysis.figures.breathing.results_to_draw", lambda *_: [toy_result])
    draw_breathing([tmp_path], [tmp_path / "b.html", tmp_path / "b.svg"])
    assert "3Dmol" in (tmp_path / "b.html").read_text()
    assert (tmp_path / "b.svg").read_text().startswith("<?xml")
