"""Frontier levels of molecules, and what they cost to ionise: which of them is reduced or oxidised first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from jobflow import Flow, job
from pydantic import BaseModel, Field

from ...calculators.specs import CalculatorRecord, CalculatorSpec, PyscfSpec, pyscf_preset
from ...structures.building import build
from ...structures.recipes import StructureRecipe
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.results import AS_BEFORE, Outcome, StudyLabel
from .energies import MoleculeResult
from .geometries import MoleculeSettings
from .here import MoleculesHere
from .molecules import MoleculeJobs

Ion = Literal["oxidized", "reduced"]
CHARGE: dict[Ion, int] = {"oxidized": +1, "reduced": -1}
BOTH: tuple[Ion, ...] = tuple(CHARGE)


class OrbitalRow(BaseModel):
    """One molecule."""

    molecule_name: str = Field(description="name of the molecule")
    outcome: Outcome = Field(description="ok, or why this row is not a result")
    reason: str = Field("", description="what happened, in words")
    charge: int | None = Field(None, description="total charge, elementary charges")
    homo: float | None = Field(None, description="highest occupied Kohn-Sham level, eV against vacuum")
    lumo: float | None = Field(None, description="lowest empty Kohn-Sham level, eV against vacuum")
    gap: float | None = Field(None, description="LUMO - HOMO, eV")
    ionization_energy: float | None = Field(
        None, description="vertical: E(one electron less) - E at the same geometry, eV"
    )
    electron_affinity: float | None = Field(
        None, description="vertical: E - E(one electron more) at the same geometry, eV; negative: unbound in this basis"
    )
    molecule: MoleculeResult | None = Field(None, description="the molecule; none when its job failed")
    oxidized: MoleculeResult | None = Field(None, description="with one electron less, same geometry")
    reduced: MoleculeResult | None = Field(None, description="with one electron more, same geometry")


class OrbitalsResult(StudyLabel):
    """Frontier levels of several molecules at one level of theory."""

    method: str = Field("", description="final level // level of the geometries")
    rows: list[OrbitalRow] = Field(description="one per molecule, in the order asked for")
    ions: tuple[Ion, ...] = Field(
        BOTH, description="ions computed beside each molecule", exclude_if=lambda ions: ions == BOTH
    )
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")


def orbital_row(
    name: str,
    molecule: MoleculeResult | None,
    oxidized: MoleculeResult | None,
    reduced: MoleculeResult | None,
    ions: Sequence[Ion] = BOTH,
) -> OrbitalRow:
    """Put a molecule and its two ions together.

    Args:
        name: of the molecule.
        molecule: at its minimum; none when its job failed.
        oxidized: with one electron less at that geometry; none when its job failed or was not asked for.
        reduced: with one electron more; likewise.
        ions: those that were asked for.

    Returns:
        The row; an ion whose SCF failed leaves its column empty.
    """
    if molecule is None:
        return OrbitalRow(molecule_name=name, outcome=Outcome.FAILED, reason="its job failed; the run's log says why")
    orbitals = molecule.orbitals
    found = {"oxidized": oxidized, "reduced": reduced}
    lost = ["less" if CHARGE[ion] > 0 else "more" for ion in ions if found[ion] is None]
    failed = molecule.outcome is Outcome.OK and lost
    return OrbitalRow(
        molecule_name=name,
        outcome=Outcome.FAILED if failed else molecule.outcome,
        reason=f"its job with one electron {' and '.join(lost)} failed" if failed else molecule.reason,
        charge=molecule.charge,
        homo=None if orbitals is None else orbitals.homo,
        lumo=None if orbitals is None else orbitals.lumo,
        gap=None if orbitals is None else orbitals.gap,
        ionization_energy=None if oxidized is None else oxidized.energy - molecule.energy,
        electron_affinity=None if reduced is None else molecule.energy - reduced.energy,
        molecule=molecule,
        oxidized=oxidized,
        reduced=reduced,
    )


def orbitals_study(
    molecules: list[StructureRecipe],
    calculator: PyscfSpec | None = None,
    settings: MoleculeSettings = MoleculeSettings(),  # noqa: B008 - frozen
    *,
    ions: Sequence[Ion] = BOTH,
    folder: Path | None = None,
) -> OrbitalsResult:
    """Compute frontier levels, ionisation energies and electron affinities without Jobflow.

    Args:
        molecules: recipes.
        calculator: spec; the preset ``standard`` when none.
        settings: geometries.
        ions: computed beside each molecule; without ``oxidized`` there is no ionisation energy, without ``reduced`` no
            electron affinity.
        folder: where checkpoints and orbitals go; none keeps no files.

    Returns:
        The same result as the flow of [`OrbitalsMaker`][].

    Raises:
        CapabilityError: the calculator cannot treat a molecule.
        StructureError: nobody knows a molecule, or it is periodic.
    """
    spec = calculator or pyscf_preset("standard")
    computed = MoleculesHere(spec, settings, folder)
    states = [
        [
            computed.molecule(recipe),
            *(
                None if charge is None else computed.molecule(recipe, charge=charge)
                for charge in _charges(recipe, ions)
            ),
        ]
        for recipe in molecules
    ]
    names = [recipe.label for recipe in molecules]
    return collect_orbitals(names, states, spec, StudyLabel(study=f"orbitals of {', '.join(names)}"), tuple(ions))


def _charges(recipe: StructureRecipe, ions: Sequence[Ion]) -> list[int | None]:
    """Return the charges with one electron less and with one more; none for an ion that is not asked for."""
    charge = int(build(recipe).info["charge"])
    return [charge + CHARGE[ion] if ion in ions else None for ion in BOTH]


def collect_orbitals(
    names: list[str],
    states: list[list[MoleculeResult | None]],
    calculator: CalculatorSpec,
    label: StudyLabel,
    ions: tuple[Ion, ...] = BOTH,
) -> OrbitalsResult:
    """Put the molecules of a study together.

    Args:
        names: of the molecules.
        states: each as it is, with one electron less, and with one more; none where that failed or was not asked for.
        calculator: spec.
        label: of the study.
        ions: those that were asked for.
    """
    from ...calculators.factory import record

    rows = [
        orbital_row(name, molecule, oxidized, reduced, ions)
        for name, (molecule, oxidized, reduced) in zip(names, states, strict=True)
    ]
    present = [row.molecule for row in rows if row.molecule is not None]
    return OrbitalsResult(
        **label.model_dump(),
        method=present[0].method if present else "",
        rows=rows,
        ions=ions,
        calculator=present[0].calculator if present else record(calculator),
    )


@job(output_schema=OrbitalsResult)
def collect_orbitals_job(
    names: list[str],
    states: list[list[MoleculeResult | None]],
    calculator: CalculatorSpec,
    label: StudyLabel,
    ions: tuple[Ion, ...] = BOTH,
) -> OrbitalsResult:
    """Gather the molecules; one whose job failed stays in the table as failed."""
    return collect_orbitals(names, states, calculator, label, ions)


@dataclass
class OrbitalsMaker(StudyMaker):
    """Frontier levels, vertical ionisation energies and electron affinities of molecules.

    Steps: relax each molecule; its final energy and levels; its energy with one electron less and one more at the same
    geometry; collect.

    Attributes:
        calculator: spec.
        settings: geometries.
        ions: computed beside each molecule.
    """

    name: str = "orbitals"
    calculator: PyscfSpec = field(default_factory=lambda: pyscf_preset("standard"))
    settings: MoleculeSettings = field(default_factory=MoleculeSettings)
    ions: tuple[Ion, ...] = field(default=BOTH, metadata={AS_BEFORE: BOTH})

    def make(self, molecules: list[StructureRecipe], shared: MoleculeJobs | None = None) -> Flow:
        """Make the flow.

        Args:
            molecules: recipes.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is an [`OrbitalsResult`][].
        """
        pool = shared or MoleculeJobs()
        states = [
            [
                pool.molecule(recipe, self.calculator, self.settings),
                *(
                    None if charge is None else pool.molecule(recipe, self.calculator, self.settings, charge=charge)
                    for charge in _charges(recipe, self.ions)
                ),
            ]
            for recipe in molecules
        ]
        collect = despite_failures(
            collect_orbitals_job(
                [recipe.label for recipe in molecules],
                [[None if state is None else state.output for state in molecule] for molecule in states],
                self.calculator,
                self.label(*molecules),
                self.ions,
            )
        )
        return self.flow([self.named(collect, "collect")], pool.jobs if shared is None else ())
