"""How commands describe a structure in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ase import Atoms


def describe(atoms: Atoms) -> str:
    """Describe a structure by its formula and what else tells it from others of that formula.

    Args:
        atoms: the structure.

    Returns:
        Formula, number of atoms, then lengths of the cell, angstrom, or of a molecule its charge and multiplicity. The
        charge of a crystal or a slab is named when there is one.
    """
    size = f"{atoms.get_chemical_formula()}, {len(atoms)} atoms"
    charge = int(atoms.info.get("charge", 0))
    signed = f"{charge:+d}" if charge else "0"
    if not atoms.pbc.any():
        from ..calculators.dft.molecule import multiplicity

        return f"{size}, charge {signed}, multiplicity {multiplicity(atoms)}"
    lengths = " x ".join(f"{length:.2f}" for length in atoms.cell.lengths())
    return f"{size}, {lengths} angstrom" + (f", charge {signed}" if charge else "")
