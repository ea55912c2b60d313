"""Rows of the ledgers carry what tells their cases apart."""

from __future__ import annotations

from azibflow.analysis.ledgers.capacity import capacity_ledger
from azibflow.analysis.ledgers.protons import proton_ledger
from azibflow.analysis.tables.ledgers import COIN_CELLS, ledgers_table


def test_protons_needed_stand_beside_the_volume_they_are_compared_with() -> None:
    found = {
        row.cells["case"]: row.cells["computed"]
        for row in ledgers_table().rows
        if row.cells["quantity"] == "H+ needed for each that is free"
    }
    for mass, capacity, volume in COIN_CELLS:
        case = f"{mass * 1e3:g} mg at {capacity:g} mAh/g, {volume * 1e6:g} uL of pH 4, all by H+"
        by_hand = proton_ledger(capacity=capacity, mass=mass, ph=4.0, volume=volume).needed_per_free
        assert abs(found[case] / by_hand - 1) < 1e-4


def test_the_same_host_on_two_supports_and_with_two_charges_is_told_apart() -> None:
    cases = [(charge, mass) for charge in (1, 2) for mass in (192.0, 240.2)]
    ledgers = [capacity_ledger("V8O16", "Zn", 3, charge=charge, support_mass=mass) for charge, mass in cases]
    rows = [row for row in ledgers_table(ledgers).rows if row.name.startswith("capacity")]
    assert len({(row.name, row.cells["computed"]) for row in rows}) == len({row.name for row in rows})


def test_no_two_rows_of_all_ledgers_have_one_name_and_unit() -> None:
    rows = [(row.name, row.cells["unit"], row.cells["claim"]) for row in ledgers_table().rows]
    assert len(set(rows)) == len(rows)
