"""A system beside its parent: difference, error bar and mark, by hand from what is in the stores."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from ase.io import read

from azibflow.analysis.benchmarks.barriers import barriers_of, errors_by_class, kept
from azibflow.analysis.stored import load_results
from azibflow.analysis.tables.adsorption import adsorption_table
from azibflow.analysis.tables.declared import Declared
from azibflow.analysis.tables.interface import interfaces_table
from azibflow.analysis.tables.migration import barriers_table
from azibflow.analysis.tables.model import Column
from azibflow.analysis.tables.parents import with_parents
from azibflow.analysis.tables.provenance import describe
from azibflow.analysis.tables.registry import table_of
from azibflow.calculators.records import CalculatorRecord
from azibflow.calculators.specs import AseSpec
from azibflow.calculators.surrogates.trust import Trust
from azibflow.cli.main import main
from azibflow.data.barriers import published_hops
from azibflow.structures.documents import StructureDocument
from azibflow.studies import study_kinds
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.common.single_points import SinglePoints
from azibflow.workflows.interfaces.results import InterfaceResult
from azibflow.workflows.migration.results import BarrierCorrection

RESULTS = Path(__file__).parent.parent.parent / "examples" / "results"
CODE = CalculatorRecord(spec=AseSpec(calculator="ase.calculators.emt:EMT"), versions={})
MEASURED = next(one for one in kept() if one.calculator.spec.kind == "chgnet").calculator
CELL = (11.5, 3.56, 8.7)


def beside(kind, results, parents):
    """Make a table and put the parents beside its rows."""
    table = {"migration": barriers_table, "adsorption": adsorption_table}[kind](results)
    records = {describe(result.calculator): result.calculator for result in results}
    return with_parents(table, study_kinds()[kind].system_rows, parents, results, records)


def status(words):
    with pytest.raises(SystemExit) as ended:
        main(words)
    return ended.value.code


def ends(vector, cell=CELL):
    """Return both ends of a hop in a cell with one atom of oxygen."""
    places = [(0.0, 0.0, 0.0), tuple(vector)]
    axes = tuple(tuple(length if row == column else 0.0 for column in range(3)) for row, length in enumerate(cell))
    return {
        name: StructureDocument(
            symbols=["O", "Zn"], positions=[(5.0, 1.0, 4.0), place], cell=axes, pbc=(True, True, True)
        )
        for name, place in zip(("initial", "final"), places, strict=True)
    }


@pytest.fixture
def moving(hop):
    """Make a hop of a system."""

    def make(system, vector, barrier, **changes):
        vector = tuple(vector)
        cell = changes.pop("of_cell", CELL)
        return hop(
            study=f"Zn in {system}",
            host=changes.pop("host", system),
            hop=changes.pop("name", f"{math.dist(vector, (0, 0, 0)):.2f} A"),
            barrier_forward=barrier,
            calculator=changes.pop("calculator", CODE),
            hop_distance=math.dist(vector, (0, 0, 0)),
            supercell=(1, 1, 1),
            literature=[],
            **ends(vector, cell),
            **changes,
        )

    return make


def test_every_hop_stands_beside_the_same_hop_of_the_parent(moving):
    own = [moving("v2o5-o: alpha-V2O5", (0, 1.7, 0), 0.25), moving("v2o5-o: alpha-V2O5", (1.75, 0.2, 0), 0.7)]
    own = [one.model_copy(update={"study": "Zn in v2o5-o"}) for one in own]
    parent = [
        moving("v2o5", (1.7, 0, 0), 0.9),
        moving("v2o5", (0, -1.68, 0), 0.36),
        moving("v2o5", (0, 0, 1.7), 0.1, name="up"),
    ]
    table = beside("migration", [*parent, *own], {"v2o5-o": "v2o5"})
    rows = [row.cells for row in table.rows]
    assert [row["vs_parent"] for row in rows] == [None, None, None, pytest.approx(-0.11), pytest.approx(-0.2)]
    assert [row["parent"] for row in rows][3:] == ["Zn in v2o5, 1.68 A", "Zn in v2o5, 1.70 A"]
    assert [row["vs_parent_side"] for row in rows][3:] == ["below", "below"]
    lowest = "v2o5-o against its parent v2o5, lowest of each: E_m forward 0.250 and 0.100 eV"
    assert any(note.startswith(lowest) and "+0.150" in note for note in table.notes)
    assert any(
        "is taken for Zn in v2o5, 1.68 A: 1.70 and 1.68 angstrom, CN 5 and 5, 0 degrees" in n for n in table.notes
    )


@pytest.mark.parametrize(
    ("parent", "reason"),
    [
        ({"vector": (0, 2.3, 0)}, "is 2.30 angstrom long and not 1.70"),
        ({"vector": (1.7, 0, 0)}, "points 90 degrees away"),
        ({"vector": (0, 1.7, 0), "coordination_initial": 3}, "begins with 3 neighbours and not 5"),
    ],
)
def test_a_hop_that_the_parent_has_not_is_not_compared(moving, parent, reason):
    results = [moving("own", (0, 1.7, 0), 0.3), moving("host", barrier=0.5, **parent)]
    table = beside("migration", results, {"own": "host"})
    assert "vs_parent" not in {column.key for column in table.columns}
    assert any(reason in note and "has no counterpart" in note for note in table.notes)
    assert any("lowest of each" in note and "-0.200" in note for note in table.notes), (
        "the lowest are told all the same"
    )


def test_images_by_the_lattice_are_one_direction_and_other_cells_have_none_in_common(moving):
    square = (4.0, 4.0, 9.0)
    along = moving("own", (0, 1.7, 0), 0.3, of_cell=square), moving("host", (1.7, 0, 0), 0.5, of_cell=square)
    assert beside("migration", along, {"own": "host"}).rows[0].cells["vs_parent"] == pytest.approx(-0.2)
    other = moving("own", (0, 1.7, 0), 0.3, of_cell=(5.4, 6.1, 20.0)), moving("host", (1.7, 0, 0), 0.5)
    table = beside("migration", other, {"own": "host"})
    assert table.rows[0].cells["vs_parent"] == pytest.approx(-0.2)
    assert any("in cells of another form, directions not compared" in note for note in table.notes)


def test_a_row_that_is_no_result_has_no_difference(moving):
    broken = {"outcome": Outcome.UNCONVERGED, "reason": "fmax"}
    for mine, theirs in ((broken, {}), ({}, broken)):
        results = [moving("own", (0, 1.7, 0), 0.3, **mine), moving("host", (0, 1.7, 0), 0.5, **theirs)]
        table = beside("migration", results, {"own": "host"})
        assert "vs_parent" not in {column.key for column in table.columns}
        assert any("are not both results" in note for note in table.notes)


def test_rows_by_another_calculator_are_no_parents(moving):
    results = [moving("own", (0, 1.7, 0), 0.3), moving("host", (0, 1.7, 0), 0.5, calculator=MEASURED)]
    notes = beside("migration", results, {"own": "host"}).notes
    assert any("no row of host by the same calculator" in note for note in notes)


def test_the_measured_error_of_the_calculator_is_the_error_bar(moving):
    results = [
        moving("own", (0, 1.7, 0), 0.3, calculator=MEASURED),
        moving("host", (0, 1.7, 0), 0.5, calculator=MEASURED),
    ]
    table = beside("migration", results, {"own": "host"})
    cells = table.rows[0].cells
    by_chgnet = next(one for one in kept() if one.calculator == MEASURED)
    off = [hop.error for hop in by_chgnet.hops if hop.error is not None and not hop.name.startswith("Mg")]
    mean = sum(off) / len(off)
    spread = math.sqrt(sum((one - mean) ** 2 for one in off) / (len(off) - 1))
    assert cells["vs_parent_error"] == pytest.approx(math.sqrt(2) * spread)
    assert cells["vs_parent_side"] == "not decided"
    assert f"over {len(off)} published DFT barriers of Zn" in cells["vs_parent_basis"]


def test_within_a_class_of_hosts_the_error_of_that_class_is_the_error_bar(moving):
    """0.2 eV between two spinels of sulfides are decided by the 0.06 eV of nine of them, not by the 0.14 eV of all."""
    ends_of = [read(path) for path in published_hops()["ZnY2S4"].endpoints]
    spinel = dict(zip(("initial", "final"), map(StructureDocument.from_atoms, ends_of), strict=True))
    results = [
        moving(name, (0, 1.7, 0), barrier, calculator=MEASURED).model_copy(update=spinel)
        for name, barrier in (("own", 0.3), ("host", 0.5))
    ]
    cells = beside("migration", results, {"own": "host"}).rows[0].cells
    by_chgnet = next(one for one in kept() if one.calculator == MEASURED)
    spread = errors_by_class(barriers_of(by_chgnet))["chalcogenide spinel"].spread
    assert cells["vs_parent_error"] == pytest.approx(math.sqrt(2) * spread)
    assert (cells["vs_parent_side"], cells["host_class"]) == ("below", "chalcogenide spinel")
    assert "over 9 published DFT barriers of Zn in hosts of the class chalcogenide spinel" in cells["vs_parent_basis"]


def test_for_what_was_never_measured_the_largest_error_of_a_potential_stands(zn_on_graphene):
    """CHGNet is 0.5 eV off over barriers of oxide spinels: adsorption energies 0.5 eV apart decide nothing."""
    graphene = zn_on_graphene.model_copy(update={"calculator": MEASURED})
    rows = [row for row in graphene.rows if row.e_ads_vs_bulk is not None]
    lower = [row.model_copy(update={"e_ads_vs_bulk": row.e_ads_vs_bulk - 0.5}) for row in rows]
    doped = graphene.model_copy(update={"study": "Zn on doped", "surface": "doped", "rows": lower})
    table = beside("adsorption", [graphene, doped], {"doped": "graphene"})
    (cells,) = [row.cells for row in table.rows if row.cells["vs_parent"] is not None]
    errors = errors_by_class(barriers_of(next(one for one in kept() if one.calculator == MEASURED)))["oxide spinel"]
    assert cells["vs_parent_error"] == pytest.approx(math.sqrt(2) * math.hypot(errors.mean, errors.spread))
    assert cells["vs_parent_side"] == "not decided"
    assert "no error of chgnet 0.3.0 is known for adsorption energies of Zn" in cells["vs_parent_basis"]


def test_the_barrier_of_the_way_counts_where_there_is_one_and_hops_are_compared_as_hops(moving):
    results = [moving("own", (0, 1.7, 0), 0.3), moving("host", (0, 1.7, 0), 0.5)]
    plain = barriers_table(results)
    column = Column(key="way_barrier", head="E_m of the way", unit="eV", decimals=3, description="by hand", result=True)
    rows = [
        row.model_copy(update={"cells": row.cells | {"way_barrier": value}})
        for row, value in zip(plain.rows, (1.1, 1.9), strict=True)
    ]
    table = plain.model_copy(update={"columns": [*plain.columns, column], "rows": rows})
    found = with_parents(table, study_kinds()["migration"].system_rows, {"own": "host"}, results, {})
    assert found.rows[0].cells["vs_parent"] == pytest.approx(-0.2)
    assert any("lowest of each: E_m of the way 1.100 and 1.900 eV" in note and "-0.800" in note for note in found.notes)


def test_numbers_of_the_better_method_are_compared_without_the_error_of_the_surrogate(moving):
    def better(barrier):
        return BarrierCorrection(
            calls=3, seconds=9.0, fmax=0.2, barrier_forward=barrier, barrier_backward=barrier, reaction_energy=0.0
        )

    points = SinglePoints(points=[], calculator=MEASURED)
    results = [
        moving("own", (0, 1.7, 0), 0.9, calculator=MEASURED, correction=better(0.25), single_points=points),
        moving("host", (0, 1.7, 0), 0.5, calculator=MEASURED, correction=better(0.5), single_points=points),
    ]
    cells = beside("migration", results, {"own": "host"}).rows[0].cells
    assert (cells["vs_parent"], cells["vs_parent_error"]) == (pytest.approx(-0.25), 0.01)
    assert cells["vs_parent_side"] == "below"


def test_of_sites_the_most_stable_are_compared(zn_on_graphene):
    doped = zn_on_graphene.model_copy(
        update={
            "study": "Zn on n-graphene",
            "surface": "n-graphene: graphene-pyridinic-N",
            "rows": [
                row.model_copy(update={"e_ads_vs_bulk": row.e_ads_vs_bulk and row.e_ads_vs_bulk - 0.5})
                for row in zn_on_graphene.rows
            ],
        }
    )
    table = beside("adsorption", [zn_on_graphene, doped], {"n-graphene": "graphene"})
    found = {row.name: row.cells["vs_parent"] for row in table.rows if row.cells["vs_parent"] is not None}
    assert found == {"Zn on n-graphene, hollow": pytest.approx(-0.5)}


def test_a_parent_without_a_row_is_told(zn_on_graphene):
    notes = beside("adsorption", [zn_on_graphene], {"graphene": "diamond"}).notes
    assert "graphene against its parent diamond: no row of diamond here." in notes
    plain = adsorption_table([zn_on_graphene])
    assert beside("adsorption", [zn_on_graphene], {"diamond": "silicon"}) == plain
    notes = beside("adsorption", [zn_on_graphene], {"diamond": "graphene"}).notes
    assert "diamond against its parent graphene: no row of diamond here." in notes


def test_kept_interfaces_differ_by_what_their_energies_say():
    run = RESULTS / "interfaces"
    energies = {one.interface_name: one for one in load_results([run], InterfaceResult)}

    def work(name):
        found = energies[name].energies
        return 16.02176634 * (found["film"] + found["support"] - found["together"]) / energies[name].area

    parents = Declared(parents={"V8O16/Ti3C2O2": "V8O16/graphene"})
    rows = {row.name: row.cells for row in table_of("interface", [run], declared=parents).rows}
    difference = work("V8O16/Ti3C2O2") - work("V8O16/graphene")
    assert rows["V8O16/Ti3C2O2, V8O16/Ti3C2O2"]["vs_parent"] == pytest.approx(difference, abs=1e-9)
    assert difference == pytest.approx(0.49, abs=0.005)


def test_the_error_bar_of_a_committee_is_in_the_unit_of_the_number():
    """Committees speak of a cell in eV, works of adhesion are per area; each member by its own difference."""
    said = {"V8O16/Ti3C2O2": (1.0, 1.4), "V8O16/graphene": (-2.0, -2.2)}
    results = [one for one in load_results([RESULTS / "interfaces"], InterfaceResult) if one.interface_name in said]
    areas = {one.interface_name: one.area for one in results}
    results = [
        one.model_copy(
            update={
                "trust": Trust(
                    member_energies=said[one.interface_name],
                    energy_scale=2.0,
                    force_deviation=0.1,
                    largest_known=0.2,
                    distance=1.0,
                    farthest_known=3.0,
                )
            }
        )
        for one in results
    ]
    rows = study_kinds()["interface"].system_rows
    table = with_parents(interfaces_table(results), rows, dict([tuple(said)]), results, {})
    (error,) = [row.cells["vs_parent_error"] for row in table.rows if row.cells["vs_parent_error"] is not None]
    per_area = {name: [16.02176634 * one / areas[name] for one in both] for name, both in said.items()}
    first, last = (one - other for one, other in zip(*per_area.values(), strict=True))
    assert error == pytest.approx(2.0 * abs(first - last) / math.sqrt(2))


def test_the_command_says_the_same(capsys, tmp_path):
    said = tmp_path / "said.json"
    command = ["table", "interface", str(RESULTS / "interfaces"), "--parent", "V8O16/Ti3C2O2=V8O16/graphene"]
    assert status([*command, "-o", str(said)]) == 0
    (row,) = [row for row in json.loads(said.read_text())["rows"] if row["vs_parent"] is not None]
    assert (row["interface_name"], row["vs_parent"], row["vs_parent_side"]) == ("V8O16/Ti3C2O2", 0.49, "not decided")
    assert row["vs_parent_error"] is None
    assert row["vs_parent_basis"] == "no error of chgnet 0.3.0 is known for interfaces, so that nothing decides"
    for wrong, words in (("a", "SYSTEM=NAME, not 'a'"), ("a=a", "'a' is its own parent")):
        assert status([*command[:3], "--parent", wrong]) == 2
        assert words in capsys.readouterr().err
