"""Published values of a study of several systems: each beside the rows of its own."""

from __future__ import annotations

import pytest

from azibflow.analysis.tables.migration import barriers_table
from azibflow.analysis.tables.own_values import with_own_literature, with_own_values
from azibflow.data.literature import published_values
from azibflow.studies import study_kinds

ROWS = study_kinds()["migration"].system_rows
VALUES = ["H2V3O8", "MoS2"]


def shown(hop, hosts, literature=VALUES, published=None):
    """Return keys and numbers beside the row of each host."""
    results = [
        hop(study=f"Zn in {host}", host=host, literature=list(literature), barrier_forward=0.5) for host in hosts
    ]
    table = with_own_values(barriers_table(results, literature=True), ROWS, published or {})
    return {
        row.cells["host"]: tuple(row.cells[key] for key in ("published_key", "published", "difference"))
        for row in table.rows
    }


def test_a_value_stands_beside_its_own_system_alone(hop):
    found = shown(hop, ["H2V3O8", "MoS2", "TiS2"])
    for host in VALUES:
        number = published_values()[host].value
        assert found[host] == (host, number, pytest.approx(0.5 - number))
    assert found["TiS2"] == (None, None, None)


def test_what_the_campaign_says_of_names_counts(hop):
    found = shown(hop, ["sheet", "layer"], published={"sheet": ["MoS2"]})
    assert found["sheet"][0] == "MoS2"
    assert found["layer"][0] is None


def test_where_no_name_tells_all_stand_beside_every_row(hop):
    both = "; ".join(VALUES)
    assert {keys for keys, *_ in shown(hop, ["mine", "yours"]).values()} == {both}
    assert shown(hop, ["mine"], literature=["MoS2"])["mine"][0] == "MoS2"


def test_results_for_figures_keep_their_own(hop):
    results = [hop(study=f"Zn in {host}", host=host, literature=VALUES) for host in ("H2V3O8", "MoS2", "TiS2")]
    found = [result.literature for result in with_own_literature(results, "migration", {})]
    assert found == [["H2V3O8"], ["MoS2"], []]
