"""How codes are started, and how they are asked without waiting for cores."""

from __future__ import annotations

from pathlib import Path

import pytest

from azibflow.calculators.codes.gpaw import command, facts
from azibflow.calculators.codes.program import without_launcher
from azibflow.errors import CapabilityError


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a GPAW, and an srun that would wait for ever, alone on the path."""
    here = tmp_path / "bin"
    here.mkdir()
    answer = f'{{"gpaw": "22.8", "ase": "3.22", "setups": ["{tmp_path}"]}}'
    scripts = {"srun": "exit 9", "env": 'exec /usr/bin/env "$@"', "gpaw": f"echo '{answer}' > gpaw-results.json"}
    for name, script in scripts.items():
        (here / name).write_text(f"#!/bin/sh\n{script}\n")
        (here / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(here))
    facts.cache_clear()
    yield here
    facts.cache_clear()


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("gpaw python", "gpaw python"),
        ("srun --ntasks=16 -c 1 gpaw python", "gpaw python"),
        ("srun -n 4 env OMP_NUM_THREADS=1 gpaw python", "env OMP_NUM_THREADS=1 gpaw python"),
        ("env OMP_NUM_THREADS=1 /usr/bin/mpirun -np 4 gpaw python", "env OMP_NUM_THREADS=1 gpaw python"),
        ("apptainer exec gpaw.sif mpirun gpaw python", "apptainer exec gpaw.sif mpirun gpaw python"),
    ],
)
def test_what_is_behind_a_launcher_is_asked(said: str, asked: str) -> None:
    assert without_launcher(said.split()) == asked.split()


def test_a_program_that_is_not_here_is_not_sent_for() -> None:
    with pytest.raises(CapabilityError, match="nothing behind srun is a program on this machine"):
        without_launcher(["srun", "-n", "4", "pw.x"])


def test_gpaw_is_asked_without_srun_and_runs_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZIBFLOW_COMMAND_GPAW", "srun --ntasks=16 gpaw python")
    assert facts()["gpaw"] == "22.8"
    assert command() == ["srun", "--ntasks=16", "gpaw", "python"]
