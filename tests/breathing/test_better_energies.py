"""Energies by another method at the states that decide: E_b, hull and limits again, beside those of the first."""

from __future__ import annotations

import re

import pytest
from jobflow import run_locally
from test_breathing_campaign import CAMPAIGN, azibflow
from test_breathing_maker import TIGHT, computed, maker, recipe, tagged_host
from toy import MU

from azibflow.analysis.breathing.limit import Limit, breathing_limit
from azibflow.analysis.breathing.methods import better_method, deciding_limit
from azibflow.analysis.breathing.published import against_published
from azibflow.analysis.tables.breathing import breathing_table
from azibflow.calculators.specs import AseSpec, CorrectedSpec, EnsembleSpec
from azibflow.calculators.surrogates.trust import Trust
from azibflow.errors import CalculationError, StructureError
from azibflow.workflows.breathing.results import BreathingResult
from azibflow.workflows.breathing.study import breathing_study
from azibflow.workflows.common import corrections
from azibflow.workflows.common.corrections import correct, merge_job
from azibflow.workflows.common.results import Outcome

TOY = AseSpec(calculator="toy:ToyInterface")
OTHER = AseSpec(calculator="toy:ToyInterface", options={"mu": -1.2, "repulsion": 0.3})
"""Zinc of 0.1 eV less as a metal, that repels zinc more: its wells and bonds are those of the toy."""
BOTH = CorrectedSpec(surrogate=TOY, correct_with=OTHER)
BY_OTHER = [-0.60, -0.60, -0.40, -0.20, 0.45, 1.20, 2.25]
"""n (mu' - mu) and (0.30 - 0.12) n (n-1) / 2 more than the toy's own: -0.1 n + 0.09 n (n-1)."""


@pytest.fixture(scope="module")
def corrected(toy_result: BreathingResult) -> BreathingResult:
    return correct(toy_result.model_copy(update={"literature": ("VOx-G-limit",)}), BOTH)


def column(result: BreathingResult, key: str, **options) -> list:
    return [row.cells.get(key) for row in breathing_table([result], **options).rows]


def said(result: BreathingResult, **options) -> str:
    return " ".join(breathing_table([result], **options).notes)


def test_energies_and_limits_of_both_are_those_by_hand(toy_result, corrected):
    own = breathing_limit(corrected)
    assert own == breathing_limit(toy_result), "the numbers of the surrogate stay"
    better = better_method(corrected)
    assert [row.binding for row in better.limit.rows[1:]] == pytest.approx(BY_OTHER, abs=1e-5)
    limits = [
        [(one.n, one.exact) for one in (limit.thermodynamic, limit.reversible, limit.maximum)]
        for limit in (own, better.limit)
    ]
    assert limits == [[(6, True), (4, True), (4, True)], [(1, True), (4, True), (1, True)]]
    assert deciding_limit(corrected) == better.limit and deciding_limit(toy_result) == own
    assert (better.lacking, better.limit.host.energy) == ([], pytest.approx(-4.0, abs=1e-5))


def test_the_table_has_both_and_what_they_differ_by(corrected):
    assert column(corrected, "binding_corrected")[1:] == pytest.approx(BY_OTHER, abs=1e-5)
    assert column(corrected, "binding_change")[:4] == pytest.approx([0, -0.10, -0.02, 0.24], abs=1e-5)
    assert column(corrected, "limit_corrected") == ["", "n_thermo, n_max", "", "", "n_rev", "", "", ""]
    assert column(corrected, "emptied_corrected")[4:6] == pytest.approx([0, 0.4], abs=1e-5)
    assert column(corrected, "better_calls") == [2, 4, 4, 4, 4, 4, 4, 4], "host and metal; loaded and emptied"
    notes = said(corrected)
    assert "16 single points" in notes
    assert "By ToyInterface (2) at the same structures: n_thermo = 1, n_rev = 4, n_max = 1." in notes
    assert "differs by up to 3.080 eV (n = 7, +3.080)" in notes


def test_published_limits_stand_beside_the_better_limit_and_every_range(corrected):
    assert column(corrected, "published", literature=True) == [None, 7, None, None, None, None, None, None]
    notes = said(corrected, literature=True)
    assert "Published VOx-G-limit, n = 7, by ToyInterface: not within n_thermo = 6, not within n_rev = 4" in notes
    assert "not within n_thermo = 1, not within n_rev = 4, not within n_max = 1." in notes
    assert "VOx-G-limit, n = 7, by" not in said(corrected)
    wide = breathing_limit(corrected).model_copy(update={"maximum": Limit(n=5, exact=True, single=(3, 8))})
    (text,) = against_published(corrected, [("some", wide)])
    assert text.endswith(
        "by some: not within n_thermo = 6, not within n_rev = 4, within n_max = 5 (3 to 8 by single searches)."
    )


