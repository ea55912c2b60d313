"""Tables of the papers: each that can be computed has a file that names its rows and can be begun with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import azibflow

from azibflow.analysis.ledgers.checking import check_claims
from azibflow.analysis.ledgers.claims import load_claims, tabulated_claims
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.paper_tables import table_file
from azibflow.data.tables import computable, paper_table, paper_tables
from azibflow.errors import AzibflowError, CampaignError

EXAMPLES = Path(__file__).parents[2] / "examples" / "papers"
ARITHMETIC = ("T17", "T18")
SIMULATED = [key for key in computable() if key not in ARITHMETIC]
LONG_TO_PLAN = ("T1", "T3", "T4", "T5", "T10", "T11", "T14", "T15")


def test_all_tables_are_there_and_all_can_be_computed_that_want_no_dynamics_and_no_continuum() -> None:
    assert list(paper_tables()) == [f"T{number}" for number in range(1, 19)]
    assert set(paper_tables()) - set(computable()) == {"T8", "T9", "T16"}


def test_the_files_of_the_examples_are_those_of_the_package() -> None:
    """What is added beside them would not be found by an installed package."""
    assert {path.stem: path.read_text() for path in EXAMPLES.glob("*.yaml")} == {
        key: paper_table(key).text for key in computable()
    }


@pytest.mark.parametrize("key", computable())
def test_a_file_names_every_row_of_its_table_and_its_page_how_to_make_it(key: str) -> None:
    table = paper_table(key)
    told = " ".join(re.sub(r"^\s*#", " ", line) for line in table.text.splitlines())
    assert [row for row in table.rows if row not in re.sub(r"\s+", " ", told)] == []
    assert f"examples/papers/{key}.yaml" in re.sub(r"\s+", " ", section(key))


def section(key: str) -> str:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    (found,) = [part for part in page.split("\n## ") if part.startswith(f"{key}: ")]
    assert "* Cost: " in found
    return found


@pytest.mark.parametrize("key", SIMULATED)
def test_the_campaign_of_a_table_is_written_and_can_be_read(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert azibflow("init", "--from", key, "-o", "mine.yaml") == 0
    assert "next: azibflow run mine.yaml --dry-run" in capsys.readouterr().out
    assert Path("mine.yaml").read_text() == table_file(key, Path("mine.yaml"))
    campaign = load_campaign(Path("mine.yaml"))
    assert campaign.name == "mine"
    assert campaign.unused_systems == []


@pytest.mark.parametrize(
    "key", [pytest.param(key, marks=pytest.mark.slow) if key in LONG_TO_PLAN else key for key in SIMULATED]
)
def test_the_campaign_of_a_table_can_be_planned_at_the_cost_that_its_page_says(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert azibflow("init", "--from", key, "-o", "mine.yaml") == 0
    assert azibflow("run", "mine.yaml", "--dry-run") == 0
    number = re.search(r"Cost: (\d+) calculations", section(key))[1]
    assert f"\n{number} calculations; nothing was computed" in capsys.readouterr().out
    assert not Path("runs").exists()


@pytest.mark.parametrize("key", ARITHMETIC)
def test_the_claims_of_a_table_are_written_and_can_be_checked(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert azibflow("init", "--from", key) == 0
    assert f"next: azibflow check {key}.yaml" in capsys.readouterr().out
    assert load_claims(Path(f"{key}.yaml")) == tabulated_claims(key)
    assert azibflow("check", f"{key}.yaml") == 0
    said = capsys.readouterr().out
    assert all(f"{finding.name}: {finding.verdict}" in said for finding in check_claims(tabulated_claims(key)))


def test_tables_are_listed_with_what_begins_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("list", "tables") == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert list(lines) == list(paper_tables())
    assert "pyridinic N" in lines["T6"]
    for key, line in lines.items():
        assert line.endswith(f"azibflow init --from {key}" if key in computable() else "no campaign yet")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--from", "T99"), "there is no table 'T99' of the papers; azibflow list tables names them"),
        (("--from", "T16"), "T16, Fields and stresses on flat and rough electrodes, has no campaign yet"),
        (("migration", "--from", "T2"), "--from takes no template"),
        (("--from", "T2", "--ion", "H"), "--from takes no ion: change the file that it writes"),
        (("--from", "T2", "-o", "a b.yaml"), "name"),
    ],
)
def test_a_mistake_is_told_and_leaves_no_file(
    words: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert azibflow("init", *words) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_function_tells_the_same_mistakes() -> None:
    with pytest.raises(AzibflowError, match="there is no table 'T99'"):
        table_file("T99", Path("T99.yaml"))
    with pytest.raises(CampaignError, match=r"those that have one: T1, T2, "):
        table_file("T16", Path("T16.yaml"))
