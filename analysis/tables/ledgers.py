"""The table of ledgers: what is printed beside what follows, and what the materials and pools come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...workflows.common.results import Outcome
from ..ledgers.capacity import CHARGES, Basis, CapacityLedger, capacity_ledger
from ..ledgers.checking import check_claims
from ..ledgers.claims import published_claims
from ..ledgers.findings import Verdict
from ..ledgers.job_sharing import relative_diffusion
from ..ledgers.protons import ZINC_PKA, free_protons, hydrolysis_ph, proton_ledger
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
    Column(key="printed", head="printed", description="what a paper prints, in the unit of the row"),
    Column(key="unit", head="unit", description="unit of both"),
    Column(key="verdict", head="printed is", description="whether the printed number follows"),
    Column(key="claim", head="claim", description="name of the published claim; the footnotes describe it"),
    Column(key="remark", head="remark", description="what else the numbers say", detail=True),
)

HOSTS = (("V2O5", 1.0), ("VO2", 0.5), ("V8O16", 4.0), ("V8O16", 7.0), ("MnO2", 0.5), ("VN", 0.5))
"""Hosts with zinc: one electron per metal atom, and the published case."""

COIN_CELL_VOLUMES = (80e-6, 200e-6)
"""Electrolyte of a coin cell, L."""
SALTS = (("Zn2+", 2.0), ("VO2+", 0.75))
"""Ions of the electrolyte of yang2025 (10.1016/j.cej.2025.172521), mol/L."""
COIN_CELL_PH = 4.0
COIN_CELLS = ((1e-3, 250.0, 200e-6), (5e-3, 400.0, 80e-6))
"""Active mass, g; capacity, mAh/g; electrolyte, L: the easiest and the hardest case of dai2025 (10.1039/d5ee03741g)."""

ELECTRONS = (("a metal", 0.0, 0.0), *((f"dilute, s_i/s_e = {ratio:g}", ratio, 1.0) for ratio in (0.0, 0.1, 1.0, 10.0)))
"""Electrons in words, s_i/s_e, dmu_e/(RT d ln c_e)."""
SPACE_CHARGES = (-0.25, 0.0, 1.0)
"""c F d(phi_a - phi_b)/dc in units of RT."""


def ledgers_table(computed: Sequence[CapacityLedger] = ()) -> Table:
    """Tabulate all ledgers: capacities, published claims, pools of a coin cell, job sharing.

    Args:
        computed: further capacities, such as those at the limits that a run found.

    Returns:
        The table; it needs no run.
    """
    rows = [*_capacities(computed), *_claims(), *_pools(), *_job_sharing()]
    return Table(title="Ledgers", columns=list(COLUMNS), rows=rows, notes=_notes())


def capacities_at_limits(sources: Sequence[Path | Store]) -> list[CapacityLedger]:
    """Return the capacities at the limits of the breathing studies of some runs.

    Args:
        sources: run folders or stores of Jobflow documents.

    Raises:
        RunError: a source is not a run folder, or holds a document that does not fit.
    """
    from ...workflows.breathing.results import BreathingResult
    from ..breathing.limit import breathing_limit

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


def _row(ledger: str, case: str, quantity: str, computed: float, unit: str, **more: Value) -> Row:
    cells: dict[str, Value] = dict.fromkeys(column.key for column in COLUMNS)
    cells |= {"ledger": ledger, "case": case, "quantity": quantity, "computed": _digits(computed), "unit": unit, **more}
    return Row(name=f"{ledger}, {case}, {quantity}", cells=cells, outcome=Outcome.OK)


def _capacities(computed: Sequence[CapacityLedger]) -> list[Row]:
    ledgers = [*(capacity_ledger(host, "Zn", n) for host, n in HOSTS), *computed]
    return [
        _row(
            "capacity",
            _case(ledger, entry.basis),
            f"Q per {entry.basis.words}",
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


def _claims() -> list[Row]:
    return [
        _row(
            "claim",
            finding.case,
            comparison.quantity,
            comparison.computed,
            comparison.unit,
            printed=comparison.printed,
            verdict=str(Verdict.CONSISTENT if comparison.consistent else Verdict.INCONSISTENT),
            claim=finding.name,
            remark="; ".join(finding.remarks) or None,
        )
        for finding in check_claims(published_claims())
        for comparison in finding.comparisons
    ]


def _pools() -> list[Row]:
    rows = []
    for volume in COIN_CELL_VOLUMES:
        case = f"{volume * 1e6:g} uL of electrolyte"
        protons = free_protons(COIN_CELL_PH, volume) * 1e6
        rows.append(_row("pools", case, f"free H+ at pH {COIN_CELL_PH:g}", protons, "umol"))
        rows += [_row("pools", case, f"{ion}, {c:g} mol/L", c * volume * 1e6, "umol") for ion, c in SALTS]
    for mass, capacity, volume in COIN_CELLS:
        need = proton_ledger(capacity=capacity, mass=mass, ph=COIN_CELL_PH, volume=volume)
        case = f"{mass * 1e3:g} mg at {capacity:g} mAh/g, {volume * 1e6:g} uL of pH {COIN_CELL_PH:g}, all by H+"
        rows.append(_row("pools", case, "H+ needed for each that is free", need.needed_per_free, ""))
        rows.append(_row("pools", case, "Zn4(OH)6SO4.5H2O that forms", need.hydroxide * 1e6, "umol"))
        rows.append(_row("pools", case, "Zn4(OH)6SO4.5H2O that forms", need.hydroxide_mass, "mg"))
    zinc = dict(SALTS)["Zn2+"]
    rows.append(_row("pools", f"{zinc:g} mol/L Zn2+", "pH of its hydrolysis alone", hydrolysis_ph(zinc), ""))
    return rows


def _job_sharing() -> list[Row]:
    rows = []
    for words, ratio, factor in ELECTRONS:
        for space_charge in SPACE_CHARGES:
            correct, printed = relative_diffusion(
                charge=2, conductivity_ratio=ratio, electron_factor=factor, potential=space_charge
            )
            rows.append(
                _row(
                    "job sharing",
                    f"electrons {words}; space charge {space_charge:g} RT",
                    "D/D_i of Zn2+",
                    correct,
                    "",
                    printed=_digits(printed),
                    verdict=str(Verdict.INCONSISTENT),
                    claim="z = 1 form",
                )
            )
    return rows


def _notes() -> list[str]:
    findings = check_claims(published_claims())
    return [
        "Capacities: Q = z n F / (3.6 M). Electrons per metal atom and what it can take stand in CSV and JSON.",
        f"Pools: activity taken as concentration; hydrolysis with pKa {ZINC_PKA:g} (Baes and Mesmer, 1976).",
        "Job sharing: dilute ions, c_e = z c, D in units of the diffusion coefficient of the ion; space charge is "
        "c F d(phi_a - phi_b)/dc. Printed is the form for z = 1 of chen2026, 10.1039/d5mh02260f.",
        *(
            f"Claim {finding.name}, {finding.verdict}: {finding.origin}. "
            + "; ".join(text for text in (*finding.remarks, finding.note) if text)
            + "."
            for finding in findings
        ),
    ]


def _digits(value: float) -> float:
    """Round to the five digits that atomic weights bear."""
    return float(f"{value:.5g}")
