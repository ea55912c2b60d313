"""Converged orbitals in a file, and the density that they make: what needs it need not converge it again."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger(__name__)

SAME_ENERGY = 1e-6
"""Solutions closer than this, hartree, are the same."""
LOST_CHARGE = 1e-6
"""Electrons that a kept density may differ by from those of its molecule."""


def keep_orbitals(mean_field: Any, path: Path) -> None:
    """Write the orbitals of a converged mean field in PySCF's format; they replace those of its last attempt."""
    from pyscf.scf import chkfile

    orbitals = (mean_field.mo_energy, mean_field.mo_coeff, mean_field.mo_occ)
    chkfile.dump_scf(mean_field.mol, str(path), mean_field.e_tot, *orbitals)


def kept_density(path: Path, molecule: Any, energy: float) -> np.ndarray | None:
    """Return the total density matrix of kept orbitals.

    Args:
        path: that [`keep_orbitals`][] wrote.
        molecule: PySCF molecule.
        energy: of the solution that is wanted, hartree.

    Returns:
        Matrix of both spins together, shape (orbitals, orbitals); none when there is no file, when it is damaged, or of
        another solution or molecule.
    """
    import numpy as np
    from pyscf import lib

    if not path.is_file():
        return None
    try:
        kept = lib.chkfile.load(str(path), "scf")
        coefficients, occupations = np.asarray(kept["mo_coeff"]), np.asarray(kept["mo_occ"])
        spins = zip(coefficients, occupations, strict=True) if coefficients.ndim == 3 else [(coefficients, occupations)]
        density = sum((orbitals * filled) @ orbitals.T for orbitals, filled in spins)
        electrons = float(np.sum(density * molecule.intor("int1e_ovlp")))
        fits = abs(electrons - molecule.nelectron) < LOST_CHARGE and abs(kept["e_tot"] - energy) < SAME_ENERGY
    except (OSError, KeyError, TypeError, ValueError) as error:
        logger.warning("%s cannot be read (%s); the SCF starts anew", path, error)
        return None
    return np.asarray(density) if fits else None
