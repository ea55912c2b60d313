"""Water that falls apart on a toy surface: a run, the plain function, the table and the figure."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase import Atoms
from maggma.stores import MemoryStore
from toy_splitting import TOY, ToyWater

from azibflow.analysis.figures.dissociation import dissociation_figure
from azibflow.analysis.figures.files import write_figure
from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.dissociation import dissociation_table
from azibflow.analysis.tables.registry import table_of
from azibflow.calculators.kinds.corrected import CorrectedSpec, RefineSettings
from azibflow.cli.main import main
from azibflow.errors import AzibflowError
from azibflow.workflows.adsorption.results import AdsorptionResult
from azibflow.workflows.common.results import Outcome, RelaxSettings, StudyLabel
from azibflow.workflows.dissociation.ends import Asked, lowest_product
from azibflow.workflows.dissociation.flow import dissociate, without_refinement
from azibflow.workflows.dissociation.results import DissociationResult, EndSettings, Product
from azibflow.workflows.migration.results import BandSettings, MigrationResult

CAMPAIGN = """\
name: water
calculator: {kind: ase, calculator: "toy_splitting:ToyWater", elements: [Cu, H, O, Zn], charges: [0]}
systems:
  sheet: {file: sheet.extxyz}
studies:
  - {kind: dissociation, system: sheet, beside: Zn, sites: [hollow-Cu3], ends: {products: 2, places: 1}}
