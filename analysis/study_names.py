"""Names of studies in tables and figures: those that several studies share say which study and which run is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .stored import Located, R, StoredResults, nothing_of, read_results

if TYPE_CHECKING:
    from maggma.core.store import Store

    from ..workflows.common.results import StudyLabel

StudyKey = tuple[int, str | tuple[int, ...]]
"""Number of the run, and what tells a study apart from the others there."""


def load_named(sources: Sequence[Path | Store], model: type[R]) -> list[R]:
    """Read every result of one kind, each under a name that no other study has.

    Args:
        sources: run folders or stores of Jobflow documents, in the order of the table.
        model: class of the results.

    Returns:
        The results; the name of a study that occurs again in another study or run is followed by which one it is, as
        in "Zn in MnO2 (study 2)" or "Zn in MnO2 (run chgnet)".

    Raises:
        RunError: a source is not a run folder, or holds a document that does not fit the model.
    """
    return [located.result for located in load_located_named(sources, model)]


def results_to_draw(kind: str, sources: Sequence[Path], model: type[R]) -> list[R]:
    """Read every result of one kind under the names of [`load_named`][]; there has to be one.

    Args:
        kind: name of the study.
        sources: run folders, in the order of the figure.
        model: class of the results.

    Raises:
        RunError: a folder holds no run, or none holds such a result.
    """
    results = load_named(sources, model)
    if not results:
        raise nothing_of(kind, sources)
    return results


def load_located_named(sources: Sequence[Path | Store], model: type[R]) -> list[Located[R]]:
    """Read every result of one kind with the folder of its job, under the names of [`load_named`][]."""
    return named(read_results(sources, model), model)


def named(stored: StoredResults, model: type[R]) -> list[Located[R]]:
    """Return every result of one kind with the folder of its job, under the names of [`load_named`][].

    Args:
        stored: results of the runs.
        model: class of the results, one of those that were read.

    Raises:
        RunError: a run holds a document that does not fit the model.
    """
    sources = stored.sources
    runs = [(_first(source, sources), run) for source, run in zip(sources, stored.of_runs(model), strict=True)]
    places: dict[str, dict[StudyKey, tuple[int, ...]]] = {}
    for number, run in runs:
        for located in run:
            places.setdefault(located.result.study, {}).setdefault(_key(number, located.result), located.result.place)
    names = {name: _names(name, studies, sources) for name, studies in places.items()}
    return [
        replace(located, result=located.result.model_copy(update={"study": name}))
        for number, run in runs
        for located in run
        for name in [names[located.result.study][_key(number, located.result)]]
    ]


def _first(source: Path | Store, sources: Sequence[Path | Store]) -> int:
    """Return the number of a source; of one that is named twice, that of the first."""
    places = [other.resolve() if isinstance(other, Path) else other for other in sources]
    return places.index(source.resolve() if isinstance(source, Path) else source)


def _key(source: int, label: StudyLabel) -> StudyKey:
    return source, label.given or label.place[:1]


def _names(name: str, studies: dict[StudyKey, tuple[int, ...]], sources: Sequence[Path | Store]) -> dict[StudyKey, str]:
    several_runs = len({source for source, _ in studies}) > 1
    found = {}
    for key in studies:
        here = [other for other in studies if other[0] == key[0]]
        words = [f"run {_run_name(sources[key[0]], sources)}"] if several_runs else []
        if len(here) > 1:
            numbers = [studies[other][:1] for other in here]
            in_campaign = all(numbers) and len(set(numbers)) == len(numbers)
            words.append(f"study {(numbers[here.index(key)][0] if in_campaign else here.index(key)) + 1}")
        found[key] = f"{name} ({', '.join(words)})" if words else name
    return found


def _run_name(source: Path | Store, sources: Sequence[Path | Store]) -> str:
    """Return the name of a run's folder; its whole path where another folder has the same name."""
    if not isinstance(source, Path):
        return str(source.name)
    same = [other for other in sources if isinstance(other, Path) and other.resolve().name == source.resolve().name]
    return source.resolve().name if len({other.resolve() for other in same}) == 1 else str(source)
