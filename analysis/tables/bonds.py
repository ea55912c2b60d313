"""The table of bond strengths: what holds each interface of some runs, and what becomes of its bonds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..breathing.strength import BondStrength, bond_strengths, order_by_strength
from .building import Entry, columns_of, make_table, values
from .model import Column, Table

if TYPE_CHECKING:
    from ...workflows.breathing.results import BreathingResult
    from ...workflows.interfaces.results import InterfaceResult


def bonds_table(interfaces: Sequence[InterfaceResult], breathing: Sequence[BreathingResult]) -> Table:
    """Tabulate adhesion per interface bond beside the share of bonds that come back, one row per host.

    Args:
        interfaces: adhesions.
        breathing: hosts that were loaded and emptied.

    Returns:
        The table; its last footnotes say whether what is decided fits the hypothesis of a moderate strength.
    """
    columns, found = _columns(), bond_strengths(interfaces, breathing)
    entries = [Entry(result, one, one.system, values(one, columns)) for result, one in found]
    notes = [
        "Adhesion: E(film) + E(support) - E(together), each relaxed in the cell, none annealed; per bond over all "
        "interface bonds up to 1.2 times the sum of covalent radii, and with whatever else holds the two. Where "
        "interface and breathing studies have different calculators, it is that of the interface study.",
        "Open: bonds of the lowest host found open, those of all n counted together; back: the share of them that is "
        "there again when the ions are taken out.",
        "Verdict, as far as ions go in by energy (n_thermo): too weak where bonds that open do not come back or the "
        "two sides are lower apart, moderate where they open and come back, too strong where none opens before no more "
        "ions go in; none unless at least two searches agree. After chen2026 (paragraph after the equation of E_b), "
        "which gives no numbers.",
    ]
    table = make_table("Strength of interface bonds", columns, entries, notes, published=None, unit="eV")
    said = [order_by_strength([one for _, one in found])] if found else []
    return table.model_copy(update={"notes": [*table.notes, *said]})


def _columns() -> list[Column]:
    of = columns_of(BondStrength)
    return [
        of("system", "system"),
        of("interface", "interface", detail=True),
        of("bonds_text", "interface bonds", result=True),
        of("adhesion", "adhesion", "eV per cell", 3, result=True),
        of("per_bond", "per bond", "eV", 3, result=True),
        of("work_of_adhesion", "W_ad", "J/m^2", 3, result=True),
        of("charge_transfer", "charge of film", "e", 2, result=True),
        of("followed", "followed", detail=True),
        of("largest", "up to n"),
        of("opened", "open", result=True),
        of("share", "back", "", 2, result=True),
        of("reversible_text", "n_rev", result=True),
        of("maximum_text", "n_max", result=True),
        of("strength", "bonds are", result=True),
        of("why", "because"),
    ]
