"""All tables, straight from run folders: each kind of study has its own, beside them stands that of the ledgers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ...studies import StudyKind, study_kind, study_kinds
from ..ledgers import LEDGERS
from ..stored import StoredResults
from ..study_names import named
from .ledgers import capacities_at_limits, ledgers_table
from .model import Row, Table
from .unfinished import concerns, jobs_of_runs, with_progress

if TYPE_CHECKING:
    from maggma.core.store import Store


@dataclass(frozen=True)
class Tables:
    """The tables of some runs that have rows.

    Attributes:
        tables: by the name of their kind, in the order of the kinds.
        errors: why others could not be made.
    """

    tables: dict[str, Table]
    errors: list[AzibflowError]

    def problems(self) -> list[Row]:
        """Return the rows whose calculation failed, did not converge or ended at a saddle point."""
        return [row for table in self.tables.values() for row in table.problems()]


def table_of(kind: str, sources: Sequence[Path | Store], *, literature: bool = False) -> Table:
    """Make a table from run folders or stores alone.

    Args:
        kind: name of a kind of study ([`study_kinds`][]), or the ledgers.
        sources: the runs, in the order of the table; for the ledgers also files of claims.
        literature: put published values beside the rows of the studies that name them.

    Returns:
        The table, with a row for every result that a run has not got; without rows when no run
        has such a study.

    Raises:
        AzibflowError: there is no such table, or it cannot be made.
        RunError: a folder holds no run, or a result that this version cannot read.
    """
    if kind == LEDGERS:
        files = [source for source in sources if isinstance(source, Path) and source.is_file()]
        runs = [source for source in sources if source not in files]
        return ledgers_table(capacities_at_limits(runs), files)
    known = study_kind(kind)
    if known is None:
        raise AzibflowError(f"there is no table {kind!r}; the tables are {', '.join((*study_kinds(), LEDGERS))}")
    table = _table(known, _results(sources, [known]), literature=literature)
    return with_progress(table, known, jobs_of_runs(sources))


def all_tables(sources: Sequence[Path | Store], *, literature: bool = False) -> Tables:
    """Make the tables of all kinds that have rows, reading every run once.

    Args:
        sources: the runs, in the order of the tables.
        literature: put published values beside the rows of the studies that name them.

    Returns:
        The tables, with a row for every result that a run has not got; why one of them cannot be made is told, the
        others are there.

    Raises:
        RunError: a folder holds no run.
    """
    kinds = study_kinds().values()
    stored, runs = _results(sources, kinds), jobs_of_runs(sources)
    return _made(
        [kind for kind in kinds if stored.holds(kind.result) or concerns(kind, runs)],
        lambda kind: with_progress(_table(kind, stored, literature=literature), kind, runs),
    )


def all_results(sources: Sequence[Path | Store]) -> Tables:
    """Make the tables of all results that are there, without a word on those that are not.

    Args:
        sources: the runs, in the order of the tables.

    Returns:
        The tables; why one of them cannot be made is told, the others are there.

    Raises:
        RunError: a folder holds no run.
    """
    kinds = study_kinds().values()
    stored = _results(sources, kinds)
    return _made([kind for kind in kinds if stored.holds(kind.result)], lambda kind: _table(kind, stored))


def _results(sources: Sequence[Path | Store], kinds: Iterable[StudyKind]) -> StoredResults:
    return StoredResults(sources, [kind.result for kind in kinds])


def _table(kind: StudyKind, stored: StoredResults, *, literature: bool = False) -> Table:
    results = [located.result for located in named(stored, kind.part("result"))]
    table: Table = kind.call("table", results, literature=literature)
    return table


def _made(kinds: Iterable[StudyKind], make: Callable[[StudyKind], Table]) -> Tables:
    tables: dict[str, Table] = {}
    errors: list[AzibflowError] = []
    for kind in kinds:
        try:
            table = make(kind)
        except AzibflowError as error:
            errors.append(error)
        else:
            if table.rows:
                tables[kind.name] = table
    return Tables(tables, errors)
