"""Report pages of runs that come with the package: what they say, that nothing breaks out, how a browser takes them."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from ase.build import bulk, molecule
from command_line import azibflow

from azibflow.analysis.report.citations import cited_by, references
from azibflow.analysis.report.content import Report, RunFacts, report_of
from azibflow.analysis.report.page import duration, page, symbols
from azibflow.analysis.report.structures import View, extended_xyz
from azibflow.analysis.tables.formats import to_csv
from azibflow.analysis.tables.model import Column, Row, Table
from azibflow.analysis.tables.registry import table_of
from azibflow.calculators.registry import BUILT_IN
from azibflow.calculators.specs import ChgnetSpec, Dispersion
from azibflow.studies import study_kinds
from azibflow.workflows.common.results import Outcome

KEPT = Path(__file__).parents[2] / "examples" / "results"
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
EVIL = '<script>alert("1")</script> & </pre> </script>'


def views_in(html: str) -> list[dict]:
    return json.loads(re.search(r'id="views">(.*?)</script>', html, re.DOTALL)[1])


class Text(HTMLParser):
    """Collects tags, and the text outside of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._silent = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag):
        self._silent = False

    def handle_data(self, data):
        if not self._silent:
            self.text += data


@pytest.fixture(scope="module")
def interfaces() -> Report:
    return report_of([KEPT / "interfaces"])


def test_a_page_holds_table_structures_calculators_campaign_and_sources(interfaces: Report) -> None:
    html = page(interfaces)
    read = Text(html)
    for row in table_of("interface", [KEPT / "interfaces"]).rows:
        assert row.name in read.text or str(row.cells["study"]) in read.text
    structures = views_in(html)
    assert len(structures) == 7
    assert "V8C84O16" in {view["formula"] for view in structures}
    first = structures[0]["frames"][0].split("\n")
    assert int(first[0]) == structures[0]["atoms"] == len(first) - 3
    assert first[1].startswith('Lattice="')
    assert "name: interfaces" in read.text
    assert "null" not in read.text
    assert "10.1038/s42256-023-00716-3" in read.text  # CHGNet computed it
    assert "10.1002/jcc.21759" in read.text  # with D3(BJ)
    assert "chgnet" in interfaces.calculators[0]
    assert "published barriers" not in interfaces.calculators[0]  # nobody has measured it with D3


def test_nothing_is_fetched_and_the_same_run_gives_the_same_bytes(interfaces: Report) -> None:
    html = page(interfaces)
    for tag, attributes in Text(html).tags:
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:")), (tag, attributes)
    assert page(report_of([KEPT / "interfaces"])) == html
    assert len(html) < 1_000_000


def test_the_csv_beside_a_table_is_that_of_the_table_command(interfaces: Report) -> None:
    links = [attributes["href"] for _, attributes in Text(page(interfaces)).tags if attributes.get("download")]
    csv = next(
        base64.b64decode(link.split("base64,")[1]).decode() for link in links if link.startswith("data:text/csv")
    )
    assert csv == to_csv(table_of("interface", [KEPT / "interfaces"], literature=True))


def evil_report() -> Report:
    column = Column(key="study", head=EVIL, description=EVIL)
    energy = Column(key="energy", head="E_b", unit="eV", decimals=3, description="an energy", result=True)
    rows = [
        Row(name=EVIL, cells={"study": EVIL, "energy": 1.5}, outcome=Outcome.FAILED, reason=EVIL),
        Row(name="b", cells={"study": "sound", "energy": -0.25}, outcome=Outcome.OK),
    ]
    return Report(
        title=EVIL,
        runs=[RunFacts(EVIL, EVIL, EVIL, jobs=2, finished=1, failed=1, seconds=4000.0)],
        tables={EVIL: Table(title=EVIL, columns=[column, energy], rows=rows, notes=[EVIL])},
        views=[View(EVIL, EVIL, EVIL, 3, (extended_xyz(molecule("H2O")),))],
        calculators=[EVIL],
        warnings=[EVIL],
        bibtex=EVIL,
    )


def test_text_of_files_and_names_is_escaped() -> None:
    html = page(evil_report())
    read = Text(html)
    assert "<script>alert" not in html
    assert sum(tag == "script" for tag, _ in read.tags) == 4  # data, viewer, sorting, the page's own
    assert read.text.count('<script>alert("1")</script>') >= 8  # shown as it is
    assert views_in(html)[0]["name"] == EVIL


def test_what_is_no_result_is_marked_and_numbers_can_be_sorted() -> None:
    read = Text(page(evil_report()))
    cells = [attributes for tag, attributes in read.tags if tag == "td" and "data-sort" in attributes]
    assert [cell["data-sort"] for cell in cells] == ["1.5", "-0.25"]
    marked = [attributes for tag, attributes in read.tags if tag == "tr" and attributes.get("class") == "marked"]
    assert [row["title"] for row in marked] == [EVIL]
    assert "1.500*" in read.text
    assert "1.1 h" in read.text


