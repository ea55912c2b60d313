"""Jobs that several studies share: equal inputs make one job."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from jobflow import Job


class JobPool:
    """The jobs made so far, found again by their inputs."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}

    @property
    def jobs(self) -> list[Job]:
        """All jobs in the order they were made."""
        return list(self._jobs.values())

    def _job(self, key: str, name: str, make: Callable[[], Job]) -> Job:
        """Return the job of a key, made and named when it is asked for the first time."""
        if key not in self._jobs:
            job = make()
            job.name = name
            self._jobs[key] = job
        return self._jobs[key]
