"""Ladders of other ligands than water: charges that add up, differences by hand, ligands that left the ion."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from command_line import azibflow

from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.desolvation import desolvation_table
from azibflow.calculators.factory import make_calculator
from azibflow.calculators.specs import XtbSpec
from azibflow.hpc.run_folder import RunFolder
from azibflow.workflows.common.results import Outcome, StudyLabel
from azibflow.workflows.molecular.desolvation import collect_desolvation, desolvation_study
from azibflow.workflows.molecular.desolvation_results import DesolvationResult
from azibflow.workflows.molecular.geometries import MoleculeSettings
from azibflow.workflows.molecular.shells import LigandShell

CAMPAIGN = """\
name: ligands
calculator: xtb
studies:
  - {kind: desolvation, ligand: Cl-, waters: [2, 0], beside: {NH3: 1}, molecule: {fmax: 0.1}}
  - {kind: desolvation, ion: H3O, charge: 1, waters: [2, 1], molecule: {fmax: 0.1}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ligands")
    (folder / "ligands.yaml").write_text(CAMPAIGN)
    assert azibflow("run", folder / "ligands.yaml", "--run-dir", folder / "run", "--workers", 1, "--threads", 1) == 0
    return folder / "run"


def test_steps_are_differences_of_what_the_store_holds_and_charges_add_up(run: Path) -> None:
    with RunFolder(run).documents() as store:
        kept = {one["name"]: one["output"] for one in store.query({}, properties=["name", "output"])}
    names = ["[Zn(NH3)(Cl)2]", "[Zn(NH3)(Cl)]+", "[Zn(NH3)]2+"]
    energies = [kept[f"{name}: energy"] for name in names]
    assert [energy["charge"] for energy in energies] == [0, 1, 2]
    free = kept["Cl-: energy"]
    assert free["charge"] == -1
    ladder = load_results([run], DesolvationResult)[0]
    by_hand = [after["energy"] + free["energy"] - before["energy"] for before, after in pairwise(energies)]
    assert [step.energy for step in ladder.steps] == pytest.approx(by_hand)
    assert ladder.steps[-1].cumulative == pytest.approx(sum(by_hand))
    assert [step.outcome for step in ladder.steps] == [Outcome.OK] * 2
    assert [step.coordination for step in ladder.steps] == [3, 2]
    assert by_hand[1] > by_hand[0] > 5  # the more charge is left, the more it holds the anion


def test_energies_of_a_member_are_those_of_its_calculator(run: Path) -> None:
    ladder = load_results([run], DesolvationResult)[0]
    atoms = ladder.members[0].molecule.geometry.structure.to_atoms()
    atoms.calc = make_calculator(XtbSpec())
    assert atoms.get_potential_energy() == pytest.approx(ladder.members[0].molecule.energy, abs=1e-4)


def test_the_table_says_the_charges_and_what_is_taken_off(run: Path) -> None:
    table = desolvation_table(load_results([run], DesolvationResult))
    assert [row.cells["step"] for row in table.rows] == [
        "[Zn(NH3)(Cl)2] -> [Zn(NH3)(Cl)]+ + Cl-",
        "[Zn(NH3)(Cl)]+ -> [Zn(NH3)]2+ + Cl-",
        "[H3O(H2O)2]+ -> [H3O(H2O)]+",
    ]
    (note,) = [text for text in table.notes if "anion of charge -1" in text]
    assert note.startswith("loss of Cl- from Zn2+, beside 1 NH3: ")
    assert "the complex goes through the charges 0 -> +1 -> +2" in note
    assert all(row.cells.get("oh_change") is None for row in table.rows)  # those are of water on an ion


def test_hydronium_holds_its_waters(run: Path) -> None:
    ladder = load_results([run], DesolvationResult)[1]
    assert ladder.steps[0].coordination == 2
    assert ladder.steps[0].energy == pytest.approx(0.97, abs=0.1)  # 0.85 by experiment
    assert ladder.steps[0].ion_charge is None


def test_the_plain_function_gives_what_the_command_gives(run: Path) -> None:
    shell = LigandShell(ligand="Cl-", beside={"NH3": 1})
    plain = desolvation_study(calculator=XtbSpec(), settings=MoleculeSettings(fmax=0.1), most=2, fewest=0, shell=shell)
    kept = load_results([run], DesolvationResult)[0]
    assert [step.energy for step in plain.steps] == pytest.approx([step.energy for step in kept.steps], abs=1e-6)


def test_a_ligand_that_left_the_ion_is_no_result(run: Path) -> None:
    kept = load_results([run], DesolvationResult)[0]
    top = kept.members[0].molecule
    atoms = top.geometry.structure.to_atoms()
    atoms.positions[-1] *= 2
    gone = top.model_copy(
        update={
            "geometry": top.geometry.model_copy(update={"structure": type(top.geometry.structure).from_atoms(atoms)})
        }
    )
    result = collect_desolvation(
        [2, 1, 0],
        [gone, *(member.molecule for member in kept.members[1:])],
        kept.water,
        [None] * 3,
        ion="Zn",
        charge=2,
        support="",
        calculator=XtbSpec(),
        label=StudyLabel(study="left"),
        shell=kept.shell,
    )
    assert result.steps[0].outcome is Outcome.REARRANGED
    assert result.steps[0].reason == "n = 2: 1 of the ligands are on the ion"
    assert result.steps[1].outcome is Outcome.OK


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ligand: Cl-", "ligand: EMIM+", r"'EMIM\+' is no ligand: nobody knows it, or which of its atoms binds an ion"),
        ("{NH3: 1}", "{chlorine: 1}", "'chlorine' is no ligand"),
        ("{NH3: 1}", "{NH3: 5}", "2 Cl- and 5 beside them are 7 ligands; a first shell is built of 6 at most"),
        ("{NH3: 1}", "{chloride: 1}", "beside: Cl- is what is taken off; remove it"),
        ("{NH3: 1}", "{NH3: 0}", "beside"),
        ("waters: [2, 0]", "waters: [0, 0]", "waters"),
        ("beside: {NH3: 1}", "counterpoise: true", "counterpoise: splits off neutral ligands only, and Cl- is none"),
        ("charge: 1, waters: [2, 1]", "waters: [2, 1]", "ion: H3O needs charge: 1"),
        ("waters: [2, 1]", "waters: [4, 1]", r"H3O\+ has a shell of at most 3 H2O and nothing else"),
        ("ion: H3O", "ion: H3", "'H3' is no chemical symbol"),
        ("ligand: Cl-", "ligand: Cl-, charge: 3", r"no.*\[Zn\(NH3\)\(Cl\)2\]\+"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_off_is_one_message(
    tmp_path: Path, old: str, new: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old in CAMPAIGN
    path = tmp_path / "bad.yaml"
    path.write_text(CAMPAIGN.replace(old, new, 1))
    assert azibflow("run", path, "--run-dir", tmp_path / "run", "--dry-run") == 2
    printed = capsys.readouterr().err
    assert re.search(message, printed), printed
    assert "Traceback" not in printed and printed.count("azibflow: ") == 1
