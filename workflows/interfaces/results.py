"""What an interface study leaves: how strongly film and support hold each other, and by which bonds."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from ...calculators.specs import CalculatorRecord, CalculatorSpec
from ...calculators.surrogates.trust import Trust, combined
from ...structures.documents import StructureDocument
from ...structures.heterostructures import InterfaceBond, both_sides, count_patterns, film_and_support, interface_bonds
from ...structures.slabs import surface_area
from ..common.relaxation_jobs import RelaxationResult
from ..common.results import Outcome, RelaxSettings, StudyLabel
from ..common.units import J_PER_M2
from .sides import InterfaceGeometry


class InterfaceResult(StudyLabel):
    """A film on its support against both alone in the same cell."""

    interface_name: str = Field(description="film and support")
    outcome: Outcome = Field(description="ok, or why this is no result")
    reason: str = Field("", description="what happened, in words")
    area: float = Field(description="area of the cell, angstrom^2")
    n_atoms: int = Field(description="atoms in the cell")
    mismatch: tuple[float, float] | None = Field(description="of the cell vectors; none for a cluster")
    film_strain: float = Field(description="largest stretch (positive) or compression of the film")
    support_strain: float = Field(description="the same for the support")
    bonds: dict[str, int] = Field(description="interface bonds after relaxation, by pattern")
    bonds_built: dict[str, int] = Field(description="interface bonds as built, by pattern")
    shortest_bond: float | None = Field(None, description="shortest interface bond after relaxation, angstrom")
    adhesion_energy: float | None = Field(
        None, description="E(film) + E(support) - E(together), each relaxed in the cell, eV per cell; positive adheres"
    )
    work_of_adhesion: float | None = Field(None, description="the same per area of the cell, J/m^2")
    charge_transfer: float | None = Field(
        None,
        description="sum of the film's atomic charges on the support, e; none when the calculator gives no charges",
    )
    moment_change: float | None = Field(
        None,
        description="magnitudes of the film's atomic magnetic moments summed, on the support minus alone, mu_B: of a "
        "vanadium oxide the d electrons that it has more; none when the calculator gives no moments",
    )
    energies: dict[str, float] = Field(default_factory=dict, description="total energies by part, eV")
    structure: StructureDocument | None = Field(None, description="relaxed heterostructure")
    force_calls: int = Field(0, description="evaluations of energy and forces, all parts together")
    settings: RelaxSettings = Field(description="convergence targets")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of the adhesion energy")


def adhesion_energy(e_film: float, e_support: float, e_together: float) -> float:
    """Return E(film) + E(support) - E(together), eV; positive adheres."""
    return e_film + e_support - e_together


def collect_interface(
    geometry: InterfaceGeometry,
    together: RelaxationResult | None,
    film: RelaxationResult | None,
    support: RelaxationResult | None,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    label: StudyLabel,
) -> InterfaceResult:
    """Put an interface and its two sides together.

    Args:
        geometry: as built.
        together: the relaxed heterostructure; none when its job failed.
        film: the film alone, relaxed in the same cell; likewise.
        support: the support alone; likewise.
        calculator: spec.
        settings: convergence targets.
        label: of the study.
    """
    from ...calculators.factory import record

    built = geometry.structure.to_atoms()
    parts = {"together": together, "film": film, "support": support}
    present = {name: part for name, part in parts.items() if part is not None}
    outcome, reason = _outcome(parts)
    after = _bonds(present["together"].structure) if "together" in present else []
    adhesion, trust = None, None
    if len(present) == len(parts):
        adhesion = adhesion_energy(*(present[name].energy for name in ("film", "support", "together")))
        signs = {"film": 1.0, "support": 1.0, "together": -1.0}
        trust = combined([(sign, present[name].trust) for name, sign in signs.items()])
    area = surface_area(built)
    return InterfaceResult(
        **label.model_dump(),
        interface_name=geometry.name,
        outcome=outcome,
        reason=reason,
        area=area,
        n_atoms=len(built),
        mismatch=geometry.mismatch,
        film_strain=geometry.film_strain,
        support_strain=geometry.support_strain,
        bonds=count_patterns(after),
        bonds_built=count_patterns(_bonds(geometry.structure)),
        shortest_bond=min((bond.length for bond in after), default=None),
        adhesion_energy=adhesion,
        work_of_adhesion=None if adhesion is None else adhesion / area * J_PER_M2,
        charge_transfer=_of_film("charges", present),
        moment_change=_moment_change(present),
        energies={name: part.energy for name, part in present.items()},
        structure=present["together"].structure if "together" in present else None,
        force_calls=sum(part.force_calls for part in present.values()),
        settings=settings,
        calculator=next((part.calculator for part in present.values()), None) or record(calculator),
        trust=trust,
    )


def _outcome(parts: dict[str, RelaxationResult | None]) -> tuple[Outcome, str]:
    for name, part in parts.items():
        if part is None:
            return Outcome.FAILED, f"{name}: its job failed; the run's log says why"
    for name, part in parts.items():
        if part is not None and not part.converged:
            return Outcome.UNCONVERGED, f"{name}: fmax {part.fmax:.3f} eV/angstrom after {part.steps} steps"
    for name, part in parts.items():
        if part is not None and part.trust is not None and part.trust.flagged:
            return Outcome.OUTSIDE, f"{name}: {part.trust.problem}"
    return Outcome.OK, ""


def _bonds(structure: StructureDocument) -> list[InterfaceBond]:
    atoms = structure.to_atoms()
    return interface_bonds(atoms, *film_and_support(atoms))


def _moment_change(present: dict[str, RelaxationResult]) -> float | None:
    together, alone = _of_film("magmoms", present), present.get("film")
    if together is None or alone is None or "magmoms" not in alone.atomic:
        return None
    return together - float(np.abs(alone.atomic["magmoms"]).sum())


def _of_film(quantity: str, present: dict[str, RelaxationResult]) -> float | None:
    """Sum charges, or magnitudes of moments, over the film on its support; none where there are none."""
    together = present.get("together")
    if together is None or quantity not in together.atomic:
        return None
    film, _ = both_sides(together.structure.to_atoms())
    values = np.array(together.atomic[quantity])[film]
    return float(np.abs(values).sum() if quantity == "magmoms" else values.sum())
