"""``azibflow check`` beside the function it is a shell around."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import azibflow

from azibflow.analysis.ledgers.checking import check_claims
from azibflow.analysis.ledgers.claims import load_claims, published_claims

EXAMPLE = Path(__file__).parents[2] / "examples" / "claims.yaml"
GOOD = "claims:\n  mine: {kind: specific_capacity, host: V2O5, n: 1, capacity: 294.7, basis: host}\n"


def test_the_json_is_that_of_the_api(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("check", EXAMPLE, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["claims"] == [finding.model_dump(mode="json") for finding in check_claims(load_claims(EXAMPLE))]
    assert sum(document["counts"].values()) == len(document["claims"])


def test_without_a_file_the_published_claims_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("check") == 0
    out = capsys.readouterr().out
    assert all(f"{finding.name}: {finding.verdict}" in out for finding in check_claims(published_claims()))
    assert azibflow("check", EXAMPLE) == 0
    assert capsys.readouterr().out == out


def test_a_finding_shows_what_would_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("check", EXAMPLE) == 0
    out = capsys.readouterr().out
    assert "printed 717.06, follows 565.5 mAh/g (+26.8%)" in out
    assert "8.88 Zn per V8O16 would give it" in out
    assert "10.1039/d5mh02260f" in out


def test_only_strict_makes_a_finding_an_error(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(GOOD.replace("294.7", "589.4"))
    assert azibflow("check", tmp_path / "good.yaml", "--strict") == 0
    assert azibflow("check", tmp_path / "bad.yaml") == 0
    assert azibflow("check", tmp_path / "bad.yaml", "--strict") == 1
    assert azibflow("check", tmp_path / "bad.yaml", "--strict", "--json") == 1


def test_a_bad_file_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.yaml").write_text(GOOD.replace("host: V2O5", "host: VzO5"))
    assert azibflow("check", tmp_path / "bad.yaml") == 2
    assert "claim 'mine'" in capsys.readouterr().err
    assert azibflow("check", tmp_path / "none.yaml") == 2
    assert "no such claims file" in capsys.readouterr().err
