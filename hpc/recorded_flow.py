"""Jobs and flows as they were written down: enough to follow a run, and nothing is imported or rebuilt for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

NO_FLOW = "it holds no flow"


@dataclass(frozen=True, eq=False)
class RecordedJob:
    """A job as its ``as_dict`` wrote it, with those names of Jobflow's class that a reader needs.

    Attributes:
        uuid: of the job.
        index: how often it was replaced by then, from 1.
        name: of the job.
        record: all that was written.
    """

    uuid: str
    index: int
    name: str
    record: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return what was written."""
        return self.record

    @property
    def config(self) -> SimpleNamespace:
        """Its settings, as plain values."""
        return SimpleNamespace(**self.record["config"])

    @property
    def function(self) -> tuple[str, str]:
        """Module and name of its function."""
        function = self.record["function"]
        return str(function["@module"]), str(function["@callable"])

    @property
    def arguments(self) -> list[Any]:
        """What its function is given, as plain values."""
        return [*self.record["function_args"], *self.record["function_kwargs"].values()]

    @property
    def input_uuids(self) -> tuple[str, ...]:
        """UUIDs of the jobs whose output it is given."""
        return tuple(dict.fromkeys(_references(self.arguments)))


@dataclass(frozen=True, eq=False)
class RecordedFlow:
    """A flow as its ``as_dict`` wrote it.

    Attributes:
        name: of the flow.
        jobs: its jobs and flows.
        order: ``auto`` or ``linear``.
    """

    name: str
    jobs: tuple[RecordedJob | RecordedFlow, ...]
    order: str

    @property
    def job_uuids(self) -> tuple[str, ...]:
        """UUIDs of all jobs, those of the flows in it too."""
        return tuple(uuid for item in self.jobs for uuid in _uuids(item))


def recorded_flow(record: Any) -> RecordedFlow:
    """Read a flow from its record.

    Args:
        record: what ``as_dict`` returned.

    Raises:
        ValueError: it is not the record of a flow.
    """
    item = _item(record)
    if isinstance(item, RecordedJob):
        raise ValueError(NO_FLOW)  # noqa: TRY004 - of a file, not of a caller
    return item


def _item(record: Any) -> RecordedJob | RecordedFlow:
    try:
        if record["@class"] == "Flow":
            return RecordedFlow(record["name"], tuple(_item(item) for item in record["jobs"]), str(record["order"]))
        return RecordedJob(record["uuid"], record["index"], record["name"], record)
    except (KeyError, TypeError) as error:
        raise ValueError(NO_FLOW) from error


def _uuids(item: RecordedJob | RecordedFlow) -> tuple[str, ...]:
    return item.job_uuids if isinstance(item, RecordedFlow) else (item.uuid,)


def _references(value: Any) -> Iterator[str]:
    """Yield the UUIDs of the references in a value, as Jobflow finds them."""
    if isinstance(value, dict):
        if value.get("@class") == "OutputReference":
            yield value["uuid"]
        else:
            for item in value.values():
                yield from _references(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _references(item)
