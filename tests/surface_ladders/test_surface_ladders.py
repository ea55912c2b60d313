"""Ladders on surfaces: differences by hand from what the store holds, and where each water is counted."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from command_line import azibflow

from azibflow.analysis.figures.desolvation import desolvation_figure
from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.desolvation import desolvation_table, published_beside
from azibflow.calculators.specs import AseSpec, CorrectedSpec
from azibflow.errors import AzibflowError, StructureError
from azibflow.hpc.run_folder import RunFolder
from azibflow.structures.building import build
from azibflow.structures.documents import StructureDocument
from azibflow.structures.recipes import StructureRecipe
from azibflow.structures.surface_shells import surface_shells
from azibflow.workflows.common.relaxation_jobs import RelaxationResult
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.common.single_points import SinglePoint, SinglePoints
from azibflow.workflows.molecular.desolvation_results import DesolvationResult
from azibflow.workflows.surface_ladders.flow import collect_rung, surface_desolvation_study
from azibflow.workflows.surface_ladders.states import surface_state, whereabouts
from azibflow.workflows.surface_ladders.steps import surface_steps

CAMPAIGN = """\
name: ladders
calculator: {kind: ase, calculator: "toy_water:ToyWater", work: surrogate, elements: [H, O, Zn], charges: [0]}
relax: {fmax: 0.3, max_steps: 200}
systems:
  zn: {prototype: Zn, slab: {miller: (002), layers: 2, supercell: [3, 3], vacuum: 12.0, fixed_layers: 1}}
studies:
  - {kind: desolvation, surface: zn, waters: [2, 0], shells: {starts: 1}, cell: fixed}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ladders")
    (folder / "ladders.yaml").write_text(CAMPAIGN)
    assert azibflow("run", folder / "ladders.yaml", "--run-dir", folder / "run", "--workers", 1, "--threads", 1) == 0
    return folder / "run"


def outputs(run: Path) -> dict[str, dict]:
    """Return what the jobs of a run left, by their names."""
    with RunFolder(run).documents() as store:
        found = store.query({}, properties=["name", "output"])
        return {document["name"]: document["output"] for document in found}


def test_steps_are_the_differences_of_the_energies_in_the_store(run: Path) -> None:
    kept = outputs(run)
    energies = {
        n: min(
            output["energy"] for name, output in kept.items() if f": n = {n}, " in name and not name.endswith("collect")
        )
        for n in (2, 1, 0)
    }
    water, zinc = kept["H2O: reference"]["energy"], kept["Zn: relax bulk"]["energy"] / 2
    (result,) = load_results([run], DesolvationResult)
    by_hand = [energies[1] + water - energies[2], energies[0] + water - energies[1]]
    assert [step.energy for step in result.steps] == pytest.approx(by_hand)
    assert [step.cumulative for step in result.steps] == pytest.approx(np.cumsum(by_hand))
    slab = kept["zn: relax surface"]["energy"]
    assert result.steps[0].e_ads == pytest.approx(energies[2] - slab - zinc - 2 * water)
    assert result.steps[1].e_ads_after == pytest.approx(energies[0] - slab - zinc)
    assert result.steps[1].e_ads == result.steps[0].e_ads_after
    assert result.steps[0].e_ads == pytest.approx(result.steps[1].e_ads_after - sum(by_hand))
    assert [step.outcome for step in result.steps] == [Outcome.OK] * 2
    assert all(member.lowest.structure.charge == 0 for member in result.members)


def test_every_arrangement_is_kept_and_those_handed_down_lack_one_water(run: Path) -> None:
    (result,) = load_results([run], DesolvationResult)
    names = [[state.name for state in member.states] for member in result.members]
    assert names[0] == ["top-Zn +0.00"]
    assert names[1][0] == "top-Zn +0.00" and names[1][1] == "n = 2 without water 1"
    assert names[2] == ["top-Zn", "n = 1 without water 1"]
    assert [len(one.lowest.structure.symbols) for one in result.members] == [18 + 1 + 3 * n for n in (2, 1, 0)]


