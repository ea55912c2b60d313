"""All tables and figures at once, from the runs that come with the package, whose stores are read once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import azibflow

from azibflow.analysis.tables.formats import render
from azibflow.analysis.tables.registry import all_tables, table_of
from azibflow.cli.coordinate import closing_words
from azibflow.hpc.run_folder import STORE, RunFolder
from azibflow.hpc.sqlite_store import SQLiteStore
from azibflow.studies import BUILT_IN

KEPT = Path(__file__).parents[2] / "examples" / "results"
BOTH = [KEPT / "interfaces", KEPT / "orbitals"]


def test_all_tables_stand_one_below_the_other_in_the_order_of_the_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    one_by_one = [table_of(kind, BOTH, literature=True) for kind in ("orbitals", "interface")]
    for style in ("text", "md", "latex"):
        assert azibflow("table", "all", *BOTH, "--literature", "--format", style) == 0
        assert capsys.readouterr().out == "\n".join(render(table, style) for table in one_by_one)
    assert azibflow("table", "all", *BOTH, "--literature", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out) == {
        kind: json.loads(render(table, "json"))
        for kind, table in zip(("orbitals", "interface"), one_by_one, strict=True)
    }


def test_all_tables_go_into_a_folder_a_file_for_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for style in ("csv", "excel"):
        assert azibflow("table", "all", *BOTH, "-o", tmp_path / style, "--format", style) == 0
        assert {path.name: path.read_text() for path in (tmp_path / style).iterdir()} == {
            f"{kind}.csv": render(table_of(kind, BOTH), style) for kind in ("orbitals", "interface")
        }
    assert azibflow("table", "all", *BOTH, "-o", tmp_path / "one.md") == 0
    assert (tmp_path / "one.md").read_text().count("\n### ") == 1
    capsys.readouterr()
    for wrong in (["--format", "csv"], ["--format", "excel"], ["-o", tmp_path / "one.csv"]):
        assert azibflow("table", "all", *BOTH, *wrong) == 2
        assert "a file of CSV holds one table; name a folder with -o" in capsys.readouterr().err


def test_every_kind_has_a_figure_and_the_page_says_what_it_shows() -> None:
    page = (KEPT.parents[1] / "docs" / "reports.md").read_text()
    assert [kind.name for kind in BUILT_IN if not kind.figure] == []
    assert [kind.name for kind in BUILT_IN if f"| `{kind.name}` |" not in page] == []


def test_all_figures_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert azibflow("plot", "all", KEPT / "desolvation", "--scale", "own") == 0
    drawn = sorted(path.name for path in (tmp_path / "figures" / "desolvation").iterdir())
    assert drawn == ["desolvation.png", "desolvation.svg"]
    assert azibflow("plot", "all", *BOTH, "-o", tmp_path / "both") == 0
    drawn = sorted(path.name for path in (tmp_path / "both").iterdir())
    assert drawn == ["interface.png", "interface.svg", "orbitals.png", "orbitals.svg"]
    (tmp_path / "empty").mkdir()
    SQLiteStore(tmp_path / "empty" / STORE).connect()
    assert azibflow("plot", "all", tmp_path / "empty") == 2
    assert "no study result in" in capsys.readouterr().err
    assert azibflow("plot", "all", KEPT / "desolvation", "-o", "a.png") == 2
    assert "all figures go into one folder" in capsys.readouterr().err


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The collections of which all documents were looked through, in the order in which that happened."""
    found: list[str] = []
    matches = SQLiteStore._matches

    def counted(store, criteria):
        found.append(store.collection_name)
        return matches(store, criteria)

    monkeypatch.setattr(SQLiteStore, "_matches", counted)
    return found


def test_a_run_ends_with_one_pass_over_its_documents(passes: list[str]) -> None:
    assert closing_words(RunFolder(KEPT / "interfaces")) == 0
    assert passes.count("documents") == 1


def test_all_tables_are_made_in_one_pass_over_each_store(passes: list[str]) -> None:
    assert len(all_tables(BOTH).tables) == 2
    assert passes.count("documents") == 2
    assert passes.count("journal") <= 4
