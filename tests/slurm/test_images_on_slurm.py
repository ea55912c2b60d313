"""A band in one allocation with several tasks: images side by side, and nothing more for other jobs."""

from __future__ import annotations

from pathlib import Path

import pytest
from slurm_helpers import PROFILE

from azibflow.analysis.stored import load_results
from azibflow.calculators.specs import AseSpec
from azibflow.hpc.profiles import Profile
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.submission import run_on_slurm
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.migration.flow import MigrationMaker, migration_study
from azibflow.workflows.migration.hops import HopSettings
from azibflow.workflows.migration.results import BandSettings, MigrationResult

COPPER = StructureRecipe(prototype="Cu")
STUDY = {"hops": HopSettings(sites=[(0.5, 0.5, 0.5)], supercell=(2, 2, 2)), "band": BandSettings(images=3)}


@pytest.mark.slow
def test_a_band_has_an_allocation_of_several_tasks_and_computes_in_all_of_them(
    slurm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLY", str(tmp_path / "tally"))
    spec = AseSpec(calculator="slurm_jobs:PlacedEMT", elements=("Cu", "H"), charges=(0,))
    folder = RunFolder.create(tmp_path / "run", "a band\n")
    work = {"dft": {"cpus": 1, "memory": "300M", "images_at_once": 2}}
    summary = run_on_slurm(
        MigrationMaker(ion="H", calculator=spec, **STUDY).make(COPPER),
        folder,
        Profile.model_validate(PROFILE | {"work": work}),
    )
    assert summary.complete, summary.failed

    evaluations = [line.split() for line in (tmp_path / "tally").read_text().splitlines()]
    (band,) = {job for job, cores, *_ in evaluations if cores == "2"}
    of_band = [words for job, *words in evaluations if job == band]
    others = [words for job, *words in evaluations if job != band]
    assert len({pid for *_, pid in of_band}) == 2
    assert {tuple(words) for *words, _ in of_band} == {("2", "1")}  # cores of the job, threads of each image
    assert {tuple(words) for *words, _ in others} == {("1", "1")}
    scripts = [path.read_text() for path in folder.path.glob("slurm/*/job.sh")]
    (script,) = [text for text in scripts if "--ntasks=1" not in text]
    assert "--ntasks=2" in script
    assert "--mem=600M" in script
    ranks = (tmp_path / "tally-ranks").read_text().splitlines()
    assert len(ranks) == 5 + len({pid for *_, pid in others}), "srun starts the program of one image, not of two"
    assert "step creation" not in "".join(path.read_text() for path in folder.path.glob("slurm/*/slurm.log"))

    (alone,) = migration_study(COPPER, "H", AseSpec(calculator="ase.calculators.emt:EMT"), **STUDY)
    (result,) = load_results([folder.path], MigrationResult)
    assert result.barrier_forward == pytest.approx(alone.barrier_forward, abs=1e-9)
    assert result.force_calls == alone.force_calls
