"""Interface energetics: how strongly film and support hold each other, by which bonds, and at what strain."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from jobflow import Flow, job
from pydantic import BaseModel, Field

from ..calculators.specs import CalculatorRecord, CalculatorSpec, ChgnetSpec
from ..calculators.surrogates.trust import Trust, combined
from ..errors import StructureError
from ..structures.documents import StructureDocument
from ..structures.heterostructures import (
    Heterostructure,
    InterfaceBond,
    count_patterns,
    film_and_support,
    interface_bonds,
)
from ..structures.recipes import StructureRecipe, build_from_bulk
from ..structures.slabs import surface_area
from .common.attempts import attempted
from .common.collecting import despite_failures
from .common.maker import StudyMaker
from .common.relaxation_jobs import AtomicQuantity, RelaxationResult, relax_job, relax_structure
from .common.results import Outcome, RelaxSettings, StudyLabel
from .common.uses import TWO_SIDES
from .common.work import computing, light

if TYPE_CHECKING:
    from jobflow import Job
    from jobflow.core.reference import OutputReference

PER_AREA = 16.02176634
"""J/m^2 in one eV/angstrom^2."""
OF_ATOMS: tuple[AtomicQuantity, ...] = ("charges", "magmoms")
"""What the relaxations also compute of the atoms: what film and support exchange."""


Side = Literal["film", "support"]
SIDES: tuple[Side, ...] = ("film", "support")


class InterfaceGeometry(BaseModel):
    """A heterostructure as it is built: what it takes to bring film and support into one cell."""

    name: str = Field(description="film and support")
    structure: StructureDocument = Field(description="heterostructure, not relaxed; tags tell film from support")
    mismatch: tuple[float, float] | None = Field(
        None, description="lengths of the support's vectors over those of the film, minus 1; none for a cluster"
    )
    film_strain: float = Field(0.0, description="largest stretch (positive) or compression of the film")
    support_strain: float = Field(0.0, description="the same for the support")

    @classmethod
    def of(cls, built: Heterostructure) -> InterfaceGeometry:
        """Take from a heterostructure what tables say of it."""
        return cls(
            name=built.name,
            structure=built.document,
            mismatch=None if built.match is None else built.match.mismatch,
            film_strain=built.film_strain.largest,
            support_strain=built.support_strain.largest,
        )


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


def build_interface(recipe: StructureRecipe) -> InterfaceGeometry:
    """Build the heterostructure of a recipe.

    Raises:
        StructureError: the recipe is none of a heterostructure, or its parts do not fit.
    """
    if recipe.heterostructure is None:
        raise StructureError(f"{recipe.described} is no heterostructure; name a film and a support")
    built = recipe.heterostructure.build()
    geometry = InterfaceGeometry.of(built)
    repeated = build_from_bulk(recipe, built.atoms)
    return geometry.model_copy(update={"structure": StructureDocument.from_atoms(repeated, recipe.label)})


def take_side(geometry: InterfaceGeometry, side: Side) -> StructureDocument:
    """Take film or support out of a heterostructure, in its cell."""
    atoms = geometry.structure.to_atoms()
    film, support = film_and_support(atoms)
    alone = atoms[film if side == "film" else support]
    alone.info = dict(atoms.info)
    return StructureDocument.from_atoms(alone, f"{side} of {geometry.structure.label}")


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
    from ..calculators.factory import record

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
        work_of_adhesion=None if adhesion is None else adhesion / area * PER_AREA,
        charge_transfer=_of_film("charges", present),
        moment_change=_moment_change(present),
        energies={name: part.energy for name, part in present.items()},
        structure=present["together"].structure if "together" in present else None,
        force_calls=sum(part.force_calls for part in present.values()),
        settings=settings,
        calculator=next((part.calculator for part in present.values()), None) or record(calculator),
        trust=trust,
    )


def interface_study(
    recipe: StructureRecipe,
    calculator: CalculatorSpec = ChgnetSpec(),  # noqa: B008 - frozen
    settings: RelaxSettings = RelaxSettings(),  # noqa: B008 - frozen
    *,
    folder: Path | None = None,
) -> InterfaceResult:
    """Compute how strongly film and support of a heterostructure hold each other, without Jobflow.

    Args:
        recipe: of the heterostructure.
        calculator: spec of the calculator for everything, so that errors cancel.
        settings: convergence targets of all relaxations.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The same result as the flow of :class:`InterfaceMaker`.

    Raises:
        CapabilityError: the calculator cannot treat the structures.
        StructureError: the heterostructure cannot be built.
    """
    TWO_SIDES.require(recipe)
    geometry = build_interface(recipe)

    def relaxed(structure: StructureDocument) -> RelaxationResult | None:
        relax = partial(relax_structure, structure.to_atoms(), calculator, settings, folder=folder, atomic=OF_ATOMS)
        return attempted(f"the relaxation of {structure.label}", relax)

    together, film, support = (
        relaxed(one) for one in (geometry.structure, *(take_side(geometry, side) for side in SIDES))
    )
    label = StudyLabel(study=recipe.label)
    return collect_interface(geometry, together, film, support, calculator, settings, label)


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
    film, _ = film_and_support(together.structure.to_atoms())
    values = np.array(together.atomic[quantity])[film]
    return float(np.abs(values).sum() if quantity == "magmoms" else values.sum())


@job(output_schema=InterfaceGeometry)
def interface_job(recipe: StructureRecipe) -> InterfaceGeometry:
    """Build the heterostructure of a recipe."""
    return build_interface(recipe)


@job(output_schema=StructureDocument)
def side_job(geometry: InterfaceGeometry, side: Side) -> StructureDocument:
    """Take film or support out of a heterostructure, in its cell."""
    return take_side(geometry, side)


@job(output_schema=InterfaceResult)
def collect_interface_job(
    geometry: InterfaceGeometry,
    together: RelaxationResult | None,
    film: RelaxationResult | None,
    support: RelaxationResult | None,
    calculator: CalculatorSpec,
    settings: RelaxSettings,
    label: StudyLabel,
) -> InterfaceResult:
    """Put an interface and its two sides together."""
    return collect_interface(geometry, together, film, support, calculator, settings, label)


@dataclass
class InterfaceMaker(StudyMaker):
    """Work of adhesion, interface bonds and strain of a heterostructure.

    Steps: build; relax the heterostructure, the film alone and the support alone, all in the common cell; collect.

    Attributes:
        calculator: spec of the calculator for everything, so that errors cancel.
        settings: convergence targets of all relaxations.
    """

    name: str = "interface"
    calculator: CalculatorSpec = field(default_factory=ChgnetSpec)
    settings: RelaxSettings = field(default_factory=RelaxSettings)

    def make(self, recipe: StructureRecipe) -> Flow:
        """Make the flow.

        Args:
            recipe: recipe of the heterostructure.

        Returns:
            Flow whose output is an :class:`InterfaceResult`.
        """
        TWO_SIDES.require(recipe)
        built = self.named(light(interface_job(recipe)), "build")
        together = self._relaxed(built.output.structure, "relax")
        jobs, relaxed = [built, together], [together.output]
        for side in SIDES:
            taken = self.named(light(side_job(built.output, side)), f"take {side}")
            alone = self._relaxed(taken.output, f"relax {side} alone")
            jobs += [taken, alone]
            relaxed.append(alone.output)
        label = self.label(recipe)
        collect = despite_failures(collect_interface_job(built.output, *relaxed, self.calculator, self.settings, label))
        return self.flow([*jobs, self.named(collect, "collect")])

    def _relaxed(self, structure: OutputReference, what: str) -> Job:
        relax = relax_job(structure, self.calculator, self.settings, atomic=OF_ATOMS)
        return self.named(computing(relax, self.calculator), what)