def test_runs_stand_side_by_side_and_the_command_says_where_the_page_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert azibflow("report", KEPT / "desolvation", KEPT / "desolvation", "--title", "Twice") == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == Path("figures/desolvation/report.html")
    read = Text(path.read_text())
    assert "Runs side by side" in read.text
    assert ("h1", {}) in read.tags
    assert "Twice" in read.text


def test_runs_of_different_studies_have_their_figures_and_nothing_side_by_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.html"
    assert azibflow("report", KEPT / "interfaces", KEPT / "orbitals", "-o", path) == 0
    assert capsys.readouterr().err == ""
    read = Text(path.read_text())
    pictures = [attributes for tag, attributes in read.tags if tag == "img"]
    says = [study_kinds()[kind].figure_says for kind in ("orbitals", "interface")]
    assert [picture["alt"] for picture in pictures] == says
    levels, adhesion = (base64.b64decode(str(one["src"]).split("base64,")[1]).decode() for one in pictures)
    assert ">EMIM⁺<" in levels and ">energy against vacuum (eV)<" in levels
    assert ">V₂O₅/graphene<" in adhesion and ">work of adhesion (J/m²)<" in adhesion
    assert "side by side" not in read.text


def test_a_folder_without_a_run_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert azibflow("report", tmp_path / "empty", "-o", tmp_path / "page.html") == 2
    assert f"{tmp_path / 'empty'} is not a run folder" in capsys.readouterr().err
    assert not (tmp_path / "page.html").exists()
    assert azibflow("report", KEPT / "orbitals", "-o", "/proc/no/page.html") == 2
    assert "name another place with -o" in capsys.readouterr().err


def test_every_calculator_and_study_cites_what_there_is() -> None:
    for spec in BUILT_IN:
        assert set(spec.cites) <= set(references()), spec
    for kind in study_kinds().values():
        assert set(kind.cites) <= set(references()), kind.name
    assert cited_by(ChgnetSpec(dispersion=Dispersion(damping="d3zero"))) == ("chgnet", "d3")
    for key, entry in references().items():
        assert entry.count("{") == entry.count("}"), key
        assert re.search(r"doi = \{10\.\d{4,}/\S+\}", entry), key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E_m forward", "E<sub>m</sub> forward"),
        ("eV/angstrom^2", "eV/\N{ANGSTROM SIGN}<sup>2</sup>"),
        ("a < b", "a &lt; b"),
        ("fmax, better", "fmax, better"),
    ],
)
def test_heads_are_set_as_a_person_writes_them(text: str, expected: str) -> None:
    assert str(symbols(text)) == expected


def test_times_and_coordinates() -> None:
    assert [duration(seconds) for seconds in (4.2, 90, 7200)] == ["4.2 s", "1.5 min", "2.0 h"]
    assert extended_xyz(molecule("H2O")).split("\n")[1] == ""
    assert "Lattice" in extended_xyz(bulk("Cu"))


@pytest.mark.skipif(BROWSER is None, reason="no chromium here")
@pytest.mark.parametrize("width", [1200, 400])
def test_a_browser_shows_it_without_a_word_on_its_console(interfaces: Report, tmp_path: Path, width: int) -> None:
    path = tmp_path / "page.html"
    # The script's last words tell that the viewer has drawn, and that no part of the page is wider than the window.
    probe = """<script>
      let first = "";
      setTimeout(() => {
        first = document.getElementById("shown").textContent;
        document.querySelectorAll("#choice button")[1].click();
      }, 2500);
      setTimeout(() => {
      const drawn = document.querySelector("#stage canvas");
      document.body.dataset.probe = JSON.stringify({
        first, canvas: drawn ? drawn.width > 100 : false, shown: document.getElementById("shown").textContent,
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        sorted: (document.querySelector("th:nth-child(4)").click(), document.querySelectorAll("[aria-sort]").length)
      });
    }, 4000)</script></body>"""
    html = page(interfaces).replace("</body>", probe)
    path.write_text(html)
    words = ["--headless", "--no-sandbox", "--hide-scrollbars", "--use-gl=angle", "--use-angle=swiftshader"]
    words += ["--enable-unsafe-swiftshader", "--enable-logging=stderr", "--virtual-time-budget=9000", "--dump-dom"]
    words += ["--disable-dev-shm-usage"]  # containers give it little
    done = subprocess.run(
        [BROWSER, *words, f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},6000", path.as_uri()],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    found = json.loads(
        Text(done.stdout).tags[[tag for tag, _ in Text(done.stdout).tags].index("body")][1]["data-probe"]
    )
    assert found["canvas"], found
    assert found["first"].startswith(interfaces.views[0].study)  # unasked
    assert found["shown"].startswith(interfaces.views[1].study)  # the second one was chosen
    assert found["overflow"] <= 0, found
    assert found["sorted"] == 1
