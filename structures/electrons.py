"""Charge and multiplicity that the electrons of a structure allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import StructureError

if TYPE_CHECKING:
    from ase import Atoms


def check_electrons(atoms: Atoms, source: str) -> None:
    """Refuse a charge or a multiplicity that these atoms cannot have.

    Args:
        atoms: total charge in ``info["charge"]`` (default 0), multiplicity 2S+1 in ``info["spin"]`` (optional).
        source: where the structure comes from (a file, a label), for the message.

    Raises:
        StructureError: more electrons taken away than there are, or more added; a multiplicity below 1, above what all
            electrons unpaired would give, or of the wrong parity.
    """
    charge, spin = int(atoms.info.get("charge", 0)), atoms.info.get("spin")
    protons = int(atoms.numbers.sum())
    if abs(charge) > protons:
        shown = f"{charge:+d}" if abs(charge) < 10**6 else f"{charge:+.3g}"
        raise StructureError(f"{source}: charge {shown}, but the atoms have only {protons} electrons when neutral")
    if spin is None:
        return
    electrons = protons - charge
    if not 1 <= spin <= electrons + 1 or (electrons + spin) % 2 == 0:
        possible = [str(value) for value in range(1 + electrons % 2, electrons + 2, 2)][:3]
        more = ", ..." if electrons >= 6 else ""
        raise StructureError(
            f"{source}: multiplicity {spin} (spin, 2S+1) is impossible for {electrons} electrons (charge {charge:+d}); "
            f"possible are {', '.join(possible)}{more}"
        )
