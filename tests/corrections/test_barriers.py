"""Corrected barriers: against arithmetic by hand, with every call of the better method counted."""

from __future__ import annotations

import pytest
from ase.calculators import emt as ase_emt
from ase.calculators.lj import LennardJones
from jobflow import run_locally

from azibflow.calculators.specs import AseSpec, CorrectedSpec, XtbSpec
from azibflow.calculators.surrogates.trust import Trust
from azibflow.errors import CalculationError, CapabilityError
from azibflow.structures.building import build_bulk
from azibflow.structures.recipes import StructureRecipe
from azibflow.workflows.common import corrections
from azibflow.workflows.common.corrections import correct
from azibflow.workflows.common.results import Outcome, RelaxSettings, StudyLabel
from azibflow.workflows.migration.failed_hops import hop_failure_job
from azibflow.workflows.migration.flow import MigrationMaker, migration_study
from azibflow.workflows.migration.hops import HopSettings, hop_starts
from azibflow.workflows.migration.results import BandSettings, MigrationResult

COPPER = StructureRecipe(prototype="Cu")
SETTINGS = RelaxSettings(fmax=0.02)
BAND = BandSettings(images=3, fmax=0.05)
HOPS = HopSettings(sites=[(0.5, 0.5, 0.5)], supercell=(2, 2, 2))
LENNARD_JONES = AseSpec(
    calculator="ase.calculators.lj:LennardJones", options={"sigma": 2.0, "epsilon": 0.3, "rc": 5.0, "smooth": True}
)


@pytest.fixture(scope="module")
def hop(emt: AseSpec) -> MigrationResult:
    return migration_study(COPPER, "H", emt, hops=HOPS, band=BAND, settings=SETTINGS)[0]


@pytest.fixture(scope="module")
def relaxed_hop(hop: MigrationResult) -> MigrationResult:
    """The same hop as if no symmetry had mapped its second endpoint."""
    return hop.model_copy(update={"final_endpoint": "relaxed"})


def with_jobs(maker: MigrationMaker, folder, *, sound: bool = True) -> list[MigrationResult]:
    flow = maker.make(COPPER)
    responses = run_locally(flow, log=False, root_dir=folder, ensure_success=sound)
    outputs = [response.output for by_index in responses.values() for response in by_index.values()]
    return [output for output in outputs if isinstance(output, MigrationResult)]


def maker(calculator) -> MigrationMaker:
    return MigrationMaker(name="H in Cu", ion="H", hops=HOPS, band=BAND, calculator=calculator, settings=SETTINGS)


def energy(calculator, document) -> float:
    atoms = document.to_atoms()
    atoms.calc = calculator
    return float(atoms.get_potential_energy())


def test_a_method_that_corrects_itself_changes_nothing(hop: MigrationResult, emt: AseSpec, tmp_path) -> None:
    found = with_jobs(maker(CorrectedSpec(surrogate=emt, correct_with=emt)), tmp_path)
    result = next(one for one in found if one.correction is not None)
    assert result.outcome is Outcome.OK
    assert result.barrier_forward == pytest.approx(hop.barrier_forward, abs=1e-6)
    for quantity in ("barrier_forward", "barrier_backward", "reaction_energy"):
        assert getattr(result.correction, quantity) == pytest.approx(getattr(result, quantity), abs=1e-9)


def test_another_method_gives_the_differences_by_hand(relaxed_hop: MigrationResult, emt: AseSpec) -> None:
    corrected = correct(relaxed_hop, CorrectedSpec(surrogate=emt, correct_with=LENNARD_JONES))
    first, last, saddle = (
        energy(LennardJones(**LENNARD_JONES.options), document)
        for document in (relaxed_hop.initial, relaxed_hop.final, relaxed_hop.saddle)
    )
    correction = corrected.correction
    assert correction.barrier_forward == pytest.approx(saddle - first, abs=1e-9)
    assert correction.barrier_backward == pytest.approx(saddle - last, abs=1e-9)
    assert correction.reaction_energy == pytest.approx(last - first, abs=1e-9)
    assert abs(correction.barrier_forward - relaxed_hop.barrier_forward) > 0.01
    assert corrected.barrier_forward == relaxed_hop.barrier_forward
    assert corrected.single_points.calculator.spec == LENNARD_JONES
    assert [point.state for point in corrected.single_points.points] == [
        "first endpoint",
        "second endpoint",
        "saddle",
    ]
    assert correction.fmax == max(point.fmax for point in corrected.single_points.points) > 0


