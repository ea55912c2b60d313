"""Parts of a study computed without Jobflow: one that fails is told by the log and leaves the others."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from ...errors import CalculationError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

Part = TypeVar("Part")


def attempted(what: str, compute: Callable[[], Part]) -> Part | None:
    """Compute one part of a study.

    Args:
        what: it is, in words.
        compute: does it.

    Returns:
        The part; none, as of a job that failed, when its calculation failed.
    """
    try:
        return compute()
    except CalculationError as error:
        logger.warning("%s failed: %s", what, error)
        return None