"""


@pytest.fixture(scope="module")
def rows(store: MemoryStore) -> list[DissociationResult]:
    return load_results([store], DissociationResult)


def test_water_alone_comes_first_then_beside_zinc(rows: list[DissociationResult]) -> None:
    assert [(row.beside, row.outcome) for row in rows] == [("", Outcome.OK), ("Zn", Outcome.OK)]


def test_forward_minus_backward_is_the_energy_of_the_reaction(rows: list[DissociationResult]) -> None:
    for row in rows:
        assert row.barrier_forward - row.barrier_backward == pytest.approx(row.reaction_energy, abs=1e-9)
        assert row.barrier_backward > 0.05
        ends = [one.to_atoms() for one in (row.path.initial, row.path.final)]
        for atoms in ends:
            atoms.calc = ToyWater()
        first, last = (atoms.get_potential_energy() for atoms in ends)
        assert last - first == pytest.approx(row.reaction_energy, abs=1e-6)


def test_the_path_begins_with_water_and_ends_with_hydroxyl(rows: list[DissociationResult]) -> None:
    for row in rows:
        initial, saddle, final = (one.to_atoms() for one in (row.path.initial, row.path.saddle, row.path.final))
        lengths = [sorted(atoms.get_distances(9, [10, 11], mic=True)) for atoms in (initial, saddle, final)]
        assert lengths[0] == pytest.approx([0.97, 0.97], abs=0.05)
        assert lengths[2][0] == pytest.approx(0.97, abs=0.05)
        assert lengths[2][1] > 2.0
        assert lengths[0][1] < lengths[1][1] < lengths[2][1] + 0.1
        assert row.length_saddle == pytest.approx(lengths[1][1])


def test_of_the_products_that_were_tried_the_lowest_is_kept(rows: list[DissociationResult]) -> None:
    for row in rows:
        assert [one.outcome for one in row.products].count(Outcome.OK) >= 1
        kept = min((one for one in row.products if one.outcome is Outcome.OK), key=lambda one: one.energy)
        assert kept.label == row.product
        assert kept.energy == pytest.approx(row.reaction_energy, abs=0.01)


def test_zinc_is_where_it_is_said_to_be(rows: list[DissociationResult]) -> None:
    alone, beside = rows
    assert alone.distance_initial is None
    assert beside.distance_initial == pytest.approx(beside.path.initial.to_atoms().get_distance(9, -1, mic=True))
    assert beside.path.initial.charge == 0


def test_the_plain_function_gives_what_the_flow_gives_and_a_better_method_corrects_it(
    store: MemoryStore, rows: list[DissociationResult]
) -> None:
    found = {one.adsorbate: one for one in load_results([store], AdsorptionResult)}
    asked = Asked(
        label=StudyLabel(study="plain"),
        surface="sheet",
        calculator=CorrectedSpec(surrogate=TOY, correct_with=TOY),
        relax=RelaxSettings(fmax=0.05),
        band=BandSettings(),
        ends=EndSettings(products=2, places=1),
    )
    plain = dissociate([found[name] for name in ("H2O", "OH", "H")], asked)
    assert plain.barrier_forward == pytest.approx(rows[0].barrier_forward, abs=1e-4)
    assert plain.products[0].label == rows[0].products[0].label
    assert (plain.e_water, plain.e_hydroxyl) == (rows[0].e_water, rows[0].e_hydroxyl)
    assert plain.better is not None
    assert plain.barrier_forward == plain.better.barrier_forward
    assert any(
        "the barriers are those of ToyWater on the path of ToyWater" in note
        for note in dissociation_table([plain]).notes
    )
    dry = found["H2O"].model_copy(
        update={"rows": [row.model_copy(update={"outcome": Outcome.DISSOCIATED}) for row in found["H2O"].rows]}
    )
    failed = dissociate([dry, found["OH"], found["H"]], asked)
    assert (failed.outcome, failed.barrier_forward) == (Outcome.FAILED, None)
    assert "no water stays whole" in failed.reason


def test_the_table_has_the_change_by_zinc_and_the_published_ordering(store: MemoryStore, rows) -> None:
    table = table_of("dissociation", [store], literature=True)
    alone, beside = (row.cells for row in table.rows)
    assert (alone["beside"], beside["beside"]) == ("nothing", "Zn")
    assert beside["change"] == pytest.approx(rows[1].barrier_forward - rows[0].barrier_forward)
    assert alone["change"] is None
    assert "moderate on VN" in alone["published_ordering"]
    assert any("a neutral atom in a neutral cell, begun 3 angstrom" in note for note in table.notes)
    assert any("ends tried" in note for note in table.notes)


def test_the_paths_are_migration_results_too(store: MemoryStore) -> None:
    hops = load_results([store], MigrationResult)
    assert [hop.hop for hop in hops] == ["H2O to OH and H", "H2O to OH and H beside Zn"]


def test_the_figure_has_a_point_for_each_row_that_is_one(store: MemoryStore, rows, tmp_path: Path) -> None:
    picture = tmp_path / "volcano.svg"
    write_figure(lambda: dissociation_figure(rows), picture)
    drawn = picture.read_text()
    assert all(words in drawn for words in ("adsorption energy of OH (eV)", "beside Zn", "water alone", ">sheet<"))
    panel = dissociation_figure(rows[:1]).axes[0]
    assert panel.lines[0].get_xydata().tolist() == [[rows[0].e_hydroxyl, rows[0].barrier_forward]]
    with pytest.raises(AzibflowError, match="no dissociation has a barrier"):
        dissociation_figure([rows[0].model_copy(update={"outcome": Outcome.UNCONVERGED})])


def test_a_better_method_refines_barriers_and_not_adsorption() -> None:
    refining = CorrectedSpec(surrogate=TOY, correct_with=TOY, refine=RefineSettings())
    assert without_refinement(refining) == CorrectedSpec(surrogate=TOY, correct_with=TOY)
    assert without_refinement(TOY) is TOY


def test_failed_products_leave_a_row_with_their_reasons() -> None:
    tried = [Product(label="a", energy=0.1, outcome=Outcome.MERGED, reason="H went back to OH")]
    with pytest.raises(AzibflowError, match="a: H went back to OH"):
        lowest_product(tried)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("beside: Zn", "beside: Li", "calculator ase has never seen Li"),
        ("beside: Zn", "beside: Xy", "Xy"),
        ("beside: Zn", "molecule: CO2", "must be 'H2O', not 'CO2'"),
        ("places: 1", "distance: 0", "must be greater than 0, not 0"),
        ("[hollow-Cu3]", "[hollow-fcc]", "no adsorption site hollow-fcc on this surface; its sites are top-Cu"),
    ],
)
def test_mistakes_are_one_line(old: str, new: str, said: str, tmp_path: Path, sheet: Atoms, capsys) -> None:
    sheet.write(tmp_path / "sheet.extxyz")
    (tmp_path / "water.yaml").write_text(CAMPAIGN.replace(old, new))
    with pytest.raises(SystemExit) as ending:
        main(["run", str(tmp_path / "water.yaml"), "--dry-run"])
    assert ending.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert len(told.strip().splitlines()) == 1
    assert "water.yaml" in told
