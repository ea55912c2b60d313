"""What stands in the tables, and what is marked, joined, dropped and explained."""

import math

import pytest
from maggma.stores import MemoryStore

from azibflow.analysis.tables.adsorption import adsorption_table
from azibflow.analysis.tables.formats import printed_rows
from azibflow.analysis.tables.migration import barriers_table
from azibflow.analysis.tables.provenance import provenance
from azibflow.analysis.tables.registry import all_results, table_of
from azibflow.analysis.tables.surface import facet_label, surfaces_table
from azibflow.calculators.specs import CalculatorRecord, Dispersion, MaceSpec, WeightsRecord
from azibflow.errors import AzibflowError
from azibflow.structures.documents import StructureDocument
from azibflow.studies import BUILT_IN
from azibflow.workflows.common.results import Outcome


def printed(table, key):
    """Return one column as people read it."""
    place = [column.key for column in table.printed_columns()].index(key)
    return [row[place] for row in printed_rows(table)]


def cells(table, key):
    return [row.cells[key] for row in table.rows]


@pytest.fixture
def barriers(hop, unconverged_hop, failed_hop):
    return barriers_table([hop(), unconverged_hop, failed_hop], literature=True)


def test_every_hop_keeps_its_row_and_only_results_go_unmarked(barriers):
    assert printed(barriers, "barrier_forward") == ["0.360", "0.840*", ""]
    assert printed(barriers, "difference") == ["0.077", "-0.130*", ""]
    assert [row.cells["fmax"] for row in barriers.rows][:2] == [0.0412, 0.21]
    assert printed(barriers, "outcome") == ["ok", "unconverged", "failed"]
    assert "Zn in VO2(B), b 3.69: failed; its job failed." in barriers.notes


def test_problems_are_what_failed_or_did_not_converge(barriers, zn_on_graphene):
    assert [row.cells["study"] for row in barriers.problems()] == ["Zn in 2H-MoS2", "Zn in VO2(B)"]
    assert [row.cells["site"] for row in adsorption_table([zn_on_graphene]).problems()] == ["hollow-3", "hollow-4"]


def test_tables_and_problems_come_straight_from_stores(hop, unconverged_hop, zn_on_graphene, zinc_facets):
    store = MemoryStore()
    store.connect()
    for number, result in enumerate((hop(), unconverged_hop, zn_on_graphene, zinc_facets)):
        output = result.model_dump(mode="json") | {"@module": type(result).__module__, "@class": type(result).__name__}
        store.update([{"uuid": str(number), "index": 1, "output": output, "completed_at": str(number)}], key="uuid")
    assert [len(table_of(kind.name, [store]).rows) for kind in BUILT_IN] == [2, 6, 6, *[0] * (len(BUILT_IN) - 3)]
    assert table_of("migration", [store], literature=True) == barriers_table([hop(), unconverged_hop], literature=True)
    assert [row.name for row in all_results([store]).problems()] == [
        "Zn in 2H-MoS2, octahedral-tetrahedral",
        "Zn on graphene, hollow-3",
        "Zn on graphene, hollow-4",
        "surfaces of Zn, (1-20) termination 0, 6 layers",
    ]


def test_unknown_table_names_the_known_ones():
    with pytest.raises(AzibflowError, match="migration, adsorption, surface, "):
        table_of("barrier", [])


def test_barrier_row_says_in_which_cell(barriers):
    assert barriers.rows[0].cells["cell"] == "11.51 x 10.69 x 8.74"
    assert barriers.rows[1].cells["angles"] == "90.00, 90.00, 120.00"
    assert cells(barriers, "supercell") == ["1 x 3 x 2", "1 x 3 x 2", None]
    assert cells(barriers, "images") == [3, 3, 3]


def test_host_and_ion_are_printed_only_where_the_study_does_not_name_them(hop):
    def keys(table):
        return {column.key for column in table.printed_columns()}

    assert not keys(barriers_table([hop()])) & {"host", "ion"}
    assert keys(barriers_table([hop(), hop(study="test")])) >= {"host", "ion"}


