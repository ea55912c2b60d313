"""Corrected ladders: geometries by GFN2-xTB, energies by PySCF, through the command line and the API."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from command_line import azibflow
from jobflow import run_locally

from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.registry import table_of
from azibflow.calculators.dft.calculator import PyscfCalculator
from azibflow.calculators.specs import CorrectedSpec, PyscfSpec, XtbSpec, pyscf_preset
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.errors import CalculationError
from azibflow.workflows.common import corrections
from azibflow.workflows.common.corrections import correct
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.molecular.desolvation import DesolvationMaker
from azibflow.workflows.molecular.desolvation_results import DesolvationResult
from azibflow.workflows.molecular.geometries import MoleculeSettings

SMALL = PyscfSpec.model_validate({"functional": "hf", "basis": "sto-3g"})
XTB_BY_HF = CorrectedSpec(surrogate=XtbSpec(), correct_with=SMALL)
SETTINGS = MoleculeSettings(fmax=0.02)
STATES = ["n = 1", "n = 0", "water molecule"]
CAMPAIGN = """\
name: corrected
calculator: {surrogate: xtb, correct_with: {kind: pyscf, functional: hf, basis: sto-3g}}
studies:
  - {kind: desolvation, name: the end of the ladder, waters: [1, 0], molecule: {fmax: 0.02}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corrected")
    (folder / "corrected.yaml").write_text(CAMPAIGN)
    assert azibflow("run", folder / "corrected.yaml", "--run-dir", folder / "run", "--workers", 1, "--threads", 1) == 0
    return folder / "run"


@pytest.fixture(scope="module")
def surrogate(tmp_path_factory: pytest.TempPathFactory) -> DesolvationResult:
    return computed(XtbSpec(), tmp_path_factory.mktemp("plain"), most=2)


def computed(calculator, folder: Path, most: int) -> DesolvationResult:
    flow = DesolvationMaker(name="ladder", most=most, fewest=0, calculator=calculator, settings=SETTINGS).make()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        responses = run_locally(flow, log=False, ensure_success=True)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    ladders = [output for output in outputs if isinstance(output, DesolvationResult)]
    return next((ladder for ladder in ladders if ladder.single_points is not None), ladders[0])


def energy(structure) -> float:
    atoms = structure.to_atoms()
    atoms.calc = PyscfCalculator(SMALL, SMALL.energy, stability="all")
    return float(atoms.get_potential_energy())


def test_a_wave_function_at_the_geometries_of_xtb(run: Path) -> None:
    (result,) = load_results([run], DesolvationResult)
    (step,) = result.steps
    hydrate, bare = (member.molecule.geometry.structure for member in result.members)
    by_hand = energy(bare) + energy(result.water.geometry.structure) - energy(hydrate)
    assert step.correction.energy == pytest.approx(by_hand, abs=1e-4)
    assert abs(step.correction.energy - step.energy) > 0.2
    assert step.outcome is Outcome.OK
    assert [point.state for point in result.single_points.points] == STATES
    assert step.correction.calls == 3
    assert step.correction.surrogate_calls == sum(
        molecule.geometry.force_calls
        for molecule in (result.members[0].molecule, result.members[1].molecule, result.water)
    )
    assert result.single_points.calculator.spec == SMALL
    forces = {point.state: point.fmax for point in result.single_points.points}
    assert forces["n = 0"] == pytest.approx(0.0, abs=1e-6)  # one atom
    assert step.correction.fmax == max(forces.values()) > 0.1
    assert result.calculator.spec == XtbSpec()


def test_the_table_has_both_numbers_and_what_they_took(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (result,) = load_results([run], DesolvationResult)
    assert azibflow("table", "desolvation", run, "--format", "csv") == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert float(row["energy_corrected (eV)"]) == pytest.approx(result.steps[0].correction.energy, abs=6e-4)
    assert float(row["energy_change (eV)"]) == pytest.approx(
        result.steps[0].correction.energy - result.steps[0].energy, abs=6e-4
    )
    assert int(row["better_calls"]) == 3
    assert int(row["surrogate_calls"]) > 3
    assert min(float(row[key]) for key in ("better_seconds (s)", "surrogate_seconds (s)")) >= 0
    notes = " ".join(table_of("desolvation", [run]).notes)
    assert "structures by xtb; corrected by pyscf geometry={basis={default=sto-3g}" in notes
    assert "3 single points" in notes


def test_the_flow_of_the_api_is_that_of_the_command_line(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "corrected.yaml"
    path.write_text(CAMPAIGN)
    names = [job.name for job, _ in campaign_flow(load_campaign(path)).iterflow()]
    assert names[-2:] == ["the end of the ladder: collect", "the end of the ladder: correction"]
    assert not [name for name in names if "single point" in name]  # made when the structures are there


def test_a_method_that_corrects_itself_changes_nothing(surrogate: DesolvationResult, tmp_path: Path) -> None:
    result = computed(CorrectedSpec(surrogate=XtbSpec(), correct_with=XtbSpec()), tmp_path, most=2)
    for step, plain in zip(result.steps, surrogate.steps, strict=True):
        assert step.energy == pytest.approx(plain.energy, abs=1e-6)
        assert step.correction.energy == pytest.approx(step.energy, abs=1e-6)
        assert step.correction.cumulative == pytest.approx(step.cumulative, abs=1e-6)
    assert result.single_points.calls == 4  # what both steps need is computed once


def test_a_failed_species_marks_its_steps_and_no_other(surrogate: DesolvationResult, monkeypatch) -> None:
    original = corrections.single_point

    def failing(state, *args, **kwargs):
        if state == "n = 0":
            raise CalculationError("the self-consistent field did not converge")
        return original(state, *args, **kwargs)

    monkeypatch.setattr(corrections, "single_point", failing)
    spec = CorrectedSpec(surrogate=XtbSpec(), correct_with=XtbSpec())
    first, second = correct(surrogate, spec).steps
    assert first.outcome is Outcome.OK
    assert first.correction.cumulative == first.correction.energy
    assert second.outcome is Outcome.FAILED
    assert "the single point of the n = 0 by xtb failed" in second.reason
    assert second.energy == surrogate.steps[1].energy
    assert second.correction is None


def test_steps_that_are_no_results_cost_nothing(surrogate: DesolvationResult) -> None:
    assert list(surrogate.states_to_correct(XTB_BY_HF)) == ["n = 2", "n = 1", "water molecule", "n = 0"]
    rearranged = surrogate.steps[0].model_copy(update={"outcome": Outcome.REARRANGED})
    partly = surrogate.model_copy(update={"steps": [rearranged, surrogate.steps[1]]})
    assert list(partly.states_to_correct(XTB_BY_HF)) == STATES
    flagged = XTB_BY_HF.model_copy(update={"when": "flagged"})
    assert surrogate.states_to_correct(flagged) == {}
    assert correct(surrogate, flagged) is surrogate


@pytest.mark.slow
def test_pbe_at_the_geometries_of_xtb(tmp_path: Path) -> None:
    calculator = CorrectedSpec(surrogate=XtbSpec(), correct_with=pyscf_preset("quick"))
    (step,) = computed(calculator, tmp_path, most=1).steps
    # As for the ladder whose geometries are PBE's too: about 4.4 eV, which def2-SVP overbinds by 0.2 to 0.4.
    assert 4.2 < step.correction.energy < 5.2
    assert abs(step.correction.energy - step.energy) > 0.2
