"""Tables as frames: numbers stay numbers, units stay with them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from azibflow.analysis.tables.formats import to_csv
from azibflow.analysis.tables.frames import frame, frame_of
from azibflow.analysis.tables.migration import barriers_table
from azibflow.analysis.tables.registry import table_of

ORBITALS = Path(__file__).parents[2] / "examples" / "results" / "orbitals"


def test_a_frame_has_the_columns_of_the_csv_with_units_beside_and_numbers_as_computed(hop, failed_hop) -> None:
    table = barriers_table([hop(), failed_hop], literature=True)
    made = frame(table)
    heads = [f"{key} ({unit})" if unit else key for key, unit in made.attrs["units"].items()]
    assert ",".join(heads) == to_csv(table).splitlines()[0]
    assert made["barrier_forward"].dtype == float
    assert made["barrier_forward"].iloc[0] == 0.3604
    assert pd.isna(made["barrier_forward"].iloc[1])
    assert list(made.index) == [row.name for row in table.rows]
    assert made.query("outcome == 'ok'").shape[0] == 1
    assert made.attrs["units"]["barrier_forward"] == "eV"
    assert made.attrs["notes"] == table.notes


def test_a_frame_of_a_run_is_that_of_its_table() -> None:
    pd.testing.assert_frame_equal(frame_of("orbitals", [ORBITALS]), frame(table_of("orbitals", [ORBITALS])))
    assert frame_of("orbitals", [ORBITALS])["homo"].max() < 0


def test_an_empty_table_is_an_empty_frame() -> None:
    made = frame(barriers_table([]))
    assert made.empty
    assert "barrier_forward" in made.columns


@pytest.mark.parametrize("kind", ["migration", "barriers"])
def test_other_names_of_a_table_lead_to_it(kind: str) -> None:
    assert frame_of(kind, [ORBITALS]).attrs["title"] == "Migration barriers"
