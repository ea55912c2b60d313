"""Codes of periodic DFT in SLURM jobs: tasks of srun compute together, bands go on, and prologues bring programs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from slurm_helpers import PROFILE

sys.path.insert(0, str(Path(__file__).parent.parent / "codes"))
from small_hop import hydride

from azibflow.calculators.codes.gpaw import facts
from azibflow.calculators.specs import AnySpec, Cp2kSpec, GpawSpec
from azibflow.hpc.profiles import Profile
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.submission import run_on_slurm
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.common.corrections import single_point, single_point_job
from azibflow.workflows.common.work import computing

CRYSTAL = hydride(1.8, 0.1, 0.0)
GPAW_SPEC = GpawSpec(kpoints=(2, 1, 1), cutoff=250, tolerance=1e-7)
CP2K_SPEC = Cp2kSpec(kpoints=(1, 1, 1), cutoff=200, tolerance=1e-7)
PMIX = ["srun", "--mpi=pmix", "--ntasks=1", "--mem=1", "true"]
TOGETHER = {
    "gpaw": ("gpaw.txt", r"Total number of cores used: 2\b"),
    "cp2k": ("cp2k.out", r"message passing processes +2\b"),
}


@pytest.fixture(autouse=True)
def forgotten() -> object:
    facts.cache_clear()
    yield
    facts.cache_clear()


@pytest.fixture
def codes() -> None:
    """Skip where the codes are not installed."""
    for spec in (GpawSpec, Cp2kSpec):
        if problem := spec.missing():
            pytest.skip(problem)


def energy_on_slurm(spec: AnySpec, folder: Path, **dft: object) -> float:
    """Compute the energy of the crystal in a SLURM job."""
    job = computing(single_point_job("the crystal", StructureDocument.from_atoms(CRYSTAL), spec), spec)
    run = RunFolder.create(folder, "a single point\n")
    work = {"dft": {"memory": "1500M", **dft}}
    summary = run_on_slurm(job, run, Profile.model_validate(PROFILE | {"work": work}))
    assert summary.complete, summary.failed
    with run.documents() as store:
        (document,) = store.query()
    return float(document["output"]["energy"])


@pytest.mark.parametrize(
    ("spec", "command"),
    [
        (GPAW_SPEC, "srun --mpi=pmix gpaw python"),
        pytest.param(GPAW_SPEC, "mpiexec --allow-run-as-root gpaw python", marks=pytest.mark.slow),
        pytest.param(CP2K_SPEC, "srun --mpi=pmix cp2k.psmp", marks=pytest.mark.slow),
        pytest.param(CP2K_SPEC, "mpiexec --allow-run-as-root cp2k.psmp", marks=pytest.mark.slow),
    ],
)
def test_two_tasks_compute_one_energy(
    slurm: None, codes: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: AnySpec, command: str
) -> None:
    if "--mpi=pmix" in command and subprocess.run(PMIX, capture_output=True, check=False).returncode != 0:
        pytest.skip("this SLURM was started without PMIx")
    prologue = f'export AZIBFLOW_COMMAND_{spec.kind.upper()}="{command}"'
    together = energy_on_slurm(spec, tmp_path / "run", tasks=2, prologue=prologue)
    monkeypatch.chdir(tmp_path)
    alone = single_point("the crystal", StructureDocument.from_atoms(CRYSTAL), spec)
    assert together == pytest.approx(alone.energy, abs=1e-5)
    log, says = TOGETHER[spec.kind]
    (text,) = [path.read_text() for path in tmp_path.glob(f"run/jobs/*/{spec.kind}-1/{log}")]
    assert re.search(says, text), text
