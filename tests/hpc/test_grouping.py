"""Which tasks share an allocation: by number, and by the time that others of their kind have taken."""

from __future__ import annotations

import operator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from flow_jobs import count
from jobflow import job

from azibflow.hpc import grouping
from azibflow.hpc.experience import Experience, kind_of
from azibflow.hpc.grouping import Member, closed_groups, shares
from azibflow.hpc.profiles import Profile
from azibflow.hpc.worker import JobTask

add = job(operator.add)


def machine(**keys: Any) -> Profile:
    """An hour of walltime, of which 60 s are for stopping and 60 s for SLURM, which may come early."""
    return Profile.model_validate({"defaults": {"walltime": "01:00:00", **keys}, "grace": 60, "max_jobs": 5})


def members(number: int, profile: Profile, made: Any = None) -> list[Member]:
    tasks = [JobTask((made or count("tally", place)).as_dict(), [], Path(f"/jobs/{place}")) for place in range(number)]
    return [Member(task, profile.resources({}), Future()) for task in tasks]


def experience(seconds: float) -> Experience:
    known = Experience()
    known.add(kind_of(count("tally", 0).as_dict()), seconds, "runs/earlier")
    return known


def sizes(given: list[Member], profile: Profile, known: Experience) -> list[int]:
    return [len(group) for group in closed_groups(given, profile, known)]


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "SETTLE", 0.0)


@pytest.mark.parametrize(
    ("times", "room", "most", "expected"),
    [
        ([10, 10, 10, 10], 25, 9, [2, 2]),
        ([10, 10, 10, 10], 100, 3, [3, 1]),
        ([99, 10, 10, 99], 25, 9, [1, 2, 1]),
        ([5, 20, 5], 25, 9, [2, 1]),
        ([], 25, 9, []),
    ],
)
def test_an_allocation_is_filled_up_to_its_room(
    times: list[float], room: float, most: int, expected: list[int]
) -> None:
    assert shares(times, room, most) == expected


def test_a_group_by_number_is_what_it_was_where_nobody_knows_the_time(settled: None) -> None:
    profile = machine(group=4)
    assert sizes(members(10, profile), profile, Experience()) == [4, 4, 2]


def test_a_group_by_number_is_no_longer_than_its_walltime(settled: None) -> None:
    profile = machine(group=4)
    assert sizes(members(10, profile), profile, experience(1200.0)) == [2, 2, 2, 2, 2], "3480 s have room for two"
    assert sizes(members(3, profile), profile, experience(5000.0)) == [1, 1, 1], "longer ones go on after a requeue"


def test_an_allocation_is_filled_with_what_fits_and_no_more_than_an_equal_share(settled: None) -> None:
    profile = machine(group="fill")
    assert sizes(members(100, profile), profile, experience(100.0)) == [20] * 5, "34 would fit, into three of five"
    assert sizes(members(200, profile), profile, experience(100.0)) == [34] * 5 + [30]
    assert sizes(members(4, profile), profile, experience(100.0)) == [1] * 4


def test_what_nobody_knows_goes_alone_and_at_once() -> None:
    profile = machine(group="fill")
    assert sizes(members(7, profile), profile, Experience()) == [1] * 7
    assert sizes(members(7, profile), profile, experience(100.0)) == [], "these wait for others for a moment"
    other = members(1, profile, made=add(1, 2))
    assert sizes([*members(3, profile), *other], profile, experience(100.0)) == [1]


def test_tasks_that_ask_for_something_else_or_were_lost_share_nothing(settled: None) -> None:
    profile = machine(group=9)
    given = members(4, profile)
    given[1].alone = True
    given[2].resources = profile.resources({"cpus": 8})
    assert sorted(sizes(given, profile, Experience())) == [1, 1, 2]
