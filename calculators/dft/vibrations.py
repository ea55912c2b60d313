"""Force constants of a converged mean field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def hessian(mean_field: Any) -> np.ndarray:
    """Return analytic second derivatives of the energy, eV/angstrom^2, shape (3N, 3N).

    Args:
        mean_field: converged; with density fitting, solvent and dispersion as it has them.
    """
    import numpy as np
    from ase.units import Bohr, Hartree

    blocks = np.asarray(mean_field.Hessian().kernel())
    atoms = mean_field.mol.natm
    return blocks.transpose(0, 2, 1, 3).reshape(3 * atoms, 3 * atoms) * (Hartree / Bohr**2)
