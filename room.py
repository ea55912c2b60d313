"""Processes beside its own that a job may compute in, where whoever runs it has room for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TypeAlias

Lender: TypeAlias = Callable[[int], AbstractContextManager[Sequence[Executor]]]
"""Lends as many executors, of one process each, as there is room for, and no more than asked."""

_lender: ContextVar[Lender | None] = ContextVar("_lender", default=None)


@contextmanager
def room(lender: Lender) -> Iterator[None]:
    """Let what runs in the meantime borrow processes.

    Args:
        lender: of the processes.
    """
    token = _lender.set(lender)
    try:
        yield
    finally:
        _lender.reset(token)


def borrowed(most: int) -> AbstractContextManager[Sequence[Executor]]:
    """Borrow processes; they end with the ``with`` block.

    Args:
        most: of use to whoever asks.

    Returns:
        Context of executors of one process each; none where there is no room beside the process that asks.
    """
    lender = _lender.get()
    return nullcontext(()) if lender is None else lender(most)
