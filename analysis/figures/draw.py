"""All figures, straight from run folders: a kind of study names its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import AzibflowError
from ...studies import StudyKind, study_kind, study_kinds
from ..stored import StoredResults


def figure_kinds() -> dict[str, StudyKind]:
    """Return the kinds of studies that have a figure, by name."""
    return {name: kind for name, kind in study_kinds().items() if kind.figure}


def draw(kind: str, sources: Sequence[Path], outputs: Sequence[Path], **options: Any) -> None:
    """Draw the results of one kind from run folders alone.

    Args:
        kind: name of a kind of study that has a figure ([`figure_kinds`][]).
        sources: run folders, in the order of the panels.
        outputs: files to write; their endings choose the formats.
        options: of the figure, such as ``scale="own"`` for ``esp``.

    Raises:
        AzibflowError: there is no such figure or option, or a file cannot be written.
        RunError: a folder holds no run, none holds such a result, or a file of a result is missing or has changed.
    """
    known = study_kind(kind)
    if known is None or not known.figure:
        raise AzibflowError(f"there is no figure {kind!r}; the figures are {', '.join(figure_kinds())}")
    for output in outputs:
        if output.suffix.lower() not in known.endings:
            endings = ", ".join(ending.removeprefix(".") for ending in known.endings)
            raise AzibflowError(f"{output}: the ending has to be one of {endings}")
    for option in options:
        if option not in known.figure_options:
            raise AzibflowError(f"the figure of {known.name} has no option {option!r}")
    known.call("figure", sources, outputs, **options)


def kinds_to_draw(sources: Sequence[Path]) -> list[str]:
    """Return the kinds of studies that have a figure and results in some run folders.

    Raises:
        RunError: a folder holds no run.
    """
    kinds = figure_kinds()
    stored = StoredResults(sources, [kind.result for kind in kinds.values()])
    return [name for name, kind in kinds.items() if stored.holds(kind.result)]
