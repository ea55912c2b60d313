"""``azibflow screen``: which structures there are, what is said of those that cannot be computed, and the ranking."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ase.build import bulk
from ase.io import write
from command_line import azibflow

from azibflow.analysis.tables.registry import table_of
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.campaigns.screening_campaign import named_structures
from azibflow.cli.coordinate import folder_of
from azibflow.errors import StructureError
from azibflow.hpc.run_folder import STORE
from azibflow.hpc.sqlite_store import SQLiteStore

EMT = "{kind: ase, calculator: 'ase.calculators.emt:EMT', elements: [Ag, Al, Cu], charges: [0]}"
ALONE = ("--workers", "1", "--threads", "1")


def crystals(folder: Path, *symbols: str) -> Path:
    """Write crystals into a folder and return it."""
    folder.mkdir(exist_ok=True, parents=True)
    for symbol in symbols:
        write(folder / f"{symbol}.cif", bulk(symbol, cubic=True))
    return folder


def test_good_ones_are_computed_beside_a_broken_file_and_an_unknown_element(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hosts = crystals(tmp_path / "hosts", "Ag", "Cu", "W")
    (hosts / "broken.cif").write_text("data_\nnothing")
    (hosts / "notes.txt").write_text("not a structure")
    run = tmp_path / "run"

    status = azibflow(
        "screen", hosts, "--ask", "surface", "--facet", "111", "--calculator", EMT, "--run-dir", run, *ALONE
    )
    said = capsys.readouterr()

    assert status == 1  # two are no results
    assert f"left out: broken: {hosts}/broken.cif cannot be read as a structure" in said.err
    assert "left out: W: " in said.err
    rows = table_of("screening", [run]).rows
    assert [(row.cells["rank"], row.cells["system"], row.outcome) for row in rows] == [
        (1, "Ag", "ok"),
        (2, "Cu", "ok"),
        (None, "W", "failed"),
        (None, "broken", "failed"),
    ]
    assert "surface energy" in said.out

    assert azibflow("screen", hosts, "--ask", "surface", "--facet", "111", "--calculator", EMT, "--run-dir", run) == 1
    assert "nothing to compute" in capsys.readouterr().out
    picture = tmp_path / "ranking.png"
    assert azibflow("plot", "screening", run, "-o", picture) == 0
    assert picture.stat().st_size > 5000
    assert azibflow("report", run, "-o", tmp_path / "page.html") == 1
    assert "broken.cif cannot be read" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("empty",), "empty is empty"),
        (("only-notes",), "only-notes holds no file whose name is that of a structure"),
        (("empty/*.cif",), "no file matches 'empty/*.cif'"),
        (("nothing.txt",), "nothing.txt names no structure"),
        (("not-there",), "none of 1 structures can be computed: not-there: no prototype is called 'not-there'"),
        (("hosts", "--facet", "110"), "--facet belongs to --ask surface"),
        (("hosts", "--ion", "Unobtainium"), "ion"),
        (("hosts", "--ask", "surface", "--ion", "H"), "a surface energy is of no ion"),
        (("hosts", "--calculator", "chgnett"), "chgnett"),
        (("hosts", "--ask", "voltage", "--then", "0", "chgnet"), "0 is not in the range"),
        (("hosts", "--ask", "voltage", "--single-points", "2", "chgnet"), "single points cannot correct"),
    ],
)
def test_what_cannot_be_screened_is_one_clear_message(
    words: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    crystals(tmp_path / "hosts", "Cu")
    (tmp_path / "empty").mkdir()
    (tmp_path / "only-notes").mkdir()
    (tmp_path / "only-notes" / "notes.md").write_text("later")
    (tmp_path / "nothing.txt").write_text("# nothing\n")

    assert azibflow("screen", *words) != 0
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not (tmp_path / "runs").exists()


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    crystals(tmp_path / "first" / "x", "Cu")
    crystals(tmp_path / "second" / "x", "Cu", "Al")

    names = named_structures([str(tmp_path / "**" / "*.cif")])

    assert sorted(names) == ["Al", "first/x/Cu", "second/x/Cu"]
    assert names["second/x/Cu"] == str(tmp_path / "second" / "x" / "Cu.cif")


def test_a_list_names_files_beside_it_and_prototypes(tmp_path: Path) -> None:
    crystals(tmp_path / "a", "Cu")
    write(tmp_path / "a" / "Cu.vasp", bulk("Cu", cubic=True))
    (tmp_path / "hosts.txt").write_text("# my hosts\na/Cu.cif\na/Cu.vasp  # the same\n\nalpha-V2O5\n")

    assert named_structures([str(tmp_path / "hosts.txt")]) == {
        "Cu.cif": str(tmp_path / "a" / "Cu.cif"),
        "Cu.vasp": str(tmp_path / "a" / "Cu.vasp"),
        "alpha-V2O5": "alpha-V2O5",
    }


def test_five_thousand_files_are_named_at_once(tmp_path: Path) -> None:
    for folder in range(2):
        (tmp_path / str(folder)).mkdir()
        for number in range(2500):
            (tmp_path / str(folder) / f"{number}.cif").touch()

    names = named_structures([str(tmp_path / "*" / "*.cif")])

    assert len(names) == 5000
    assert names["1/2499"] == str(tmp_path / "1" / "2499.cif")


def test_a_campaign_file_is_that_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(crystals(tmp_path, "Cu", "Al"))
    words = ("--calculator", EMT, "--then", "1", EMT, "--cell", "relaxed", "--name", "two", "--campaign", "two.yaml")

    assert azibflow("screen", ".", "--ion", "Cu", *words) == 0

    campaign = load_campaign(tmp_path / "two.yaml")
    (study,) = campaign.studies
    assert campaign.name == "two"
    assert study.system == ["Al", "Cu"]
    assert study.cell == "relaxed"
    assert [(stage.best, stage.how) for stage in study.then] == [(1, "anew")]
    assert campaign.systems["Cu"].file == tmp_path / "Cu.cif"


def test_nothing_is_computed_in_a_dry_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(crystals(tmp_path, "Cu"))

    assert azibflow("screen", "Cu.cif", "--ion", "Cu", "--calculator", EMT, "--dry-run") == 0
    assert not (tmp_path / "runs").exists()


def test_the_table_as_data_has_the_range_of_ranks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an error bar there is none, and the table says that it is not known."""
    hosts = crystals(tmp_path / "hosts", "Ag", "Cu")
    run = tmp_path / "run"
    azibflow("screen", hosts, "--ask", "surface", "--facet", "111", "--calculator", EMT, "--run-dir", run, *ALONE)
    capsys.readouterr()

    assert azibflow("table", "screening", run, "--format", "json") == 0
    table = json.loads(capsys.readouterr().out)
    assert [row["could_be"] for row in table["rows"]] == ["", ""]
    assert any("how far its order can be believed is not known" in note for note in table["notes"])


