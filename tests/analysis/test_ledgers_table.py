"""The table of ledgers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from azibflow.analysis.ledgers import LEDGERS
from azibflow.analysis.ledgers.capacity import capacity_ledger
from azibflow.analysis.ledgers.claims import published_claims
from azibflow.analysis.tables.formats import FORMATS, render
from azibflow.analysis.tables.ledgers import ledgers_table
from azibflow.analysis.tables.registry import table_of
from azibflow.cli.main import main


@pytest.mark.parametrize("style", sorted(FORMATS))
def test_every_format_writes_it_and_repeats(style: str) -> None:
    assert render(ledgers_table(), style) == render(ledgers_table(), style)
    assert "VOx-G-capacity" in render(ledgers_table(), style).replace("\\", "")


def test_printed_and_computed_stand_side_by_side() -> None:
    rows = {row["claim"]: row for row in json.loads(render(ledgers_table(), "json"))["rows"]}
    assert (rows["VOx-G-capacity"]["printed"], rows["VOx-G-capacity"]["computed"]) == (717.06, 565.5)
    assert rows["VOx-G-capacity"]["verdict"] == "not consistent"
    assert rows["Zn-capacity"]["verdict"] == "consistent"


def test_job_sharing_rows() -> None:
    """One beside a metal, three beside fast dilute electrons; printed four and six."""
    rows = {
        row.cells["claim"]: (row.cells["computed"], row.cells["printed"])
        for row in ledgers_table().rows
        if row.cells["ledger"] == "job sharing"
    }
    assert len(rows) == 15
    assert rows["metal, space charge 0"] == (1.0, 4.0)
    assert rows["s_i/s_e 0, space charge 0"] == (3.0, 6.0)


def test_pools_of_a_coin_cell() -> None:
    pools = {
        (row.cells["case"], row.cells["quantity"]): (row.cells["computed"], row.cells["unit"])
        for row in ledgers_table().rows
        if row.cells["ledger"] == "ion pool"
    }
    assert pools["80 uL of electrolyte", "H+, pH 4"] == (0.008, "umol")
    assert pools["80 uL of electrolyte", "Zn2+, 2 mol/L"] == (160, "umol")
    assert pools["80 uL of electrolyte", "pH that its hydrolysis alone gives"] == (4.3295, "")
    assert pools["200 uL of electrolyte", "VO2+, 0.75 mol/L"] == (150, "umol")
    assert pools["150 uL of electrolyte", "VO2+, 0.75 mol/L"] == (112.5, "umol")
    assert pools["150 uL of electrolyte", "charge of 1 e for each VO2+"] == (3.0152, "mAh")


def test_files_of_claims_are_tabulated_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole of T17 and T18 from their kept inputs, by the command and by the function."""
    papers = Path(__file__).parents[2] / "examples" / "papers"
    capacities = {
        row.cells["claim"]: row.cells["computed"]
        for row in table_of(LEDGERS, [papers / "T18.yaml"]).rows
        if row.cells["quantity"] == "capacity per active host alone"
    }
    assert capacities["V8O16 + 7 Zn"] == 565.5
    assert {"V2O5", "VO2", "MnO2", "VN", *(f"V8O16 + {n} Zn" for n in range(1, 10))} == set(capacities)
    with pytest.raises(SystemExit) as ending:
        main(["table", LEDGERS, str(papers / "T17.yaml"), str(papers / "T18.yaml"), "--format", "json"])
    assert not ending.value.code
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert len(rows) == 15 + len(table_of(LEDGERS, [papers / "T18.yaml"]).rows)
    assert {row["claim"] for row in rows}.isdisjoint(published_claims().claims)
    (tmp_path / "bad.yaml").write_text("claims: {a: {kind: ion_pool, ion: H+, volume: 1}}")
    with pytest.raises(SystemExit) as ending:
        main(["table", LEDGERS, str(tmp_path / "bad.yaml")])
    assert ending.value.code == 2
    assert "give concentration (mol/L) or, for free protons, ph" in capsys.readouterr().err


def test_capacities_of_a_run_join_it() -> None:
    found = capacity_ledger("V8O16", "Zn", 4, support_mass=240.22)
    kept = ledgers_table().rows
    more = [row.name for row in ledgers_table([found]).rows if row not in kept]
    assert len(more) == 4
    assert all(name.startswith("capacity at the limit") for name in more)
    assert sum("240.22 g/mol of support" in name for name in more) == 2
    assert len(ledgers_table([found]).rows) == len(kept) + 4
