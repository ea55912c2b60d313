"""All figures, straight from run folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AzibflowError, RunError
from ..kinds import PLOTS
from ..study_names import load_named

if TYPE_CHECKING:
    from .esp import Scale


def draw(kind: str, sources: Sequence[Path], outputs: Sequence[Path], *, scale: Scale = "common") -> None:
    """Draw the results of one kind from run folders alone.

    Args:
        kind: which figure, one of :data:`PLOTS`.
        sources: run folders, in the order of the panels.
        outputs: files to write; their endings choose the formats.
        scale: colour scale of electrostatic potentials, ``common`` or ``own`` to each molecule.

    Raises:
        AzibflowError: there is no such figure, or a file cannot be written.
        RunError: a folder holds no run, none holds such a result, or a file of a result is missing or has changed.
    """
    if kind not in PLOTS:
        raise AzibflowError(f"there is no figure {kind!r}; the figures are {', '.join(PLOTS)}")
    for output in outputs:
        if output.suffix.lower() not in PLOTS[kind]:
            endings = ", ".join(ending.removeprefix(".") for ending in PLOTS[kind])
            raise AzibflowError(f"{output}: the ending has to be one of {endings}")
    writers = {"barriers": _draw_barriers, "desolvation": _draw_desolvation, "breathing": _draw_breathing}
    if kind == "esp":
        _draw_esp(sources, outputs, scale)
    else:
        writers[kind](sources, outputs)


def _draw_barriers(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    from ...workflows.migration.results import MigrationResult
    from .migration import plot_barriers

    results = load_named(sources, MigrationResult)
    _need(results, "barriers", sources)
    for output in outputs:
        plot_barriers(results, output)


def _draw_desolvation(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    from ...workflows.molecular.desolvation_results import DesolvationResult
    from .desolvation import plot_desolvation

    results = load_named(sources, DesolvationResult)
    _need(results, "desolvation", sources)
    for output in outputs:
        plot_desolvation(results, output)


def _draw_breathing(sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    from ...workflows.breathing.results import BreathingResult
    from .breathing import plot_breathing

    results = load_named(sources, BreathingResult)
    _need(results, "breathing", sources)
    for output in outputs:
        plot_breathing(results, output)


def _draw_esp(sources: Sequence[Path], outputs: Sequence[Path], scale: Scale) -> None:
    from .esp import plot_esp
    from .esp_maps import load_maps
    from .esp_page import write_esp_page

    maps = load_maps(sources)
    _need(maps, "esp", sources)
    for output in outputs:
        if output.suffix.lower() == ".html":
            write_esp_page(maps, output, scale)
        else:
            plot_esp(maps, output, scale)


def _need(results: Sequence[object], kind: str, sources: Sequence[Path]) -> None:
    if not results:
        raise RunError(f"no {kind} result in {', '.join(str(folder) for folder in sources)}")
