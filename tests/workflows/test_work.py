"""Which work a job is: what computes is queued as that, and a light job cannot compute."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from jobflow import Flow, job, run_locally

from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import AseSpec, parse_spec
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
