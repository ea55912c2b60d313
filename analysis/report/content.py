"""What a report says: everything read from run folders, nothing computed."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ...calculators.records import CalculatorRecord
from ...errors import AzibflowError
from ...hpc.graph import JobState
from ...hpc.run_folder import RunFolder
from ...hpc.status import read_status
from ...studies import StudyKind, study_kinds
from ..benchmarks.barriers import worth, worth_in_words
from ..stored import StoredResults, nothing_of
from ..tables.building import numbered
from ..tables.compared import compare_calculators, in_common
from ..tables.declared import campaign_of
from ..tables.formats import orderings_in_words
from ..tables.model import Table
from ..tables.provenance import describe
from ..tables.registry import all_tables
from .citations import bibtex
from .inside import parts
from .structures import View, views_of

if TYPE_CHECKING:
    from ...workflows.common.results import StudyLabel
    from ..stored import Located

PICTURE = ".svg"


@dataclass(frozen=True)
class RunFacts:
    """One run.

    Attributes:
        name: of its folder.
        description: of its campaign.
        campaign: its campaign file; empty of a run that keeps none.
        jobs: how many jobs it knows.
        finished: how many have finished.
        failed: how many have failed.
        seconds: wall time of all jobs one after the other.
    """

    name: str
    description: str
    campaign: str
    jobs: int
    finished: int
    failed: int
    seconds: float


@dataclass(frozen=True)
class Figure:
    """A picture.

    Attributes:
        name: kind of its study.
        says: what it shows.
        svg: the file, in base 64.
    """

    name: str
    says: str
    svg: str


@dataclass(frozen=True)
class Ordering:
    """A published order.

    Attributes:
        holds: what becomes of it.
        order: what is ordered, from the lowest.
        words: the verdict, the numbers and the place in the paper.
    """

    holds: str
    order: str
    words: str


@dataclass(frozen=True)
class Report:
    """Everything that a page shows.

    Attributes:
        title: of the page.
        runs: in their order.
        tables: by kind of study; several runs side by side come first.
        orderings: published orders and what becomes of them.
        figures: in the order of the kinds.
        views: structures and films.
        calculators: what computed, each once, with what benchmarks say of it.
        warnings: what a reader has to know first: rows that are no results, failed jobs, what cannot be shown.
        bibtex: what to cite.
    """

    title: str
    runs: list[RunFacts]
    tables: dict[str, Table]
    orderings: list[Ordering] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    calculators: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    bibtex: str = ""


def report_of(sources: Sequence[Path], title: str | None = None) -> Report:
    """Read what a report of some runs says.

    Args:
        sources: run folders, in their order; several stand side by side.
        title: of the page; names of the runs when none.

    Raises:
        RunError: a folder holds no run, or none holds a result or a job of a study.
    """
    runs = [_facts(source) for source in sources]
    made = all_tables(sources, literature=True)
    if not made.tables and not made.errors:
        raise nothing_of("study", sources)
    warnings = [str(error) for error in made.errors]
    kinds = study_kinds()
    stored = StoredResults(sources, [kind.result for kind in kinds.values()])
    present = [kind for kind in kinds.values() if stored.holds(kind.result)]
    located: list[Located[StudyLabel]] = []
    for kind in present:
        located += [one for run in stored.of_runs(kind.part("result")) for one in run]
    results = [one.result for one in located]
    figures, undrawn = _figures(present, sources)
    tables = dict(made.tables)
    if len(sources) > 1:
        beside, why = _side_by_side(sources)
        tables = {**beside, **tables}
        warnings += why
    warnings += _warnings(made.tables.values()) + undrawn + [str(damage) for damage in stored.damaged]
    return Report(
        title=title or ", ".join(run.name for run in runs),
        runs=runs,
        tables=tables,
        orderings=[one for table in made.tables.values() for one in _orderings(table)],
        figures=figures,
        views=views_of(located),
        calculators=_calculators(results),
        warnings=warnings,
        bibtex=bibtex(present, results, [one.key for table in made.tables.values() for one in table.orderings]),
    )


def _facts(source: Path) -> RunFacts:
    folder = RunFolder.open(source)
    status = read_status(folder)
    campaign = campaign_of(source)
    return RunFacts(
        name=source.resolve().name,
        description=str(campaign.get("description") or ""),
        campaign=_as_written(campaign),
        jobs=len(status.jobs),
        finished=status.count(JobState.FINISHED),
        failed=status.count(JobState.FAILED),
        seconds=status.seconds_spent,
    )


def _as_written(campaign: dict[str, Any]) -> str:
    """Write a campaign without the keys that say nothing."""
    from ruamel.yaml import YAML

    text = StringIO()
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False
    yaml.dump(_saying(campaign), text)
    return text.getvalue() if campaign else ""


def _saying(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _saying(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (None, "", [], {})}
    return [_saying(item) for item in value] if isinstance(value, list) else value


def _figures(kinds: Iterable[StudyKind], sources: Sequence[Path]) -> tuple[list[Figure], list[str]]:
    """Draw what can be drawn; say why the rest cannot."""
    drawn: list[Figure] = []
    why: list[str] = []
    with TemporaryDirectory() as folder:
        for kind in kinds:
            if not kind.figure or PICTURE not in kind.endings:
                continue
            path = Path(folder) / f"{kind.name}{PICTURE}"
            try:
                kind.call("figure", sources, [path])
            except AzibflowError as error:
                why.append(f"no figure of {kind.name}: {error}")
            else:
                svg = base64.b64encode(path.read_bytes()).decode("ascii")
                drawn.append(Figure(kind.name, kind.figure_says, svg))
    return drawn, why


def _side_by_side(sources: Sequence[Path]) -> tuple[dict[str, Table], list[str]]:
    """Put the numbers of several runs beside each other, the last one being what others differ from."""
    names = [source.resolve().name for source in sources]
    if len(set(names)) < len(names):
        names = numbered([str(source) for source in sources])
    try:
        table = compare_calculators(dict(zip(names, sources, strict=True)))
    except AzibflowError as error:
        return {}, [f"the runs are not put side by side: {error}"]
    rows = in_common(table)
    compared = table.model_copy(update={"title": "Runs side by side", "rows": rows})
    return ({"side by side": compared} if rows else {}), []


def _orderings(table: Table) -> list[Ordering]:
    verdicts = zip(table.orderings, orderings_in_words(table), strict=True)
    return [Ordering(str(verdict.holds), verdict.order, words) for verdict, words in verdicts]


def _warnings(tables: Iterable[Table]) -> list[str]:
    return [
        warning
        for table in tables
        for warning in (
            *(
                f"{table.title}: {row.name}: {row.outcome}" + f", {row.reason}" * bool(row.reason)
                for row in table.problems()
            ),
            *(f"{table.title}: missing in a row: {failure}" for failure in table.failures),
        )
    ]


def _calculators(results: Iterable[StudyLabel]) -> list[str]:
    records = {describe(record): record for result in results for _, record in parts(result, CalculatorRecord)}
    return [
        said if worth(record) is None else f"{said}; published barriers: {worth_in_words(record)}"
        for said, record in records.items()
    ]