def test_the_plain_function_gives_what_the_command_gives(run: Path, toy_ladder: DesolvationResult) -> None:
    (result,) = load_results([run], DesolvationResult)
    assert [step.energy for step in toy_ladder.steps] == pytest.approx([step.energy for step in result.steps])
    for ours, theirs in zip(toy_ladder.members, result.members, strict=True):
        for one, other in zip(ours.states, theirs.states, strict=True):
            assert (one.name, one.outcome, one.on_ion, one.force_calls) == (
                other.name,
                other.outcome,
                other.on_ion,
                other.force_calls,
            )
            assert (one.energy, one.height) == pytest.approx((other.energy, other.height))


@pytest.fixture(scope="module")
def pulled() -> tuple[Atoms, Atoms]:
    """A sheet of carbon, and Zn with two waters on it."""
    sheet = build(StructureRecipe(prototype="graphene", supercell=(5, 5, 1)))
    (shell,) = surface_shells(sheet, "Zn", 2, 1, sites=["top-C"])
    return sheet, shell.atoms


def moved(atoms: Atoms, water: int, to: tuple[float, float, float]) -> Atoms:
    """Return the complex with one water somewhere else; its place counts from the ion."""
    copy, first = atoms.copy(), 50 + 1 + 3 * (water - 1)
    copy.positions[first : first + 3] += copy.positions[50] + to - copy.positions[first]
    return copy


def test_a_water_pulled_off_is_counted_where_it_was_put(pulled: tuple[Atoms, Atoms]) -> None:
    sheet, near = pulled
    near = moved(moved(near, 1, (1.9, 0, 0.5)), 2, (-1.9, 0, 0.5))
    down = sheet.positions[0, 2] + 3.0 - near.positions[50, 2]
    counted = {
        "both": near,
        "surface": moved(near, 2, (-5.0, 0.0, down)),
        "just on": moved(near, 2, (-2.59, 0, 0)),
        "just off": moved(near, 2, (-2.61, 0, 0)),
        "outer": moved(near, 2, (3.6, 1.0, 2.6)),
        "gone": moved(near, 2, (0, 0, 8.0)),
    }
    found = {name: whereabouts(atoms, sheet, 2.6) for name, atoms in counted.items()}
    told = {name: (one.on_ion, one.on_surface, one.outer, one.gone) for name, one in found.items()}
    assert told == {
        "both": (2, 0, 0, ()),
        "surface": (1, 1, 0, ()),
        "just on": (2, 0, 0, ()),
        "just off": (1, 1, 0, ()),
        "outer": (1, 0, 1, ()),
        "gone": (1, 0, 0, (2,)),
    }
    assert whereabouts(counted["just off"], sheet, 2.7).on_ion == 2


def relaxed(toy_ladder: DesolvationResult, atoms: Atoms, energy: float = -1.0, fmax: float = 0.0) -> RelaxationResult:
    bare = toy_ladder.surface.bare
    changes = {"structure": StructureDocument.from_atoms(atoms), "energy": energy, "fmax": fmax}
    return bare.model_copy(update=changes | {"converged": fmax < 0.1})


def test_what_is_no_state_of_a_ladder_says_why(pulled: tuple[Atoms, Atoms], toy_ladder: DesolvationResult) -> None:
    sheet, near = pulled
    bare = relaxed(toy_ladder, sheet)
    broken = near.copy()
    broken.positions[52] += (0, 0, 1.5)
    away = near.copy()
    away.positions[50:, 2] += 6.0
    beyond = near.copy()  # below the sheet, and above it through the vacuum
    beyond.positions[50:, 2] += sheet.cell[2, 2] - 5.5 - (near.positions[50, 2] - sheet.positions[0, 2])
    for atoms, fmax, outcome, reason in (
        (near, 0.0, Outcome.OK, ""),
        (near, 0.5, Outcome.UNCONVERGED, "fmax 0.500 eV/angstrom after"),
        (broken, 0.0, Outcome.DISSOCIATED, "an O-H bond of water 1 broke ("),
        (away, 0.0, Outcome.DESORBED, "the ion left the surface"),
        (beyond, 0.0, Outcome.DESORBED, "the ion left the surface"),
        (moved(near, 1, (0, 0, 8.0)), 0.0, Outcome.DESORBED, "water 1 left both the ion and the surface"),
    ):
        state = surface_state("start", relaxed(toy_ladder, atoms, fmax=fmax), bare, 2.6)
        assert (state.outcome, state.energy) == (outcome, -1.0)
        assert state.reason.startswith(reason)
    failed = surface_state("start", None, bare, 2.6)
    assert (failed.outcome, failed.energy) == (Outcome.FAILED, None)


