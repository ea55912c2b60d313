"""The table of breathing studies: energies and interface bonds for every number of inserted ions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ...data.literature import Quantity
from ...workflows.breathing.correcting import emptied_name, loaded_name
from ..breathing.limit import DEFINITIONS, BreathingLimit, breathing_limit
from ..breathing.methods import OtherMethod, better_method, correction_of, other_members
from ..breathing.protons import ProtonRow, energies_of_states, proton_rows, proton_sentences, windows
from ..breathing.published import against_published
from ..breathing.reduction import HALF
from ..breathing.report import film_formula, sentences
from ..breathing.rows import BreathingRow
from .building import Entry, columns_of, error_cell, error_columns, make_table, named_in_study, numbered, values
from .corrections import correction_cells, correction_columns, correction_notes
from .ensembles import Question, ensemble_columns, ensemble_notes, with_opinions
from .model import Column, Table, Value

if TYPE_CHECKING:
    from ...workflows.breathing.results import BreathingResult

CORRECTED = ("binding", "voltage", "emptied")
QUESTION = Question(signs=("binding",), ranked=("binding",), best="lowest")
NOT_CORRECTED = "not corrected"
BETTER = "the same by the better method"
BY_BETTER = [
    Column(key="on_hull_corrected", head="on hull corrected", description=BETTER, detail=True),
    Column(key="reversible_corrected", head="reversible corrected", description=BETTER, detail=True),
    Column(key="limit_corrected", head="limit corrected", description=BETTER),
]


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
    studies = [_Study.of(result) for result in results]
    columns = _columns(results, [row for study in studies for row in study.rows])
    compared = [column for column in columns if column.key in CORRECTED]
    columns += correction_columns(results, compared, changes=("binding",))
    if any(study.better is not None for study in studies):
        columns += BY_BETTER
    columns += ensemble_columns(results, compared, asked=("binding",))
    entries = [entry for study in studies for entry in _entries(study, columns, compared)]
    notes = [*_notes(studies), *correction_notes(results), *ensemble_notes(entries, compared, QUESTION)]
    if literature:
        notes += [text for study in studies for text in against_published(study.result, study.limits)]
    return make_table(
        "Interfacial breathing",
        columns,
        with_opinions(entries, compared, QUESTION),
        notes,
        published=Quantity.STORAGE_LIMIT if literature else None,
        unit="ions",
        described=(Quantity.CAPACITY,),
    )


@dataclass(frozen=True)
class _Study:
    """A study by the method that found its structures, and by all others that computed their energies."""

    result: BreathingResult
    limit: BreathingLimit
    better: OtherMethod | None
    members: list[OtherMethod]

    @classmethod
    def of(cls, result: BreathingResult) -> _Study:
        return cls(result, breathing_limit(result), better_method(result), other_members(result))

    @property
    def methods(self) -> list[OtherMethod]:
        """All others; those of one name are numbered."""
        found = [*([] if self.better is None else [self.better]), *self.members]
        names = numbered([self.own_name, *(method.name for method in found)])[1:]
        return [method._replace(name=name) for method, name in zip(found, names, strict=True)]

    @property
    def own_name(self) -> str:
        """The method that found the structures."""
        return self.result.calculator.spec.in_words()

    @property
    def limits(self) -> list[tuple[str, BreathingLimit]]:
        """Every method that has limits, and what they are."""
        others = [(method.name, method.limit) for method in self.methods if method.limit is not None]
        return [(self.own_name, self.limit), *others]

    @property
    def decides(self) -> BreathingLimit:
        """The limit that counts: by the better method where there is one."""
        return self.limit if self.better is None or self.better.limit is None else self.better.limit

    @cached_property
    def rows(self) -> list[BreathingRow]:
        """Rows of the table."""
        return [
            row.model_copy(
                update={
                    "correction": None if self.better is None else correction_of(row, self.result, self.better),
                    "opinions": [correction_of(row, self.result, member) for member in self.members],
                }
            )
            for row in self.limit.rows
        ]

    def cells(self, row: BreathingRow) -> dict[str, Value]:
        """Return what is no field of a row."""
        lacking = [] if self.better is None else self.better.lacking
        uncorrected = [NOT_CORRECTED] if {loaded_name(row.n), emptied_name(row.n)}.intersection(lacking) else []
        own: dict[str, Value] = {"flags": ", ".join([*row.flags, *uncorrected]), "limit": _limits_at(row.n, self.limit)}
        if row.correction is None or self.better is None or self.better.limit is None:
            return own
        return own | {
            "on_hull_corrected": row.correction.on_hull,
            "reversible_corrected": row.correction.reversible,
            "limit_corrected": _limits_at(row.n, self.better.limit),
        }


def _limits_at(n: int, limit: BreathingLimit) -> str:
    found = {name: getattr(limit, field) for name, field in DEFINITIONS.items()}
    return ", ".join(name if one.exact else f"{name} (lower bound)" for name, one in found.items() if one.n == n)


def _entries(study: _Study, columns: Sequence[Column], compared: Sequence[Column]) -> list[Entry]:
    """Return the rows of one study, those with hydrogen after the row of the same number of ions."""
    result = study.result
    own = values(result, columns)
    with_hydrogen = proton_rows(result, study.limit)
    lowest = _lowest_between(result, study.limit, with_hydrogen)
    entries = []
    for row in study.rows:
        cells = values(row, columns) | error_cell(row) | correction_cells(row, compared) | study.cells(row)
        cells |= lowest.get((row.n, 0), {}) | ({} if result.protons is None else {"m": 0})
        beside = result.literature if row.n == study.decides.maximum.n else ()
        entries.append(Entry(result, row, f"n = {row.n}", own | cells, beside))
        for proton in with_hydrogen:
            if proton.n == row.n:
                cells = values(proton, columns) | error_cell(proton) | lowest.get((proton.n, proton.m), {})
                said = {"flags": f"{proton.free} H on no oxygen"} if proton.free else {}
                entries.append(Entry(result, proton, f"n = {proton.n}, m = {proton.m}", own | cells | said, ()))
    return entries


def _lowest_between(
    result: BreathingResult, limit: BreathingLimit, rows: Sequence[ProtonRow]
) -> dict[tuple[int, int], dict[str, Value]]:
    """Return the potentials between which a state is the lowest, where hydrogen was asked for."""
    if result.protons is None:
        return {}
    found = windows(energies_of_states(limit, rows), result.ion, result.protons.ph)
    return {window.state: {"lowest_below": window.below, "lowest_above": window.above} for window in found}


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
        *_reduction_columns(rows),
        row("spread", "spread of seeds", "eV", 3, result=True),
        row("seeds", "seeds", detail=True),
        row("seeds_reversible", "seeds reversible", detail=True),
        row("sites_tried", "sites tried", detail=True),
        row("energy", "E[S+nX]", "eV", 6, result=True, detail=True),
        row("lost", "bonds broken", detail=True),
        row("losses", "coordination lost", detail=True),
    ]


def _reduction_columns(rows: Sequence[BreathingRow]) -> list[Column]:
    """Return the columns of what is reduced; none where no calculator gave moments."""
    if all(row.reduced is None for row in rows):
        return []
    row = columns_of(BreathingRow)
    return [
        row("reduced", "reduced metal", result=True),
        row("moment_change", "moment change", "mu_B", 2, result=True, detail=True),
        row("reduced_atoms", "reduced atoms", detail=True),
    ]


def _notes(studies: Sequence[_Study]) -> list[str]:
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
    if any(row.reduced is not None for study in studies for row in study.rows):
        notes.append(
            "Reduced metal: atoms of the film (Ti, V, Cr, Mn and heavier ones of their groups) whose magnetic moment "
            f"is more than {HALF:g} mu_B larger than in the host, one d electron more; the bound is midway between "
            "whole numbers, as CHGNet draws it (10.1038/s42256-023-00716-3)."
        )
    if any(study.methods for study in studies):
        notes.append(
            "E_b of every method is at the structures of the first and against the bulk metal by the same method: the "
            "size of a change, or of a spread, is an error bar of E_b at that n."
        )
    hydrogen = [study.result.protons.reference.state for study in studies if study.result.protons is not None]
    if hydrogen:
        notes.append(
            "m of H: E_b(n, m) = E[S+nX+mH] - E[S] - n mu(X) - m mu(H), mu(H) = "
            f"{hydrogen[0].removeprefix('+')}. Lowest below, above: E_b + z n (U - U0) + m (U + kT ln(10) pH) is lower "
            "than of all other n and m here, U0 the measured potential of the metal at unit activity (computational "
            "hydrogen electrode, 10.1021/jp047349j); no zero-point energy and entropy. Below -kT ln(10) pH / e "
            "hydrogen gas is more stable than any H in a host."
        )
    for study in studies:
        result, limit = study.result, study.limit
        said = [*sentences(result, limit, study.methods), *proton_sentences(result, limit)]
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
