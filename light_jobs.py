"""Which job of this process may not compute: a cluster may run it on its login node."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_running: ContextVar[str | None] = ContextVar("_running", default=None)


@contextmanager
def light_job(name: str) -> Iterator[None]:
    """Let nothing in this process compute in the meantime.

    Args:
        name: of the job that runs.
    """
    token = _running.set(name)
    try:
        yield
    finally:
        _running.reset(token)


def running_light_job() -> str | None:
    """Return the name of the job that runs and may not compute; none when there is none."""
    return _running.get()
