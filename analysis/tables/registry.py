"""All tables, from results or straight from run folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AzibflowError
from ..kinds import LEDGERS
from ..kinds import TABLES as KINDS
from ..ledgers.table import ledgers_table
from ..study_names import load_named
from .adsorption import adsorption_table
from .binding import binding_table
from .breathing import breathing_table
from .desolvation import desolvation_table
from .esp import esp_table
from .interface import interfaces_table
from .migration import barriers_table
from .model import Row, Table
from .orbitals import orbitals_table
from .surface import surfaces_table
from .surrogate import surrogates_table
from .unfinished import with_progress

if TYPE_CHECKING:
    from maggma.core.store import Store

    from ..ledgers.capacity import CapacityLedger

__all__ = [
    "KINDS",
    "adsorption_table",
    "barriers_table",
    "binding_table",
    "breathing_table",
    "desolvation_table",
    "esp_table",
    "interfaces_table",
    "kinds_of",
    "orbitals_table",
    "problems",
    "results_table",
    "surfaces_table",
    "surrogates_table",
    "table_of",
]


def table_of(kind: str, sources: Sequence[Path | Store], *, literature: bool = False) -> Table:
    """Make a table from run folders or stores alone.

    Args:
        kind: which table, one of :data:`KINDS`, or the ledgers.
        sources: the runs, in the order of the table.
        literature: put published values beside the rows of the studies that name them.

    Returns:
        The table, with a row for every result that a run has not got (:mod:`.unfinished`); without rows when no run
        has such a study.

    Raises:
        AzibflowError: there is no such table.
        RunError: a folder holds no run, or a result that this version cannot read.
    """
    if kind == LEDGERS:
        return ledgers_table(_limits(sources))
    return with_progress(results_table(kind, sources, literature), kind, sources)


def results_table(kind: str, sources: Sequence[Path | Store], literature: bool = False) -> Table:
    """Make a table of the results that are there, without a word on those that are not."""
    if kind in ("barriers", "adsorption", "surfaces", "breathing", "interfaces"):
        return _of_solids(kind, sources, literature)
    if kind == "surrogates":
        from ...workflows.surrogate.publication import SurrogateResult

        return surrogates_table(load_named(sources, SurrogateResult))
    if kind in KINDS:
        return _of_molecules(kind, sources, literature)
    raise AzibflowError(f"there is no table {kind!r}; the tables are {', '.join(KINDS)}")


def _limits(sources: Sequence[Path | Store]) -> list[CapacityLedger]:
    """Return the capacities at the limits of the breathing studies of some runs."""
    from ...workflows.breathing.results import BreathingResult
    from ..breathing.limit import breathing_limit
    from ..ledgers.capacity import capacity_ledger

    found = []
    for result in load_named(sources, BreathingResult):
        atoms = result.hosts[0].structure.to_atoms()
        film, support = atoms[list(result.interface.film)], atoms[list(result.interface.support)]
        most = breathing_limit(result).maximum.n
        if most:
            formula = film.get_chemical_formula("metal")
            mass = float(support.get_masses().sum())
            found.append(capacity_ledger(formula, result.ion, most, charge=result.charge, support_mass=mass))
    return found


def problems(sources: Sequence[Path | Store]) -> list[Row]:
    """Return the rows of all tables whose calculation failed, did not converge or ended at a saddle point."""
    return [row for kind in KINDS for row in results_table(kind, sources).problems()]


def _of_solids(kind: str, sources: Sequence[Path | Store], literature: bool) -> Table:
    from ...workflows.adsorption.results import AdsorptionResult
    from ...workflows.breathing.results import BreathingResult
    from ...workflows.interfaces import InterfaceResult
    from ...workflows.migration.results import MigrationResult
    from ...workflows.surfaces import SurfaceResult

    if kind == "barriers":
        return barriers_table(load_named(sources, MigrationResult), literature=literature)
    if kind == "adsorption":
        return adsorption_table(load_named(sources, AdsorptionResult), literature=literature)
    if kind == "interfaces":
        return interfaces_table(load_named(sources, InterfaceResult), literature=literature)
    if kind == "breathing":
        return breathing_table(load_named(sources, BreathingResult), literature=literature)
    return surfaces_table(load_named(sources, SurfaceResult), literature=literature)


def _of_molecules(kind: str, sources: Sequence[Path | Store], literature: bool) -> Table:
    from ...workflows.molecular.binding import BindingResult
    from ...workflows.molecular.desolvation_results import DesolvationResult
    from ...workflows.molecular.esp import EspResult
    from ...workflows.molecular.orbitals import OrbitalsResult

    if kind == "desolvation":
        return desolvation_table(load_named(sources, DesolvationResult), literature=literature)
    if kind == "binding":
        return binding_table(load_named(sources, BindingResult), literature=literature)
    if kind == "orbitals":
        return orbitals_table(load_named(sources, OrbitalsResult), literature=literature)
    return esp_table(load_named(sources, EspResult), literature=literature)


def kinds_of(sources: Sequence[Path | Store]) -> list[str]:
    """Return the kinds of tables that have results."""
    return [kind for kind in KINDS if results_table(kind, sources).rows]
