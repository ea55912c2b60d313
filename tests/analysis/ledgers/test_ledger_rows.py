"""Rows of the ledgers carry what tells their cases apart."""

from __future__ import annotations

from azibflow.analysis.ledgers.capacity import capacity_ledger
from azibflow.analysis.ledgers.protons import proton_ledger
from azibflow.analysis.tables.ledgers import ledgers_table


def test_every_pool_names_its_volume_and_every_need_the_volume_it_is_compared_with() -> None:
    rows = [row.cells for row in ledgers_table().rows if row.cells["ledger"] in ("ion pool", "proton supply")]
    assert len(rows) > 30
    assert all(" uL of " in str(cells["case"]) for cells in rows)
    found = {
        cells["case"]: cells["computed"]
        for cells in rows
        if cells["quantity"] == "protons needed for each that is free"
    }
    for mass, capacity, volume, ph in ((1, 250, 200, 4), (5, 400, 80, 4), (1.2, 1029, 150, 3.7)):
        case = f"{mass:g} mg at {capacity:g} mAh/g, {volume:g} uL of pH {ph:g}, all by H+"
        by_hand = proton_ledger(capacity=capacity, mass=mass / 1e3, ph=ph, volume=volume / 1e6).needed_per_free
        assert abs(found[case] / by_hand - 1) < 1e-4


def test_the_same_host_on_two_supports_and_with_two_charges_is_told_apart() -> None:
    cases = [(charge, mass) for charge in (1, 2) for mass in (192.0, 240.2)]
    ledgers = [capacity_ledger("V8O16", "Zn", 3, charge=charge, support_mass=mass) for charge, mass in cases]
    rows = [row for row in ledgers_table(ledgers).rows if row.name.startswith("capacity at the limit")]
    assert len({(row.name, row.cells["computed"]) for row in rows}) == len({row.name for row in rows})


def test_no_two_rows_of_all_ledgers_have_one_name_and_unit() -> None:
    rows = [(row.name, row.cells["unit"], row.cells["claim"]) for row in ledgers_table().rows]
    assert len(set(rows)) == len(rows)
