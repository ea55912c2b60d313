"""Every system that the papers name: its question is put by a table, a claim or studies, or it is said why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from azibflow.analysis.ledgers.claims import published_claims
from azibflow.campaigns.files import load_campaign
from azibflow.cli.main import main
from azibflow.data.tables import computable
from azibflow.input_files.yaml_files import read_yaml

LIST = Path(__file__).parent / "systems_of_the_papers.yaml"
SYSTEMS: dict[str, dict[str, Any]] = read_yaml(LIST, "list", ValueError).data
OF_THEIR_OWN = [key for key, system in SYSTEMS.items() if "studies" in system]
GROUPS = {"A": 19, "B": 13, "C": 6, "D": 6, "E": 5, "F": 6, "G": 21, "H": 11, "I": 4}


def written(key: str, folder: Path) -> Path:
    campaign = {"name": key, "calculator": "chgnet", **SYSTEMS[key]}
    campaign.pop("but", None)
    path = folder / f"{key}.yaml"
    path.write_text(json.dumps(campaign))
    return path


def test_all_but_six_of_the_systems_that_energies_answer_can_be_asked_for() -> None:
    assert list(SYSTEMS) == [f"{group}{number:02}" for group, count in GROUPS.items() for number in range(1, count + 1)]
    answers = {"table", "claim", "studies", "needs", "outside"}
    assert [key for key, system in SYSTEMS.items() if len(answers & set(system)) != 1] == []
    assert [key for key, system in SYSTEMS.items() if "needs" in system] == ["A11", "B09", "G07", "G10", "G14", "G21"]
    assert sum("outside" in system for system in SYSTEMS.values()) == 17


def test_the_tables_and_claims_that_are_named_are_there() -> None:
    assert {system["table"] for system in SYSTEMS.values() if "table" in system} <= set(computable())
    assert {system["claim"] for system in SYSTEMS.values() if "claim" in system} <= set(published_claims().claims)


@pytest.mark.parametrize("key", OF_THEIR_OWN)
def test_the_campaign_of_a_system_can_be_read(key: str, tmp_path: Path) -> None:
    assert load_campaign(written(key, tmp_path)).unused_systems == []


@pytest.mark.slow
@pytest.mark.parametrize("key", OF_THEIR_OWN)
def test_the_campaign_of_a_system_can_be_planned(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ending:
        main(["run", str(written(key, tmp_path)), "--dry-run"])
    assert not ending.value.code
    assert " calculations; nothing was computed" in capsys.readouterr().out
