"""The table of ledgers: what is printed beside what follows, and what follows where nothing is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...workflows.common.results import Outcome
from ..ledgers.capacity import CHARGES, Basis, CapacityLedger, capacity_ledger
from ..ledgers.checking import check_claims
from ..ledgers.claims import load_claims, published_claims, tabulated_claims
from ..ledgers.findings import Comparison, Finding, Verdict
from ..ledgers.protons import ZINC_PKA
from ..study_names import load_named
from .model import Column, Row, Table, Value

if TYPE_CHECKING:
    from pathlib import Path

    from maggma.core.store import Store

COLUMNS = (
    Column(key="ledger", head="ledger", description="which ledger"),
    Column(key="case", head="case", description="what it is about"),
    Column(key="quantity", head="quantity", description="what is computed"),
    Column(key="computed", head="computed", description="what follows, in the unit of the row"),
    Column(
        key="printed",
        head="printed",
        description="what a paper prints, in the unit of the row, if it does",
    ),
    Column(key="unit", head="unit", description="unit of both"),
    Column(key="verdict", head="printed is", description="whether the printed number follows"),
    Column(key="claim", head="claim", description="name of the published claim; the footnotes describe it"),
    Column(key="remark", head="remark", description="what else the numbers say", detail=True),
)

FORMULAS = {
    "specific_capacity": "Capacities: Q = z n F / (3.6 M). Electrons per metal atom and what it can take stand in CSV "
    "and JSON.",
    "ion_pool": f"Pools: activity taken as concentration; hydrolysis with pKa {ZINC_PKA:g} (Baes and Mesmer, 1976).",
    "job_sharing": "Job sharing: dilute ions, c_e = z c, D in units of the diffusion coefficient of the ion; space "
    "charge is c F d(phi_a - phi_b)/dc.",
}
"""What the numbers of a kind of claim follow from."""

MOST_NAMES = 4
"""Claims that a footnote names one by one."""

TABLES = ("T17", "T18")
"""Tables of the papers that are ledgers: job sharing; capacities, and the ions of a coin cell."""


def ledgers_table(computed: Sequence[CapacityLedger] = (), files: Sequence[Path] = ()) -> Table:
    """Tabulate ledgers: what is printed beside what follows, and what follows where nothing is printed.

    Args:
        computed: further capacities, such as those at the limits that a run found.
        files: files of claims; without any, the published claims, and the tables of the papers that are ledgers.

    Returns:
        The table; it needs no run.

    Raises:
        AzibflowError: a file cannot be read or is not valid.
    """
    sets = [load_claims(file) for file in files] or [published_claims(), *map(tabulated_claims, TABLES)]
    findings = [finding for claims in sets for finding in check_claims(claims)]
    rows = [*_capacities(computed), *_findings(findings)]
    return Table(title="Ledgers", columns=list(COLUMNS), rows=rows, notes=_notes(findings))


def capacities_at_limits(sources: Sequence[Path | Store]) -> list[CapacityLedger]:
    """Return the capacities at the limits of the breathing studies of some runs.

    Args:
        sources: run folders or stores of Jobflow documents.

    Raises:
        RunError: a source is not a run folder, or holds a document that does not fit.
    """
    from ...workflows.breathing.results import BreathingResult
    from ..breathing.methods import deciding_limit

    found = []
    for result in load_named(sources, BreathingResult):
        atoms = result.hosts[0].structure.to_atoms()
        film, support = atoms[list(result.interface.film)], atoms[list(result.interface.support)]
        most = deciding_limit(result).maximum.n
        if most:
            formula = film.get_chemical_formula("metal")
            mass = float(support.get_masses().sum())
            found.append(capacity_ledger(formula, result.ion, most, charge=result.charge, support_mass=mass))
    return found


def _row(ledger: str, case: str, quantity: str, computed: float, unit: str, **more: Value) -> Row:
    cells: dict[str, Value] = dict.fromkeys(column.key for column in COLUMNS)
    cells |= {"ledger": ledger, "case": case, "quantity": quantity, "computed": _digits(computed), "unit": unit, **more}
    return Row(name=f"{ledger}, {case}, {quantity}", cells=cells, outcome=Outcome.OK)


def _capacities(ledgers: Sequence[CapacityLedger]) -> list[Row]:
    return [
        _row(
            "capacity at the limit",
            _case(ledger, entry.basis),
            f"capacity per {entry.basis.words}",
            entry.capacity,
            "mAh/g",
            remark=ledger.metal.statement if ledger.metal else None,
        )
        for ledger in ledgers
        for entry in ledger.capacities
    ]


def _case(ledger: CapacityLedger, basis: Basis) -> str:
    """Say what a capacity is of: the charge where it is not the usual one, the support where its mass counts."""
    charge = "" if ledger.charge == CHARGES.get(ledger.ion) else f", z = {ledger.charge}"
    with_support = basis in (Basis.COMPOSITE, Basis.DISCHARGED_COMPOSITE)
    support = f", {ledger.support_mass:.2f} g/mol of support" if with_support else ""
    return f"{ledger.host} + {ledger.n:g} {ledger.ion}{charge}{support}"


def _findings(findings: Sequence[Finding]) -> list[Row]:
    return [
        _row(
            finding.kind.replace("_", " "),
            finding.case,
            comparison.quantity,
            comparison.computed,
            comparison.unit,
            printed=None if comparison.printed is None else _digits(comparison.printed),
            verdict=_verdict(comparison),
            claim=finding.name,
            remark="; ".join(finding.remarks) or None,
        )
        for finding in findings
        for comparison in finding.comparisons
    ]


def _verdict(comparison: Comparison) -> str | None:
    if comparison.consistent is None:
        return None
    return str(Verdict.CONSISTENT if comparison.consistent else Verdict.INCONSISTENT)


def _notes(findings: Sequence[Finding]) -> list[str]:
    """Say what the formulas are, and of each claim where it is from and what else it says, the same only once."""
    said: dict[str, list[str]] = {}
    for finding in findings:
        told = "; ".join(text for text in (*finding.remarks, finding.note) if text)
        if text := ". ".join(part for part in (finding.origin, told) if part):
            said.setdefault(f"{finding.verdict}: {text}.", []).append(finding.name)
    kinds = {finding.kind for finding in findings}
    formulas = [text for kind, text in FORMULAS.items() if kind in kinds]
    return [*formulas, *(f"Claim {_names(names)}, {text}" for text, names in said.items())]


def _names(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= MOST_NAMES else f"{names[0]} and {len(names) - 1} more"


def _digits(value: float) -> float:
    """Round to the five digits that atomic weights bear."""
    return float(f"{value:.5g}")