def test_tops_and_minima_are_shown_where_they_differ_from_the_barrier(hop):
    def keys(table):
        return {column.key for column in table.printed_columns()}

    plain = barriers_table([hop()])
    assert not keys(plain) & {"interpolated_barrier", "intermediate_minimum"}
    assert not any("rises to" in note or "two hops" in note for note in plain.notes)
    higher = barriers_table([hop(interpolated_barrier=0.372)])
    assert "interpolated_barrier" in keys(higher)
    assert any("rises to 0.372 eV" in note for note in higher.notes)
    double = barriers_table([hop(intermediate_minimum=0.12)])
    assert "intermediate_minimum" in keys(double)
    assert any("two hops in a row" in note and "dips to 0.120 eV" in note for note in double.notes)


def test_what_given_endpoints_were_taken_for_is_said(hop):
    words = "atoms of the second endpoint reordered: 2 atoms"
    table = barriers_table([hop(supercell=None, cell_policy=None, pairing=words)])
    assert any(words in note for note in table.notes)
    assert (cells(table, "cell_policy"), cells(table, "pairing")) == (["as given"], [words])


def test_barrier_that_is_no_climbing_image_says_so(hop):
    table = barriers_table([hop(), hop(saddle_kind="highest image", outcome=Outcome.UNCONVERGED)])
    assert printed(table, "saddle_kind") == ["climbing image", "highest image"]


def test_published_barriers_stand_beside_their_rows(barriers):
    row = barriers.rows[0].cells
    assert row["published"] == 0.283
    assert row["difference"] == pytest.approx(0.3604 - 0.283)
    assert row["published_doi"] == "10.48550/arXiv.2508.06459"
    assert row["published_locator"] == "row a-V2O5_Zn, path 1"
    assert cells(barriers, "published_key") == ["a-V2O5_Zn", "MoS2", None]
    assert "No published value has the key MoS3; the nearest are MoS2, H-MoS2." in barriers.notes


def test_without_literature_nothing_published_is_shown(hop):
    table = barriers_table([hop()])
    assert not [column.key for column in table.columns if "published" in column.key or column.key == "difference"]
    assert not [note for note in table.notes if "Published" in note]


@pytest.mark.parametrize(
    ("keys", "difference"),
    [
        (["MoS2", "H-MoS2"], None),
        (["MgZnSiO4_1"], None),
        (["V2C-V2O5"], None),
        (["SAFe@MXene-Zn"], None),
        (["V2C-V2O5", "a-V2O5_Zn"], 0.0774),
    ],
)
def test_difference_needs_one_number_for_the_same_ion(hop, keys, difference):
    table = barriers_table([hop(literature=keys)], literature=True)
    assert table.rows[0].cells["difference"] == (None if difference is None else pytest.approx(difference))


def test_several_published_numbers_share_a_cell(hop):
    row = barriers_table([hop(literature=["MoS2", "V2C-V2O5", "H-MoS2"])], literature=True).rows[0].cells
    assert (row["published"], row["published_key"]) == ("0.97; 0.41", "MoS2; V2C-V2O5; H-MoS2")
    assert row["published_ordering"] == "V2C-V2O5 below V2O5"


def test_published_value_of_another_quantity_is_named_but_not_shown(hop):
    table = barriers_table([hop(literature=["SAFe@MXene-Zn"])], literature=True)
    assert table.rows[0].cells["published"] is None
    assert "Published value SAFe@MXene-Zn gives another quantity (adsorption energy)." in table.notes


def test_adsorption_references_are_in_the_heads_and_the_notes(zn_on_graphene, water_on_zinc):
    heads = {column.key: column.head for column in adsorption_table([zn_on_graphene, water_on_zinc]).columns}
    assert heads["e_ads_vs_bulk"] == "E_ads vs hcp Zn"
    assert heads["e_ads_vs_atom"] == "E_ads vs Zn atom"
    assert heads["e_ads_vs_molecule"] == "E_ads vs H2O(g)"
    notes = adsorption_table([zn_on_graphene]).notes
    assert "E[X] of Zn: bulk Zn, cell relaxed, per atom." in notes
    assert any("1.35 eV, the measured cohesive energy" in note for note in notes)


