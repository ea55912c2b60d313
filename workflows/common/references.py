"""What a free adsorbate costs: the reference states of adsorption energies, each with its name and source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from jobflow import job
from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorRecord, CalculatorSpec
from ...calculators.surrogates.trust import Trust, combined
from ...errors import StructureError
from ...structures.documents import StructureDocument
from ...structures.molecules import adsorbate, embedded, in_box, molecule_label
from ...structures.prototypes import prototype
from .relaxation_jobs import RelaxationResult, relax_structure
from .results import Outcome, RelaxSettings
from .single_points import States

if TYPE_CHECKING:
    from ase import Atoms

COHESIVE_ENERGY = {"Zn": 1.35, "Li": 1.63, "Na": 1.113, "K": 0.934, "Mg": 1.51, "Ca": 1.84, "Al": 3.39}
"""Energy to take one atom out of the metal, eV/atom, measured: C. Kittel, Introduction to Solid State Physics, 8th ed.
(Wiley 2005), chapter 3, table 1. The metals are the prototypes of the same names: hcp Zn and Mg, bcc Li, Na and K, fcc
Ca and Al. A surrogate's own lone atom is meaningless (its training set has none), so the free atom is always bulk metal
plus this number."""

MOLECULAR_REFERENCE = {"H": (("H2", 0.5),), "OH": (("H2O", 1.0), ("H2", -0.5)), "O": (("H2O", 1.0), ("H2", -1.0))}
"""Molecules and coefficients that stand for a fragment that is not stable by itself (the computational hydrogen
electrode's choice: Norskov et al., J. Phys. Chem. B 2004, 108, 17886, 10.1021/jp047349j)."""


def check_reference(ion: str) -> None:
    """Refuse an ion without a bulk metal as its reference.

    Raises:
        StructureError: there is none.
    """
    if ion not in COHESIVE_ENERGY:
        raise StructureError(f"no bulk reference for the ion {ion}; there is one for {', '.join(COHESIVE_ENERGY)}")


class ReferencePart(BaseModel):
    """One relaxed structure behind a reference state."""

    structure: StructureDocument = Field(description="relaxed structure")
    weight: float = Field(description="multiple of its energy in the energy of the reference")
    force_calls: int = Field(description="evaluations of energy and forces")
    seconds: float | None = Field(None, description="wall time of the last attempt, s; none when not recorded")

    @classmethod
    def of(cls, relaxed: RelaxationResult, weight: float) -> Self:
        """Take a relaxation as a part."""
        return cls(structure=relaxed.structure, weight=weight, force_calls=relaxed.force_calls, seconds=relaxed.seconds)


class ReferenceEnergy(BaseModel):
    """The energy of one adsorbate in its reference state."""

    adsorbate: str = Field(description="name of the adsorbate")
    molecule: StructureDocument | None = Field(
        None, description="the adsorbate as it was given, where that is no name; none in results of early versions"
    )
    state: str = Field(description="the reference state in words")
    energy: float = Field(description="energy of the reference state per adsorbate, eV, on the calculator's own zero")
    cohesive_energy: float | None = Field(
        None, description="energy of the free atom above the reference state, eV; none where there is no such atom"
    )
    outcome: Outcome = Field(description="whether the reference itself converged")
    fmax: float = Field(description="largest remaining force among the structures of the reference, eV/angstrom")
    parts: list[ReferencePart] = Field(
        default_factory=list, description="the structures it is made of; empty in results of early versions"
    )
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of this energy")

    @property
    def source(self) -> str | StructureDocument:
        """What the adsorbate is built from."""
        return self.adsorbate if self.molecule is None else self.molecule

    @property
    def states(self) -> States:
        """The structures it is made of, by their names in words; none in results of early versions."""
        return {f"reference {part.structure.label or part.structure.formula}": part.structure for part in self.parts}

    def energy_from(self, energies: Mapping[str, float]) -> float:
        """Return its energy per adsorbate by another method, eV.

        Args:
            energies: of its states by that method, eV.
        """
        return sum(part.weight * energies[name] for part, name in zip(self.parts, self.states, strict=True))

    def check_states(self, study: str) -> None:
        """Refuse to let another method compute a reference that was kept without structures.

        Args:
            study: that it belongs to.

        Raises:
            StructureError: there are none.
        """
        if not self.parts:
            raise StructureError(
                f"{study}: its reference was kept without structures, so nothing else can compute it; "
                "compute the study again"
            )


def reference_energy(
    name: str | StructureDocument, calculator: CalculatorSpec, settings: RelaxSettings, folder: Path | None = None
) -> ReferenceEnergy:
    """Compute the reference state of an adsorbate: the bulk metal for an ion, molecules for everything else.

    Args:
        name: ``Zn`` or another metal, ``H``, ``O``, ``OH``, a molecule that ASE knows (``H2O``), the path of a
            molecule file, or the molecule itself as data.
        calculator: spec; the same as for the surface, so that errors cancel.
        settings: convergence targets.
        folder: where checkpoints go; none keeps no files.

    Returns:
        The reference; ``outcome`` says whether it converged.

    Raises:
        CapabilityError: the calculator cannot treat the reference.
        StructureError: nobody knows the adsorbate.
    """
    if isinstance(name, str) and name in COHESIVE_ENERGY:
        bulk = relax_structure(prototype(name), calculator, settings, cell="relaxed", folder=folder)
        return metal_reference(name, bulk)
    return molecular_reference(name, calculator, settings, folder)


def reference_structures(name: str | StructureDocument) -> list[Atoms]:
    """Return the structures that the reference state of an adsorbate needs, not yet relaxed."""
    if isinstance(name, str) and name in COHESIVE_ENERGY:
        return [prototype(name)]
    return [in_box(adsorbate(part)) for part, _ in _terms(name)]


def _terms(name: str | StructureDocument) -> tuple[tuple[str | StructureDocument, float], ...]:
    """Return the molecules that stand for an adsorbate and their coefficients; a molecule of one's own is its own."""
    itself = ((name, 1.0),)
    return MOLECULAR_REFERENCE.get(name, itself) if isinstance(name, str) else itself


def metal_reference(name: str, bulk: RelaxationResult) -> ReferenceEnergy:
    """Take the relaxed bulk metal as the reference of its atom."""
    return ReferenceEnergy(
        adsorbate=name,
        state=f"bulk {name}, cell relaxed, per atom",
        energy=bulk.energy_per_atom,
        cohesive_energy=COHESIVE_ENERGY[name],
        outcome=Outcome.OK if bulk.converged else Outcome.UNCONVERGED,
        fmax=bulk.fmax,
        parts=[ReferencePart.of(bulk, 1.0 / len(bulk.structure.symbols))],
        calculator=bulk.calculator,
        trust=combined([(1 / len(bulk.structure.symbols), bulk.trust)]),
    )


def molecular_reference(
    name: str | StructureDocument, calculator: CalculatorSpec, settings: RelaxSettings, folder: Path | None = None
) -> ReferenceEnergy:
    """Compute the molecules that stand for an adsorbate, each relaxed alone in a periodic box."""
    source = embedded(name)
    terms = _terms(source)
    parts = [relax_structure(part, calculator, settings, folder=folder) for part in reference_structures(source)]
    return ReferenceEnergy(
        adsorbate=molecule_label(source),
        molecule=source if isinstance(source, StructureDocument) else None,
        state=" ".join(f"{weight:+g} {molecule_label(part)}(g)" for part, weight in terms).removeprefix("+1 "),
        energy=sum(weight * part.energy for (_, weight), part in zip(terms, parts, strict=True)),
        outcome=Outcome.OK if all(part.converged for part in parts) else Outcome.UNCONVERGED,
        fmax=max(part.fmax for part in parts),
        parts=[ReferencePart.of(part, weight) for (_, weight), part in zip(terms, parts, strict=True)],
        calculator=parts[0].calculator,
        trust=combined([(weight, part.trust) for (_, weight), part in zip(terms, parts, strict=True)]),
    )


@job(output_schema=ReferenceEnergy)
def metal_reference_job(name: str, bulk: RelaxationResult) -> ReferenceEnergy:
    """Take the relaxed bulk metal as the reference of its atom."""
    return metal_reference(name, bulk)


@job(output_schema=ReferenceEnergy)
def molecular_reference_job(
    name: str | StructureDocument, calculator: CalculatorSpec, settings: RelaxSettings
) -> ReferenceEnergy:
    """Compute the molecules that stand for an adsorbate in the job's folder."""
    return molecular_reference(name, calculator, settings, folder=Path.cwd())
