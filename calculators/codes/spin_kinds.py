"""Atoms of one element with different initial moments, which codes that know moments of kinds take for two kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ase import Atoms


class Kind(NamedTuple):
    """What atoms have in common that begin alike.

    Attributes:
        element: chemical symbol.
        moment: initial moment, Bohr magnetons.
    """

    element: str
    moment: float


def kinds_of_atoms(atoms: Atoms, moments: list[float]) -> dict[str, Kind]:
    """Name each element, and each initial moment of one, a kind of its own: Zn, or Mn1 and Mn2.

    Args:
        atoms: the structure.
        moments: initial moments of its atoms, Bohr magnetons.

    Returns:
        Kinds by name, in the order in which the atoms bring them.
    """
    found = list(dict.fromkeys(map(Kind, map(str, atoms.symbols), moments)))
    named = {}
    for kind in found:
        same = [other for other in found if other.element == kind.element]
        named[kind.element if len(same) == 1 else f"{kind.element}{same.index(kind) + 1}"] = kind
    return named
