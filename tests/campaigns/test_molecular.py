"""Molecular studies in a campaign: computed by the command line and by the API, and refused before anything starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import azibflow

from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.registry import table_of
from azibflow.campaigns.files import load_campaign
from azibflow.campaigns.flow import campaign_flow
from azibflow.campaigns.plan import plan
from azibflow.errors import AzibflowError
from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.run_folder import RunFolder
from azibflow.workflows.molecular.binding import BindingResult
from azibflow.workflows.molecular.desolvation_results import DesolvationResult

CAMPAIGN = """\
name: molecules
calculator: {kind: pyscf, functional: hf, basis: sto-3g, dispersion: null}
studies:
  - {kind: desolvation, waters: [1, 0], counterpoise: true, molecule: &loose {fmax: 0.05}}
  - {kind: binding, name: pair, parts: [Zn2+, H2O], complex: "[Zn(H2O)]2+", counterpoise: true, molecule: *loose}
  - {kind: orbitals, molecules: [H2O], molecule: *loose}
  - {kind: esp, molecules: [H2O], molecule: *loose, esp: {spacing: 0.5}}
"""
KINDS = ("desolvation", "binding", "orbitals", "esp")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("molecules")
    (folder / "molecules.yaml").write_text(CAMPAIGN)
    assert azibflow("run", folder / "molecules.yaml", "--run-dir", folder / "run", "--workers", 1, "--threads", 1) == 0
    return folder / "run"


def test_every_study_has_a_table(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in KINDS:
        assert azibflow("table", kind, run, "--format", "json") == 0
        rows = json.loads(capsys.readouterr().out)["rows"]
        assert len(rows) == 1
        assert rows[0]["outcome"] == "ok"


def test_a_ladder_of_one_step_is_the_binding_energy_of_its_pair(run: Path) -> None:
    (ladder,), (pair,) = load_results([run], DesolvationResult), load_results([run], BindingResult)
    assert ladder.steps[0].energy == pytest.approx(-pair.energy, abs=1e-9)
    assert ladder.steps[0].counterpoise == pytest.approx(-pair.counterpoise, abs=1e-6)
    assert pair.energy < pair.counterpoise < -3


def test_what_studies_share_is_computed_once(run: Path) -> None:
    names = [job.name for job, _ in campaign_flow(load_campaign(run / "source.yaml")).iterflow()]
    assert len([name for name in names if name == "H2O: relax"]) == 1
    assert len([name for name in names if name == "H2O: energy"]) == 1


def test_the_api_gives_what_the_command_gives(run: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with ProcessExecutor(1, threads=1) as executor:
        run_flow(campaign_flow(load_campaign(run / "source.yaml")), folder, executor)
    for kind in KINDS:
        ours, theirs = (table_of(kind, [path]) for path in (folder.path, run))
        for column in ours.columns:
            if column.result:
                mine, other = ours.rows[0].cells.get(column.key), theirs.rows[0].cells.get(column.key)
                assert mine == (pytest.approx(other, abs=1e-5) if isinstance(other, float) else other), column.key


def test_a_dry_run_names_charges_and_multiplicities(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert azibflow("run", run / "source.yaml", "--dry-run") == 0
    printed = capsys.readouterr().out
    assert "[Zn(H2O)]2+: relax: H2OZn, 4 atoms, charge +2, multiplicity 1, pyscf" in printed
    assert "H2O: energy at charge +1: H2O, 3 atoms, charge +1, multiplicity 2, pyscf" in printed


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("molecules: [H2O]", "molecules: [H2OO]", r"'H2OO'.*did you mean|nobody knows"),
        ("sto-3g", "6-31+g(d)", r"no basis '6-31\+g\(d\)' for Zn"),
        ("functional: hf", "functional: pbee", "no functional 'pbee'"),
        ("{kind: pyscf, functional: hf, basis: sto-3g, dispersion: null}", "chgnet", "counterpoise.*chgnet has none"),
        ("{kind: orbitals, mol", "{kind: orbitals, calculator: xtb, mol", "orbitals.*wave function.*pyscf"),
        ("{kind: esp, mol", "{kind: esp, calculator: xtb, mol", "esp.*wave function.*pyscf"),
        ("parts: [Zn2+, H2O]", "parts: [H2O, Zn2+]", "pair: counterpoise splits off the last part, Zn2\\+"),
        ("basis: sto-3g", "basis: sto-3g, solvent: water", "counterpoise is defined in the gas phase"),
        ("studies:\n", "systems:\n  radical: {molecule: OH, charge: 0, spin: 1}\nstudies:\n  - {kind: orbitals, "
         "name: odd, molecules: [radical]}\n", "multiplicity 1 .* is impossible for 9 electrons"),
        ("molecule: &loose", "calculator: chgnet, molecule: &loose", "counterpoise.*chgnet has none"),
        ("counterpoise: true", "calculator: chgnet", r"total charge \+2, but calculator chgnet"),
        ("waters: [1, 0]", "waters: [0, 1]", "waters"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_refused_before_any_scf(
    tmp_path: Path,
    old: str,
    new: str,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("pyscf.scf.hf.SCF.kernel", lambda *_: pytest.fail("an SCF was started"))
    assert old in CAMPAIGN
    path = tmp_path / "bad.yaml"
    path.write_text(CAMPAIGN.replace(old, new, 1))
    with pytest.raises(AzibflowError, match=message):
        plan(load_campaign(path))
    assert azibflow("run", path, "--run-dir", tmp_path / "run") == 2
    printed = capsys.readouterr().err
    assert printed.startswith("azibflow: ")
    assert "Traceback" not in printed
    assert not (tmp_path / "run").exists()


FAILING = """\
name: failing
calculator: {kind: pyscf, functional: hf, basis: sto-3g, dispersion: null}
studies:
  - {kind: esp, name: sound, molecules: [H2], molecule: &loose {fmax: 0.1}, esp: {spacing: 0.6}}
  - {kind: esp, name: hopeless, molecules: [H2], molecule: *loose, esp: {isovalue: 1.0e+6}}