def test_several_metals_or_molecules_get_a_general_head_and_a_reference_column(water_on_zinc):
    ammonia = water_on_zinc.reference.model_copy(update={"adsorbate": "NH3", "state": "NH3(g)"})
    other = water_on_zinc.model_copy(update={"adsorbate": "NH3", "reference": ammonia})
    table = adsorption_table([water_on_zinc, other])
    assert {column.key: column.head for column in table.columns}["e_ads_vs_molecule"] == "E_ads vs molecules"
    assert printed(table, "reference") == ["H2O(g)", "NH3(g)"]


def test_columns_empty_in_every_row_are_not_printed(water_on_zinc):
    table = adsorption_table([water_on_zinc])
    assert "e_ads_vs_bulk" not in {column.key for column in table.printed_columns()}
    assert "e_ads_vs_bulk" in {column.key for column in table.columns}


def test_only_results_compete_for_most_stable(zn_on_graphene, water_on_zinc):
    assert cells(adsorption_table([zn_on_graphene, water_on_zinc]), "most_stable") == [None, True, *[None] * 5]


def test_adsorption_energy_can_be_checked_by_hand(zn_on_graphene):
    for row in adsorption_table([zn_on_graphene]).rows[:-1]:
        parts = row.cells
        by_hand = parts["energy"] - parts["energy_surface"] - parts["energy_reference"]
        assert parts["e_ads_vs_bulk"] == pytest.approx(by_hand)


def test_published_adsorption_energy_gets_its_reference_and_no_difference(zn_on_graphene):
    table = adsorption_table([zn_on_graphene], literature=True)
    assert "difference" not in {column.key for column in table.columns}
    assert set(printed(table, "published_reference")) == {"unknown; unknown"}
    assert table.rows[0].cells["published"] == -4.83
    assert table.rows[0].cells["published_ordering"] == "Sn and TiO2 bind more strongly than graphene"
    assert sum("reference state unknown: compare orderings only" in note for note in table.notes) == 2


def test_surface_energies_show_convergence_against_results_only(zinc_facets):
    table = surfaces_table([zinc_facets])
    assert cells(table, "gamma_change") == [None, pytest.approx(-0.0037), None, None, None, None]
    assert printed(table, "gamma") == ["0.262", "0.258", "0.410", "0.660", "0.500*", "0.600"]


def test_lowest_termination_and_lowest_facet_are_two_questions(zinc_facets):
    """At 8 layers (001) has 0.258, (100) 0.410 and 0.660; at 6 layers (1-20) is no result."""
    table = surfaces_table([zinc_facets])
    assert cells(table, "lowest_termination") == [None, None, True, None, None, None]
    assert cells(table, "lowest_facet") == [True, True, None, None, None, None]


def test_facets_of_one_energy_are_both_lowest(zinc_facets):
    rows = [zinc_facets.rows[1], zinc_facets.rows[2].model_copy(update={"gamma": zinc_facets.rows[1].gamma + 1e-9})]
    twins = zinc_facets.model_copy(update={"rows": rows})
    assert cells(surfaces_table([twins]), "lowest_facet") == [True, True]
    assert cells(surfaces_table([twins.model_copy(update={"rows": rows[:1]})]), "lowest_facet") == [None]


def test_facets_have_four_indices_in_hexagonal_crystals_only(zinc_facets):
    hexagonal = ["(001) = (0001)", "(100) = (10-10)", "(1-20) = (1-210)"]
    assert list(dict.fromkeys(cells(surfaces_table([zinc_facets]), "facet"))) == hexagonal
    cube = StructureDocument(
        symbols=["Cu"], positions=[(0, 0, 0)], cell=((3.6, 0, 0), (0, 3.6, 0), (0, 0, 3.6)), pbc=(True, True, True)
    )
    cubic = zinc_facets.model_copy(update={"bulk": zinc_facets.bulk.model_copy(update={"structure": cube})})
    assert cells(surfaces_table([cubic]), "facet")[0] == "(001)"


