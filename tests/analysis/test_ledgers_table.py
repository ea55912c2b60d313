"""The table of ledgers."""

from __future__ import annotations

import json

import pytest

from azibflow.analysis.ledgers.capacity import capacity_ledger
from azibflow.analysis.tables.formats import FORMATS, render
from azibflow.analysis.tables.ledgers import ledgers_table


@pytest.mark.parametrize("style", sorted(FORMATS))
def test_every_format_writes_it_and_repeats(style: str) -> None:
    assert render(ledgers_table(), style) == render(ledgers_table(), style)
    assert "VOx-G-capacity" in render(ledgers_table(), style).replace("\\", "")


def test_printed_and_computed_stand_side_by_side() -> None:
    rows = {
        row["claim"]: row for row in json.loads(render(ledgers_table(), "json"))["rows"] if row["ledger"] == "claim"
    }
    assert (rows["VOx-G-capacity"]["printed"], rows["VOx-G-capacity"]["computed"]) == (717.06, 565.5)
    assert rows["VOx-G-capacity"]["verdict"] == "not consistent"
    assert rows["Zn-capacity"]["verdict"] == "consistent"


def test_job_sharing_rows() -> None:
    """One beside a metal, three beside fast dilute electrons; printed four and six."""
    rows = {
        row.cells["case"]: (row.cells["computed"], row.cells["printed"])
        for row in ledgers_table().rows
        if row.cells["ledger"] == "job sharing"
    }
    assert len(rows) == 15
    assert rows["electrons a metal; space charge 0 RT"] == (1.0, 4.0)
    assert rows["electrons dilute, s_i/s_e = 0; space charge 0 RT"] == (3.0, 6.0)


def test_pools_of_a_coin_cell() -> None:
    pools = {
        (row.cells["case"], row.cells["quantity"]): row.cells["computed"]
        for row in ledgers_table().rows
        if row.cells["ledger"] == "pools"
    }
    assert pools["80 uL of electrolyte", "free H+ at pH 4"] == 0.008
    assert pools["80 uL of electrolyte", "Zn2+, 2 mol/L"] == 160
    assert pools["200 uL of electrolyte", "VO2+, 0.75 mol/L"] == 150


def test_capacities_of_a_run_join_it() -> None:
    found = capacity_ledger("V8O16", "Zn", 4, support_mass=240.22)
    more = [row.name for row in ledgers_table([found]).rows if row not in ledgers_table().rows]
    assert len(more) == 2
    assert all("support" in name for name in more)
    assert len(ledgers_table([found]).rows) == len(ledgers_table().rows) + 4
