"""What a ranking says of its order: error bars, ties, stages, published barriers."""

from __future__ import annotations

import pytest

from azibflow.analysis.benchmarks.barriers import barriers_of, errors_by_class, errors_of, kept
from azibflow.analysis.figures.screening import ranking_figure
from azibflow.analysis.tables.orderings import ordering_verdicts
from azibflow.analysis.tables.parents import with_parents
from azibflow.analysis.tables.provenance import describe
from azibflow.analysis.tables.screening import could_be, error_of, screening_table
from azibflow.analysis.tables.verdicts import Holds
from azibflow.calculators.records import CalculatorRecord
from azibflow.calculators.specs import AseSpec
from azibflow.data.barriers import published_hops
from azibflow.errors import AzibflowError
from azibflow.studies import study_kinds
from azibflow.workflows.common.results import Outcome
from azibflow.workflows.screening.results import Found, ScreeningResult, ranked

UNKNOWN = CalculatorRecord(spec=AseSpec(calculator="ase.calculators.emt:EMT"), versions={})
CHGNET = next(one for one in kept() if one.calculator.spec.kind == "chgnet")


def row(
    system: str,
    value: float | None,
    *,
    stage: int = 0,
    calculator: CalculatorRecord = CHGNET.calculator,
    opinions: tuple[float, ...] = (),
    ion: str = "Zn",
    along: dict[str, float] | None = None,
    host_class: str = "",
) -> ScreeningResult:
    """Return one structure at one stage."""
    outcome = Outcome.FAILED if value is None else Outcome.OK
    found = Found(
        outcome=outcome,
        value=value,
        opinions=list(opinions),
        reason="" if value else "no way",
        along=along or {},
        host_class=host_class,
    )
    return ScreeningResult(
        study=f"barriers: {system}",
        screening="barriers",
        system=system,
        quantity="migration barrier",
        unit="eV",
        ion=ion,
        prefer="lowest",
        stage=stage,
        found=found,
        calculator=calculator,
    )


def test_the_error_of_a_barrier_is_the_spread_over_published_ones() -> None:
    """What all errors have in common does not change an order: their spread counts."""
    assert error_of(row("a", 0.5)) == errors_of(barriers_of(CHGNET)).spread
    assert error_of(row("a", 0.5, ion="Mg")) is None
    assert error_of(row("a", 0.5, calculator=UNKNOWN)) is None


def test_the_error_of_a_barrier_is_that_of_the_class_of_its_host_where_enough_are_published() -> None:
    """0.15 eV over oxide spinels, 0.06 over those of sulfides; of four layered oxides nothing is known well."""
    classes = errors_by_class(barriers_of(CHGNET))
    assert classes["layered"].number < 6
    oxides = [row(name, value, host_class="oxide spinel") for name, value in (("a", 0.50), ("b", 0.65))]
    sulfides = [row(name, value, host_class="chalcogenide spinel") for name, value in (("c", 0.50), ("d", 0.65))]
    layered = row("e", 0.5, host_class="layered")
    assert [error_of(one) for one in (oxides[0], sulfides[0])] == [
        classes["oxide spinel"].spread,
        classes["chalcogenide spinel"].spread,
    ]
    assert error_of(layered) == errors_of(barriers_of(CHGNET)).spread
    assert could_be(oxides) == [(1, 2), (1, 2)]
    assert could_be(sulfides) == [(1, 1), (2, 2)], "0.15 eV is more than sqrt(2) 0.06 eV"
    assert could_be([sulfides[0], oxides[1]]) == [(1, 2), (1, 2)], "the mean error of two classes does not cancel"
    notes = screening_table([*sulfides, layered]).notes
    assert (
        "+- of c, d: chgnet 0.3.0, 9 published DFT barriers of Zn in hosts of the class chalcogenide spinel." in notes
    )
    assert "+- of e: chgnet 0.3.0, 20 published DFT barriers of Zn in hosts of all classes." in notes


def test_an_ensemble_that_was_never_measured_has_its_spread() -> None:
    assert error_of(row("a", 0.5, calculator=UNKNOWN, opinions=(0.7,))) == pytest.approx(0.2 / 2**0.5)


def test_ranks_that_error_bars_leave_open() -> None:
    """Members 0.5 +- 0.1 and 0.6 +- 0.1 are tied (0.1 < 0.14), 0.9 +- 0.1 is behind both."""
    rows = [
        row("a", 0.5, calculator=UNKNOWN, opinions=(0.5 + 0.1 * 2**0.5,)),
        row("b", 0.6, calculator=UNKNOWN, opinions=(0.6 + 0.1 * 2**0.5,)),
        row("c", 0.9, calculator=UNKNOWN, opinions=(0.9 + 0.1 * 2**0.5,)),
    ]
    assert could_be(rows) == [(1, 2), (1, 2), (3, 3)]


