"""Two runs side by side: nothing that only one of them has drops out."""

from __future__ import annotations

import pytest

from azibflow.analysis.tables import compared as calculators_compared
from azibflow.analysis.tables.adsorption import adsorption_table
from azibflow.analysis.tables.compared import compare_calculators, quantities
from azibflow.analysis.tables.formats import FORMATS, render
from azibflow.analysis.tables.migration import barriers_table
from azibflow.analysis.tables.registry import Tables
from azibflow.workflows.common.results import Outcome


@pytest.fixture
def compare(monkeypatch: pytest.MonkeyPatch):
    """Compare tables of barriers instead of run folders."""

    def make(kind="migration", table=barriers_table, **runs):
        def all_results(sources):
            return Tables({kind: table(runs[sources[0]])}, [])

        monkeypatch.setattr(calculators_compared, "all_results", all_results)
        return compare_calculators({name: name for name in runs})

    return make


def test_a_hop_that_one_calculator_lacks_stays_with_the_reason(compare, hop) -> None:
    table = compare(fast=[hop()], slow=[hop(barrier_forward=0.5), hop(hop="c 4.40")])
    both, alone = table.rows
    assert both.cells["difference fast"] == pytest.approx(0.3604 - 0.5)
    assert both.outcome is Outcome.OK
    assert (alone.cells["value slow"], alone.cells["value fast"]) == (pytest.approx(0.3604), None)
    assert alone.outcome is Outcome.FAILED
    assert alone.reason == "fast: has no such row"
    assert [one.name for one in quantities(table, "fast", "slow")] == [both.name]


def test_a_row_that_one_calculator_lacks_is_written_in_every_format(compare, hop) -> None:
    table = compare(fast=[hop()], slow=[hop(), hop(hop="c 4.40")])
    for style in FORMATS:
        assert "c 4.40" in render(table, style)


def test_a_hop_that_only_the_other_calculator_has_stays_too(compare, hop) -> None:
    (_, alone) = compare(fast=[hop(), hop(hop="c 4.40")], slow=[hop()]).rows
    assert alone.reason == "slow: has no such row"


def test_a_hop_that_failed_with_both_stays_and_counts(compare, failed_hop) -> None:
    table = compare(fast=[failed_hop], slow=[failed_hop])
    assert [row.reason for row in table.rows] == ["fast: its job failed; slow: its job failed"]
    assert table.problems()


def test_every_reason_is_told_and_the_worst_decides(compare, hop, unconverged_hop) -> None:
    merged = unconverged_hop.model_copy(update={"outcome": Outcome.INTERMEDIATE, "reason": "no elementary hop"})
    (row,) = compare(fast=[merged], slow=[unconverged_hop]).rows
    assert row.outcome is Outcome.UNCONVERGED
    assert row.reason == f"fast: no elementary hop; slow: {unconverged_hop.reason}"


def test_an_energy_against_a_molecule_makes_no_empty_row_against_the_metal(compare, water_on_zinc) -> None:
    (row,) = compare("adsorption", adsorption_table, fast=[water_on_zinc], slow=[water_on_zinc]).rows
    assert row.cells["value fast"] == pytest.approx(-0.0003)
