"""Codes of periodic DFT in SLURM jobs: tasks of srun compute together, bands go on, and prologues bring programs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from ase import Atoms
from slurm_helpers import PROFILE

sys.path.insert(0, str(Path(__file__).parent.parent / "codes"))
from small_hop import hydride

from azibflow.calculators.codes.gpaw import facts
from azibflow.calculators.specs import AnySpec, Cp2kSpec, GpawSpec
from azibflow.hpc.observer import RunSummary
from azibflow.hpc.profiles import Profile
from azibflow.hpc.run_folder import RunFolder
from azibflow.hpc.submission import run_on_slurm
from azibflow.structures.documents import StructureDocument
from azibflow.workflows.common.corrections import single_point, single_point_job
from azibflow.workflows.common.work import computing

pytestmark = pytest.mark.slow
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


def single_point_on_slurm(spec: AnySpec, atoms: Atoms, folder: RunFolder, **dft: object) -> RunSummary:
    """Compute an energy in a SLURM job."""
    job = computing(single_point_job("the crystal", StructureDocument.from_atoms(atoms), spec), spec)
    return run_on_slurm(job, folder, Profile.model_validate(PROFILE | {"work": {"dft": dft}}))


def require_pmix(command: str) -> None:
    if "--mpi=pmix" in command and subprocess.run(PMIX, capture_output=True, check=False).returncode != 0:
        pytest.skip("this SLURM was started without PMIx")


@pytest.mark.parametrize(
    ("spec", "command"),
    [
        (GPAW_SPEC, "srun --mpi=pmix gpaw python"),
        (GPAW_SPEC, "mpiexec --allow-run-as-root gpaw python"),
        (CP2K_SPEC, "srun --mpi=pmix cp2k.psmp"),
        (CP2K_SPEC, "mpiexec --allow-run-as-root cp2k.psmp"),
    ],
)
def test_two_tasks_compute_one_energy(
    slurm: None, codes: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: AnySpec, command: str
) -> None:
    require_pmix(command)
    run = RunFolder.create(tmp_path / "run", "a single point\n")
    prologue = f'export AZIBFLOW_COMMAND_{spec.kind.upper()}="{command}"'
    summary = single_point_on_slurm(spec, CRYSTAL, run, tasks=2, memory="1500M", prologue=prologue)
    assert summary.complete, summary.failed
    with run.documents() as store:
        (document,) = store.query()
    monkeypatch.chdir(tmp_path)
    alone = single_point("the crystal", StructureDocument.from_atoms(CRYSTAL), spec)
    assert document["output"]["energy"] == pytest.approx(alone.energy, abs=1e-5)
    log, says = TOGETHER[spec.kind]
    (text,) = [path.read_text() for path in tmp_path.glob(f"run/jobs/*/{spec.kind}-1/{log}")]
    assert re.search(says, text), text


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("srun --mpi=pmix gpaw python", "OutOfMemoryError: srun was killed, most likely for want of memory"),
        ("gpaw python", "lost 3 times, .*Exceeded job memory limit"),
    ],
)
def test_too_little_memory_fails_the_job_with_the_reason(
    slurm: None, codes: None, tmp_path: Path, command: str, says: str
) -> None:
    """What srun has started is killed alone; without it SLURM kills the whole job, which is tried again."""
    require_pmix(command)
    big = CRYSTAL.copy()
    big.set_cell([11.0, 11.0, 11.0])
    prologue = f'export AZIBFLOW_COMMAND_GPAW="{command}"'
    spec = GpawSpec(kpoints=(1, 1, 1), cutoff=2000)
    run = RunFolder.create(tmp_path / "run", "a single point\n")
    summary = single_point_on_slurm(spec, big, run, memory="700M", prologue=prologue)
    (reason,) = summary.failed.values()
    assert re.search(says, reason), reason
