"""Bonds by the identity of their atoms, followed through a sequence of structures without flicker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Self

import numpy as np
from ase.neighborlist import primitive_neighbor_list
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..errors import StructureError
from .bond_criteria import BondCriteria

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray
EDGE = 1e-9
"""Distances are known to no more than this, angstrom: what lies on a limit is on one side of it on every machine."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bond(_Document):
    """A bond between two atoms of a host.

    The image belongs to the identity because in narrow cells one atom binds several images of another: the oxygen of a
    1x1 cell of Ti3C2O2 has three bonds to one and the same titanium.
    """

    first: int = Field(description="index of one atom")
    second: int = Field(description="index of the other, not smaller")
    offset: tuple[int, int, int] = Field((0, 0, 0), description="cells from the first atom's to the second's")
    symbols: tuple[str, str] = Field(description="their elements")

    @property
    def label(self) -> str:
        """The atoms, such as V3-O17."""
        return f"{self.symbols[0]}{self.first}-{self.symbols[1]}{self.second}"

    @property
    def key(self) -> tuple[int, int, tuple[int, int, int]]:
        """What bonds are ordered by."""
        return (self.first, self.second, self.offset)


Bonds = tuple[Bond, ...]
"""Bonds in the order of their atoms."""


class Interface(_Document):
    """Which atoms of a host are on which side: a bond between the two sides is an interface bond."""

    film: tuple[int, ...] = Field(min_length=1, description="indices of the active layer or cluster")
    support: tuple[int, ...] = Field(description="indices of what carries it; empty for a host that nothing carries")

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        both = sorted(set(self.film) & set(self.support))
        if both or min(self.film + self.support) < 0:
            raise ValueError(f"film and support share atoms {both}" if both else "indices of atoms are not negative")
        return self


class BondState(_Document):
    """The bonds of one structure of a sequence, against those of its first."""

    intact: Bonds = Field(description="bonds of the first structure that are there")
    broken: Bonds = Field(description="bonds of the first structure that are not")
    reformed: Bonds = Field(description="of the intact ones, those that some structure before had broken")
    new: Bonds = Field(description="bonds that the first structure does not have")

    @property
    def unchanged(self) -> bool:
        """Whether the bonds are the same as those of the first structure."""
        return not self.broken and not self.new


def follow_bonds(
    structures: Sequence[Atoms],
    criteria: BondCriteria = BondCriteria(),  # noqa: B008 - frozen
    interface: Interface | None = None,
) -> list[BondState]:
    """Follow the bonds of a host through a sequence of structures.

    A bond between its two distances keeps the state that it had in the structure before; in the first structure it
    counts as not formed. Atoms that a file or code has moved to another cell, or a shift of everything, change nothing.

    Args:
        structures: the host first; then with the same atoms in the same order, further atoms only after them.
        criteria: when bonds form and break.
        interface: follow the bonds between the two sides only; all bonds when none.

    Returns:
        One state per structure.

    Raises:
        StructureError: the atoms of a structure do not begin with those of the first.
    """
    host = structures[0]
    _check_sides(host, interface)
    bonds: frozenset[Bond] = frozenset()
    reference: frozenset[Bond] = frozenset()
    lost: frozenset[Bond] = frozenset()
    places = fractional_positions(host, len(host))
    states: list[BondState] = []
    for atoms in structures:
        _check_same_host(host, atoms)
        places = _unwrapped(fractional_positions(atoms, len(host)), places, host.pbc)
        bonds = _bonds(atoms, places, criteria, interface, bonds)
        reference = reference if states else bonds
        states.append(
            BondState(
                intact=ordered(bonds & reference),
                broken=ordered(reference - bonds),
                reformed=ordered(bonds & lost),
                new=ordered(bonds - reference),
            )
        )
        lost |= reference - bonds
    return states


def followed(
    host: Atoms,
    interface: Interface,
    criteria: BondCriteria = BondCriteria(),  # noqa: B008 - frozen
) -> Interface | None:
    """Choose which bonds of a host tell whether it is itself: those of its interface, or all where that has none.

    A film that only lies on its support, and a host without support, have bonds of their own alone.

    Args:
        host: the host.
        interface: its sides.
        criteria: when bonds form.

    Returns:
        The sides whose bonds are followed; none for all bonds of the host.
    """
    if not interface.support:
        return None
    (state,) = follow_bonds([host], criteria, interface)
    return interface if state.intact else None


