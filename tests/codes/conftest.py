"""Codes of periodic DFT in tests: the real ones where they are installed, and programs that fail as they may."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from azibflow.calculators.codes.gpaw import facts
from azibflow.calculators.specs import Cp2kSpec, EspressoSpec, GpawSpec


@pytest.fixture
def cp2k() -> None:
    """Skip where CP2K is not installed: `apt-get install cp2k` brings it."""
    if problem := Cp2kSpec.missing():
        pytest.skip(problem)


@pytest.fixture
def gpaw() -> None:
    """Skip where GPAW is not installed: `apt-get install gpaw gpaw-data` brings it."""
    if problem := GpawSpec.missing():
        pytest.skip(problem)


@pytest.fixture
def espresso() -> None:
    """Skip where pw.x is not installed: `apt-get install quantum-espresso` brings it."""
    if problem := EspressoSpec.missing():
        pytest.skip(problem)


@pytest.fixture
def gpaw_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make a shell script that stands for GPAW's Python; real runs are in test_gpaw_runs.py."""

    def made(script: str) -> None:
        path = tmp_path / "stand-in"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("AZIBFLOW_COMMAND_GPAW", str(path))
        monkeypatch.chdir(tmp_path)
        facts.cache_clear()

    return made


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Make a shell script that stands for CP2K, with data of two elements; real runs are in test_cp2k_runs.py."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "BASIS_MOLOPT").write_text(
        " H DZVP-MOLOPT-SR-GTH DZVP-MOLOPT-SR-GTH-q1\n 1\n 2 0 1 5 2 1\n Zn SZV-MOLOPT-SR-GTH SZV-MOLOPT-SR-GTH-q12\n"
    )
    (data / "GTH_POTENTIALS").write_text("H GTH-PBE-q1 GTH-PBE\n    1\nZn GTH-PBE-q12 GTH-PBE\n")
    monkeypatch.setenv("CP2K_DATA_DIR", str(data))

    def made(script: str) -> Path:
        path = tmp_path / "stand-in"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("AZIBFLOW_COMMAND_CP2K", str(path))
        monkeypatch.chdir(tmp_path)
        return path

    return made
