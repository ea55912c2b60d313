"""Two potentials whose libraries cannot stand beside each other in one campaign: in one run here, and on SLURM."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

CAMPAIGN = """\
name: zinc
systems:
  Zn: {prototype: Zn}
studies:
  - {kind: surface, name: mace, system: Zn, facets: ["(001)"], layers: [4], vacuum: 10, calculator: zn-host}
  - {kind: surface, name: sevennet, system: Zn, facets: ["(001)"], layers: [4], vacuum: 10, calculator: "sevennet:0"}
"""
MACHINE = """\
defaults: {partition: cpu, memory: 1500M, walltime: "00:10:00", group: 4}
coordinator: {memory: 700M}
grace: 60
"""


def azibflow(folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "azibflow", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def energies(folder: Path, run_dir: str) -> dict[str, float]:
    rows: list[dict[str, Any]] = json.loads(azibflow(folder, "table", "surface", run_dir, "--format", "json"))["rows"]
    return {row["study"]: row["energy"] for row in rows}


def computing(folder: Path) -> list[int]:
    """Return the processes of the other environment that belong to this test."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            mine = str(folder).encode() in (process / "cwd").readlink().as_posix().encode()
        except OSError:
            continue
        if mine and b"isolated/worker.py" in words:
            found.append(int(process.name))
    return found


@pytest.mark.slow
def test_mace_and_sevennet_in_one_campaign_here_and_in_slurm_jobs(slurm: None, sevennet: Path, tmp_path: Path) -> None:
    (tmp_path / "zinc.yaml").write_text(CAMPAIGN)
    (tmp_path / "machine.yaml").write_text(MACHINE)
    started = subprocess.Popen(
        [sys.executable, "-m", "azibflow", "run", "zinc.yaml", "--run-dir", "here", "--workers", "1"], cwd=tmp_path
    )
    until = time.monotonic() + 300
    while not (found := computing(tmp_path)):
        assert time.monotonic() < until
        assert started.poll() is None, "it ended before its other process was seen"
        time.sleep(0.02)
    os.kill(found[0], signal.SIGKILL)
    assert started.wait(timeout=400) == 0
    azibflow(tmp_path, "submit", "zinc.yaml", "--profile", "machine.yaml", "--run-dir", "there")
    here, there = energies(tmp_path, "here"), energies(tmp_path, "there")
    assert set(here) == {"mace", "sevennet"}
    assert there == pytest.approx(here, abs=1e-4)
    assert abs(here["mace"] - here["sevennet"]) > 1e-3
    assert not computing(tmp_path)
