"""Jobs that gather what others found, also when some of those failed: what failed stays in the table as a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobflow import OnMissing

from .work import light

if TYPE_CHECKING:
    from jobflow import Job


def despite_failures(waiting: Job) -> Job:
    """Mark a job of milliseconds that runs when jobs it waits for have failed; their outputs are none then.

    Args:
        waiting: changed in place.

    Returns:
        The job.
    """
    light(waiting).config.on_missing_references = OnMissing.NONE
    return waiting
