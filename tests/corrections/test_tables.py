"""Tables of corrected results: more columns only where something was corrected, arithmetic and units as elsewhere."""

from __future__ import annotations

import pytest

from azibflow.analysis.figures.migration import barrier_figure
from azibflow.analysis.tables.adsorption import adsorption_table
from azibflow.analysis.tables.formats import render
from azibflow.analysis.tables.migration import barriers_table
from azibflow.analysis.tables.model import Table
from azibflow.calculators.specs import AseSpec, CorrectedSpec
from azibflow.structures.recipes import SlabRecipe, StructureRecipe
from azibflow.workflows.adsorption.flow import adsorption_study
from azibflow.workflows.adsorption.results import AdsorptionResult
from azibflow.workflows.common.corrections import correct
from azibflow.workflows.common.results import Outcome, RelaxSettings
from azibflow.workflows.common.single_points import SinglePoints
from azibflow.workflows.migration.flow import migration_study
from azibflow.workflows.migration.hops import HopSettings
from azibflow.workflows.migration.results import BandSettings, MigrationResult

LOOSE = RelaxSettings(fmax=0.05)
OPTIONS = {"sigma": 2.0, "epsilon": 0.05, "rc": 5.0, "smooth": True}
COST = ("better_calls", "better_seconds", "surrogate_calls", "surrogate_seconds", "better_fmax")


@pytest.fixture(scope="module")
def calculator(emt: AseSpec) -> CorrectedSpec:
    better = AseSpec(calculator="ase.calculators.lj:LennardJones", options=OPTIONS)
    return CorrectedSpec(surrogate=emt, correct_with=better)


@pytest.fixture(scope="module")
def hop(emt: AseSpec) -> MigrationResult:
    hops = HopSettings(sites=[(0.5, 0.5, 0.5)], supercell=(2, 2, 2))
    band = BandSettings(images=3, fmax=0.05)
    return migration_study(StructureRecipe(prototype="Cu"), "H", emt, hops=hops, band=band, settings=LOOSE)[0]


@pytest.fixture(scope="module")
def sites(emt: AseSpec) -> AdsorptionResult:
    slab = SlabRecipe(miller="(111)", layers=2, supercell=(2, 2), vacuum=8.0, fixed_layers=1)
    return adsorption_study(StructureRecipe(prototype="Cu", slab=slab), "O", emt, LOOSE)


def keys(table: Table) -> list[str]:
    return [column.key for column in table.columns]


def test_a_plain_table_has_nothing_of_corrections(hop: MigrationResult, sites: AdsorptionResult) -> None:
    for table in (barriers_table([hop]), adsorption_table([sites])):
        assert not [key for key in keys(table) if key.endswith(("_corrected", "_change")) or key in COST]
        assert "corrected" not in render(table)


def test_a_corrected_barrier_stands_beside_that_of_the_surrogate(hop: MigrationResult, calculator) -> None:
    corrected = correct(hop, calculator)
    table = barriers_table([corrected, hop])
    cells, plain = table.rows[0].cells, table.rows[1].cells
    for quantity in ("barrier_forward", "barrier_backward", "reaction_energy"):
        own, better = getattr(hop, quantity), getattr(corrected.correction, quantity)
        assert cells[quantity] == plain[quantity] == own
        assert cells[f"{quantity}_corrected"] == better
        assert cells[f"{quantity}_change"] == pytest.approx(better - own, abs=1e-12)
        assert plain[f"{quantity}_corrected"] is None
    assert (cells["better_calls"], plain["better_calls"]) == (2, None)
    assert cells["surrogate_calls"] == hop.force_calls + hop.endpoint_force_calls
    units = {column.key: column.unit for column in table.columns}
    assert units["barrier_forward_corrected"] == units["reaction_energy_change"] == "eV"
    assert units["better_seconds"] == units["surrogate_seconds"] == "s"
    assert units["better_fmax"] == "eV/angstrom"
    (note,) = [note for note in table.notes if "structures by" in note]
    assert "calculator=ase.calculators.lj:LennardJones" in note
    assert "2 single points" in note
    assert any("ase.calculators.emt:EMT" in note for note in table.notes if note.startswith("Calculator 1"))


def test_a_figure_says_whose_path_it_shows(hop: MigrationResult, calculator) -> None:
    corrected = correct(hop, calculator)
    assert corrected.correction is not None
    panels = barrier_figure([corrected, hop]).axes
    title = " ".join(panels[0].get_title(loc="left").split())
    assert f"surrogate; corrected: {corrected.correction.barrier_forward:.2f} eV" in title
    assert "corrected" not in panels[1].get_title(loc="left")


def test_a_failed_correction_is_a_problem_with_its_reason(hop: MigrationResult, calculator) -> None:
    good = correct(hop, calculator).single_points
    lost = SinglePoints(points=good.points[:1], calculator=good.calculator)
    table = barriers_table([hop.corrected(lost, calculator)])
    (row,) = table.problems()
    assert row.outcome is Outcome.FAILED
    assert row.cells["barrier_forward"] == hop.barrier_forward
    assert row.cells["barrier_forward_corrected"] is None
    text = " ".join(render(table).split())
    assert "the single point of the saddle by ase failed" in text
    assert f"{hop.barrier_forward:.3f}*" in text


def test_corrected_sites_and_the_most_stable_by_the_better_method(sites: AdsorptionResult, calculator) -> None:
    corrected = correct(sites, calculator)
    table = adsorption_table([corrected])
    assert "e_ads_vs_molecule_corrected" in [column.key for column in table.printed_columns()]
    assert "e_ads_vs_bulk_corrected" not in [column.key for column in table.printed_columns()]
    rows = [row for row in table.rows if row.outcome is Outcome.OK]
    lowest = min(rows, key=lambda row: row.cells["e_ads_vs_molecule_corrected"])
    assert [row for row in rows if row.cells["most_stable"]] == [lowest]
    assert all(row.cells["better_calls"] == 4 for row in rows)  # its own, the surface, H2O and H2
    assert f"{3 + len(rows)} single points" in " ".join(table.notes)
