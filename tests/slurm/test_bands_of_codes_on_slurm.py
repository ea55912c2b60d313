"""Campaigns of GPAW on SLURM: what only a prologue brings, a notice in a band, a worker that is killed in one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from slurm_helpers import PROFILE, wait_for

sys.path.insert(0, str(Path(__file__).parent.parent / "codes"))
from small_hop import GPAW, alive, counted, runs, write_campaign

from azibflow.analysis.stored import load_results
from azibflow.calculators.codes.gpaw import facts
from azibflow.calculators.specs import GpawSpec
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.cli.main import main
from azibflow.hpc.profiles import Profile
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.slurm_queue import queued_jobs
from azibflow.hpc.submission import run_on_slurm
from azibflow.workflows.migration.results import MigrationResult

MACHINE = """\
defaults: {{partition: cpu, memory: 1500M, walltime: "00:10:00"{prologue}}}
grace: 60
interval: 2
"""
NOT_HERE = "gpaw: AZIBFLOW_COMMAND_GPAW='not-here' names no program that is here"


@pytest.fixture(autouse=True)
def gpaw() -> object:
    """Skip where GPAW is not installed."""
    facts.cache_clear()
    if problem := GpawSpec.missing():
        pytest.skip(problem)
    facts.cache_clear()
    yield
    facts.cache_clear()


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as ending:
        main([str(word) for word in words])
    return int(ending.value.code or 0)


def submit(folder: Path, monkeypatch: pytest.MonkeyPatch, prologue: str) -> int:
    """Submit the hop where GPAW is not on the login node."""
    monkeypatch.setenv("AZIBFLOW_COMMAND_GPAW", "not-here")
    (folder / "machine.yaml").write_text(MACHINE.format(prologue=prologue))
    campaign = write_campaign(folder, GPAW)
    return call("submit", campaign, "--profile", folder / "machine.yaml", "--run-dir", folder / "run")


def test_a_code_that_no_prologue_can_bring_is_refused_on_the_login_node(
    slurm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit(tmp_path, monkeypatch, prologue="") == 2
    assert NOT_HERE in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_prologue_brings_a_code_that_the_login_node_lacks(
    slurm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit(tmp_path, monkeypatch, prologue=", prologue: export AZIBFLOW_COMMAND_GPAW='gpaw python'") == 0
    assert f"{NOT_HERE}; the jobs see to it, after the prologue of the profile" in capsys.readouterr().err
    (result,) = load_results([tmp_path / "run"], MigrationResult)
    assert result.calculator.versions["gpaw"][0].isdigit()


@pytest.mark.slow
def test_a_code_that_a_prologue_does_not_bring_fails_its_jobs_with_the_reason(
    slurm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit(tmp_path, monkeypatch, prologue=", prologue: 'true'") == 1
    assert f"first endpoint: NotInstalledError: {NOT_HERE}" in capsys.readouterr().err
    call("table", "barriers", tmp_path / "run", "--format", "json")
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["outcome"] == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("how", ["notice", "kill"])
def test_a_band_goes_on_and_repeats_no_more_than_was_cut_short(
    slurm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("AZIBFLOW_COMMAND_GPAW", str(counted("gpaw python", tmp_path)))
    flow = campaign_flow(load_campaign(write_campaign(tmp_path, GPAW)))
    folder = RunFolder.create(tmp_path / "run", "a band\n")
    profile = Profile.model_validate(PROFILE | {"work": {"dft": {"memory": "1500M"}}})
    with ThreadPoolExecutor(1) as beside:
        interrupted = beside.submit(interrupt, tmp_path, how)
        summary = run_on_slurm(flow, folder, profile)
        interrupted.result()
    assert summary.complete, summary.failed
    (result,) = load_results([folder.path], MigrationResult)
    evaluations = result.force_calls + result.endpoint_force_calls
    assert len(runs(tmp_path)) in (evaluations, evaluations + 1)
    places = {place.name for _, place in runs(tmp_path)}
    assert places == {"gpaw-1", "gpaw-2", "gpaw-3"}, "what goes on does so in the folders that there are"


@pytest.mark.slow
def test_a_band_goes_on_after_its_real_walltime(slurm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = counted("gpaw python", tmp_path, before="[ ! -f gpaw-input.json ] || sleep 20")
    monkeypatch.setenv("AZIBFLOW_COMMAND_GPAW", str(slow))
    flow = campaign_flow(load_campaign(write_campaign(tmp_path, GPAW)))
    folder = RunFolder.create(tmp_path / "run", "a band\n")
    work = {"dft": {"memory": "1500M", "walltime": "00:02:00"}}
    summary = run_on_slurm(flow, folder, Profile.model_validate(PROFILE | {"work": work, "grace": 10}))
    assert summary.complete, summary.failed
    restarts = sum("DUE TO JOB REQUEUE" in log.read_text() for log in folder.path.glob("slurm/*/slurm.log"))
    assert restarts >= 1
    (result,) = load_results([folder.path], MigrationResult)
    assert 0 <= len(runs(tmp_path)) - result.force_calls - result.endpoint_force_calls <= restarts


def interrupt(folder: Path, how: str) -> None:
    """End the work on the band, in the middle of it; the code has to end as well."""
    journal = wait_for(lambda: next((folder / "run").glob("jobs/*/checkpoints/band*[0-9a-f]"), None), 120)
    wait_for(lambda: len(journal.read_text().splitlines()) > 3)
    code = wait_for(lambda: alive(runs(folder)[-1][0]) and runs(folder)[-1][0])
    if how == "notice":
        (job,) = [job for job in queued_jobs(folder / "run") if job.state == "RUNNING"]
        subprocess.run(["scancel", "--signal=USR1", "--batch", str(job.job_id)], check=True)
    else:
        os.kill(parent(code), 9)
    wait_for(lambda: not alive(code), 15)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
