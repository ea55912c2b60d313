"""A band that meets its walltime goes on in the next SLURM job, and ends at the barrier of one that was let alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from slurm_helpers import PROFILE, wait_for

from azibflow.calculators.specs import AseSpec
from azibflow.hpc.profiles import Profile
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.slurm_queue import queued_jobs
from azibflow.hpc.submission import run_on_slurm
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common.results import RelaxSettings
from azibflow.workflows.migration.flow import MigrationMaker, migration_study
from azibflow.workflows.migration.hops import HopSettings
from azibflow.workflows.migration.results import BandSettings, MigrationResult

COPPER = StructureRecipe(prototype="Cu")
SPEC = AseSpec(calculator="slurm_jobs:SlowEMT", elements=("Cu", "H"), charges=(0,))
STUDY = {
    "hops": HopSettings(sites=[(0.5, 0.5, 0.5)], supercell=(2, 2, 2)),
    "band": BandSettings(images=3, fmax=0.01),
    "settings": RelaxSettings(fmax=0.01),
}


@pytest.fixture
def undisturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[float, int]:
    """The barrier, and how many evaluations it takes."""
    tally = tmp_path / "undisturbed"
    monkeypatch.setenv("TALLY", str(tally))
    (result,) = migration_study(COPPER, "H", SPEC, **STUDY)
    monkeypatch.setenv("TALLY", str(tmp_path / "tally"))
    return result.barrier_forward, tally.read_text().count("evaluation")


def run(tmp_path: Path, **profile: object) -> MigrationResult:
    flow = MigrationMaker(ion="H", calculator=SPEC, **STUDY).make(COPPER)
    folder = RunFolder.create(tmp_path / "run", "a band\n")
    summary = run_on_slurm(flow, folder, Profile.model_validate(PROFILE | profile))
    assert summary.complete, summary.failed
    with folder.documents() as store:
        (band,) = [document["output"] for document in store.query({"name": {"$regex": ", band$"}})]
    return MigrationResult.model_validate({key: value for key, value in band.items() if not key.startswith("@")})


def restarts(folder: Path) -> int:
    """How often SLURM has started the job of a band again, from its own word in the log."""
    return sum("DUE TO JOB REQUEUE" in log.read_text() for log in folder.glob("slurm/*/slurm.log"))


@pytest.mark.parametrize("at_once", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_band_goes_on_after_the_notice(
    slurm: None, undisturbed: tuple[float, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    barrier, evaluations = undisturbed
    monkeypatch.setenv("SLOWNESS", "0.1")
    with ThreadPoolExecutor(1) as beside:
        noticed = beside.submit(give_notice, tmp_path / "run")
        result = run(tmp_path, work={"dft": {"cpus": 1, "memory": "300M", "images_at_once": at_once}})
        noticed.result()
    assert restarts(tmp_path / "run") == 1
    assert result.barrier_forward == pytest.approx(barrier, abs=1e-9)
    # Those that were cut short, or had no turn in the journal yet.
    assert 0 <= (tmp_path / "tally").read_text().count("evaluation") - evaluations <= at_once


@pytest.mark.slow
def test_a_band_goes_on_after_its_real_walltime(
    slurm: None, undisturbed: tuple[float, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier, evaluations = undisturbed
    monkeypatch.setenv("SLOWNESS", "0.8")
    work = {"dft": {"walltime": "00:01:00", "cpus": 1, "memory": "700M"}}
    result = run(tmp_path, work=work, grace=10)
    assert restarts(tmp_path / "run") >= 1
    assert result.barrier_forward == pytest.approx(barrier, abs=1e-9)
    assert (tmp_path / "tally").read_text().count("evaluation") - evaluations <= 6


def journals(folder: Path) -> list[Path]:
    """Return the journals of bands, without one that is about to get its name."""
    return [path for path in folder.glob("jobs/*/checkpoints/band*") if path.suffix != ".new"]


def give_notice(folder: Path) -> None:
    """Send the signal of the walltime to the job of the band, in the middle of it."""
    journal = wait_for(lambda: next(iter(journals(folder)), None), 60)
    wait_for(lambda: len(journal.read_text().splitlines()) > 5)
    (job,) = [job for job in queued_jobs(folder) if job.state == "RUNNING"]
    subprocess.run(["scancel", "--signal=USR1", "--batch", str(job.job_id)], check=True)
