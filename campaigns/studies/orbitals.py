"""Orbital studies: frontier levels, vertical ionisation energies and electron affinities of molecules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from ...structures.documents import StructureDocument
from ...workflows.common.uses import MOLECULE, Use
from ...workflows.molecular.energies import electronic_state, neighbouring_spins
from ...workflows.molecular.molecules import MoleculeJobs
from ...workflows.molecular.orbitals import BOTH, CHARGE, Ion, OrbitalsMaker
from .keys import MOLECULES, Names
from .molecules import MolecularStudy, first_start, needs_wave_function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms
    from jobflow import Flow

    from ...calculators.specs import AnyMethod
    from .base import Task
    from .context import Context


class OrbitalsStudy(MolecularStudy):
    """Frontier levels, vertical ionisation energies and electron affinities of molecules."""

    MOLECULE_KEYS = ("molecules",)

    kind: Literal["orbitals"] = Field(description="frontier levels")
    molecules: Names = Field(description=MOLECULES)
    ions: tuple[Ion, ...] = Field(
        BOTH,
        description="ions computed at the geometry of each molecule: `oxidized` for the vertical ionisation energy, "
        "`reduced` for the electron affinity; none for large molecules, whose ions cost several times their levels",
        exclude_if=lambda ions: ions == BOTH,
    )

    @property
    def title(self) -> str:
        """Name of the study in tables."""
        return self.name or "frontier levels"

    @property
    def uses(self) -> list[tuple[str, Use]]:
        """Its systems and what it does with each."""
        return [(name, MOLECULE) for name in self.molecules]

    def problem_with(self, calculator: AnyMethod) -> str | None:
        """Say that a calculator has no orbitals."""
        return needs_wave_function(calculator)

    def flows(self, context: Context) -> list[Flow]:
        """Make the flow of all molecules."""
        molecules = [context.recipe(name) for name in self.molecules]
        return [
            OrbitalsMaker(ions=self.ions, **self.maker_fields(context)).make(molecules, context.shared.of(MoleculeJobs))
        ]

    def structures(self, context: Context) -> Iterator[Task]:
        """Build the molecules and their ions."""
        for name in self.molecules:
            atoms = first_start(context, name)
            yield f"{atoms.info['label']}: relax", atoms
            yield from _ionised(atoms, self.ions)


def _ionised(atoms: Atoms, ions: tuple[Ion, ...]) -> Iterator[Task]:
    document = StructureDocument.from_atoms(atoms)
    for charge in (document.charge + CHARGE[ion] for ion in ions):
        spins = neighbouring_spins(document, charge)
        for spin in spins:
            which = f" and multiplicity {spin}" if len(spins) > 1 else ""
            ion = electronic_state(document, charge, spin).to_atoms()
            yield f"{atoms.info['label']}: energy at charge {charge:+d}{which}", ion