def test_only_as_far_as_is_affordable(toy_result):
    few = correct(toy_result.model_copy(update={"correct_up_to": 2, "literature": ("VOx-G-limit",)}), BOTH)
    states = [point.state for point in few.single_points.points]
    assert states == ["host", "reference Zn2", "n = 1", "n = 1, emptied", "n = 2", "n = 2, emptied"]
    better = better_method(few).limit
    assert (better.thermodynamic.n, better.thermodynamic.exact) == (1, True)
    assert (better.reversible.n, better.reversible.exact) == (2, False)
    assert "n_rev = at least 2, n_max = 1; it computed n = 0 to 2." in said(few)
    assert "not excluded by n_rev = at least 2" in said(few, literature=True)
    assert column(few, "binding_corrected")[3:] == [None] * 5
    assert "not corrected" not in "".join(column(few, "flags"))


@pytest.mark.parametrize("failing", ["n = 2", "host"])
def test_a_single_point_that_fails_costs_what_rests_on_it(toy_result, monkeypatch, failing):
    original = corrections.single_point

    def sometimes(state, *args):
        if state == failing:
            raise CalculationError("no convergence")
        return original(state, *args)

    monkeypatch.setattr(corrections, "single_point", sometimes)
    lacking = correct(toy_result.model_copy(update={"correct_up_to": 3}), BOTH)
    assert f"that failed: {failing}. The run's log says why." in said(lacking)
    assert breathing_limit(lacking) == breathing_limit(toy_result)
    found = column(lacking, "binding_corrected")[1:4]
    if failing == "host":
        assert (found, "host or metal has no single point" in said(lacking)) == ([None] * 3, True)
        assert deciding_limit(lacking) == breathing_limit(toy_result)
    else:
        assert (found[0], found[1], found[2]) == (pytest.approx(-0.6), None, pytest.approx(-0.4))
        assert [flags for flags in column(lacking, "flags") if "not corrected" in flags] == ["not corrected"]


def test_what_is_no_result_costs_nothing_and_what_is_outside_the_domain_counts(toy_result):
    trust = Trust(
        member_energies=(1.0, 1.1), energy_scale=1.0, force_deviation=9.0, largest_known=0.3, distance=1.0,
        farthest_known=5.0,
    )  # fmt: skip
    when = CorrectedSpec(surrogate=TOY, correct_with=OTHER, when="flagged")
    assert toy_result.states_to_correct(when) == {}
    changed = [
        record.model_copy(update={"outcome": Outcome.OUTSIDE, "reason": "far", "trust": trust} if record.n == 1 else {})
        for record in toy_result.records[:3]
    ]
    changed[1] = changed[1].model_copy(update={"outcome": Outcome.UNCONVERGED, "reason": "fmax 0.2"})
    result = correct(toy_result.model_copy(update={"records": changed}), when)
    assert {"n = 1", "n = 3"}.issubset(point.state for point in result.single_points.points)
    assert not any(point.state.startswith("n = 2") for point in result.single_points.points)
    better = better_method(result).limit
    assert (better.hull, better.rows[1].binding) == ([0, 1], pytest.approx(-0.6))
    assert [row.outcome for row in breathing_table([result]).rows][1:3] == [Outcome.OUTSIDE, Outcome.UNCONVERGED]
    bare = toy_result.model_copy(update={"reference": toy_result.reference.model_copy(update={"parts": []})})
    with pytest.raises(StructureError, match="its reference was kept without structures"):
        correct(bare, BOTH)


def test_members_of_an_ensemble_stand_side_by_side(toy_result):
    result = correct(toy_result.model_copy(update={"correct_up_to": 3}), EnsembleSpec(ensemble=(TOY, OTHER)))
    rows = breathing_table([result])
    by_other = next(column.key for column in rows.columns if column.key.startswith("binding_by_"))
    assert column(result, by_other)[1:4] == pytest.approx(BY_OTHER[:3], abs=1e-5)
    assert column(result, "binding_spread")[1:4] == pytest.approx([0.10, 0.02, 0.24], abs=1e-5)
    assert "at the same structures: n_thermo = 1" in said(result)
    assert result.single_points is None and "limit_corrected" not in [one.key for one in rows.columns]


