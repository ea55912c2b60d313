"""Final energies of molecules at their geometries: total energy, orbital levels, dipole, and how sound the SCF is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobflow import job
from pydantic import BaseModel, Field

from ...calculators.dft.orbitals import FrontierOrbitals
from ...calculators.guard import check
from ...calculators.specs import CalculatorRecord, CalculatorSpec, PyscfSpec
from ...calculators.surrogates.trust import Trust, assess
from ...structures.documents import StructureDocument
from ..common.results import Outcome
from ..common.scf import orbitals_checkpoint, solved
from .geometries import GeometryResult

if TYPE_CHECKING:
    from ...calculators.dft.scf import Solution


class MoleculeResult(BaseModel):
    """A molecule at a geometry: its energy at the final level, and its electronic structure."""

    name: str = Field(description="name of the molecule")
    charge: int = Field(description="total charge, elementary charges")
    spin: int = Field(description="multiplicity 2S+1")
    outcome: Outcome = Field(description="ok, or why this is no result")
    reason: str = Field("", description="what happened, in words")
    energy: float = Field(description="total energy at the final level, eV")
    geometry: GeometryResult = Field(description="where it was computed, and how that geometry came about")
    method: str = Field("", description="final level // level of the geometry")
    orbitals: FrontierOrbitals | None = Field(None, description="frontier orbitals; none without wave function")
    dipole: float | None = Field(
        None, description="dipole moment, debye; of an ion it depends on the origin and is none"
    )
    atomic_charges: list[float] | None = Field(None, description="meta-Loewdin charges, elementary charges")
    atomic_spins: list[float] | None = Field(None, description="meta-Loewdin unpaired electrons of each atom")
    spin_squared: float | None = Field(None, description="<S^2>")
    stable: bool | None = Field(
        None,
        description="whether no orbital rotation lowers the energy; none when not analysed, their gap being wide",
    )
    scf: list[str] = Field(default_factory=list, description="attempts at the SCF, in order")
    deviations: list[str] = Field(default_factory=list, description="where the calculation departs from its preset")
    estimated_radii: dict[str, float] | None = Field(
        None, description="as of the geometry, in the cavity of the final energy, angstrom; none when not recorded"
    )
    orbitals_file: str | None = Field(
        None,
        description="converged orbitals, below the folder of all jobs; scratch, which may be gone; none when not kept",
    )
    seconds: float = Field(description="wall time of the final energy, s")
    calculator: CalculatorRecord = Field(description="calculator, library versions, SHA-256 of the weights")
    trust: Trust | None = Field(None, description="what a surrogate's committee says; none of other calculators")

    @property
    def enthalpy(self) -> float | None:
        """Enthalpy at the temperature of the thermochemistry, eV; none without frequencies."""
        thermo = self.geometry.thermochemistry
        return None if thermo is None else self.energy + thermo.enthalpy_correction

    @property
    def gibbs_energy(self) -> float | None:
        """Gibbs energy with quasi-harmonic entropies, eV; none without frequencies."""
        thermo = self.geometry.thermochemistry
        return None if thermo is None else self.energy + thermo.gibbs_correction_quasi_harmonic


def molecule_energy(
    name: str,
    geometry: GeometryResult,
    calculator: CalculatorSpec,
    *,
    charge: int | None = None,
    spin: int | None = None,
    folder: Path | None = None,
) -> MoleculeResult:
    """Compute the final energy of a molecule at a relaxed geometry.

    Args:
        name: name of the molecule.
        geometry: where.
        calculator: spec; of PySCF the level of energies is used. Another calculator's energy of the geometry is final.
        charge: another total charge at the same geometry, for vertical ionisation; that of the geometry when none.
        spin: its multiplicity; when none that of the geometry. With one electron more or less it is then the lower in
            energy of the two that this electron can lead to, with any other charge the lowest possible.
        folder: where the SCF keeps its orbitals; none keeps no files.

    Returns:
        The result; one of a geometry that is no minimum carries its outcome.

    Raises:
        CalculationError: the self-consistent field failed.
    """
    began = time.perf_counter()
    spins = neighbouring_spins(geometry.structure, charge) if spin is None else []
    if len(spins) > 1:
        tried = [molecule_energy(name, geometry, calculator, charge=charge, spin=s, folder=folder) for s in spins]
        lowest = min(tried, key=lambda result: result.energy)
        return lowest.model_copy(update={"seconds": time.perf_counter() - began})
    state = electronic_state(geometry.structure, charge, spin)
    check(calculator, state.to_atoms())
    shared = {
        "name": name,
        "charge": state.charge,
        "outcome": geometry.outcome,
        "reason": geometry.reason,
        "geometry": geometry,
    }
    if not isinstance(calculator, PyscfSpec):
        from ...calculators.dft.molecule import multiplicity
        from ...calculators.factory import make_calculator, record

        atoms = state.to_atoms()
        atoms.calc = make_calculator(calculator)
        energy = geometry.energy if state == geometry.structure else float(atoms.get_potential_energy())
        return MoleculeResult(
            **shared,
            spin=multiplicity(atoms),
            energy=energy,
            method=calculator.kind,
            seconds=time.perf_counter() - began,
            calculator=record(calculator),
            trust=assess(calculator, atoms),
        )
    solution, results = solved(state, calculator, folder)
    kept = None if folder is None else _keep(solution, orbitals_checkpoint(state, calculator, folder), folder)
    seconds = time.perf_counter() - began
    return MoleculeResult(**shared, orbitals_file=kept, **_electronic(state, calculator, solution, results, seconds))


def _keep(solution: Solution, path: Path, folder: Path) -> str:
    """Keep the orbitals of a solution for jobs that go on from it; return where, seen from the folder of all jobs."""
    from ...calculators.dft.wave_function import keep_orbitals

    keep_orbitals(solution.mean_field, path)
    return str(Path(folder.resolve().name) / path.relative_to(folder))


def electronic_state(structure: StructureDocument, charge: int | None, spin: int | None) -> StructureDocument:
    """Return a structure in another electronic state; the multiplicity of another charge is the lowest possible."""
    if charge is None or charge == structure.charge:
        return structure if spin is None else structure.model_copy(update={"spin": spin})
    return structure.model_copy(update={"charge": charge, "spin": spin})


def neighbouring_spins(structure: StructureDocument, charge: int | None) -> list[int]:
    """Return the multiplicities that one electron more or less can lead to; none when the charge differs otherwise.

    The lowest possible is not always among them: of high-spin Mn2+ (6) taking an electron away leaves 5, or 7, not 1.
    """
    from ...calculators.dft.molecule import electrons, multiplicity

    if charge is None or abs(charge - structure.charge) != 1:
        return []
    now = multiplicity(structure.to_atoms())
    count = electrons(structure.to_atoms()) + structure.charge - charge
    return [spin for spin in (now - 1, now + 1) if 1 <= spin <= count + 1]


def _electronic(
    structure: StructureDocument, calculator: PyscfSpec, solution: Solution, results: dict[str, Any], seconds: float
) -> dict[str, Any]:
    import numpy as np
    from ase.units import Debye

    from ...calculators.dft.molecule import deviations
    from ...calculators.dft.orbitals import frontier_orbitals
    from ...calculators.dft.solvation import estimated_radii
    from ...calculators.factory import record

    notes = [text for level in calculator.levels for text in deviations(level, structure.symbols)]
    title = calculator.energy.title + (f" // {calculator.geometry.title}" if calculator.has_single_point else "")
    return {
        "spin": solution.mean_field.mol.spin + 1,
        "energy": results["energy"],
        "method": title,
        "orbitals": frontier_orbitals(solution.mean_field),
        "dipole": float(np.linalg.norm(results["dipole"])) / Debye if structure.charge == 0 else None,
        "atomic_charges": [float(q) for q in results["charges"]],
        "atomic_spins": [float(m) for m in results["magmoms"]] if solution.mean_field.mol.spin else None,
        "spin_squared": solution.spin_squared,
        "stable": solution.stable,
        "scf": [
            f"{a.method}: {a.energy:.8f} hartree, {'converged' if a.converged else 'not converged'}"
            for a in solution.attempts
        ],
        "deviations": list(dict.fromkeys(notes)),
        "estimated_radii": estimated_radii(calculator.energy.solvent, structure.symbols),
        "seconds": seconds,
        "calculator": record(calculator),
    }


@job(output_schema=MoleculeResult)
def molecule_energy_job(
    name: str, geometry: GeometryResult, calculator: CalculatorSpec, charge: int | None = None, spin: int | None = None
) -> MoleculeResult:
    """Compute the final energy of a molecule in the job's folder."""
    return molecule_energy(name, geometry, calculator, charge=charge, spin=spin, folder=Path.cwd())
