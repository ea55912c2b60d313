"""Runs of real codes that are killed in an SCF leave no process behind, and end where one ends that is let alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_hop import CP2K, GPAW, alive, counted, processes_in, runs, wait_for, write_campaign

from azibflow.analysis.stored import load_results
from azibflow.workflows.migration.results import MigrationResult

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]
KILLED_IN = 4
"""Number of the run of the code that is killed."""


def azibflow(campaign: Path, run: Path) -> list[str]:
    return [sys.executable, "-m", "azibflow", "run", str(campaign), "--run-dir", str(run), "--workers", "1"]


def result(run: Path) -> MigrationResult:
    (found,) = load_results([run], MigrationResult)
    return found


def in_an_scf(folder: Path, log: str, says: str) -> Path | None:
    """Return the folder of the run of the code that is to be killed, once its SCF has begun."""
    done = runs(folder)
    if len(done) < KILLED_IN:
        return None
    text = done[-1][1] / log
    return text.parent if text.exists() and text.read_text(errors="replace").count(says) > 1 else None


@pytest.mark.parametrize(
    ("how", "started_by"),
    [
        ("group", "gpaw python"),
        ("worker", "gpaw python"),
        ("group", "mpiexec --allow-run-as-root --oversubscribe -n 2 gpaw python"),
        ("worker", "mpiexec --allow-run-as-root --oversubscribe -n 2 gpaw python"),
        ("group of the worker", "sh -c 'gpaw python \"$@\"; true' sh"),
    ],
)
def test_gpaw(gpaw: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, started_by: str) -> None:
    campaign = write_campaign(tmp_path, GPAW)
    program = counted(started_by, tmp_path, before="rm -f gpaw.txt")
    monkeypatch.setenv("AZIBFLOW_COMMAND_GPAW", str(program))
    kill_in_an_scf(campaign, how, ("gpaw.txt", "iter:"))
    compare_with_one_that_is_let_alone(campaign, abs=1e-9)


@pytest.mark.parametrize("how", ["group", "worker"])
def test_cp2k(cp2k: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    campaign = write_campaign(tmp_path, CP2K)
    monkeypatch.setenv("AZIBFLOW_COMMAND_CP2K", str(counted("cp2k.psmp", tmp_path)))
    kill_in_an_scf(campaign, how, ("cp2k.out", "OT DIIS"))
    compare_with_one_that_is_let_alone(campaign, abs=1e-3)


def kill_in_an_scf(campaign: Path, how: str, scf: tuple[str, str]) -> None:
    folder = campaign.parent
    run = folder / "run"
    coordinator = subprocess.Popen(azibflow(campaign, run), stderr=subprocess.DEVNULL, start_new_session=True)
    place = wait_for(lambda: in_an_scf(folder, *scf), 300)
    code, computing = runs(folder)[-1][0], processes_in(run)
    assert alive(code)
    if how == "group":
        os.killpg(coordinator.pid, signal.SIGKILL)
        coordinator.wait()
    else:
        (os.kill if how == "worker" else os.killpg)(os.getsid(code), signal.SIGKILL)
    wait_for(lambda: not any(map(alive, [code, *computing])), 20)
    if how == "group":
        assert not (place / "gpaw-results.json").exists()
        assert subprocess.run(azibflow(campaign, run), check=False, capture_output=True).returncode == 0
    assert coordinator.wait(600) == (-signal.SIGKILL if how == "group" else 0), "it starts the job again by itself"
    assert not processes_in(run)


def compare_with_one_that_is_let_alone(campaign: Path, **tolerance: float) -> None:
    folder = campaign.parent
    evaluations = len(runs(folder))
    alone = folder / "alone"
    assert subprocess.run(azibflow(campaign, alone), check=False, capture_output=True).returncode == 0
    assert evaluations == len(runs(folder)) - evaluations + 1, "only what was killed is computed twice"
    assert result(folder / "run").barrier_forward == pytest.approx(result(alone).barrier_forward, **tolerance)
    assert result(folder / "run").force_calls == result(alone).force_calls
