"""The three tables, from results or straight from run folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AzibflowError
from .adsorption_table import adsorption_table
from .barriers_table import barriers_table
from .documents import load_results
from .surfaces_table import surfaces_table
from .table_model import Row, Table

if TYPE_CHECKING:
    from maggma.core.store import Store

__all__ = ["KINDS", "adsorption_table", "barriers_table", "problems", "surfaces_table", "table_of"]

KINDS = ("barriers", "adsorption", "surfaces")
"""Names of the tables."""


def table_of(kind: str, sources: Sequence[Path | Store], *, literature: bool = False) -> Table:
    """Make a table from run folders or stores alone.

    Args:
        kind: which table, one of :data:`KINDS`.
        sources: the runs, in the order of the table.
        literature: put published values beside the rows of the studies that name them.

    Returns:
        The table; without rows when no run has such a result.

    Raises:
        AzibflowError: there is no such table.
        RunError: a folder holds no run, or a result that this version cannot read.
    """
    from ..workflows.adsorption import AdsorptionResult
    from ..workflows.barriers import MigrationResult
    from ..workflows.surfaces import SurfaceResult

    if kind == "barriers":
        return barriers_table(load_results(sources, MigrationResult), literature=literature)
    if kind == "adsorption":
        return adsorption_table(load_results(sources, AdsorptionResult), literature=literature)
    if kind == "surfaces":
        return surfaces_table(load_results(sources, SurfaceResult), literature=literature)
    raise AzibflowError(f"there is no table {kind!r}; the tables are {', '.join(KINDS)}")


def problems(sources: Sequence[Path | Store]) -> list[Row]:
    """Return the rows of all tables whose calculation failed or did not converge."""
    return [row for kind in KINDS for row in table_of(kind, sources).problems()]
