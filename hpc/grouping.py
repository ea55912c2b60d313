"""Which tasks share a batch job: as many as they may be by number, and by the time that they are expected to take."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from .experience import Experience, JobKind, kind_of
from .profiles import FILL, Profile, Resources
from .worker import JobReport, JobTask

SETTLE = 2.0
"""How long a task waits for others that could share its batch job, s."""


@dataclass
class Member:
    """A task that somebody waits for.

    Attributes:
        task: the task.
        resources: that it asks for.
        future: of its report.
        alone: whether it may not share a batch job, since it was lost in one.
        since: when it was submitted, on the monotonic clock, s.
    """

    task: JobTask
    resources: Resources
    future: Future[JobReport]
    alone: bool = False
    since: float = field(default_factory=time.monotonic)

    @property
    def name(self) -> str:
        """Name of its folder."""
        return self.task.folder.name

    @property
    def age(self) -> float:
        """How long it has waited, s."""
        return time.monotonic() - self.since

    @cached_property
    def kind(self) -> JobKind:
        """What makes tasks take about as long as each other."""
        return kind_of(self.task.job)

    @cached_property
    def alike(self) -> str:
        """The same for all tasks that may share a batch job with it."""
        return self.resources.model_dump_json() + (self.name if self.alone else "")

    def resolve(self, outcome: JobReport | BaseException) -> None:
        """Hand the outcome to whoever waits, if anybody still does."""
        if not self.future.running() and not self.future.set_running_or_notify_cancel():
            return
        if isinstance(outcome, BaseException):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


def closed_groups(members: Sequence[Member], profile: Profile, experience: Experience) -> list[list[Member]]:
    """Divide tasks among batch jobs; those that need not wait for others come back, who waited longest first.

    Args:
        members: tasks, in the order in which they were submitted.
        profile: the machine.
        experience: of jobs of their kinds.

    Returns:
        The tasks of each batch job.
    """
    alike: dict[str, list[Member]] = {}
    for member in members:
        alike.setdefault(member.alike, []).append(member)
    closed: list[list[Member]] = []
    for same in alike.values():
        divide = _filled if same[0].resources.group == FILL else _counted
        closed += divide(same, profile, experience)
    return sorted(closed, key=lambda group: group[0].since)


def _counted(members: list[Member], profile: Profile, experience: Experience) -> list[list[Member]]:
    most = int(members[0].resources.group)
    groups = _divided(members, most, profile, experience)
    return [group for group in groups if group is not groups[-1] or len(group) == most or group[0].age >= SETTLE]


def _filled(members: list[Member], profile: Profile, experience: Experience) -> list[list[Member]]:
    """Fill allocations with the tasks of which somebody knows how long they take; the others tell it, one by one.

    In no allocation is more than an equal share, so that none is long while others stay empty.
    """
    timed = [member for member in members if experience.of(member.kind) is not None]
    untimed = [[member] for member in members if experience.of(member.kind) is None]
    groups = _divided(timed, math.ceil(len(timed) / profile.max_jobs), profile, experience)
    return untimed + [group for group in groups if group[0].age >= SETTLE]


def _divided(members: list[Member], most: int, profile: Profile, experience: Experience) -> list[list[Member]]:
    timings = [experience.of(member.kind) for member in members]
    times = [0.0 if timing is None else timing.mean for timing in timings]  # unknown: the number alone counts
    following = iter(members)
    room = profile.room(members[0].resources) if members else math.inf
    return [list(islice(following, size)) for size in shares(times, room, most)]


def shares(times: Sequence[float], room: float, most: int) -> list[int]:
    """Divide tasks, in their order, among batch jobs.

    Args:
        times: what each is expected to take, s.
        room: what those of one batch job may take together, s; a task that takes longer has one of its own.
        most: largest number of tasks in a batch job.

    Returns:
        The number of tasks of each batch job.
    """
    sizes: list[int] = []
    filled = math.inf
    for expected in times:
        if not sizes or sizes[-1] == most or filled + expected > room:
            sizes.append(0)
            filled = 0.0
        sizes[-1] += 1
        filled += expected
    return sizes
