"""What a run has before it: its jobs by kind and queue, what they ask for, and how long they may take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .experience import Experience, JobKind, Timing, kind_of
from .graph import JobGraph, JobState
from .recorded_flow import recorded_flow
from .run_folder import FLOW, RunFolder, record_of
from .status import read_graph

if TYPE_CHECKING:
    from jobflow import Flow

    from .graph import AnyJob
    from .profiles import Profile, Resources


@dataclass(frozen=True)
class Forecast:
    """Jobs of one kind that ask for the same.

    Attributes:
        kind: what they do, and what computes.
        work: their kind of work, by which a profile gives them resources; empty when they have none.
        resources: of the SLURM job of each; none where they run beside the coordinator, or without a profile.
        number: of the jobs; a mean where others bring them.
        brought: whether they are only expected, since jobs like those that are left have brought such before.
        timing: what jobs of this kind have taken; none when nobody knows.
    """

    kind: JobKind
    work: str
    resources: Resources | None
    number: float
    brought: bool
    timing: Timing | None

    @property
    def seconds(self) -> float | None:
        """What they take one after the other, s; none when nobody knows."""
        return None if self.timing is None else self.number * self.timing.mean

    @property
    def core_hours(self) -> float | None:
        """What they take of the cluster, h; none when nobody knows."""
        if self.resources is None:
            return 0.0
        return None if self.seconds is None else self.seconds * self.resources.cores / 3600


def jobs_ahead(flow: Flow, folder: RunFolder) -> list[AnyJob]:
    """Return the jobs that are left of a run, those known by now.

    Args:
        flow: of a run that has not begun.
        folder: of the run; when it has begun, what it keeps counts, and not the flow.
    """
    if (folder.path / FLOW).is_file():
        graph, _ = read_graph(folder)
    else:
        graph = JobGraph(recorded_flow(record_of(flow)))
    nodes = [] if graph is None else [node for node in graph if not node.is_bookkeeping]
    return [node.job for node in nodes if graph is not None and graph.state_of(node) is JobState.WAITING]


def forecasts(jobs: Iterable[AnyJob], experience: Experience, profile: Profile | None = None) -> list[Forecast]:
    """Sum up jobs by kind and by what they ask for, in the order in which each kind comes up first.

    Args:
        jobs: that are left.
        experience: of earlier jobs.
        profile: the machine; none for a run without SLURM.

    Returns:
        The jobs that are left, and after them those that they are expected to bring.

    Raises:
        ProfileError: a job asks for something that is not valid.
    """
    left = [(job.as_dict(), 1.0) for job in jobs]
    expected = [(brought, number) for record, _ in left for brought, number in experience.brought_by(kind_of(record))]
    return [
        Forecast(kind_of(record), work, resources, number, brought, experience.of(kind_of(record)))
        for brought, records in ((False, left), (True, expected))
        for record, work, resources, number in _alike(records, profile)
    ]


def _alike(
    records: Iterable[tuple[dict[str, Any], float]], profile: Profile | None
) -> Iterator[tuple[dict[str, Any], str, Resources | None, float]]:
    """Yield, of jobs of one kind that ask for the same, the first, its work and resources, and their number."""
    found: dict[str, tuple[dict[str, Any], str, Resources | None]] = {}
    numbers: dict[str, float] = defaultdict(float)
    for record, number in records:
        wanted = record["config"]["manager_config"]
        work = str(wanted.get("kind", ""))
        resources = None if profile is None or profile.runs_here(wanted) else profile.resources(wanted)
        key = f"{kind_of(record)!r} {work} {resources!r}"
        found.setdefault(key, (record, work, resources))
        numbers[key] += number
    for key, first in found.items():
        yield *first, numbers[key]
