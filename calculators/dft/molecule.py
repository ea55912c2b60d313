"""Atoms to PySCF molecules: charge, multiplicity, basis and effective core potentials, checked before any SCF."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ...errors import CapabilityError
from .levels import Level
from .library import load_pyscf

if TYPE_CHECKING:
    from ase import Atoms


def build_molecule(atoms: Atoms, level: Level, memory: int = 4000) -> Any:
    """Make a PySCF molecule.

    Args:
        atoms: the molecule; charge and multiplicity in ``info["charge"]`` and ``info["spin"]``.
        level: gives the basis.
        memory: that PySCF plans with, MB.

    Returns:
        ``pyscf.gto.Mole``, built, without symmetry.

    Raises:
        CapabilityError: an element has no such basis, or the multiplicity does not fit the number of electrons.
    """
    load_pyscf()
    from pyscf import gto

    basis = basis_of_elements(level, atoms.get_chemical_symbols())
    core_potentials = {symbol: name for symbol, name in basis.items() if _has_core_potential(name, symbol)}
    check_multiplicity(atoms)
    return gto.M(
        atom=list(zip(atoms.get_chemical_symbols(), atoms.positions.tolist(), strict=True)),
        unit="Angstrom",
        basis=basis,
        ecp=core_potentials,
        charge=int(atoms.info.get("charge", 0)),
        spin=multiplicity(atoms) - 1,
        cart=level.cartesian,
        max_memory=memory,
        verbose=0,
    )


def multiplicity(atoms: Atoms) -> int:
    """Return 2S+1: the one in ``info["spin"]``, else the lowest that the number of electrons allows."""
    spin = atoms.info.get("spin")
    return electrons(atoms) % 2 + 1 if spin is None else int(spin)


def electrons(atoms: Atoms) -> int:
    """Return the number of electrons, core included."""
    return int(atoms.numbers.sum()) - int(atoms.info.get("charge", 0))


def check_multiplicity(atoms: Atoms) -> None:
    """Refuse a multiplicity that the number of electrons does not allow.

    Raises:
        CapabilityError: parity does not fit, there are fewer electrons than unpaired ones, or a fraction is given.
    """
    for key in ("charge", "spin"):
        value = atoms.info.get(key) or 0
        if value != int(value):
            raise CapabilityError(f"{_name(atoms)}: {key} {value} is not a whole number")
    count, spin = electrons(atoms), multiplicity(atoms)
    if count >= spin - 1 >= 0 and (count - spin) % 2 == 1:
        return
    possible = "1, 3, 5, ..." if count % 2 == 0 else "2, 4, 6, ..."
    raise CapabilityError(
        f"{_name(atoms)}: {count} electrons (charge {int(atoms.info.get('charge', 0)):+d}) cannot have multiplicity "
        f"{spin}; it must be one of {possible}: set spin, or the charge"
    )


def basis_of_elements(level: Level, symbols: list[str]) -> dict[str, str]:
    """Choose the basis of each element.

    Args:
        level: names a default basis, others by element, and perhaps a fallback.
        symbols: chemical symbols.

    Returns:
        Basis name by symbol.

    Raises:
        CapabilityError: PySCF lacks the basis for an element and the level names no fallback.
    """
    chosen = {}
    for symbol in sorted(set(symbols)):
        wanted = level.basis.get(symbol, level.basis["default"])
        names = [wanted] if symbol in level.basis or level.fallback_basis is None else [wanted, level.fallback_basis]
        found = next((name for name in names if _has_basis(name, symbol)), None)
        if found is None:
            raise CapabilityError(
                f"PySCF has no basis {wanted!r} for {symbol}; name another one for it, "
                f"as in basis: {{default: {level.basis['default']}, {symbol}: def2-tzvp}}"
            )
        chosen[symbol] = found
    return chosen


def deviations(level: Level, symbols: list[str]) -> list[str]:
    """Say in which respects a calculation departs from the level as named."""
    chosen = basis_of_elements(level, symbols)
    return [
        f"{symbol}: {name} in place of {level.basis['default']}, which PySCF does not have for it"
        for symbol, name in chosen.items()
        if symbol not in level.basis and name != level.basis["default"]
    ]


@cache
def _has_basis(name: str, symbol: str) -> bool:
    import warnings

    load_pyscf()
    from pyscf import gto
    from pyscf.lib.exceptions import BasisNotFoundError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice to install another package for sets that are missing
        try:
            return bool(gto.basis.load(name, symbol))
        except (BasisNotFoundError, KeyError, ValueError):
            return False


@cache
def _has_core_potential(name: str, symbol: str) -> bool:
    """Tell whether a basis goes with an effective core potential of its name: def2 beyond krypton, LANL2DZ, -PP."""
    import warnings

    load_pyscf()
    from pyscf import gto

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(gto.basis.load_ecp(name, symbol))
        except (RuntimeError, OSError, KeyError, ValueError):
            return False


def _name(atoms: Atoms) -> str:
    return str(atoms.info.get("label") or atoms.get_chemical_formula())
