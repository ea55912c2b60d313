"""The study and the calculator of another package run in SLURM jobs, and give the numbers of a local run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CAMPAIGN = """\
name: nickel
calculator: morse
systems:
  Ni: {prototype: nickel}
studies:
  - {kind: equation-of-state, system: Ni, cell: relaxed}
"""
MACHINE = """\
defaults: {partition: cpu, memory: 600M, walltime: "00:10:00", group: 4}
coordinator: {memory: 700M}
grace: 60
"""


@pytest.mark.slow
def test_a_plugin_gives_the_numbers_of_a_local_run(slurm: None, plugin: Path, tmp_path: Path) -> None:
    (tmp_path / "nickel.yaml").write_text(CAMPAIGN)
    (tmp_path / "machine.yaml").write_text(MACHINE)

    def azibflow(*words: str) -> str:
        environment = os.environ | {"PYTHONPATH": str(plugin)}  # SLURM jobs inherit it
        command = [sys.executable, "-m", "azibflow", *words]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def row(run_dir: str) -> Any:
        (found,) = json.loads(azibflow("table", "equation-of-state", run_dir, "--format", "json"))["rows"]
        return found

    azibflow("submit", "nickel.yaml", "--profile", "machine.yaml", "--run-dir", "there")
    azibflow("run", "nickel.yaml", "--run-dir", "here")
    assert row("there") == row("here")
    assert row("there")["bulk_modulus"] > 100
    groups = list((tmp_path / "there" / "slurm").glob("group-*/slurm.log"))
    assert len(groups) == 2, "the relaxation and the volumes ran in SLURM jobs; what only builds ran beside them"
