"""What earlier runs tell of the jobs that are left: how long they take, and which others they bring."""

from __future__ import annotations

import operator
from pathlib import Path

import pytest
from flow_jobs import branch, count, total
from jobflow import Flow, job

from azibflow.errors import RunError
from azibflow.hpc.experience import Experience, experience_of, kind_of
from azibflow.hpc.forecast import forecasts, jobs_ahead
from azibflow.hpc.manager import run_flow
from azibflow.hpc.processes import ProcessExecutor
from azibflow.hpc.profiles import Profile
from azibflow.hpc.run_folder import RunFolder

add = job(operator.add)


def test_the_kind_of_a_job_is_its_function_and_what_computes() -> None:
    chgnet, mace = ({"kind": name, "device": "cpu"} for name in ("chgnet", "mace"))
    one, same, other = total(chgnet, 1), total(chgnet, 2), total(mace, 1)
    assert kind_of(one.as_dict()) == kind_of(same.as_dict()) != kind_of(other.as_dict())
    assert str(kind_of(one.as_dict())) == "total (chgnet)"


def test_the_name_that_a_function_had_is_that_of_the_function() -> None:
    """What a run of an earlier version took counts for the same jobs of now."""
    record = {"function_args": [], "function_kwargs": {}}
    kinds = [
        kind_of(record | {"function": {"@module": f"azibflow.workflows.{module}", "@callable": "relax_job"}})
        for module in ("relaxation", "common.relaxation_jobs")
    ]
    assert kinds[0] == kinds[1]


@pytest.fixture
def earlier(tmp_path: Path) -> RunFolder:
    """A run with two jobs of half a second that finished, one that failed, and two that brought two others each."""
    folder, tally = RunFolder(tmp_path / "earlier"), str(tmp_path / "tally")
    jobs = [count(tally, 1, seconds=0.4), count(tally, 2, seconds=0.6), add(1, "x"), branch(tally, 1), branch(tally, 2)]
    with ProcessExecutor(1, threads=1) as executor:
        run_flow(Flow(jobs), folder, executor)
    return folder


def test_experience_is_of_jobs_that_have_finished(earlier: RunFolder) -> None:
    known = experience_of([earlier.path, earlier.path])  # named twice, it counts once
    timing = known.of(kind_of(count("tally", 3).as_dict()))
    assert timing is not None
    assert 1 / 6 < timing.mean < 3
    assert str(timing) == f"6 of the same kind in {earlier.path}"
    assert known.of(kind_of(add(1, "x").as_dict())) is None
    with pytest.raises(RunError, match="is not a run folder"):
        experience_of([earlier.path / "jobs"])


def test_a_forecast_says_what_it_knows_and_what_not(earlier: RunFolder, tmp_path: Path) -> None:
    flow = Flow([count("tally", 1), count("tally", 2), add(1, 2), count("tally", 3)])
    flow.jobs[3].config.manager_config = {"kind": "light"}
    flow.jobs[2].config.manager_config = {"kind": "dft"}
    profile = Profile.model_validate({"defaults": {"cpus": 8, "tasks": 2}, "work": {"dft": {"cpus": 32}}})
    ahead = jobs_ahead(flow, RunFolder(tmp_path / "new"))
    counted, added, light = forecasts(ahead, experience_of([earlier.path]), profile)
    assert (counted.number, counted.brought, counted.timing.places.total()) == (2, False, 6)  # type: ignore[union-attr]
    assert counted.core_hours == pytest.approx(2 * counted.timing.mean * 16 / 3600)  # type: ignore[union-attr]
    assert (added.number, added.seconds, added.core_hours) == (1, None, None)
    assert (added.work, added.resources.cpus) == ("dft", 32)  # type: ignore[union-attr]
    assert (light.resources, light.core_hours) == (None, 0.0)


def test_of_a_run_that_has_begun_only_what_is_left_is_forecast(earlier: RunFolder) -> None:
    flow = earlier.kept_flow()
    assert flow is not None
    assert jobs_ahead(flow, earlier) == []


def test_jobs_that_others_have_brought_are_expected_again(earlier: RunFolder, tmp_path: Path) -> None:
    flow = Flow([branch("tally", 1), branch("tally", 2), branch("tally", 3)])
    known = experience_of([earlier.path])
    branches, counts = forecasts(jobs_ahead(flow, RunFolder(tmp_path / "new")), known)
    assert (branches.kind, branches.number, branches.brought) == (kind_of(branch("tally", 1).as_dict()), 3, False)
    assert (counts.kind, counts.number, counts.brought) == (kind_of(count("tally", 1).as_dict()), 6, True)
    assert counts.seconds == pytest.approx(6 * known.of(counts.kind).mean)  # type: ignore[union-attr]
    assert len(forecasts(jobs_ahead(flow, RunFolder(tmp_path / "new")), Experience())) == 1
