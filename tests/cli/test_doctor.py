"""``azibflow doctor``: what is amiss is told with the command that mends it, and --mend runs that."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import azibflow

from azibflow.calculators.isolated.environments import VARIABLE
from azibflow.cli import doctor


@pytest.fixture
def without_spglib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a library seem to be missing, and the force call cost nothing."""
    version = importlib.metadata.version

    def found(name: str) -> str:
        if name == "spglib":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", found)
    monkeypatch.setattr(doctor, "_force_call", lambda: doctor.Finding("ok", "CHGNet computes"))


@pytest.mark.usefixtures("without_spglib")
def test_a_missing_library_is_told_with_the_command_that_installs_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("doctor") == 1
    said = capsys.readouterr().out
    assert "MISS spglib is not installed\n" in said
    assert "-m pip install 'spglib>=" in said or "-m pip install spglib" in said
    assert "azibflow doctor --mend runs the commands above" in said


@pytest.mark.usefixtures("without_spglib")
@pytest.mark.parametrize(("status", "expected"), [(0, "mended"), (3, "ended with status 3")])
def test_mending_runs_those_commands(
    status: int, expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[list[str]] = []

    def run(words: Any, **_: Any) -> subprocess.CompletedProcess[str]:
        ran.append(list(words))
        return subprocess.CompletedProcess(words, status)

    monkeypatch.setattr(subprocess, "run", run)
    assert azibflow("doctor", "--mend") == (1 if status else 0)
    told = capsys.readouterr()
    assert expected in told.out + told.err
    assert len(ran) == 1
    assert ran[0][1:4] == ["-m", "pip", "install"]
    assert ran[0][4].startswith("spglib")


def test_an_environment_that_is_installed_in_part_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(doctor, "_force_call", lambda: doctor.Finding("ok", "CHGNet computes"))
    (tmp_path / "sevennet").mkdir()

    assert azibflow("doctor") == 0  # nobody has to have it
    said = capsys.readouterr().out
    assert f"PART environment of sevennet: its environment {tmp_path / 'sevennet'} is installed in part\n" in said
    assert "-m azibflow calculators --install sevennet" in said


def test_a_cluster_without_a_profile_is_told_where_one_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "_force_call", lambda: doctor.Finding("ok", "CHGNet computes"))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    assert azibflow("doctor") == 0
    assert f"write {tmp_path}/azibflow/profiles/mycluster.yaml" in capsys.readouterr().out
