"""A run with a surrogate depends on its card and on every file that the card pins."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from untrained import azibflow

from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.inputs import input_files
from azibflow.errors import RunStoppedError

CAMPAIGN = "name: c\ncalculator: {kind: surrogate, card: mine}\nstudies: [{kind: binding, parts: [H2O, H2O]}]\n"


def stopped(*_: object, **__: object) -> None:
    raise RunStoppedError("before its first job")


def test_an_edited_card(
    surrogate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(surrogate, tmp_path / "mine")
    path, run = tmp_path / "c.yaml", tmp_path / "run"
    path.write_text(CAMPAIGN)
    monkeypatch.setattr("azibflow.hpc.manager.run_flow", stopped)
    assert azibflow("run", path, "--run-dir", run) == 1
    named = [file.name for file in input_files(load_campaign(path))]
    assert named[0] == "card.yaml"
    assert len(named) == 5  # three networks and their environments besides
    card = tmp_path / "mine" / "card.yaml"
    before = card.read_text()
    card.write_text(before.replace("licence: ", "licence: not "))
    assert azibflow("run", path, "--run-dir", run) == 2
    assert f"changed since it began: {card}" in capsys.readouterr().err
    card.write_text(before)
    assert azibflow("run", path, "--run-dir", run) == 1