def test_structures_of_different_stages_are_not_tied() -> None:
    rows = ranked([row("a", 0.5), row("b", 0.51), row("b", 0.9, stage=1)])
    assert [(one.system, one.stage) for one in rows] == [("b", 1), ("a", 0)]
    assert could_be(rows) == [(1, 1), (2, 2)]


def test_a_screened_system_stands_beside_its_parent_and_in_published_orders() -> None:
    """The error bar of a difference is that of both barriers in quadrature, as for ranks that are left open."""
    rows = [row("V2C-V2O5", 0.2), row("v2o5", 0.9), row("v2o5", 0.1, calculator=UNKNOWN)]
    table, kind = screening_table(rows), study_kinds()["screening"]
    spread = errors_of(barriers_of(CHGNET)).spread
    records = {describe(one.calculator): one.calculator for one in rows}
    beside = with_parents(table, kind.system_rows, {"V2C-V2O5": "v2o5"}, rows, records)
    (found,) = [line.cells for line in beside.rows if line.cells["vs_parent"] is not None]
    assert (found["system"], found["vs_parent"]) == ("V2C-V2O5", pytest.approx(-0.7))
    assert found["vs_parent_error"] == pytest.approx(spread * 2**0.5)
    (verdict,) = ordering_verdicts(table, kind.system_rows, {}, [], records)
    assert verdict.key == "V2C-V2O5"
    assert verdict.holds is (Holds.YES if spread * 2**0.5 < 0.7 else Holds.UNDECIDED)
    energies = [one.model_copy(update={"quantity": "insertion voltage"}) for one in rows]
    assert not ordering_verdicts(screening_table(energies), kind.system_rows, {}, [], {})


def test_the_table_says_what_is_not_decided() -> None:
    table = screening_table([row("a", 0.5, along={"a": 0.5, "c": 0.7}), row("b", 0.52), row("none", None)])
    cells = [(line.cells["rank"], line.cells["system"], line.cells["could_be"]) for line in table.rows]

    assert cells == [(1, "a", "1-2"), (2, "b", "1-2"), (None, "none", "")]
    assert "Not decided within the error: a before b." in table.notes
    assert (table.rows[0].cells["along_a"], table.rows[0].cells.get("along_c")) == (0.5, 0.7)
    assert "along_b" not in table.rows[0].cells


def test_numbers_of_earlier_stages_stand_beside() -> None:
    table = screening_table([row("a", 0.512), row("a", 0.8, stage=1, calculator=UNKNOWN)])
    assert table.rows[0].cells["before"] == "0.512 (chgnet 0.3.0)"
    assert table.rows[0].cells["value"] == 0.8


def test_what_single_points_begin_from_is_counted_once() -> None:
    """The stage of single points counts the paths that they correct, and themselves."""
    stages = [row("a", 0.5), row("a", 0.6, stage=1), row("a", 0.7, stage=2)]
    took = (100, 200, 203)
    rows = [
        one.model_copy(
            update={
                "found": one.found.model_copy(update={"force_calls": calls}),
                "how": "single points" if one.stage == 2 else "anew",
            }
        )
        for one, calls in zip(stages, took, strict=True)
    ]
    assert screening_table(rows).rows[0].cells["force_calls"] == 100 + 203


def test_hops_that_are_no_results_are_told_below() -> None:
    one = row("a", 0.5)
    found = one.found.model_copy(update={"reason": "without O4 to O8 (unconverged)"})
    assert "a: without O4 to O8 (unconverged)." in screening_table([one.model_copy(update={"found": found})]).notes


def test_published_barriers_stand_beside_and_give_a_rank_correlation() -> None:
    names = [name for name, hop in published_hops().items() if hop.ion == "Zn"][:4]
    rows = [row(name, published_hops()[name].dft - 0.3) for name in names]
    table = screening_table(rows, literature=True)

    assert {line.cells["published_dft"] for line in table.rows} == {published_hops()[name].dft for name in names}
    assert any("rank correlation with published DFT 1.00 over 4 structures" in note for note in table.notes)
    assert any("mean difference -0.30 eV" in note for note in table.notes)
    assert "published_dft" not in screening_table(rows).rows[0].cells


def test_the_figure_has_a_bar_for_each_number() -> None:
    figure = ranking_figure([row("a", 0.5), row("b", 0.9), row("none", None), row("b", 1.1, stage=1)])
    (panel,) = figure.axes
    assert [label.get_text() for label in panel.get_yticklabels()] == ["b", "a"]
    assert sorted(bar.get_width() for bar in panel.patches) == [0.5, 1.1]
    assert panel.get_xlabel() == "migration barrier of Zn (eV)"


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(AzibflowError, match="no structure of a screening has a number"):
        ranking_figure([row("none", None)])
