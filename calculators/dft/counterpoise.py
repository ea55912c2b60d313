"""Basis-set superposition error of a complex of two fragments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from ...errors import CapabilityError
from .levels import Level
from .molecule import basis_of_elements, build_molecule
from .scf import solve

if TYPE_CHECKING:
    from ase import Atoms

    from ..kinds.pyscf import PyscfSpec


class CounterpoiseCorrection(BaseModel):
    """By how much each fragment is lowered by the basis functions of the other one; both negative or zero."""

    first: float = Field(description="E(first in the basis of the complex) - E(first in its own basis), eV")
    second: float = Field(description="the same for the second fragment, eV")

    @property
    def total(self) -> float:
        """Sum of both, eV."""
        return self.first + self.second


def counterpoise(
    atoms: Atoms, first: list[int], spec: PyscfSpec, charges: tuple[int, int], multiplicities: tuple[int, int]
) -> CounterpoiseCorrection:
    """Compute the counterpoise correction of a complex (S. F. Boys, F. Bernardi, 10.1080/00268977000101561).

    Both fragments at their geometry in the complex, each with and without the basis functions of the other. Dispersion
    corrections do not see basis functions and cancel, so that they are left out.

    Args:
        atoms: the complex.
        first: indices of the first fragment; the other atoms are the second.
        spec: its level of energies is used.
        charges: of the two fragments.
        multiplicities: 2S+1 of the two fragments.

    Returns:
        The correction; to a binding energy its total is subtracted.

    Raises:
        CapabilityError: the level has a solvent, whose cavity would differ between fragment and complex.
    """
    if spec.energy.solvent is not None:
        raise CapabilityError(
            "a counterpoise correction is defined in the gas phase; take the solvent away from energy"
        )
    level = spec.energy.model_copy(update={"dispersion": None})
    second = [i for i in range(len(atoms)) if i not in first]
    changes = [
        _lowering(atoms, fragment, level, spec, charge, spin)
        for fragment, charge, spin in zip((first, second), charges, multiplicities, strict=True)
    ]
    return CounterpoiseCorrection(first=changes[0], second=changes[1])


def _lowering(atoms: Atoms, fragment: list[int], level: Level, spec: PyscfSpec, charge: int, spin: int) -> float:
    from ase.units import Hartree

    alone = atoms[fragment]
    alone.info = {"charge": charge, "spin": spin}
    name = f"{alone.get_chemical_formula()} in a complex"
    bare = build_molecule(alone, level, spec.memory)
    basis = basis_of_elements(level, atoms.get_chemical_symbols())
    ghosts = [
        (f"ghost-{atoms.symbols[i]}", atoms.positions[i].tolist()) for i in range(len(atoms)) if i not in fragment
    ]
    dressed = bare.copy()
    dressed.atom = [*bare.atom, *ghosts]
    dressed.basis = basis | {f"ghost-{symbol}": name for symbol, name in basis.items()}
    dressed.build(dump_input=False, parse_arg=False)
    energies = [float(solve(molecule, level, spec, name=name).mean_field.e_tot) for molecule in (dressed, bare)]
    return (energies[0] - energies[1]) * float(Hartree)