def test_the_lowest_sound_arrangement_is_kept_and_a_member_without_one_is_no_result(
    pulled: tuple[Atoms, Atoms], toy_ladder: DesolvationResult
) -> None:
    sheet, near = pulled
    bare, shells = relaxed(toy_ladder, sheet), toy_ladder.surface.shells
    found = [relaxed(toy_ladder, near, -3.0), relaxed(toy_ladder, near, -4.0), relaxed(toy_ladder, near, -9.0, 0.5)]
    member = collect_rung(2, ["a", "b", "loose", "failed"], [*found, None], bare, shells)
    assert (member.lowest.name, member.coordination) == ("b", 2)
    loose = collect_rung(2, ["loose", "failed"], [found[2], None], bare, shells)
    none = collect_rung(2, ["failed"], [None], bare, shells)
    below = toy_ladder.members[1]
    surface = toy_ladder.surface
    (step,) = surface_steps([loose, below], surface)
    assert (step.outcome, step.energy) == (
        Outcome.UNCONVERGED,
        pytest.approx(below.lowest.energy + surface.water.energy + 9.0),
    )
    assert step.reason.startswith("n = 2: no arrangement is a result; the lowest: fmax")
    (step,) = surface_steps([none, below], surface)
    assert (step.outcome, step.energy, step.cumulative) == (Outcome.FAILED, None, None)
    loose_slab = surface.model_copy(update={"bare": surface.bare.model_copy(update={"converged": False})})
    (step,) = surface_steps([member, below], loose_slab)
    assert step.outcome is Outcome.UNCONVERGED and "bare surface" in step.reason


def test_a_better_method_corrects_the_lowest_states(toy_ladder: DesolvationResult, toy: AseSpec) -> None:
    calculator = CorrectedSpec(surrogate=toy, correct_with=toy.model_copy(update={"work": "dft"}))
    states = toy_ladder.states_to_correct(calculator)
    assert {name: len(structure.symbols) for name, structure in states.items()} == {
        "n = 2": 25,
        "n = 1": 22,
        "n = 0": 19,
        "water molecule": 3,
    }
    energies = {"n = 2": -10.0, "n = 1": -6.0, "n = 0": -1.0, "water molecule": -1.5}
    record = toy_ladder.calculator
    points = [SinglePoint(state=name, energy=e, seconds=1.0, calculator=record) for name, e in energies.items()]
    corrected = toy_ladder.corrected(SinglePoints(points=points, calculator=record), calculator)
    assert [step.correction.energy for step in corrected.steps] == [2.5, 3.5]
    assert corrected.steps[1].correction.cumulative == 6.0
    assert corrected.steps[0].energy == toy_ladder.steps[0].energy


def test_the_table_has_both_ladders_and_says_what_is_neutral(toy_ladder: DesolvationResult) -> None:
    table = desolvation_table([toy_ladder])
    row = table.rows[0].cells
    assert row["step"] == "2 -> 1 H2O on Zn(001)"
    assert (row["coordination"], row["on_surface"], row["tried"]) == (2, 0, 1)
    assert row["medium"] == "vacuum, neutral cell"
    assert row["energy"] == pytest.approx(row["after_energy"] + row["water_energy"] - row["before_energy"])
    assert "+0.000 eV" in row["arrangements"]
    waters = toy_ladder.members[0].lowest.structure.to_atoms()
    lengths = [waters.get_distance(o, o + k) for o in (19, 22) for k in (1, 2)]
    assert row["oh_length"] == pytest.approx(np.mean(lengths))
    assert row["oh_change"] == pytest.approx(np.mean(lengths) - 0.97, abs=2e-3)
    notes = "\n".join(table.notes)
    assert "On surfaces the cell is neutral" in notes
    assert f"E_ads at n = 0: {toy_ladder.steps[-1].e_ads_after:.3f} eV" in notes
    assert notes.count("n = 1 without water 1") == 1


