"""All tables, straight from run folders: each kind of study has its own, beside them stands that of the ledgers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import AzibflowError
from ...studies import StudyKind, study_kind, study_kinds
from ..breathing import BONDS
from ..ledgers import LEDGERS
from ..stored import StoredResults
from ..study_names import load_named, named
from .declared import Declared, declared_by
from .ledgers import capacities_at_limits, ledgers_table
from .model import Row, Table
from .orderings import ordering_verdicts
from .own_values import with_own_values
from .parents import with_parents
from .provenance import describe
from .unfinished import concerns, jobs_of_runs, with_progress
from .verdicts import OrderingVerdict

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


def table_of(
    kind: str, sources: Sequence[Path | Store], *, literature: bool = False, declared: Declared | None = None
) -> Table:
    """Make a table from run folders or stores alone.

    Args:
        kind: name of a kind of study ([`study_kinds`][]), the ledgers, or the bonds that interface and breathing
            studies are compared by.
        sources: the runs, in the order of the table; for the ledgers also files of claims.
        literature: put published values beside the rows of the studies that name them, and judge published orders.
        declared: parents and published names of systems beside those that the campaigns of the runs state.

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
    if kind == BONDS:
        from ...workflows.breathing.results import BreathingResult
        from ...workflows.interfaces.results import InterfaceResult
        from .bonds import bonds_table

        return bonds_table(load_named(sources, InterfaceResult), load_named(sources, BreathingResult))
    known = study_kind(kind)
    if known is None:
        raise AzibflowError(f"there is no table {kind!r}; the tables are {', '.join((*study_kinds(), BONDS, LEDGERS))}")
    said = declared_by(sources, declared)
    table = _compared(known, _results(sources, [known]), said, literature=literature)
    return with_progress(table, known, jobs_of_runs(sources))


def published_orderings(
    sources: Sequence[Path | Store], *, declared: Declared | None = None
) -> dict[str, list[OrderingVerdict]]:
    """Judge every published order whose systems are in some runs.

    Args:
        sources: run folders or stores.
        declared: parents and published names of systems beside those that the campaigns of the runs state.

    Returns:
        Verdicts by kind of study; kinds without any are left out.

    Raises:
        RunError: a folder holds no run.
    """
    tables = all_tables(sources, literature=True, declared=declared).tables
    return {kind: table.orderings for kind, table in tables.items() if table.orderings}


def all_tables(
    sources: Sequence[Path | Store], *, literature: bool = False, declared: Declared | None = None
) -> Tables:
    """Make the tables of all kinds that have rows, reading every run once.

    Args:
        sources: the runs, in the order of the tables.
        literature: put published values beside the rows of the studies that name them, and judge published orders.
        declared: parents and published names of systems beside those that the campaigns of the runs state.

    Returns:
        The tables, with a row for every result that a run has not got; why one of them cannot be made is told, the
        others are there.

    Raises:
        RunError: a folder holds no run.
    """
    kinds = study_kinds().values()
    stored, runs, said = _results(sources, kinds), jobs_of_runs(sources), declared_by(sources, declared)
    return _made(
        [kind for kind in kinds if stored.holds(kind.result) or concerns(kind, runs)],
        lambda kind: with_progress(_compared(kind, stored, said, literature=literature), kind, runs),
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


def _table(kind: StudyKind, stored: StoredResults) -> Table:
    table: Table = kind.call("table", _named(kind, stored), literature=False)
    return table


def _named(kind: StudyKind, stored: StoredResults) -> list[Any]:
    return [located.result for located in named(stored, kind.part("result"))]


def _compared(kind: StudyKind, stored: StoredResults, declared: Declared, *, literature: bool) -> Table:
    """Make a table with what is said of systems beside their parents, and of published orders."""
    results = _named(kind, stored)
    table: Table = kind.call("table", results, literature=literature)
    records = {describe(result.calculator): result.calculator for result in results}
    beside = with_parents(table, kind.system_rows, declared.parents, results, records)
    if not literature:
        return beside
    asked = [key for result in results for key in result.literature]
    verdicts = ordering_verdicts(table, kind.system_rows, declared.published, asked, records)
    own = with_own_values(beside, kind.system_rows, declared.published)
    return own.model_copy(update={"orderings": verdicts})


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
