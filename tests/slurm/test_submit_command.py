"""``azibflow submit``: a campaign on SLURM gives the numbers of a local one; what cannot work starts nothing."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from slurm_helpers import wait_for

from azibflow.cli.main import main
from azibflow.hpc.locks import holder
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.slurm_queue import queued_jobs
from azibflow.hpc.status import read_status

MACHINE = """\
defaults: {partition: cpu, memory: 600M, walltime: "00:10:00", group: 4}
coordinator: {memory: 700M}
grace: 60
"""
MIGRATION = """\
  - kind: migration
    system: copper
    ion: H
    hops: {sites: [[0.5, 0.5, 0.5]], supercell: [2, 2, 2]}
    band: {images: 3}
"""

MOLECULES = """\
name: molecules
calculator: {kind: pyscf, functional: hf, basis: sto-3g, dispersion: null}
studies:
  - {kind: desolvation, waters: [1, 0], counterpoise: true, molecule: {fmax: 0.05}}
  - {kind: binding, parts: [Zn2+, H2O], complex: "[Zn(H2O)]2+", molecule: {fmax: 0.05}}
  - {kind: orbitals, molecules: [H2O], molecule: {fmax: 0.05}}
  - {kind: esp, molecules: [H2O], molecule: {fmax: 0.05}, esp: {spacing: 0.5}}
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    path = tmp_path / "machine.yaml"
    path.write_text(MACHINE)
    return path


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as ending:
        main([str(word) for word in words])
    return int(ending.value.code or 0)


