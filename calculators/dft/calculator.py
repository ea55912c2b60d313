"""PySCF as an ASE calculator for molecules and clusters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ase.calculators.calculator import Calculator, all_changes

from .levels import Level
from .molecule import build_molecule
from .scf import Solution, solve

if TYPE_CHECKING:
    import numpy as np
    from ase import Atoms

    from ..kinds.pyscf import PyscfSpec


class PyscfCalculator(Calculator):  # type: ignore[misc]
    """Energy, forces, dipole moment, atomic charges and magnetic moments of a molecule.

    Charge and multiplicity are read from ``atoms.info["charge"]`` and ``atoms.info["spin"]`` at every geometry. The
    density of a geometry is the first guess of the next. The stability of the self-consistent field is analysed at the
    first geometry, where ``stability`` asks for it; later geometries follow the solution found there.

    Atomic charges and moments are those of a Mulliken analysis in meta-Loewdin orthogonalised atomic orbitals, which
    diffuse functions do not spoil (10.1063/1.4998614).

    Args:
        spec: the calculator.
        level: which of its levels of theory; that of geometries when none.
        checkpoint: file for the orbitals of the running SCF, so that a killed one goes on; none keeps no file.
        stability: of which molecules it is analysed, where [`solve`][] does not take it for granted.
    """

    implemented_properties = ("energy", "free_energy", "forces", "dipole", "charges", "magmoms")

    def __init__(
        self,
        spec: PyscfSpec,
        level: Level | None = None,
        checkpoint: Path | None = None,
        stability: Literal["none", "open shells", "all"] = "open shells",
    ) -> None:
        super().__init__()
        self.spec = spec
        self.level = level or spec.levels[0]
        self.checkpoint = checkpoint
        self.stability = stability
        self.solution: Solution | None = None
        self.results: dict[str, Any] = {}
        self._system: tuple[Any, ...] = ()

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Converge the SCF at a new geometry, and its gradient where forces are asked for."""
        super().calculate(atoms, properties, system_changes)
        wanted = properties or ["energy"]
        if system_changes or self.solution is None or not self.results:
            self.solution = self._solve()
            self.results = _scf_results(self.solution.mean_field)
        if "forces" in wanted:
            self.results["forces"] = forces(self.solution.mean_field)

    def check_state(self, atoms: Atoms, tol: float = 1e-15) -> list[str]:
        """Count a change of charge or multiplicity as a change of the system; ASE compares neither."""
        changes: list[str] = super().check_state(atoms, tol)
        if self.atoms is not None and _electronic(atoms) != _electronic(self.atoms):
            changes.append("initial_charges")
        return changes

    def _solve(self) -> Solution:
        molecule = build_molecule(self.atoms, self.level, self.spec.memory)
        system = (tuple(self.atoms.numbers), *_electronic(self.atoms))
        same = self.solution is not None and system == self._system
        self._system = system
        return solve(
            molecule,
            self.level,
            self.spec,
            name=str(self.atoms.info.get("label") or self.atoms.get_chemical_formula()),
            guess=self.solution.mean_field.make_rdm1() if same and self.solution is not None else None,
            checkpoint=self.checkpoint,
            check_stability=not same and self._analysed(molecule),
        )

    def _analysed(self, molecule: Any) -> bool:
        """Tell whether the stability of a molecule's field is to be looked at."""
        open_shell = molecule.spin > 0 or self.spec.reference == "unrestricted"
        return self.stability == "all" or (self.stability == "open shells" and open_shell)


def forces(mean_field: Any) -> np.ndarray:
    """Return analytic forces of a converged mean field, eV/angstrom, shape (atoms, 3)."""
    import numpy as np
    from ase.units import Bohr, Hartree

    return np.asarray(mean_field.nuc_grad_method().kernel()) * float(-Hartree / Bohr)


def _scf_results(field: Any) -> dict[str, Any]:
    from ase.units import Debye, Hartree

    energy = float(field.e_tot) * Hartree
    density = field.make_rdm1()
    _, charges = field.mulliken_meta(field.mol, density, verbose=0)
    return {
        "energy": energy,
        "free_energy": energy,
        "dipole": field.dip_moment(field.mol, density, unit="Debye", verbose=0) * Debye,
        "charges": charges,
        "magmoms": _atomic_spins(field, density),
    }


def _atomic_spins(field: Any, density: np.ndarray) -> np.ndarray:
    """Return unpaired electrons on each atom from a Loewdin analysis of the spin density."""
    import numpy as np
    from pyscf import lo

    atoms = field.mol.natm
    if np.ndim(density) == 2:
        return np.zeros(atoms)
    orbitals = lo.orth_ao(field.mol, "meta_lowdin")
    inverse = np.linalg.solve(orbitals.T @ field.get_ovlp() @ orbitals, orbitals.T @ field.get_ovlp())
    spin = np.diag(inverse @ (density[0] - density[1]) @ inverse.T)
    return np.array([spin[first:last].sum() for first, last in field.mol.aoslice_by_atom()[:, 2:]])


def _electronic(atoms: Atoms) -> tuple[Any, Any]:
    return atoms.info.get("charge", 0), atoms.info.get("spin")
