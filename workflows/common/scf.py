"""Self-consistent fields of structures at the level of energies, converged once: a job's folder keeps the orbitals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...calculators.kinds.pyscf import PyscfSpec
from ...structures.documents import StructureDocument
from .results import fingerprint

if TYPE_CHECKING:
    from ...calculators.dft.scf import Solution


def solved(
    structure: StructureDocument,
    calculator: PyscfSpec,
    folder: Path | None,
    stability: Literal["none", "all"] = "all",
) -> tuple[Solution, dict[str, Any]]:
    """Converge the SCF of a structure at the level of energies.

    Args:
        structure: with charge and multiplicity.
        calculator: spec.
        folder: where the orbitals are kept; none keeps no files.
        stability: whether it is analysed, which takes longer than the SCF itself.

    Returns:
        The solution, and the results of ``PyscfCalculator``.
    """
    from ...calculators.dft.calculator import PyscfCalculator

    checkpoint = None if folder is None else orbitals_checkpoint(structure, calculator, folder)
    atoms = structure.to_atoms()
    atoms.calc = PyscfCalculator(calculator, calculator.energy, checkpoint, stability)
    atoms.get_potential_energy()
    assert atoms.calc.solution is not None  # it has an energy
    return atoms.calc.solution, atoms.calc.results


def orbitals_checkpoint(structure: StructureDocument, calculator: PyscfSpec, folder: Path) -> Path:
    """Return where the orbitals of a structure are kept in a folder, which is made."""
    path = folder / "checkpoints" / f"scf-{fingerprint(structure, calculator)}.chk"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
