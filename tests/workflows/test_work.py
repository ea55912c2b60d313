"""Which work a job is: what computes is queued as that, and a light job cannot compute."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from jobflow import Flow, job, run_locally

from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import AseSpec, parse_spec
from azibflow.hpc.worker import JobTask, perform
from azibflow.light_jobs import running_light_job
from azibflow.workflows.common.work import computing, light

POTENTIAL = AseSpec(calculator="ase.calculators.emt:EMT", work="surrogate")


@job
def energy_job(calculator: AseSpec) -> float:
    copper = bulk("Cu")
    copper.calc = make_calculator(calculator)
    return float(copper.get_potential_energy())


@pytest.mark.parametrize(
    ("written", "work"),
    [
        ("chgnet", "surrogate"),
        ("mace:medium-mpa-0", "surrogate"),
        ("zn-water", "surrogate"),
        ("xtb", "surrogate"),
        ("pyscf:quick", "dft"),
        ("pyscf-gamma", "dft"),
        ("ase:ase.calculators.emt:EMT", "dft"),
        ({"kind": "ase", "calculator": "ase.calculators.emt:EMT", "work": "surrogate"}, "surrogate"),
    ],
)
def test_a_job_is_queued_as_what_its_calculator_is(written: object, work: str) -> None:
    marked = computing(energy_job(POTENTIAL), parse_spec(written))
    assert marked.config.manager_config["kind"] == work


def test_a_light_job_cannot_compute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    heavy, mistaken = computing(energy_job(POTENTIAL), POTENTIAL), light(energy_job(POTENTIAL))
    energy = EMT().get_potential_energy(bulk("Cu"))
    assert run_locally(Flow([heavy]), ensure_success=True)[heavy.uuid][1].output == pytest.approx(energy)
    with pytest.raises(RuntimeError, match="'energy_job' makes a calculator but is marked light"):
        run_locally(Flow([mistaken]), ensure_success=True, raise_immediately=True)
    assert make_calculator(POTENTIAL).get_potential_energy(bulk("Cu")) == pytest.approx(energy), "afterwards it may"


@pytest.mark.parametrize(("mark", "fails"), [("light", True), ("surrogate", False)])
def test_a_worker_refuses_it_too(mark: str, fails: bool, tmp_path: Path) -> None:
    written = energy_job(POTENTIAL).as_dict()
    report = perform(JobTask(job=written, inputs=[], folder=tmp_path, resources={"kind": mark}))
    assert ("marked light" in (report.reason or "")) == fails
    assert (report.response is None) == fails
    assert running_light_job() is None
