"""PySCF at the zone centre of a periodic cell: insulators in cells large enough to do without k-points."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.calculators.calculator import Calculator, all_changes

from ...errors import CapabilityError, ScfNotConvergedError
from .library import load_pyscf
from .molecule import electrons, multiplicity

if TYPE_CHECKING:
    from ase import Atoms

    from ..kinds.pyscf_gamma import PyscfGammaSpec

logger = logging.getLogger(__name__)

SHORTEST_REPEAT = 7.0
"""Distance between lattice planes, angstrom, below which the zone centre alone does not stand for the whole zone: at
this one it is what a 2 x 2 mesh is to an oxide cell of 3.5 angstrom."""
SMALLEST_GAP = 0.3
"""Gap at the zone centre, eV, below which a system counts as a metal, whose occupations need k-points and smearing."""
TOLERANCE = 1e-8
"""Energy change at convergence, hartree per cell."""


class PyscfGammaCalculator(Calculator):  # type: ignore[misc]
    """Energy and forces of a neutral insulator at the zone centre (Gaussian and plane waves, 10.1063/5.0006074).

    GTH pseudopotentials (10.1103/PhysRevB.54.1703), MOLOPT basis sets (10.1063/1.2770708), the density on multigrids.
    Multiplicity is read from ``atoms.info["spin"]``. The density of a geometry is the first guess of the next.

    Its limits: no k-points, so no small cells and no metals; no charged cells; no stress, so no relaxation of a cell;
    no hybrid functionals; vacuum costs as much as matter. A layer of V2O5 takes minutes. For anything beyond, name
    CP2K or a plane-wave code as an ASE calculator.

    Args:
        spec: functional, basis, cutoff.
    """

    implemented_properties = ("energy", "free_energy", "forces")

    def __init__(self, spec: PyscfGammaSpec) -> None:
        super().__init__()
        self.spec = spec
        self.results: dict[str, Any] = {}
        self.mean_field: Any = None
        self._system: tuple[Any, ...] = ()

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: list[str] | None = None,
        system_changes: list[str] = all_changes,
    ) -> None:
        """Converge the SCF at a new geometry, and its gradient where forces are asked for.

        Raises:
            CapabilityError: the cell is too small or charged, an element has no basis, or there is no gap.
            ScfNotConvergedError: the SCF did not converge.
        """
        from ase.units import Bohr, Hartree

        super().calculate(atoms, properties, system_changes)
        if system_changes or not self.results:
            self.mean_field = self._converged()
            energy = float(self.mean_field.e_tot) * Hartree
            self.results = {"energy": energy, "free_energy": energy}
        if "forces" in (properties or ()):
            gradient = np.asarray(self.mean_field.nuc_grad_method().kernel())
            self.results["forces"] = gradient * (-Hartree / Bohr)

    def check_state(self, atoms: Atoms, tol: float = 1e-15) -> list[str]:
        """Count a change of charge or multiplicity as a change of the system; ASE compares neither."""
        changes: list[str] = super().check_state(atoms, tol)
        if self.atoms is not None and _electronic(atoms) != _electronic(self.atoms):
            changes.append("initial_magmoms")
        return changes

    def _converged(self) -> Any:
        check_cell(self.spec, self.atoms)
        system = (*self.atoms.symbols, *_electronic(self.atoms))
        density = self.mean_field.make_rdm1() if self.mean_field is not None and system == self._system else None
        self._system = system
        field = _mean_field(self.atoms, self.spec)
        field.kernel(dm0=density)
        if not field.converged:
            logger.info("%s: SCF not converged, damped", _name(self.atoms))
            field = _damped(field, _mean_field(self.atoms, self.spec))
        if not field.converged:
            raise ScfNotConvergedError(
                f"{_name(self.atoms)}: the SCF at the zone centre did not converge in {self.spec.max_cycles} cycles; "
                "check structure and multiplicity; a metal needs a code with k-points and smearing"
            )
        gap = band_gap(field)
        if gap < SMALLEST_GAP:
            raise CapabilityError(
                f"{_name(self.atoms)}: the gap at the zone centre is {gap:.2f} eV: a metal, or near one; "
                "pyscf-gamma computes insulators only; take CP2K or a plane-wave code"
            )
        return field


def check_cell(spec: PyscfGammaSpec, atoms: Atoms) -> None:
    """Refuse a cell that the zone centre alone does not describe, before any SCF.

    Args:
        spec: gives basis and pseudopotentials.
        atoms: with three cell vectors.

    Raises:
        CapabilityError: the cell is too small, or an element has no basis or pseudopotential.
    """
    repeats = 1 / np.linalg.norm(atoms.cell.reciprocal(), axis=1)
    if repeats.min() < SHORTEST_REPEAT:
        raise CapabilityError(
            f"{_name(atoms)}: the cell repeats after {repeats.min():.2f} angstrom; pyscf-gamma has no k-points and "
            f"needs {SHORTEST_REPEAT:g} in every direction; repeat the cell, or take CP2K or a plane-wave code"
        )
    for symbol in sorted(set(atoms.get_chemical_symbols())):
        if not _has_both(symbol, spec.basis, spec.pseudopotential):
            raise CapabilityError(f"PySCF has no basis {spec.basis!r} with {spec.pseudopotential!r} for {symbol}")


def band_gap(mean_field: Any) -> float:
    """Return the difference of the highest occupied and the lowest empty level at the zone centre, eV."""
    from ase.units import Hartree

    levels, occupations = np.ravel(mean_field.mo_energy), np.ravel(mean_field.mo_occ)
    return float((levels[occupations == 0].min() - levels[occupations > 0].max()) * Hartree)


def _mean_field(atoms: Atoms, spec: PyscfGammaSpec) -> Any:
    load_pyscf()
    from pyscf.pbc import dft, gto

    cell = gto.Cell()
    cell.atom = list(zip(atoms.get_chemical_symbols(), atoms.positions.tolist(), strict=True))
    cell.a, cell.unit = atoms.cell.array, "Angstrom"
    cell.basis, cell.pseudo, cell.ke_cutoff = spec.basis, spec.pseudopotential, spec.cutoff
    cell.spin = multiplicity(atoms) - 1
    cell.max_memory, cell.verbose = spec.memory, 0
    cell.build(dump_input=False, parse_arg=False)
    field = (dft.RKS if cell.spin == 0 else dft.UKS)(cell)
    field.xc = spec.functional
    field = field.multigrid_numint()
    field.conv_tol, field.max_cycle, field.chkfile = TOLERANCE, spec.max_cycles, None
    return field


def _damped(failed: Any, fresh: Any) -> Any:
    """Converge with level shift and damping first, then without from there."""
    shifted = fresh.copy()
    shifted.level_shift, shifted.damp, shifted.conv_tol = 0.4, 0.3, 1e-5
    shifted.kernel(dm0=failed.make_rdm1())
    fresh.kernel(dm0=shifted.make_rdm1())
    return fresh


@cache
def _has_both(symbol: str, basis: str, pseudopotential: str) -> bool:
    load_pyscf()
    from pyscf.lib.exceptions import BasisNotFoundError
    from pyscf.pbc.gto.basis import load as load_basis
    from pyscf.pbc.gto.pseudo import load as load_pseudopotential

    try:
        return bool(load_basis(basis, symbol)) and bool(load_pseudopotential(pseudopotential, symbol))
    except (BasisNotFoundError, KeyError):
        return False


def _electronic(atoms: Atoms) -> tuple[int, Any]:
    return electrons(atoms), atoms.info.get("spin")


def _name(atoms: Atoms) -> str:
    return str(atoms.info.get("label") or atoms.get_chemical_formula())