def test_the_calls_of_both_methods_are_counted(emt: AseSpec, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EMT does the path; the better method is a subclass of EMT that counts what it computes."""
    counted = []

    class Counting(ase_emt.EMT):
        def calculate(self, *args, **kwargs):
            counted.append(self.atoms)
            super().calculate(*args, **kwargs)

    monkeypatch.setattr(ase_emt, "CountingEMT", Counting, raising=False)
    better = AseSpec(calculator="ase.calculators.emt:CountingEMT")
    found = with_jobs(maker(CorrectedSpec(surrogate=emt, correct_with=better)), tmp_path)
    result = next(one for one in found if one.correction is not None)
    assert result.final_endpoint == "symmetry"  # so that its energy is that of the first
    assert len(counted) == result.correction.calls == 2
    assert result.correction.surrogate_calls == result.force_calls + result.endpoint_force_calls > 15
    assert result.correction.seconds > 0
    assert result.correction.surrogate_seconds == result.seconds + result.endpoint_seconds > 0


def test_a_failed_single_point_leaves_the_numbers_of_the_surrogate(emt: AseSpec, tmp_path, monkeypatch) -> None:
    original = corrections.single_point

    def failing(state, *args, **kwargs):
        if state == "saddle":
            raise CalculationError("the self-consistent field did not converge")
        return original(state, *args, **kwargs)

    monkeypatch.setattr(corrections, "single_point", failing)
    found = with_jobs(maker(CorrectedSpec(surrogate=emt, correct_with=emt)), tmp_path, sound=False)
    result = next(one for one in found if one.single_points is not None)
    assert result.outcome is Outcome.FAILED
    assert "the single point of the saddle by ase failed" in result.reason
    assert result.correction is None
    assert result.barrier_forward > 0
    assert [point.state for point in result.single_points.points] == ["first endpoint"]

    plainly = correct(found[0], CorrectedSpec(surrogate=emt, correct_with=emt))
    assert (plainly.outcome, plainly.reason) == (result.outcome, result.reason)


def test_what_is_no_result_costs_nothing(hop: MigrationResult, emt: AseSpec) -> None:
    spec = CorrectedSpec(surrogate=emt, correct_with=emt)
    unconverged = hop.model_copy(update={"outcome": Outcome.UNCONVERGED, "reason": "the band"})
    assert unconverged.states_to_correct(spec) == {}
    assert correct(unconverged, spec) is unconverged
    assert list(hop.states_to_correct(spec)) == ["first endpoint", "saddle"]
    assert list(hop.model_copy(update={"saddle_kind": "endpoint"}).states_to_correct(spec)) == ["first endpoint"]


def test_only_flagged_barriers_are_corrected_where_that_is_asked(hop: MigrationResult, emt: AseSpec) -> None:
    spec = CorrectedSpec(surrogate=emt, correct_with=emt, when="flagged")
    assert hop.states_to_correct(spec) == {}
    sure = Trust(
        member_energies=(0.4, 0.5),
        energy_scale=2.0,
        force_deviation=0.1,
        largest_known=0.2,
        distance=1.0,
        farthest_known=5.0,
    )
    assert hop.model_copy(update={"trust": sure}).states_to_correct(spec) == {}
    doubtful = sure.model_copy(update={"force_deviation": 0.3})
    outside = hop.model_copy(update={"trust": doubtful, "outcome": Outcome.OUTSIDE, "reason": doubtful.problem})
    assert list(outside.states_to_correct(spec)) == ["first endpoint", "saddle"]
    corrected = correct(outside, spec)
    assert corrected.correction is not None
    assert corrected.outcome is Outcome.OUTSIDE  # the path is still one that the surrogate does not know


def test_a_saddle_below_both_endpoints_is_none(relaxed_hop: MigrationResult, emt: AseSpec) -> None:
    swapped = relaxed_hop.model_copy(
        update={"initial": relaxed_hop.saddle, "final": relaxed_hop.saddle, "saddle": relaxed_hop.initial}
    )
    result = correct(swapped, CorrectedSpec(surrogate=emt, correct_with=emt))
    assert result.outcome is Outcome.INTERMEDIATE
    assert "below both endpoints" in result.reason
    assert result.correction.barrier_forward == pytest.approx(-relaxed_hop.barrier_forward, abs=1e-9)


def test_a_method_that_cannot_is_refused_before_any_single_point(relaxed_hop, emt: AseSpec, monkeypatch) -> None:
    computed = []
    only_hydrogen = LENNARD_JONES.model_copy(update={"elements": ("H",)})
    monkeypatch.setattr(corrections, "single_point", lambda *args: computed.append(args))
    with pytest.raises(CapabilityError, match="has never seen"):
        correct(relaxed_hop, CorrectedSpec(surrogate=emt, correct_with=only_hydrogen))
    assert computed == []


def test_a_plain_calculator_has_the_jobs_it_always_had(hop: MigrationResult, emt: AseSpec) -> None:
    flow = maker(emt).make(COPPER)
    assert [job.name for job in flow.jobs] == ["Cu: build", "Cu: relax bulk", "H in Cu: hops"]
    ends = hop.initial.to_atoms(), hop.final.to_atoms()
    plain = MigrationMaker(calculator=emt).make_between(*ends)
    assert [job.name.split(", ")[-1] for job in plain.jobs] == ["first endpoint", "second endpoint", "band", "collect"]
    corrected = MigrationMaker(calculator=CorrectedSpec(surrogate=emt, correct_with=emt)).make_between(*ends)
    assert [job.name.split(", ")[-1] for job in corrected.jobs][3:] == ["correction", "collect"]


def test_correction_jobs_are_of_the_kind_of_the_better_method(hop: MigrationResult, emt: AseSpec) -> None:
    for better, kind in ((emt, "dft"), (XtbSpec(), "surrogate")):
        spec = CorrectedSpec(surrogate=XtbSpec(), correct_with=better)
        flow = corrections.correct_job.original(hop, spec).replace
        assert [job.config.manager_config["kind"] for job in flow.jobs] == [kind, kind, "light"]


def test_a_correction_that_failed_leaves_the_row_of_the_surrogate_marked(hop: MigrationResult, emt: AseSpec) -> None:
    (start,) = hop_starts(build_bulk(COPPER), "H", HOPS, label="Cu")
    label = StudyLabel(study=hop.study)
    relaxed = object()

    def row(path: MigrationResult | None, result: MigrationResult | None) -> MigrationResult | None:
        return hop_failure_job.original(start, relaxed, relaxed, path, result, emt, BAND, label)

    assert row(hop, hop) is None
    marked = row(hop, None)
    assert (marked.outcome, marked.barrier_forward) == (Outcome.FAILED, hop.barrier_forward)
    assert "its correction failed" in marked.reason
    without = row(None, None)
    assert (without.outcome, without.hop, without.supercell) == (Outcome.FAILED, start.label, (2, 2, 2))
    assert without.reason.startswith("the band failed")
    assert without.barrier_forward is None
