"""What CP2K's files of basis sets and pseudopotentials say of the size of a calculation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from math import log, pi
from typing import TYPE_CHECKING, NamedTuple

from ase.units import Bohr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEGLECTED = 1e-12
"""Values of basis functions below which CP2K leaves them out, its EPS_DEFAULT here."""


class AtomBasis(NamedTuple):
    """The basis set of an atom.

    Attributes:
        functions: their number.
        exponent: smallest of its Gaussians, which reaches farthest, 1/bohr^2.
    """

    functions: int
    exponent: float

    @property
    def reach(self) -> float:
        """Distance at which its last function is neglected, bohr."""
        return float((-log(NEGLECTED) / self.exponent) ** 0.5)


@cache
def atom_basis(file: Path, element: str, name: str) -> AtomBasis:
    """Read the basis set of an element.

    Args:
        file: of basis sets in CP2K's form.
        element: chemical symbol.
        name: of the basis set; the file has it.
    """
    lines = _entry(file, element, name)
    functions, smallest = 0, float("inf")
    for _ in range(int(next(lines)[0])):
        _, lowest, highest, exponents, *shells = map(int, next(lines))
        functions += sum(
            number * (2 * momentum + 1) for momentum, number in zip(range(lowest, highest + 1), shells, strict=True)
        )
        smallest = min(smallest, *(float(next(lines)[0]) for _ in range(exponents)))
    return AtomBasis(functions, smallest)


def products_on_grid(atoms: Iterable[AtomBasis], volume: float, density: float) -> float:
    """Return the values that products of basis functions have on the grid, of all pairs that overlap in a crystal.

    Args:
        atoms: basis set of each atom of the cell.
        volume: of the cell, angstrom^3.
        density: grid points, 1/angstrom^3.
    """
    counts = Counter(atoms)
    cell, points = volume / Bohr**3, density * Bohr**3
    products = 0.0
    for one, ones in counts.items():
        for other, others in counts.items():
            pairs = ones * others * 4 / 3 * pi * (one.reach + other.reach) ** 3 / cell
            products += pairs * one.functions * other.functions * points / (one.exponent + other.exponent) ** 1.5
    return products


@cache
def valence_electrons(file: Path, element: str, name: str) -> int:
    """Return how many electrons an atom has beside its pseudopotential.

    Args:
        file: of pseudopotentials in CP2K's form.
        element: chemical symbol.
        name: of the pseudopotential; the file has it.
    """
    return sum(map(int, next(_entry(file, element, name))))


def _entry(file: Path, element: str, name: str) -> Iterator[list[str]]:
    """Yield the words of the lines behind the head of an entry."""
    lines = (line.split() for line in file.read_text(encoding="utf-8", errors="replace").splitlines())
    for words in lines:
        if words[:1] == [element] and name in words[1:]:
            break
    return lines