"""


def test_a_failed_map_stays_in_its_table_and_the_exit_status_says_so(tmp_path: Path, capsys) -> None:
    (tmp_path / "failing.yaml").write_text(FAILING)
    run = tmp_path / "run"
    assert azibflow("run", tmp_path / "failing.yaml", "--run-dir", run, "--workers", 1) == 1
    capsys.readouterr()
    assert azibflow("table", "esp", run, "--format", "json") == 1
    rows = {row["study"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert (rows["sound"]["outcome"], rows["hopeless"]["outcome"]) == ("ok", "failed")
    assert rows["hopeless"]["molecule_name"] == "H2"
    assert rows["hopeless"]["maximum"] is None
    assert azibflow("plot", "esp", run, "-o", tmp_path / "esp.svg") == 1, "one of the maps is missing"


def test_a_dry_run_names_both_multiplicities_that_an_open_shell_may_end_in(tmp_path: Path, capsys) -> None:
    (tmp_path / "manganese.yaml").write_text(
        "name: manganese\ncalculator: {kind: pyscf, functional: hf, basis: def2-svp}\n"
        "studies:\n  - {kind: orbitals, molecules: [Mn2+]}\n"
    )
    assert azibflow("run", tmp_path / "manganese.yaml", "--dry-run") == 0
    lines = [line.split(", charge ")[-1] for line in capsys.readouterr().out.splitlines() if "energy at" in line]
    assert [line.split(", pyscf")[0] for line in lines] == [
        "+3, multiplicity 5", "+3, multiplicity 7", "+1, multiplicity 5", "+1, multiplicity 7",
    ]  # fmt: skip


def test_a_dry_run_names_who_relaxes_and_who_does_the_rest(tmp_path: Path, capsys) -> None:
    (tmp_path / "water.yaml").write_text(
        "name: water\ncalculator: {kind: pyscf, functional: hf, basis: sto-3g, geometry: xtb}\n"
        "studies:\n  - {kind: esp, molecules: [H2O]}\n"
    )
    assert azibflow("run", tmp_path / "water.yaml", "--dry-run") == 0
    printed = capsys.readouterr().out
    assert "H2O: relax: H2O, 3 atoms, charge 0, multiplicity 1, xtb" in printed
    assert "H2O: map: H2O, 3 atoms, charge 0, multiplicity 1, pyscf" in printed
