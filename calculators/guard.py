"""The check before every calculation: can this calculator compute these atoms at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import CapabilityError, StructureError
from .capabilities import Capabilities
from .dft.molecule import check_multiplicity, multiplicity

if TYPE_CHECKING:
    from ase import Atoms

    from .specs import AnyMethod, AnySpec


def check(spec: AnyMethod, atoms: Atoms) -> None:
    """Refuse atoms that the calculator would turn into a meaningless number.

    Args:
        spec: the calculator; of a corrected one both methods have to pass.
        atoms: the system; total charge in ``info["charge"]``, a name for messages in ``info["label"]``.

    Raises:
        CapabilityError: wrong total charge, boundary conditions or elements, an atom without neighbours, an element
            without the basis, a multiplicity that the number of electrons forbids or the calculator does not
            know, an unknown functional or solvent, a
            cell too small to do without k-points.
        StructureError: a periodic direction has no cell vector.
    """
    for method in spec.methods():
        _check_method(method, atoms)


def _check_method(spec: AnySpec, atoms: Atoms) -> None:
    limits = spec.capabilities()
    system = str(atoms.info.get("label") or atoms.get_chemical_formula(empirical=False))
    _check_charge(limits, atoms, system, spec.kind)
    _check_elements(limits, atoms, system, spec.kind)
    _check_boundaries(limits, atoms, system, spec.kind)
    _check_neighbours(limits, atoms, system, spec.kind)
    _check_spin(limits, atoms, system, spec.kind)
    spec.check(atoms)


def _check_charge(limits: Capabilities, atoms: Atoms, system: str, kind: str) -> None:
    charge = atoms.info.get("charge", 0)
    if limits.charges is None or charge in limits.charges:
        _check_ion_charges(limits, atoms, system, kind)
        return
    blind = ": its energy would not depend on the charge" if limits.charges == {0} else ""
    raise CapabilityError(
        f"{system}: total charge {charge:+g}, but calculator {kind} knows only {listed(limits.charges)}{blind}; use a "
        "calculator that carries charge, or a neutral system"
    )


def _check_ion_charges(limits: Capabilities, atoms: Atoms, system: str, kind: str) -> None:
    """Compare the total charge with that of the ions, where a calculator knows atoms in one oxidation state only."""
    if limits.ion_charges is None:
        return
    symbols = atoms.get_chemical_symbols()
    charge = sum(limits.ion_charges.get(symbol, 0) for symbol in symbols)
    if charge != atoms.info.get("charge", 0):
        ions = ", ".join(f"{symbol} of charge {number:+d}" for symbol, number in limits.ion_charges.items())
        stated = frozenset({int(atoms.info.get("charge", 0))})
        raise CapabilityError(
            f"{system}: total charge {listed(stated)}, but calculator {kind} knows only {ions} beside neutral "
            f"molecules, which makes {listed(frozenset({charge}))} here"
        )


def _check_spin(limits: Capabilities, atoms: Atoms, system: str, kind: str) -> None:
    if not limits.reads_spin:
        return
    check_multiplicity(atoms)
    if limits.multiplicities is not None and multiplicity(atoms) not in limits.multiplicities:
        raise CapabilityError(
            f"{system}: multiplicity {multiplicity(atoms)}, but calculator {kind} knows only "
            f"{min(limits.multiplicities)} to {max(limits.multiplicities)}"
        )


def listed(charges: frozenset[int]) -> str:
    """Write charges as a range where there is no gap."""
    numbers = sorted(charges)
    names = [f"{number:+d}" if number else "0" for number in numbers]
    if len(numbers) > 3 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{names[0]} to {names[-1]}"
    return ", ".join(names)


def _check_elements(limits: Capabilities, atoms: Atoms, system: str, kind: str) -> None:
    if limits.elements is None:
        return
    unseen = sorted(set(atoms.get_chemical_symbols()) - limits.elements)
    if unseen:
        covered = ", ".join(sorted(limits.elements)) if len(limits.elements) <= 12 else f"{len(limits.elements)}"
        raise CapabilityError(
            f"{system}: calculator {kind} has never seen {', '.join(unseen)} (elements it covers: {covered})"
        )


def _check_boundaries(limits: Capabilities, atoms: Atoms, system: str, kind: str) -> None:
    for axis, periodic in zip("abc", atoms.pbc, strict=True):
        if periodic and not atoms.cell["abc".index(axis)].any():
            raise StructureError(f"{system}: periodic along {axis} but has no cell vector there; give it a cell")
    if limits.periodic is True and not atoms.pbc.all():
        advice = "" if atoms.pbc.any() else ", or let pyscf or xtb compute it"
        raise CapabilityError(
            f"{system}: calculator {kind} needs three periodic directions; put the system in a box and set pbc{advice}"
        )
    if limits.periodic is False and atoms.pbc.any():
        raise CapabilityError(f"{system}: is periodic, but calculator {kind} computes molecules only")


def _check_neighbours(limits: Capabilities, atoms: Atoms, system: str, kind: str) -> None:
    if limits.cutoff is None:
        return
    from ase.neighborlist import neighbor_list

    lone = sorted(set(range(len(atoms))) - {int(i) for i in neighbor_list("i", atoms, limits.cutoff)})
    if lone:
        raise CapabilityError(
            f"{system}: atom {lone[0]} ({atoms[lone[0]].symbol}) has no neighbour within {limits.cutoff:g} angstrom; "
            f"calculator {kind} gives a lone atom no meaningful energy; use a bulk reference with a documented "
            "cohesive energy"
        )
