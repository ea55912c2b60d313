"""The table of breathing studies: energies and interface bonds for every number of inserted ions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from ..breathing.limit import BreathingLimit, breathing_limit
from ..breathing.protons import ProtonRow, energies_of_states, proton_rows, proton_sentences, windows
from ..breathing.report import film_formula, sentences
from ..breathing.rows import BreathingRow
from .building import Entry, columns_of, error_cell, error_columns, make_table, named_in_study, values
from .model import Column, Table, Value

if TYPE_CHECKING:
    from ...workflows.breathing.results import BreathingResult


_PROTON_COLUMNS = [
    Column(
        key=f"lowest_{end}",
        head=f"lowest {end}",
        unit="V vs SHE",
        decimals=2,
        description=f"{end} this potential, at the pH of the study, no other n and m of the cell is lower",
        result=True,
    )
    for end in ("below", "above")
]


def breathing_table(results: Sequence[BreathingResult], *, literature: bool = False) -> Table:
    """Tabulate breathing studies, one row per number of ions.

    Args:
        results: the studies, in the order of the table.
        literature: put published storage limits beside the largest reversible n, and published capacities into the
            footnotes.

    Returns:
        The table.
    """
    studies = [(result, breathing_limit(result)) for result in results]
    columns = _columns(results, [row for _, limit in studies for row in limit.rows])
    entries = [entry for result, limit in studies for entry in _entries(result, limit, columns)]
    return make_table(
        "Interfacial breathing",
        columns,
        entries,
        _notes(studies),
        published=Quantity.STORAGE_LIMIT if literature else None,
        unit="ions",
        described=(Quantity.CAPACITY,),
    )


def _entries(result: BreathingResult, limit: BreathingLimit, columns: Sequence[Column]) -> list[Entry]:
    """Return the rows of one study, those with hydrogen after the row of the same number of ions."""
    with_hydrogen = proton_rows(result, limit)
    lowest = _lowest_between(result, limit, with_hydrogen)
    entries = []
    for row in limit.rows:
        cells = values(row, columns) | error_cell(row) | _cells(row, limit) | lowest.get((row.n, 0), {})
        beside = result.literature if row.n == limit.maximum.n else ()
        m = {} if result.protons is None else {"m": 0}
        entries.append(Entry(result, row, f"n = {row.n}", values(result, columns) | cells | m, beside))
        for proton in with_hydrogen:
            if proton.n == row.n:
                cells = values(proton, columns) | error_cell(proton) | lowest.get((proton.n, proton.m), {})
                said = {"flags": f"{proton.free} H on no oxygen"} if proton.free else {}
                name = f"n = {proton.n}, m = {proton.m}"
                entries.append(Entry(result, proton, name, values(result, columns) | cells | said, ()))
    return entries


def _lowest_between(
    result: BreathingResult, limit: BreathingLimit, rows: Sequence[ProtonRow]
) -> dict[tuple[int, int], dict[str, Value]]:
    """Return the potentials between which a state is the lowest, where hydrogen was asked for."""
    if result.protons is None:
        return {}
    found = windows(energies_of_states(limit, rows), result.ion, result.protons.ph)
    return {window.state: {"lowest_below": window.below, "lowest_above": window.above} for window in found}


def _cells(row: BreathingRow, limit: BreathingLimit) -> dict[str, Value]:
    limits = {"n_thermo": limit.thermodynamic, "n_rev": limit.reversible, "n_max": limit.maximum}
    return {
        "flags": ", ".join(row.flags),
        "limit": ", ".join(
            name if found.exact else f"{name} (lower bound)" for name, found in limits.items() if found.n == row.n
        ),
    }


def _columns(results: Sequence[BreathingResult], rows: Sequence[BreathingRow]) -> list[Column]:
    from ...workflows.breathing.results import BreathingResult

    of, row = columns_of(BreathingResult), columns_of(BreathingRow)
    protons = any(result.protons is not None for result in results)
    return [
        of("study", "study"),
        of("host_name", "host", detail=named_in_study(results, "host_name")),
        of("ion", "ion", detail=True),
        of("charge", "z", detail=True),
        row("n", "n"),
        *([columns_of(ProtonRow)("m", "m of H")] if protons else []),
        row("binding", "E_b", "eV", 3, result=True),
        *error_columns(rows),
        row("per_ion", "E_b/n", "eV", 3, result=True),
        row("increment", "step of E_b", "eV", 3, result=True),
        row("on_hull", "on hull", result=True),
        row("voltage", "V vs metal", "V", 3, result=True),
        *(_PROTON_COLUMNS if protons else []),
        row("intact", "bonds intact", result=True),
        row("broken", "broken", result=True),
        row("new", "new", result=True, detail=True),
        row("reformed", "re-formed", result=True),
        row("returned", "bonds emptied", result=True),
        row("returned_new", "new emptied", result=True, detail=True),
        row("emptied", "E emptied", "eV", 3, result=True),
        row("reversible", "reversible", result=True),
        row("capacity", "Q per film", "mAh/g", 1),
        row("composite_capacity", "Q per composite", "mAh/g", 1),
        row("electrons_per_metal", "e per metal", "", 2, detail=True),
        Column(key="limit", head="limit", description="limits that this n is: n_thermo, n_rev, n_max"),
        Column(key="flags", head="flags", description="plating, disintegration, unconverged, what did not come back"),
        row("spread", "spread of seeds", "eV", 3, result=True),
        row("seeds", "seeds", detail=True),
        row("seeds_reversible", "seeds reversible", detail=True),
        row("sites_tried", "sites tried", detail=True),
        row("energy", "E[S+nX]", "eV", 6, result=True, detail=True),
        row("lost", "bonds broken", detail=True),
        row("losses", "coordination lost", detail=True),
    ]


def _notes(studies: Sequence[tuple[BreathingResult, BreathingLimit]]) -> list[str]:
    if not studies:
        return []
    notes = [
        "E_b(n) = E[S+nX] - E[S] - n mu(X), per cell; step = E_b(n) - E_b(n-1). Hull: lower convex hull of E_b over n "
        "with the bare host and the bulk metal as end members; V = -dE_b/(z dn) between its corners, energies for "
        "Gibbs energies. Q = z n F/(3.6 M), M the mass of the film without ions and support; per composite with the "
        "support of the cell, whose share decides.",
        "Bonds: between film and support or, where there are none, all of the host, followed by the identity of their "
        "atoms from the host to the loaded and on to the emptied host; re-formed: of the broken ones, those back. "
        "n_rev: every m up to it gives the same bonds and the energy of the host back.",
    ]
    hydrogen = [result.protons.reference.state for result, _ in studies if result.protons is not None]
    if hydrogen:
        notes.append(
            "m of H: E_b(n, m) = E[S+nX+mH] - E[S] - n mu(X) - m mu(H), mu(H) = "
            f"{hydrogen[0].removeprefix('+')}. Lowest below, above: E_b + z n (U - U0) + m (U + kT ln(10) pH) is lower "
            "than of all other n and m here, U0 the measured potential of the metal at unit activity (computational "
            "hydrogen electrode, 10.1021/jp047349j); no zero-point energy and entropy. Below -kT ln(10) pH / e "
            "hydrogen gas is more stable than any H in a host."
        )
    for result, limit in studies:
        said = [*sentences(result, limit), *proton_sentences(result, limit)]
        notes += [_circumstances(result, limit), *(f"{result.study}: {text}" for text in said)]
    return notes


def _circumstances(result: BreathingResult, limit: BreathingLimit) -> str:
    """Say what the numbers are relative to and by what criteria: they mean little without."""
    bonds = result.criteria.bonds
    pairs = "".join(
        f", {name} {limits.formed:g} and {limits.broken:g} angstrom" for name, limits in bonds.pairs.items()
    )
    return (
        f"{result.study}: {film_formula(result, limit)}{_carried(result, limit)}; mu({result.ion}): "
        f"{result.reference.state}, {result.reference.energy:.4f} eV; "
        f"z = {result.charge}; S: {limit.host.origin}, {limit.host.energy:.4f} eV. Bonds form below {bonds.formed:g} "
        f"and break above {bonds.broken:g} times the sum of covalent radii{pairs}; energy given back within "
        f"{result.criteria.energy_tolerance:g} eV."
    )


def _carried(result: BreathingResult, limit: BreathingLimit) -> str:
    if not result.interface.support:
        return f" that nothing carries, {limit.bonds} bonds of its own"
    bonds = f"{limit.bonds} interface bonds" if limit.of_interface else f"no interface bonds, {limit.bonds} of its own"
    return f" on {len(result.interface.support)} atoms of support, {bonds}"