def test_published_values_of_charged_hydrates_stand_beside_neutral_ones(toy_ladder: DesolvationResult) -> None:
    result = toy_ladder.model_copy(update={"literature": ("TiS2-desolvation", "SAFe@MXene-desolvation")})
    five, six = (result.steps[0].model_copy(update={"waters": n}) for n in (5, 6))
    assert published_beside(result, five) == ["TiS2-desolvation"]
    assert published_beside(result, six) == ["SAFe@MXene-desolvation"]


def test_the_figure_marks_waters_that_left_for_the_surface(toy_ladder: DesolvationResult) -> None:
    def marks(result: DesolvationResult) -> list[tuple[float, float]]:
        lines = [line for line in desolvation_figure([result]).axes[0].lines if line.get_marker() == "v"]
        return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in lines]

    assert marks(toy_ladder) == []
    first, second = toy_ladder.steps
    left = toy_ladder.model_copy(update={"steps": [first, second.model_copy(update={"on_surface": 1})]})
    assert marks(left) == [(1, pytest.approx(second.energy))]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("surface: zn,", "surface: [zn, zinc],", r"names the system 'zinc', which is not among the systems"),
        ("surface: zn,", "support: zn,", "shells: belongs to a ladder on a surface; name the surface, or remove"),
        ("surface: zn,", "surface: zn, charge: 1,", "charge: belongs to a ladder of molecules; on a surface the cell"),
        ("surface: zn,", "surface: zn, ion: Cd,", "ion: no bulk reference for the ion Cd; there is one for Zn"),
        ("waters: [2, 0]", "waters: [0, 0]", "waters"),
        ("starts: 1", "sites: [top-O]", r"no adsorption site top-O on this surface; its sites are top-Zn, bridge-Zn"),
        ("supercell: [3, 3]", "supercell: [1, 1]", r"leaves no room for Zn with 2 H2O at top-Zn; repeat the surface"),
        ("elements: [H, O, Zn]", "elements: [H, Zn]", "O"),
        ("{prototype: Zn, slab: {miller: (002), layers: 2, supercell: [3, 3], vacuum: 12.0, fixed_layers: 1}}",
         "{prototype: Zn}", r"system 'zn': zn: the widest gap along c is .* angstrom; a surface needs 6.0 or more"),
        ("{prototype: Zn, slab: {miller: (002), layers: 2, supercell: [3, 3], vacuum: 12.0, fixed_layers: 1}}",
         "{prototype: graphene, charge: 1}", r"a ladder on a surface cannot honour charge: its cells are neutral"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_ladder_is_one_message(
    tmp_path: Path, old: str, new: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:

    assert old in CAMPAIGN
    path = tmp_path / "bad.yaml"
    path.write_text(CAMPAIGN.replace(old, new, 1))
    assert azibflow("run", path, "--run-dir", tmp_path / "run", "--dry-run") == 2
    printed = capsys.readouterr().err
    assert re.search(message, printed), printed
    assert "Traceback" not in printed and printed.count("azibflow: ") == 1


def test_a_periodic_support_is_told_to_be_a_surface(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "support.yaml"
    text = CAMPAIGN.replace("surface: zn,", "support: zn,").replace(", shells: {starts: 1}, cell: fixed", "")
    path.write_text(re.sub("relax: .*\n", "", text))
    assert azibflow("run", path, "--dry-run") == 2
    assert "remove slab, or name a surface as surface" in capsys.readouterr().err
    path.write_text(re.sub(", slab: .*", "}", path.read_text()))
    assert azibflow("run", path, "--dry-run") == 2
    assert "zn is periodic; this study wants a molecule or a cluster (ladders on a surface" in capsys.readouterr().err


def test_an_ion_without_a_metal_is_refused_by_the_function_too(toy: AseSpec) -> None:
    with pytest.raises((AzibflowError, StructureError), match="no bulk reference for the ion Cd"):
        surface_desolvation_study(StructureRecipe(prototype="graphene"), "Cd", toy)