def test_a_pattern_that_matches_nothing_is_an_error_of_structures() -> None:
    with pytest.raises(StructureError, match="no file matches"):
        named_structures(["no/such/*.cif"])


def test_a_structure_whose_job_fails_stays_in_the_ranking(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Effective medium theory is said to know tungsten, and does not."""
    hosts = crystals(tmp_path / "hosts", "Cu", "W")
    words = ("--ask", "surface", "--facet", "111", "--calculator", EMT.replace("Cu]", "Cu, W]"))

    assert azibflow("screen", hosts, *words, "--run-dir", tmp_path / "run", *ALONE) == 1

    assert "failed: W: relax bulk" in capsys.readouterr().err
    table = table_of("screening", [tmp_path / "run"])
    assert [(row.cells["rank"], row.cells["system"]) for row in table.rows] == [(1, "Cu"), (None, "W")]
    assert table.rows[1].reason == "the bulk failed, or no slab could be cut; the run's log says why"


def test_a_ranking_that_grows_names_what_is_missing(tmp_path: Path) -> None:
    """Of a run that has only been planned every structure is a row, unfinished."""
    hosts = crystals(tmp_path / "hosts", "Cu", "Ag")
    words = ("--ask", "surface", "--facet", "111", "--calculator", EMT)
    assert azibflow("screen", hosts, *words, "--campaign", tmp_path / "c.yaml") == 0
    campaign = load_campaign(tmp_path / "c.yaml")
    folder_of(tmp_path / "run", campaign).keep(campaign_flow(campaign))
    SQLiteStore(tmp_path / "run" / STORE).connect()

    rows = table_of("screening", [tmp_path / "run"]).rows

    assert [row.outcome for row in rows] == ["unfinished", "unfinished"]
    assert [row.name for row in rows] == ["surface energy: Ag", "surface energy: Cu"]
