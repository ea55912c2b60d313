"""Processes that a job may use beside its own: as many as there is room for, and none that outlives it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from flow_jobs import borrow
from jobflow import Flow

from azibflow.analysis.stored import load_results
from azibflow.calculators.specs import AseSpec
from azibflow.cli.main import main
from azibflow.errors import ProfileError, RunError
from azibflow.hpc.batch_script import batch_script, resource_options
from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.profiles import Profile
from azibflow.hpc.run_folder import RunFolder
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.migration.flow import migration_study
from azibflow.workflows.migration.hops import HopSettings
from azibflow.workflows.migration.results import BandSettings, MigrationResult

SLOW_METAL = """\
import os, time
from ase.calculators.emt import EMT

class SlowMetal(EMT):
    def calculate(self, *args, **options):
        super().calculate(*args, **options)
        with open(os.environ["TALLY"], "a") as tally:
            tally.write(f"{os.getpid()} {os.getppid()}\\n")
        time.sleep(float(os.environ["SLOWNESS"]))
"""
CAMPAIGN = """\
name: hop
calculator: {kind: ase, calculator: "slow_metal:SlowMetal", work: surrogate, elements: [Cu, H], charges: [0]}
systems: {copper: {prototype: Cu}}
studies:
  - kind: migration
    system: copper
    ion: H
    hops: {sites: [[0.5, 0.5, 0.5]], supercell: [2, 2, 2]}
    band: {images: 3}
"""


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "slow_metal.py").write_text(SLOW_METAL)
    (tmp_path / "hop.yaml").write_text(CAMPAIGN)
    for name, value in {"PYTHONPATH": str(tmp_path), "TALLY": str(tmp_path / "tally"), "SLOWNESS": "0"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "hop.yaml"


def azibflow(*words: object) -> list[str]:
    return [sys.executable, "-m", "azibflow", *map(str, words)]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition: object, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_run_killed_in_a_band_leaves_no_process_and_goes_on_with_another_number_at_once(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, tally = tmp_path / "run", tmp_path / "tally"
    monkeypatch.setenv("SLOWNESS", "0.03")
    two = azibflow("run", campaign, "--run-dir", run, "--workers", 1, "--threads", 2, "--images-at-once", 2)
    coordinator = subprocess.Popen(two, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    journal = "jobs/*/checkpoints/band*"
    wait_until(lambda: any(len(path.read_text().splitlines()) > 7 for path in run.glob(journal)))
    coordinator.kill()
    coordinator.wait()
    pids = [line.split() for line in tally.read_text().splitlines()]
    (worker,) = {parent for _, parent in pids if parent in {pid for pid, _ in pids}}
    images = {pid for pid, parent in pids if parent == worker}
    assert len(images) == 2
    wait_until(lambda: not any(alive(int(pid)) for pid in (worker, *images)))

    monkeypatch.setenv("SLOWNESS", "0")
    three = azibflow("resume", run, "--workers", 1, "--threads", 3, "--images-at-once", 3, "--trust")
    assert subprocess.run(three, check=False, capture_output=True).returncode == 0
    (result,) = load_results([run], MigrationResult)
    (alone,) = migration_study(
        StructureRecipe(prototype="Cu"),
        "H",
        AseSpec(calculator="ase.calculators.emt:EMT", work="surrogate"),
        hops=HopSettings(sites=[(0.5, 0.5, 0.5)], supercell=(2, 2, 2)),
        band=BandSettings(images=3),
    )
    # another number of threads adds up in another order: 7e-9 eV on one machine, nothing on others
    assert result.barrier_forward == pytest.approx(alone.barrier_forward, abs=1e-7)
    assert result.force_calls == alone.force_calls


def test_a_job_borrows_as_many_processes_as_its_worker_has_room_for(tmp_path: Path) -> None:
    jobs = [borrow(5), borrow(1), borrow(5, deadly=True), borrow(5)]
    jobs[3].config.manager_config["kind"] = "light"
    folder = RunFolder(tmp_path / "run")
    with ProcessExecutor(1, threads=4, images_at_once=2) as executor:
        summary = run_flow(Flow(jobs), folder, executor)
    with folder.documents() as store:
        outputs = [store.query_one({"uuid": jobs[number].uuid})["output"] for number in (0, 1, 3)]
    assert outputs == [["2", "2"], [], []]
    (reason,) = summary.failed.values()
    assert reason == "WorkerLostError: the worker process ended with exit status 9"


def test_more_images_at_once_than_threads_are_refused(campaign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", str(campaign), "--run-dir", str(campaign.parent / "run"), "--images-at-once", "3"]
    with pytest.raises(SystemExit) as ending:
        main([*words, "--workers", "2", "--threads", "2"])
    assert ending.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("azibflow: 3 images at once need a thread each, but each of 2 workers has 2; ")
    with pytest.raises(RunError, match="3 images at once"):
        ProcessExecutor(1, threads=2, images_at_once=3)


def test_only_bands_ask_for_more_and_for_no_more_than_they_have_images() -> None:
    profile = Profile.model_validate(
        {
            "defaults": {"cpus": 4, "memory": "8G", "images_at_once": 3},
            "work": {"gpu": {"gpus": 1}, "mpi": {"tasks": 2, "images_at_once": 8}},
        }
    )
    usual = ["--nodes=1", "--ntasks=1", "--cpus-per-task=4", "--mem=8G"]
    assert resource_options(profile.resources({"kind": "dft"})) == usual
    assert resource_options(profile.of_coordinator()) == usual
    assert resource_options(profile.resources({"kind": "gpu", "images": 5})) == [*usual, "--gres=gpu:1"]
    band = profile.resources({"kind": "dft", "images": 5})
    assert resource_options(band) == ["--nodes=1", "--ntasks=3", "--cpus-per-task=4", "--mem=24G"]
    of_five = profile.resources({"kind": "mpi", "images": 5})
    assert resource_options(of_five) == ["--nodes=1", "--ntasks=10", "--cpus-per-task=4", "--mem=40G"]
    names = ("OMP_NUM_THREADS", "AZIBFLOW_IMAGES_AT_ONCE", "SLURM_NTASKS", "SLURM_EXACT", "SLURM_MEM_PER_NODE")
    script = batch_script(profile, band, "name", "printenv " + " ".join(names))
    printed = subprocess.run(["bash", "-c", script], check=False, capture_output=True, text=True).stdout.split()
    assert printed == ["12", "3", "1", "1", "8G"]
    assert "SLURM_" not in batch_script(profile, profile.resources({}), "name", "true").partition("requeue()")[0]
    with pytest.raises(ProfileError, match="images: a number from 1 on, not 'five'"):
        profile.resources({"images": "five"})