def table(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a table without its times."""
    capsys.readouterr()
    call("table", kind, folder, "--format", "json")
    printed = json.loads(capsys.readouterr().out)
    rows = [{key: value for key, value in row.items() if "seconds" not in key} for row in printed["rows"]]
    return printed | {"rows": rows}


def results(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """Return the numbers of the only row of a table, by column; those that are no times."""
    (row,) = table(kind, folder, capsys)["rows"]
    return {key: value for key, value in row.items() if isinstance(value, float)}


def test_a_campaign_ends_with_the_numbers_of_a_local_run(
    slurm: None, small_campaign: Path, machine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_campaign.write_text(small_campaign.read_text() + MIGRATION)
    here, there = tmp_path / "here", tmp_path / "there"
    assert call("submit", small_campaign, "--profile", machine, "--run-dir", there, "--detach") == 0
    assert call("submit", small_campaign, "--profile", machine, "--run-dir", there, "--detach") == 2
    assert "is coordinated by" in capsys.readouterr().err
    assert call("run", small_campaign, "--run-dir", here, "--workers", 1) == 0
    wait_for(lambda: read_status(RunFolder(there)).complete and not queued_jobs(there), 120)
    for kind in ("adsorption", "surfaces", "barriers"):
        assert table(kind, there, capsys) == table(kind, here, capsys)


@pytest.mark.slow
def test_molecules_give_the_numbers_of_a_local_run_too(
    slurm: None, machine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = tmp_path / "molecules.yaml"
    campaign.write_text(MOLECULES)
    here, there = tmp_path / "here", tmp_path / "there"
    assert call("submit", campaign, "--profile", machine, "--run-dir", there, "--detach") == 0
    assert call("run", campaign, "--run-dir", here, "--workers", 1) == 0
    wait_for(lambda: read_status(RunFolder(there)).complete and not queued_jobs(there), 180)
    for kind in ("desolvation", "binding", "orbitals", "esp"):
        ours, theirs = results(kind, there, capsys), results(kind, here, capsys)
        assert ours == pytest.approx(theirs, abs=1e-4)
        assert len(ours) >= 2


def test_cancel_takes_the_slurm_jobs_along_and_resume_goes_on(
    slurm: None, small_campaign: Path, machine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert call("submit", small_campaign, "--profile", machine, "--run-dir", run, "--detach") == 0
    wait_for(lambda: len(queued_jobs(run)) >= 2, 60)
    coordinator = holder(RunFolder(run).lock_path())
    assert coordinator is not None
    call("cancel", run)
    wait_for(lambda: not Path(f"/proc/{coordinator.pid}").exists(), 60)
    wait_for(lambda: not queued_jobs(run), 60)
    before = read_status(RunFolder(run))
    assert before.coordinator is None
    assert not before.complete
    assert call("resume", run) == 0
    assert list((run / "slurm").glob("group-*")), "resume was to go on with SLURM jobs"
    assert read_status(RunFolder(run)).complete
    rows = table("adsorption", run, capsys)["rows"]
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("partition: cpu", "partition: gpuu", "this cluster has no partition 'gpuu'; did you mean 'gpu'?"),
        ("memory: 600M", "memory: 900G", "SLURM would refuse its jobs"),
        ("group: 4", "groups: 4", "unknown key 'defaults.groups'; did you mean 'group'?"),
        ('"00:10:00"', '"20-00:00:00"', "the walltime 20-00:00:00 is longer than partition 'cpu' allows (1:00:00)"),
    ],
)
def test_a_profile_that_does_not_fit_starts_nothing(
    slurm: None,
    small_campaign: Path,
    machine: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    expected: str,
) -> None:
    machine.write_text(MACHINE.replace(old, new, 1))
    assert call("submit", small_campaign, "--profile", machine, "--run-dir", tmp_path / "run") == 2
    message = capsys.readouterr().err
    assert expected in message
    assert "Traceback" not in message
    assert not (tmp_path / "run").exists()


def test_without_slurm_one_message_says_so(
    small_campaign: Path,
    machine: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert call("submit", small_campaign, "--profile", machine, "--run-dir", tmp_path / "run") == 2
    assert "sbatch is not on the PATH" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_run_folder_of_another_campaign_is_refused(
    slurm: None, small_campaign: Path, machine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    RunFolder.create(tmp_path / "run", "another campaign\n")
    assert call("submit", small_campaign, "--profile", machine, "--run-dir", tmp_path / "run") == 2
    assert "holds the run of a different campaign" in capsys.readouterr().err
    answer = subprocess.run(["squeue", "--noheader", "--format=%Z"], capture_output=True, text=True, check=True)
    assert str(tmp_path) not in answer.stdout


@pytest.mark.slow
def test_a_breathing_study_gives_the_numbers_of_a_local_run_too(
    slurm: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    toys = str(Path(__file__).parent.parent / "breathing")
    monkeypatch.syspath_prepend(toys)
    monkeypatch.setenv("PYTHONPATH", toys)
    from test_breathing_campaign import CAMPAIGN
    from test_breathing_maker import tagged_host

    machine = tmp_path / "machine.yaml"
    machine.write_text(MACHINE.replace("group: 4}", f'group: 4, prologue: "export PYTHONPATH={toys}"}}'))
    tagged_host().write(tmp_path / "toy.extxyz")
    campaign = tmp_path / "toy.yaml"
    campaign.write_text(CAMPAIGN)
    here, there = tmp_path / "here", tmp_path / "there"
    assert call("submit", campaign, "--profile", machine, "--run-dir", there, "--detach") == 0
    assert call("run", campaign, "--run-dir", here, "--workers", 1) == 0
    wait_for(lambda: read_status(RunFolder(there)).complete and not queued_jobs(there), 180)
    assert table("breathing", there, capsys) == table("breathing", here, capsys)


@pytest.mark.slow
def test_the_kept_breathing_campaign_up_to_two_ions(
    slurm: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (Path(__file__).parent.parent.parent / "examples" / "breathing.yaml").read_text()
    short = "{ions: 2, anneal: {steps: 20}, search: {sites: 10, sketched: 2}}"
    changed = re.sub(r"breathing: \{ions.*", f"breathing: {short}", text)
    assert short in changed
    campaign = tmp_path / "breathing.yaml"
    campaign.write_text(changed)
    machine = tmp_path / "machine.yaml"
    machine.write_text(MACHINE.replace("600M", "2500M"))
    here, there = tmp_path / "here", tmp_path / "there"
    assert call("submit", campaign, "--profile", machine, "--run-dir", there, "--detach") == 0
    wait_for(lambda: read_status(RunFolder(there)).complete and not queued_jobs(there), 1200)
    assert call("run", campaign, "--run-dir", here, "--workers", 2) == 0
    found = table("breathing", there, capsys)
    assert found == table("breathing", here, capsys)
    assert [row["n"] for row in found["rows"]] == [0, 1, 2]
