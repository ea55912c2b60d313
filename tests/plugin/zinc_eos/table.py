"""The table of bulk moduli."""

from __future__ import annotations

from collections.abc import Sequence

from azibflow.analysis.tables.building import Entry, columns_of, make_table, values
from azibflow.analysis.tables.model import Table

from .flow import EosResult


def eos_table(results: Sequence[EosResult], *, literature: bool = False) -> Table:
    """Tabulate bulk moduli, one row per crystal.

    Args:
        results: in the order of the table.
        literature: put published bulk moduli beside the rows of the studies that name them.
    """
    of = columns_of(EosResult)
    columns = [
        of("study", "study"),
        of("volume", "V", "angstrom^3/atom", 2, result=True),
        of("bulk_modulus", "B", "GPa", 1, result=True),
    ]
    entries = [Entry(result, result, "bulk modulus", values(result, columns)) for result in results]
    notes = ["B: of the Birch-Murnaghan equation through all volumes, at its minimum."]
    published = "bulk_modulus" if literature else None
    return make_table("Bulk moduli", columns, entries, notes, published=published, unit="GPa")