def test_the_flow_and_the_plain_function_give_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = maker(ions=1)
    asked.calculator = BOTH
    responses = run_locally(asked.make(recipe()), ensure_success=True)
    found = [one.output for several in responses.values() for one in several.values()]
    (flow,) = [one for one in found if isinstance(one, BreathingResult) and one.single_points is not None]
    plain = breathing_study(recipe(), calculator=BOTH, settings=TIGHT, breathing=asked.settings)
    assert [one.energy for one in flow.single_points.points] == [one.energy for one in plain.single_points.points]
    assert better_method(flow).limit.rows[1].binding == pytest.approx(BY_OTHER[0], abs=1e-5)
    assert flow.calculator.spec == TOY and flow.reference.energy == pytest.approx(MU)
    again = merge_job.original(flow, flow.single_points.points, BOTH)
    assert again == flow


def test_the_command_lists_single_points_and_refuses_what_it_would_ignore(tmp_path, capsys):
    tagged_host().write(tmp_path / "toy.extxyz")
    toy = 'kind: ase, calculator: "toy:ToyInterface"'
    both = f"{{surrogate: {{{toy}}}, correct_with: {{{toy}, options: {{mu: -1.2}}}}}}"
    pair = CAMPAIGN.replace(f"{{{toy}}}", both).replace("ions: 2", "ions: 2, correct_up_to: 1")
    path = tmp_path / "toy.yaml"
    path.write_text(pair)
    assert azibflow("run", path, "--dry-run") == 0
    printed = capsys.readouterr().out
    tasks = re.findall(r"(\S+: single point[^:]*): (\w+),", printed)
    assert [formula for _, formula in tasks] == ["C4O4V4", "Zn2", "C4O4V4Zn", "C4O4V4"]
    for text, message in (
        (CAMPAIGN.replace("ions: 2", "ions: 2, correct_up_to: 1"), "correct_up_to: 1 says how far a better method"),
        (pair.replace("correct_up_to: 1", "correct_up_to: 5"), "correct_up_to: 5 is more than ions: 2"),
    ):
        path.write_text(text)
        assert azibflow("run", path, "--run-dir", tmp_path / "run") == 2
        printed = capsys.readouterr().err
        assert re.search(r"study 1 \(breathing\): breathing: ", printed) and message in printed
        assert not (tmp_path / "run").exists()


def test_moments_tell_which_metal_is_reduced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = maker(ions=2)
    asked.calculator = AseSpec(calculator="toy:MagneticToy")
    result = computed(asked.make(recipe()))
    rows = breathing_limit(result).rows
    assert [row.reduced for row in rows] == [0, 2, 4]
    assert [row.reduced_atoms for row in rows] == ["", "V8 V9", "V8 V9 V10 V11"]
    assert [row.moment_change for row in rows] == pytest.approx([0.0, 1.8, 3.6]), "magnitudes, vanadium alone"
    assert [len(one.moments) for one in (result.hosts[0], result.records[0], result.records[0].emptied)] == [12, 13, 12]
    plain = breathing_study(recipe(), calculator=asked.calculator, settings=TIGHT, breathing=asked.settings)
    assert plain.records == result.records
    assert "more than 0.5 mu_B larger than in the host" in said(result)
    assert column(result, "reduced") == [0, 2, 4]


def test_one_sound_seed_of_several_is_no_converged_search(toy_result):
    def flags(result: BreathingResult) -> list[bool]:
        return ["search not converged" in row.flags for row in breathing_limit(result).rows]

    records = toy_result.records[:2]
    other = [one.model_copy(update={"seed": 1}) for one in records]
    other[1] = other[1].model_copy(update={"outcome": Outcome.UNCONVERGED, "reason": "fmax 0.2"})
    two = toy_result.model_copy(update={"records": [*records, *other]})
    assert flags(two) == [False, False, True]
    assert "not converged at n = 2: only one of 2 searches has a sound state there" in said(two)
    lost = toy_result.model_copy(update={"records": records, "searches": 2})
    assert flags(lost) == [False, True, True], "a search that left nothing at all"
    assert "One search alone" not in said(lost)
    assert flags(toy_result.model_copy(update={"records": records})) == [False] * 3


def test_plain_tables_and_results_stay_as_they_were(toy_result):
    keys = {one.key for one in breathing_table([toy_result]).columns}
    assert not keys.intersection({"reduced", "binding_corrected", "limit_corrected", "binding_spread"})
    new = {"single_points", "ensemble", "correct_up_to", "searches"}
    assert not new.intersection(toy_result.model_dump())
