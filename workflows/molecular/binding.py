"""Binding energies of complexes: pairs of molecules, ions in their shells, adsorption on flakes and clusters."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jobflow import Flow, job
from pydantic import Field

from ...calculators.specs import CalculatorRecord, CalculatorSpec, PyscfSpec, pyscf_preset
from ...calculators.surrogates.trust import Trust, combined
from ...structures.recipes import StructureRecipe
from ..common.collecting import despite_failures
from ..common.maker import StudyMaker
from ..common.results import Outcome, StudyLabel
from ..common.work import computing
from .counterpoise import COUNTERPOISE_FAILED, CounterpoiseResult, counterpoise_here, counterpoise_job
from .energies import MoleculeResult
from .geometries import MoleculeSettings
from .here import MoleculesHere
from .molecules import MoleculeJobs

if TYPE_CHECKING:
    from collections.abc import Sequence

HYDRATION_GIBBS_ENERGY = {"Zn": -20.264}
"""Gibbs energy of hydration of the doubly charged ion, eV: -1955 kJ/mol, Y. Marcus, J. Chem. Soc. Faraday Trans. 1991,
87, 2995, 10.1039/FT9918702995 (single-ion value, 298.15 K). The aqueous ion as a reference is the gas-phase ion plus
this number, so that no continuum model is asked for a bare Zn2+."""


class BindingResult(StudyLabel):
    """A complex against its parts."""

    complex_name: str = Field(description="name of the complex")
    parts_name: str = Field(description="the parts in words")
    outcome: Outcome = Field(description="ok, or why this is no result")
    reason: str = Field("", description="what happened, in words")
    energy: float | None = Field(None, description="E(complex) - sum of E(parts), eV, electronic; negative binds")
    enthalpy: float | None = Field(None, description="the same difference of enthalpies, eV; none without frequencies")
    gibbs_energy: float | None = Field(
        None, description="the same difference of Gibbs energies, quasi-harmonic, eV; none without frequencies"
    )
    counterpoise: float | None = Field(
        None, description="energy corrected for basis-set superposition by the counterpoise method, eV"
    )
    energy_vs_aqueous_ion: float | None = Field(
        None, description="energy against Zn2+(aq): minus the measured Gibbs energy of hydration, eV; gas phase only"
    )
    method: str = Field("", description="final level // level of the geometries")
    complex: MoleculeResult | None = Field(None, description="the complex; none when its job failed")
    parts: list[MoleculeResult | None] = Field(description="its parts, relaxed by themselves")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    trust: Trust | None = Field(None, description="what a surrogate's committee says of the binding energy")


def binding_energy(e_complex: float, e_parts: Sequence[float]) -> float:
    """Return E(complex) - sum of E(parts), eV; negative binds."""
    return e_complex - sum(e_parts)


def collect_binding(
    whole: MoleculeResult | None,
    parts: list[MoleculeResult | None],
    names: list[str],
    correction: CounterpoiseResult | None,
    calculator: CalculatorSpec,
    label: StudyLabel,
    correction_asked: bool = False,
) -> BindingResult:
    """Put a complex and its parts together.

    Args:
        whole: the complex; none when its job failed.
        parts: its parts, none where a job failed.
        names: of the complex, then of the parts.
        correction: for basis-set superposition; none where there is none.
        calculator: spec.
        label: of the study.
        correction_asked: a correction that is missing then has failed.

    Returns:
        The result; without energies when a job failed.
    """
    from ...calculators.factory import record

    present = [molecule for molecule in [whole, *parts] if molecule is not None]
    outcome, reason = _outcome([whole, *parts], names)
    if outcome is Outcome.OK and correction_asked and correction is None:
        outcome, reason = Outcome.FAILED, COUNTERPOISE_FAILED
    result = BindingResult(
        **label.model_dump(),
        complex_name=names[0],
        parts_name=" + ".join(names[1:]),
        outcome=outcome,
        reason=reason,
        method=present[0].method if present else "",
        complex=whole,
        parts=parts,
        calculator=present[0].calculator if present else record(calculator),
    )
    found = [part for part in parts if part is not None]
    if whole is None or len(found) < len(parts):
        return result
    energy = binding_energy(whole.energy, [part.energy for part in found])
    return result.model_copy(
        update={
            "energy": energy,
            "trust": combined([(1.0, whole.trust), *((-1.0, part.trust) for part in found)]),
            "enthalpy": _difference(whole.enthalpy, [part.enthalpy for part in found]),
            "gibbs_energy": _difference(whole.gibbs_energy, [part.gibbs_energy for part in found]),
            "counterpoise": None if correction is None else energy - correction.superposition_error,
            "energy_vs_aqueous_ion": None if _in_solvent(calculator) else _against_aqueous_ion(energy, found),
        }
    )


def binding_study(
    parts: list[StructureRecipe],
    whole: StructureRecipe | None = None,
    calculator: CalculatorSpec | None = None,
    settings: MoleculeSettings = MoleculeSettings(),  # noqa: B008 - frozen
    *,
    counterpoise: bool = False,
    folder: Path | None = None,
) -> BindingResult:
    """Compute the binding energy of a complex against its parts without Jobflow.

    Args:
        parts: two or more molecules.
        whole: the complex; docked from the parts when none.
        calculator: spec; PySCF's preset ``standard`` when none.
        settings: geometries and frequencies.
        counterpoise: correct for basis-set superposition; the last molecule of the complex is what is split off.
        folder: where checkpoints and orbitals go; none keeps no files.

    Returns:
        The same result as the flow of [`BindingMaker`][].

    Raises:
        CapabilityError: the calculator cannot treat a molecule.
        StructureError: nobody knows a molecule, or it is periodic.
    """
    spec = calculator or pyscf_preset("standard")
    computed = MoleculesHere(spec, settings, folder)
    molecules = [computed.molecule(part) for part in parts]
    bound = computed.complex(parts) if whole is None else computed.molecule(whole)
    names = complex_names(parts, whole)
    asked = counterpoise and isinstance(spec, PyscfSpec)
    correction = counterpoise_here(bound, spec) if asked else None
    return collect_binding(bound, molecules, names, correction, spec, StudyLabel(study=names[0]), asked)


def complex_names(parts: list[StructureRecipe], whole: StructureRecipe | None) -> list[str]:
    """Return the name of a complex, then those of its parts."""
    names = [part.label for part in parts]
    return [" + ".join(names) if whole is None else whole.label, *names]


def _difference(whole: float | None, parts: list[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return binding_energy(whole, known) if whole is not None and len(known) == len(parts) else None


def _in_solvent(calculator: CalculatorSpec) -> bool:
    """Tell whether final energies have a solvent already: the cycle would hydrate the ion a second time."""
    return isinstance(calculator, PyscfSpec) and calculator.energy.solvent is not None


def _against_aqueous_ion(energy: float, parts: list[MoleculeResult]) -> float | None:
    """Take a bare divalent ion among the parts from water instead of from the gas: X2+(aq) -> X2+(g) costs -dG_hyd."""
    ions = [
        part.geometry.structure.symbols[0]
        for part in parts
        if len(part.geometry.structure.symbols) == 1 and part.charge == 2
    ]
    known = [HYDRATION_GIBBS_ENERGY[ion] for ion in ions if ion in HYDRATION_GIBBS_ENERGY]
    return energy - sum(known) if known and len(known) == len(ions) else None


def _outcome(molecules: list[MoleculeResult | None], names: list[str]) -> tuple[Outcome, str]:
    for molecule, name in zip(molecules, names, strict=True):
        if molecule is None:
            return Outcome.FAILED, f"{name}: its job failed; the run's log says why"
    for molecule, name in zip(molecules, names, strict=True):
        if molecule is not None and molecule.outcome is not Outcome.OK:
            return molecule.outcome, f"{name}: {molecule.reason}"
    return Outcome.OK, ""


@job(output_schema=BindingResult)
def collect_binding_job(
    whole: MoleculeResult | None,
    parts: list[MoleculeResult | None],
    names: list[str],
    correction: CounterpoiseResult | None,
    calculator: CalculatorSpec,
    label: StudyLabel,
    correction_asked: bool = False,
) -> BindingResult:
    """Put a complex and its parts together; what failed stays in the table as failed."""
    return collect_binding(whole, parts, names, correction, calculator, label, correction_asked)


@dataclass
class BindingMaker(StudyMaker):
    """The binding energy of a complex against its parts, each relaxed by itself.

    Steps: relax every part; relax the complex, given as a structure or docked from the relaxed parts in many
    orientations that GFN2-xTB sorts; final energies; counterpoise where asked; collect.

    Attributes:
        calculator: spec.
        settings: geometries and frequencies.
        counterpoise: correct for basis-set superposition; the last molecule of the complex is what is split off.
    """

    name: str = "binding"
    calculator: CalculatorSpec = field(default_factory=lambda: pyscf_preset("standard"))
    settings: MoleculeSettings = field(default_factory=MoleculeSettings)
    counterpoise: bool = False

    def make(
        self,
        parts: list[StructureRecipe],
        whole: StructureRecipe | None = None,
        shared: MoleculeJobs | None = None,
    ) -> Flow:
        """Make the flow.

        Args:
            parts: two or more molecules.
            whole: the complex; docked from the parts when none.
            shared: jobs that other studies have already made; the caller then puts them into its own flow.

        Returns:
            Flow whose output is a [`BindingResult`][].
        """
        pool = shared or MoleculeJobs()
        molecules = [pool.molecule(part, self.calculator, self.settings) for part in parts]
        if whole is None:
            bound = pool.complex(parts, self.calculator, self.settings)
        else:
            bound = pool.molecule(whole, self.calculator, self.settings)
        correction = None
        if self.counterpoise and isinstance(self.calculator, PyscfSpec):
            made = computing(counterpoise_job(bound.output, self.calculator), self.calculator)
            correction = self.named(made, "counterpoise")
        collect = despite_failures(
            collect_binding_job(
                bound.output,
                [molecule.output for molecule in molecules],
                complex_names(parts, whole),
                None if correction is None else correction.output,
                self.calculator,
                self.label(*parts, whole),
                correction_asked=correction is not None,
            )
        )
        own = [*([] if correction is None else [correction]), self.named(collect, "collect")]
        return self.flow(own, pool.jobs if shared is None else ())
