"""Force constants by PySCF: analytic where it has them, else differences of its analytic forces."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import CapabilityError
from ..vibrations import finite_difference_hessian

if TYPE_CHECKING:
    import numpy as np
    from ase import Atoms

    from .calculator import PyscfCalculator

logger = logging.getLogger(__name__)


def force_constants(atoms: Atoms, calculator: PyscfCalculator, checkpoint: Path | None = None) -> np.ndarray:
    """Compute force constants analytically, or by central differences of forces where PySCF cannot.

    Args:
        atoms: geometry; not changed.
        calculator: its level of theory is used.
        checkpoint: file from which killed differences go on; analytic force constants have none.

    Returns:
        Second derivatives of the energy, eV/angstrom^2, shape (3N, 3N).
    """
    calculator.get_potential_energy(atoms)
    solution: Any = calculator.solution
    field = solution.mean_field
    reason = missing_part(field)
    if reason is None:
        return hessian(field)
    logger.info("%s: force constants from differences of forces: %s", atoms.get_chemical_formula(), reason)
    return finite_difference_hessian(atoms, calculator, checkpoint=checkpoint)


def hessian(mean_field: Any) -> np.ndarray:
    """Return analytic second derivatives of the energy, eV/angstrom^2, symmetric, shape (3N, 3N).

    Density fitting, continuum solvents and dispersion are part of them; PySCF differentiates forces of D3 numerically.
    Sums over translations vanish only as far as the integration grid is complete, which projecting them out repairs.

    Args:
        mean_field: converged, restricted closed-shell or unrestricted.

    Raises:
        CapabilityError: PySCF has no analytic second derivatives of this; take ``force_constants``.
    """
    import numpy as np
    from ase.units import Bohr, Hartree

    reason = missing_part(mean_field)
    if reason is not None:
        raise CapabilityError(f"no analytic force constants: {reason}; take differences of forces")
    blocks = np.asarray(mean_field.Hessian().kernel())
    atoms = mean_field.mol.natm
    matrix = blocks.transpose(0, 2, 1, 3).reshape(3 * atoms, 3 * atoms) * (Hartree / Bohr**2)
    return np.asarray((matrix + matrix.T) / 2)


def missing_part(mean_field: Any) -> str | None:
    """Say what PySCF lacks for analytic second derivatives of a mean field; none when it has all."""
    from pyscf import scf

    if isinstance(mean_field, scf.rohf.ROHF):
        return "PySCF has none for restricted open shells"
    if hasattr(mean_field, "xc") and mean_field.do_nlc():
        return "PySCF has none for functionals with non-local correlation"
    return None