def _bonds(
    atoms: Atoms, places: Array, criteria: BondCriteria, interface: Interface | None, known: frozenset[Bond]
) -> frozenset[Bond]:
    host = atoms[: len(places)]
    elements = sorted(set(host.symbols))
    limits = {
        pair: criteria.limits(*pair) for pair in combinations_with_replacement(elements, 2) if criteria.bonds(*pair)
    }
    sides = _sides(len(host), interface)
    bonds = set()
    reach = {pair: found.broken + EDGE for pair, found in limits.items()}
    for i, j, shift, distance in close_pairs(host, places, reach):
        if interface is not None and sides[i] * sides[j] >= 0:
            continue
        bond = bond_of(i, j, shift, host)
        one, other = sorted(bond.symbols)
        if distance < limits[one, other].formed - EDGE or bond in known:
            bonds.add(bond)
    return frozenset(bonds)


def close_pairs(
    atoms: Atoms, places: Array, reach: dict[tuple[str, str], float]
) -> Sequence[tuple[int, int, tuple[int, int, int], float]]:
    """Return every pair of atoms within the distance of its elements once, with the cells between and the distance."""
    if not reach or not len(atoms):
        return ()
    arrays = (atoms.pbc, atoms.cell.complete().array, places, atoms.numbers.astype(int))
    return _pairs(*(array.tobytes() for array in arrays), tuple(sorted(reach.items())))


@lru_cache(maxsize=512)
def _pairs(
    pbc: bytes, cell: bytes, places: bytes, numbers: bytes, reach: tuple[tuple[tuple[str, str], float], ...]
) -> tuple[tuple[int, int, tuple[int, int, int], float], ...]:
    """Find the pairs of equal structures once: a search for bonds compares each host with many others."""
    box, fractions = np.frombuffer(cell).reshape(3, 3), np.frombuffer(places).reshape(-1, 3)
    found = primitive_neighbor_list(
        "ijSd",
        np.frombuffer(pbc, dtype=bool),
        box,
        fractions @ box,
        dict(reach),
        numbers=np.frombuffer(numbers, dtype=int),
    )
    pairs = []
    for i, j, shift, distance in zip(*found, strict=True):
        cells = (int(shift[0]), int(shift[1]), int(shift[2]))
        if i < j or (i == j and cells > (0, 0, 0)):
            pairs.append((int(i), int(j), cells, float(distance)))
    return tuple(pairs)


def bond_of(i: int, j: int, offset: tuple[int, int, int], atoms: Atoms) -> Bond:
    """Return the bond between two atoms."""
    return Bond(first=i, second=j, offset=offset, symbols=(str(atoms.symbols[i]), str(atoms.symbols[j])))


def ordered(bonds: Iterable[Bond]) -> Bonds:
    """Return bonds in the order of their atoms."""
    return tuple(sorted(bonds, key=lambda bond: bond.key))


def _sides(size: int, interface: Interface | None) -> Array:
    sides = np.zeros(size, dtype=int)
    if interface is not None:
        sides[list(interface.film)], sides[list(interface.support)] = 1, -1
    return sides


def fractional_positions(atoms: Atoms, size: int) -> Array:
    """Return fractional positions of the first atoms, not wrapped into the cell; of molecules in a unit cell."""
    places: Array = np.linalg.solve(atoms.cell.complete().array.T, atoms.positions[:size].T).T
    return places


def _unwrapped(places: Array, before: Array, pbc: Array) -> Array:
    """Undo jumps by whole cells; the mean shift (on the circle, a cell long) is that of everything and no jump."""
    moves = places - before
    drift = np.angle(np.exp(2j * np.pi * moves).mean(axis=0)) / (2 * np.pi)
    unwrapped: Array = places - np.where(pbc, np.rint(moves - drift), 0.0)
    return unwrapped


def _check_same_host(host: Atoms, atoms: Atoms) -> None:
    if len(atoms) < len(host) or (atoms.numbers[: len(host)] != host.numbers).any():
        raise StructureError(
            f"{atoms.get_chemical_formula()} does not begin with the atoms of the host "
            f"{host.get_chemical_formula()} in their order; bonds are followed by the number of their atoms"
        )


def _check_sides(host: Atoms, interface: Interface | None) -> None:
    if interface is not None and max(interface.film + interface.support) >= len(host):
        raise StructureError(
            f"the interface names atom {max(interface.film + interface.support)}; the host has {len(host)} atoms"
        )