def test_facet_of_large_indices_is_spaced():
    assert facet_label((1, 0, -12)) == "(1 0 -12)"


def test_each_calculator_is_described_once_and_rows_point_to_it(zn_on_graphene, water_on_zinc):
    table = adsorption_table([zn_on_graphene, water_on_zinc])
    assert printed(table, "calculator_number") == ["1"] * 6 + ["2"]
    assert (
        "Calculator 1: chgnet version=0.3.0 device=cpu; with chgnet 0.4.2; weights w.tar (SHA-256 " + "a" * 64 + ")."
        in table.notes
    )
    assert "Calculator 2: ase calculator=ase.calculators.emt:EMT; with ase 3.29.0." in table.notes
    assert "calculator_number" not in {column.key for column in adsorption_table([zn_on_graphene]).printed_columns()}


def test_provenance_names_committees_and_dispersion_but_no_folder(hop):
    record = CalculatorRecord(
        spec=MaceSpec(models=("/home/me/a.model", "/home/me/b.model"), dispersion=Dispersion()),
        versions={"torch": "2.13.0", "mace-torch": "0.3.16"},
        weights=(WeightsRecord(name="a.model", sha256="1" * 64), WeightsRecord(name="b.model", sha256="2" * 64)),
    )
    (text,) = provenance([hop(calculator=record), hop(calculator=record)])
    assert "/home" not in text
    assert "functional=pbe" in text and "damping=d3bj" in text
    assert "with mace-torch 0.3.16, torch 2.13.0" in text
    assert "a.model (SHA-256 1111" in text and "b.model (SHA-256 2222" in text


def test_empty_table_is_a_table(barriers):
    table = barriers_table([], literature=True)
    assert (table.rows, table.printed_columns()) == ([], [])
    assert [column.key for column in table.columns] == [column.key for column in barriers.columns]


def test_a_number_that_is_not_finite_fails_its_row(hop, zinc_facets):
    """An ok row without its number would say that there was none to find."""
    (row,) = barriers_table([hop(barrier_forward=math.nan)]).rows
    assert (row.outcome, row.cells["outcome"], row.cells["barrier_forward"]) == ("failed", "failed", None)
    assert row.reason == "barrier_forward is not a finite number"
    rows = [zinc_facets.rows[0].model_copy(update={"gamma": math.inf})]
    assert surfaces_table([zinc_facets.model_copy(update={"rows": rows})]).problems()


def slab(height, *heights):
    cell = ((3.0, 0.0, 0.0), (0.0, 3.0, 0.0), (0.0, 0.0, height))
    places = [(0.0, 0.0, z) for z in heights]
    return StructureDocument(symbols=["Cu"] * len(heights), positions=places, cell=cell, pbc=(True, True, True))


def test_vacuum_is_printed_where_studies_differ_in_it(zinc_facets):
    def study(height, *heights):
        row = zinc_facets.rows[0].model_copy(update={"structure": slab(height, *(heights or (4.0, 6.0)))})
        return zinc_facets.model_copy(update={"rows": [row]})

    assert printed(surfaces_table([study(12.0), study(22.0)]), "vacuum") == ["10.0", "20.0"]
    assert printed(surfaces_table([study(12.0, 11.0, 1.0), study(22.0)]), "vacuum") == ["10.0", "20.0"], "it wraps"
    assert "vacuum" not in {column.key for column in surfaces_table([study(12.0), study(12.3)]).printed_columns()}


def test_two_hops_of_one_name_are_two_names_of_rows(hop):
    """Comparisons find rows by their names, which held the second hop for the first."""
    names = [row.name for row in barriers_table([hop(), hop(place=(0, 1), barrier_forward=0.9)]).rows]
    assert names == ["Zn in alpha-V2O5, b 3.56", "Zn in alpha-V2O5, b 3.56 (2)"]
