"""The table: cells from the limit, notes without which the numbers mean nothing, published values where they belong."""

from __future__ import annotations

import json

import pytest
from toy import toy_study

from azibflow.analysis.tables.breathing import breathing_table
from azibflow.analysis.tables.formats import FORMATS, printed_rows, render
from azibflow.workflows.common.results import Outcome

LITERATURE = ("VOx-G-limit", "VOx-G-capacity")


@pytest.fixture(scope="session")
def table(toy_result):
    return breathing_table([toy_result])


def printed(table, head):
    place = [column.head for column in table.printed_columns()].index(head)
    return [row[place] for row in printed_rows(table)]


def test_cells_are_those_by_hand(table):
    assert printed(table, "n") == list("01234567")
    assert printed(table, "E_b") == ["0.000", "-0.500", "-0.580", "-0.640", "-0.880", "-0.850", "-0.900", "-0.830"]
    assert printed(table, "step of E_b")[:3] == ["", "-0.500", "-0.080"]
    assert printed(table, "V vs metal") == ["", "0.250", "0.063", "0.063", "0.063", "0.005", "0.005", ""]
    assert printed(table, "bonds intact") == list("44322111")
    assert printed(table, "re-formed") == list("00122222")
    assert printed(table, "E emptied")[4:6] == ["0.000", "0.400"]
    assert printed(table, "limit") == ["", "", "", "", "n_rev, n_max", "", "n_thermo", ""]
    # 2 x 96485.33 / 3.6 / (4 x 50.9415 + 4 x 15.999) per zinc
    assert printed(table, "Q per film")[:2] == ["0.0", "200.2"]


def test_notes_say_reference_mass_and_criteria(table):
    notes = " ".join(table.notes)
    for said in (
        "mu(Zn): bulk Zn, cell relaxed, per atom, -1.3000 eV",
        "V4O4 on 4 atoms of support",
        "form below 1.2 and break above 1.4 times the sum of covalent radii",
        "disagree: 6 by energy",
        "800.8 mAh/g of V4O4 (267.76 g/mol",
    ):
        assert said in notes


def test_rows_that_are_no_results_carry_their_mark(toy_result):
    records = [
        record.model_copy(update={"outcome": Outcome.UNCONVERGED, "reason": "fmax 0.20"}) if record.n == 6 else record
        for record in toy_result.records
        if record.n != 3
    ]
    table = breathing_table([toy_result.model_copy(update={"records": records})])
    assert printed(table, "E_b")[6] == "-0.900*"
    assert printed(table, "status")[3] == "failed" and printed(table, "E_b")[3] == ""
    assert [row.name for row in table.problems()] == ["Zn in the toy, n = 3", "Zn in the toy, n = 6"]


def test_lower_bounds_are_called_so(toy_result):
    short = toy_result.model_copy(update={"records": toy_result.records[:4]})
    assert printed(breathing_table([short]), "limit")[4].endswith("n_max (lower bound)")


def test_published_limits_stand_beside_the_limit_alone(toy_result):
    table = breathing_table([toy_result.model_copy(update={"literature": LITERATURE})], literature=True)
    assert printed(table, "published") == ["", "", "", "", "7", "", "", ""]
    assert any("565.50 mAh/g" in note for note in table.notes)


@pytest.mark.parametrize("style", list(FORMATS))
def test_every_format_repeats_byte_for_byte(toy_result, style):
    results = [toy_result, toy_study(1).model_copy(update={"study": "other"})]
    assert render(breathing_table(results), style) == render(breathing_table(results), style)


def test_json_has_the_details(table):
    rows = json.loads(render(table, "json"))["rows"]
    assert rows[5]["lost"] == "C0-O4 C1-O5 C2-O6" and rows[5]["seeds"] == 1


def test_empty_table_is_a_table():
    table = breathing_table([], literature=True)
    assert (table.rows, table.notes) == ([], [])
