"""GFN2-xTB as an ASE calculator that takes charge and multiplicity from the atoms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ase.calculators.calculator import Calculator, all_changes

from ..errors import CalculationError
from .dft.molecule import multiplicity

if TYPE_CHECKING:
    from ase import Atoms

    from .kinds.xtb import XtbSpec


class XtbCalculator(Calculator):  # type: ignore[misc]
    """Energy and forces of a molecule by tblite; charge and multiplicity from ``atoms.info`` at every geometry.

    Args:
        spec: method and solvent.
    """

    implemented_properties = ("energy", "free_energy", "forces", "dipole", "charges")

    def __init__(self, spec: XtbSpec) -> None:
        super().__init__()
        self.spec = spec

    def check_state(self, atoms: Atoms, tol: float = 1e-15) -> list[str]:
        """Count a change of charge or multiplicity as a change of the system; ASE compares neither."""
        changes: list[str] = super().check_state(atoms, tol)
        if self.atoms is not None and _electronic(atoms) != _electronic(self.atoms):
            changes.append("initial_charges")
        return changes

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Compute everything anew at a geometry; it takes milliseconds.

        Raises:
            CalculationError: the charges did not converge.
        """
        super().calculate(atoms, properties, system_changes)
        from tblite.ase import TBLite

        solvation = {} if self.spec.solvent is None else {"solvation": ("alpb", self.spec.solvent)}
        bare = self.atoms.copy()
        bare.calc = TBLite(
            method=self.spec.method,
            charge=int(self.atoms.info.get("charge", 0)),
            multiplicity=multiplicity(self.atoms),
            verbosity=0,
            **solvation,
        )
        self.results = _results(bare)


def _electronic(atoms: Atoms) -> tuple[object, object]:
    return atoms.info.get("charge", 0), atoms.info.get("spin")


def _results(atoms: Any) -> dict[str, Any]:
    try:
        energy = float(atoms.get_potential_energy())
    except Exception as error:  # tblite raises ASE's bare InputError or RuntimeError for a failed SCF
        raise CalculationError(
            f"{atoms.info.get('label') or atoms.get_chemical_formula()}: xTB failed: {error}"
        ) from error
    return {
        "energy": energy,
        "free_energy": energy,
        "forces": atoms.get_forces(),
        "dipole": atoms.get_dipole_moment(),
        "charges": atoms.get_charges(),
    }
