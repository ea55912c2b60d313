"""Corrected calculators in campaign files: both forms, bad input with its line, and a plan that guards both methods."""

from __future__ import annotations

from pathlib import Path

import pytest

from azibflow.calculators.specs import CorrectedSpec, XtbSpec
from azibflow.campaigns.files import dump_campaign, load_campaign
from azibflow.campaigns.plan import plan
from azibflow.cli.main import main
from azibflow.errors import CampaignError, CapabilityError

VALID = """\
name: both
calculator: {surrogate: xtb, correct_with: pyscf:quick}
studies:
  - kind: desolvation
    waters: [1, 0]
  - kind: binding
    parts: [Zn2+, H2O]
    calculator: xtb
"""


def load(tmp_path: Path, text: str):
    path = tmp_path / "campaign.yaml"
    path.write_text(text)
    return load_campaign(path)


def test_what_is_dumped_reads_back_the_same(tmp_path: Path) -> None:
    campaign = load(tmp_path, VALID)
    assert isinstance(campaign.calculator, CorrectedSpec)
    assert campaign.calculator.surrogate == XtbSpec()
    assert load(tmp_path, dump_campaign(campaign)) == campaign


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "correct_with: pyscf:quick",
            "correct_with: pyscf:quik",
            "line 2: calculator.correct_with: calculator pyscf",
        ),
        (
            "correct_with: pyscf:quick",
            "correct_with: pyscfq",
            "line 2: calculator.correct_with: unknown calculator",
        ),
        (
            "correct_with: pyscf:quick",
            "correct_with: {surrogate: xtb, correct_with: xtb}",
            "line 2: calculator.correct_with: a correction cannot be nested",
        ),
        ("pyscf:quick}", "pyscf:quick, wen: always}", "line 2: unknown key 'calculator.wen'; did you mean 'when'?"),
        ("pyscf:quick}", "pyscf:quick, when: now}", "line 2: calculator.when: must be 'always' or 'flagged'"),
        ("surrogate: xtb, ", "", "key 'surrogate' is missing in calculator"),
        (
            "    calculator: xtb\n",
            "",
            "study 2 (binding): a surrogate is corrected in studies of migration, ads",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in VALID
    with pytest.raises(CampaignError) as error:
        load(tmp_path, VALID.replace(old, new, 1))
    assert expected in str(error.value)


def test_the_plan_lists_the_single_points_of_the_better_method(tmp_path: Path) -> None:
    planned = plan(load(tmp_path, VALID))
    better = [entry.task for entry in planned if entry.calculator.kind == "pyscf"]
    assert better == ["H2O: single point", "[Zn(H2O)]2+: single point", "Zn2+: single point"]
    assert {entry.calculator.kind for entry in planned if "relax" in entry.task} == {"xtb"}


def test_a_barrier_needs_three_single_points_or_two_by_symmetry(tmp_path: Path) -> None:
    text = VALID.replace("xtb, correct_with: pyscf:quick", "chgnet, correct_with: chgnet").split("studies:")[0] + (
        "systems:\n  host: {prototype: alpha-V2O5}\n"
        "studies:\n  - {kind: migration, system: host, hops: {direction: b}}\n"
    )
    tasks = [entry.task for entry in plan(load(tmp_path, text)) if "single point" in entry.task]
    assert [task.split(", ")[-1] for task in tasks] == ["first endpoint", "saddle"]


def test_an_adsorption_study_corrects_surface_reference_and_rows(tmp_path: Path) -> None:
    text = VALID.replace("xtb, correct_with: pyscf:quick", "chgnet, correct_with: chgnet").split("studies:")[0] + (
        "systems:\n  graphene: {prototype: graphene, supercell: [3, 3, 1]}\n"
        "studies:\n  - {kind: adsorption, system: graphene, adsorbate: Zn}\n"
    )
    tasks = [entry.task for entry in plan(load(tmp_path, text)) if "single point" in entry.task]
    assert tasks[:2] == ["graphene: single point", "Zn: single point"]
    assert len(tasks) == 2 + 3


@pytest.mark.parametrize("pair", ["surrogate: xtb, correct_with: chgnet", "surrogate: chgnet, correct_with: xtb"])
def test_a_charge_that_one_method_is_blind_to_is_refused_before_anything_runs(tmp_path: Path, pair: str) -> None:
    text = VALID.replace("surrogate: xtb, correct_with: pyscf:quick", pair)
    with pytest.raises(CapabilityError, match=r"total charge \+2, but calculator chgnet knows only 0"):
        plan(load(tmp_path, text))
    path = tmp_path / "campaign.yaml"
    with pytest.raises(SystemExit) as ending:
        main(["run", str(path), "--run-dir", str(tmp_path / "run")])
    assert ending.value.code != 0
    assert not (tmp_path / "run").exists()
