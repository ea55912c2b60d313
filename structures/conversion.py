"""The one place where structures cross between ASE and pymatgen, with charge and spin kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ase import Atoms
    from pymatgen.core import Molecule, Structure


def to_pymatgen(atoms: Atoms) -> Structure | Molecule:
    """Convert to a ``Structure`` (any periodic direction) or a ``Molecule`` (none), charge and spin included.

    Args:
        atoms: total charge in ``info["charge"]`` (default 0), multiplicity 2S+1 in ``info["spin"]`` (optional).

    Returns:
        pymatgen's object; a slab with one open direction becomes a fully periodic ``Structure``.
    """
    from pymatgen.core import Lattice, Molecule, Structure

    charge = int(atoms.info.get("charge", 0))
    if atoms.pbc.any():
        return Structure(
            Lattice(atoms.cell.array),
            atoms.get_chemical_symbols(),
            atoms.positions,
            coords_are_cartesian=True,
            charge=charge,
        )
    return Molecule(
        atoms.get_chemical_symbols(), atoms.positions, charge=charge, spin_multiplicity=atoms.info.get("spin")
    )


def from_pymatgen(structure: Structure | Molecule) -> Atoms:
    """Convert a pymatgen ``Structure`` or ``Molecule`` to atoms with ``info["charge"]`` (and ``info["spin"]``).

    ``AseAtomsAdaptor`` leaves ``info`` empty, so that the charge of a molecule is lost by the first ``copy()``.

    Args:
        structure: ordered structure or molecule.

    Returns:
        Atoms; periodic in three directions for a ``Structure``, in none for a ``Molecule``.

    Raises:
        StructureError: a site is partly occupied, or the charge is no whole number.
    """
    from ase import Atoms
    from pymatgen.core import Molecule

    from ..errors import StructureError

    if not structure.is_ordered:
        raise StructureError(f"{structure.composition.formula}: sites are partly occupied; order the structure first")
    charge = float(structure.charge or 0)
    if not charge.is_integer():
        raise StructureError(f"{structure.composition.formula}: charge {charge:g} is not a whole number")
    symbols = [site.specie.symbol for site in structure]
    if isinstance(structure, Molecule):
        atoms = Atoms(symbols, positions=structure.cart_coords)
        atoms.info["spin"] = int(structure.spin_multiplicity)
    else:
        atoms = Atoms(symbols, positions=structure.cart_coords, cell=structure.lattice.matrix, pbc=True)
    atoms.info["charge"] = int(charge)
    return atoms
