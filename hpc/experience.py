"""How long jobs have taken: what estimates of time, and the filling of allocations, rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..earlier_names import name_now
from .graph import JobGraph, JobState, Node
from .journal import RunStore
from .manager import replay
from .run_folder import RunFolder


class JobKind(NamedTuple):
    """What makes jobs take about as long as each other: what they do, and what computes.

    Attributes:
        function: module and name of their function.
        methods: what their arguments call their own ``kind``, such as that of the calculator.
    """

    function: str
    methods: tuple[str, ...] = ()

    def __str__(self) -> str:
        words = self.function.rpartition(".")[2].removesuffix("_job").replace("_", " ")
        return f"{words} ({', '.join(self.methods)})" if self.methods else words


def kind_of(record: dict[str, Any]) -> JobKind:
    """Return the kind of a job.

    Args:
        record: the job as written by its ``as_dict``.
    """
    function = name_now(record["function"]["@module"], record["function"]["@callable"])
    arguments = [*record["function_args"], *record["function_kwargs"].values()]
    kinds = [value.get("kind") for value in arguments if isinstance(value, dict)]
    return JobKind(".".join(function), tuple(kind for kind in kinds if isinstance(kind, str)))


@dataclass
class Timing:
    """What jobs of one kind have taken.

    Attributes:
        seconds: of all of them together.
        places: number of jobs by where they were run.
    """

    seconds: float = 0.0
    places: Counter[str] = field(default_factory=Counter)

    @property
    def mean(self) -> float:
        """Time of one, s."""
        return self.seconds / self.places.total()

    def __str__(self) -> str:
        return " and ".join(f"{number} of the same kind in {place}" for place, number in self.places.items())


class Experience:
    """What jobs of each kind have taken, and which jobs they have brought."""

    def __init__(self) -> None:
        self._timings: dict[JobKind, Timing] = {}
        self._bringing: Counter[JobKind] = Counter()
        self._brought: dict[JobKind, list[dict[str, Any]]] = {}

    def add(self, kind: JobKind, seconds: float, place: str) -> None:
        """Take note of a job that has finished.

        Args:
            kind: of the job.
            seconds: that it took.
            place: where it was run, in words.
        """
        timing = self._timings.setdefault(kind, Timing())
        timing.seconds += seconds
        timing.places[place] += 1

    def add_brought(self, kind: JobKind, brought: list[dict[str, Any]]) -> None:
        """Take note of what came of a job that has finished.

        Args:
            kind: of the job.
            brought: records of the jobs that it brought, and that these brought.
        """
        self._bringing[kind] += 1
        self._brought.setdefault(kind, []).extend(brought)

    def brought_by(self, kind: JobKind) -> list[tuple[dict[str, Any], float]]:
        """Return what a job of a kind brings: one record of each kind of job, and their mean number."""
        alike: dict[JobKind, list[dict[str, Any]]] = {}
        for record in self._brought.get(kind, []):
            alike.setdefault(kind_of(record), []).append(record)
        return [(records[0], len(records) / self._bringing[kind]) for records in alike.values()]

    def of(self, kind: JobKind) -> Timing | None:
        """Return what jobs of a kind have taken; none when none of it has finished."""
        return self._timings.get(kind)


def experience_of(folders: Iterable[Path]) -> Experience:
    """Learn from runs, finished or not, what their jobs have taken.

    Args:
        folders: of the runs.

    Raises:
        RunError: a folder holds no run, or one that cannot be read.
    """
    experience = Experience()
    for path in dict.fromkeys(folders):
        folder = RunFolder.open(path)
        graph = folder.kept_graph()
        if graph is None or not folder.has_store():
            continue
        with RunStore(folder.store_path(), read_only=True).connected() as store:
            replay(graph, store)
            for entry in store.entries():
                node = graph.nodes.get((entry["uuid"], entry["index"]))
                if node is not None and entry["response"] is not None:
                    experience.add(kind_of(node.job.as_dict()), entry["seconds"], str(path))
        for node, brought in _brought(graph).items():
            experience.add_brought(kind_of(node.job.as_dict()), brought)
    return experience


def _brought(graph: JobGraph) -> dict[Node, list[dict[str, Any]]]:
    """Return the records of the jobs that came of each finished job of the flow as submitted, however many steps on."""
    found: dict[Node, list[dict[str, Any]]] = {
        node: [] for node in graph if node.block is None and node.state is JobState.FINISHED
    }
    for node in graph:
        first: Node | None = node
        while first is not None and first.block is not None:
            first = first.block.owner
        if first in found and first is not node and not node.is_bookkeeping:
            found[first].append(node.job.as_dict())
    return found
