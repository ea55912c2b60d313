"""Two given structures as the ends of a hop: which atom of the one is which of the other, and what both must share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from ase.geometry import find_mic
from ase.geometry.minkowski_reduction import minkowski_reduce
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from ..errors import StructureError
from .files import check_structure

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray
Pairing = Literal["nearest", "as-given"]
"""How the atoms of two structures are paired: by least movement, or in the order of their files."""

SAME_CELL = 1e-3
"""Cells of two files that differ by no more than this (angstrom, any component) are one, written with fewer digits."""

SAME_FIXED = 0.01
"""Largest move of a fixed atom between two endpoints, angstrom."""

ROUNDING = 1e-6
"""Differences below this (angstrom) are those of arithmetic."""

_FAR = 1.0
_STILL = 0.1
_ROUNDS = 10


@dataclass(frozen=True)
class PairedEndpoints:
    """Two structures as the ends of one hop.

    Attributes:
        initial: the first, as given.
        final: the second with the atoms, the cell and the origin of the first, each atom at the periodic image nearest
            to where it was.
        lengths: how far each atom moves, angstrom, shape (n,).
        pairing: what was done to the second, in words.
    """

    initial: Atoms
    final: Atoms
    lengths: Array
    pairing: str


def pair_endpoints(
    initial: Atoms,
    final: Atoms,
    *,
    pairing: Pairing = "nearest",
    names: tuple[str, str] = ("the first endpoint", "the second endpoint"),
) -> PairedEndpoints:
    """Take two structures as the ends of a hop, and find which atom of the one is which of the other.

    A rigid shift of the whole second structure is taken back, and cells that differ in their last digits become one.

    Args:
        initial: first endpoint.
        final: second endpoint; constraints, tags and moments follow its atoms.
        pairing: ``nearest`` pairs atoms of one element so that they move least (see [`least_movement`][]);
            ``as-given`` pairs the first atom of an element in one structure with the first in the other and so on, for
            paths on which like atoms change places.
        names: of both, for messages.

    Returns:
        The two, and which pairing was taken.

    Raises:
        StructureError: no two states of one system: different atoms, charge, multiplicity, cells or fixed atoms; no
            atoms in common places; or no atom that moves.
    """
    for name, structure in zip(names, (initial, final), strict=True):
        check_structure(structure, name, periodic=True)
    _check_same_system(initial, final, names)
    scaled = final.copy()
    scaled.set_cell(initial.cell, scale_atoms=True)
    listed = _ordered(initial, scaled, _listed_order(initial.numbers, final.numbers))
    nearest = _nearest(initial, scaled)
    keep = pairing == "as-given" or listed.cost <= nearest.cost + ROUNDING
    chosen = listed if keep else nearest
    lengths = np.linalg.norm(chosen.moves, axis=1)
    between = f"{names[0]} and {names[1]}"
    if _typical(chosen.moves) > _FAR:
        if _typical(nearest.moves) <= _FAR:
            raise StructureError(f"{between} have no atoms in common places in the order given; say pairing: nearest")
        raise StructureError(f"{between} have no atoms in common places; is the origin of the two cells the same?")
    if lengths.max() < _STILL:
        raise StructureError(_nothing_moves(between, float(lengths.max()), listed))
    matched = scaled[chosen.indices]
    matched.info = dict(final.info)
    matched.set_positions(initial.positions + chosen.moves, apply_constraint=False)
    check_ends_of_band(initial, matched, names)
    stretch = float(np.abs(initial.cell.array - final.cell.array).max())
    words = [_order_in_words(pairing, chosen, listed, nearest)]
    if chosen.drift.any():
        words.append(f"the second shifted back by {np.linalg.norm(chosen.drift):.3f} angstrom as a whole")
    if stretch > ROUNDING:
        words.append(f"the second scaled by up to {stretch:.1g} angstrom to the cell of the first")
    return PairedEndpoints(initial, matched, lengths, "; ".join(words))


def least_movement(reference: Atoms, numbers: Array, positions: Array) -> Array:
    """Pair the atoms of a structure with those of a reference, within each element, so that they move least.

    What is least is the sum of the square roots of the distances (minimum images). A cost that is concave in the
    distance leaves in place what both structures have in common and moves only what differs (Gangbo and McCann, Acta
    Math. 1996, 177, 113, 10.1007/BF02392620): of two vacancies in one lattice it makes one atom that hops. The sum of
    squares would make it a chain of many atoms, each moving a little, and the sum of distances does not tell the two
    apart where the chain is straight.

    Args:
        reference: the structure with its cell.
        numbers: atomic numbers of the other, shape (n,); the same composition.
        positions: of the other, angstrom, shape (n, 3).

    Returns:
        For each atom of the reference the index of the one that belongs to it, shape (n,).
    """
    order = np.empty(len(reference), dtype=int)
    for number in np.unique(reference.numbers):
        mine, theirs = np.flatnonzero(reference.numbers == number), np.flatnonzero(numbers == number)
        distances = _distances(reference.positions[mine], positions[theirs], reference.cell.array)
        rows, columns = linear_sum_assignment(np.sqrt(distances))
        order[mine[rows]] = theirs[columns]
    return order


def check_ends_of_band(
    initial: Atoms, final: Atoms, names: tuple[str, str] = ("the first endpoint", "the second endpoint")
) -> None:
    """Check what the images of a band must share: atoms in one order, cell, constraints, places of fixed atoms.

    Args:
        initial: first image.
        final: last image.
        names: of both, for messages.

    Raises:
        StructureError: they differ in one of these, or no atom moves.
    """
    between = f"{names[0]} and {names[1]}"
    if len(initial) != len(final) or (initial.numbers != final.numbers).any():
        raise StructureError(
            f"{between} need the same atoms in the same order, but are {initial.symbols} and {final.symbols}"
        )
    if (initial.pbc != final.pbc).any() or np.abs(initial.cell.array - final.cell.array).max() > ROUNDING:
        raise StructureError(f"{between} need the same cell; relax both with the cell fixed")
    fixed, others = _constraints(initial)
    if (fixed, others) != _constraints(final):
        found = "; ".join(
            f"{name}: {_constraints_in_words(structure)}"
            for name, structure in zip(names, (initial, final), strict=True)
        )
        raise StructureError(f"endpoints with different constraints ({found}); fix the same atoms in both")
    moved = np.linalg.norm(displacement(initial, final), axis=1)
    if fixed and moved[fixed].max() > SAME_FIXED:
        atom = fixed[int(moved[fixed].argmax())]
        raise StructureError(
            f"atom {atom} ({initial[atom].symbol}) is fixed but moves {moved[atom]:.2f} angstrom between {between}"
        )
    if moved.max() < SAME_FIXED:
        raise StructureError(f"{between} are the same structure; no atom moves")


def displacement(start: Atoms, end: Atoms) -> Array:
    """Return the shortest displacement of each atom, angstrom, shape (n, 3); of equally short ones, the one given.

    A hop along a cell of two periods is exactly half a cell vector long, and rounding must not choose its direction.

    Args:
        start: with the cell.
        end: the same atoms in the same order.
    """
    given = end.positions - start.positions
    shortest, lengths = find_mic(given, start.cell, start.pbc)
    as_given = np.linalg.norm(given, axis=1) <= lengths + 1e-4
    nearest: Array = np.where(as_given[:, None], given, shortest)
    return nearest


@dataclass(frozen=True)
class _Order:
    """An order of the atoms of the second structure.

    Attributes:
        indices: for each atom of the first the index of its partner, shape (n,).
        drift: move of the second structure as a whole, angstrom, shape (3,).
        moves: of each atom of the first, without the drift, angstrom, shape (n, 3).
    """

    indices: Array
    drift: Array
    moves: Array

    @property
    def cost(self) -> float:
        """What [`least_movement`][] makes least."""
        return float(np.sqrt(np.linalg.norm(self.moves, axis=1)).sum())

    @property
    def far(self) -> int:
        """How many atoms move far."""
        return int(np.count_nonzero(np.linalg.norm(self.moves, axis=1) > _FAR))


def _check_same_system(initial: Atoms, final: Atoms, names: tuple[str, str]) -> None:
    between = f"{names[0]} and {names[1]}"
    one, other = (structure.get_chemical_formula() for structure in (initial, final))
    if one != other:
        raise StructureError(f"{between} differ in composition: {one} and {other}")
    for quantity, key, default in (("charge", "charge", 0), ("multiplicity", "spin", None)):
        one, other = (structure.info.get(key, default) for structure in (initial, final))
        if one != other:
            raise StructureError(f"{between} differ in {quantity}: {one} and {other}")
    apart = float(np.abs(initial.cell.array - final.cell.array).max())
    if apart > SAME_CELL or (initial.pbc != final.pbc).any():
        raise StructureError(
            f"{between} differ in their cells, by up to {apart:.4f} angstrom; a band needs one cell for all images: "
            "relax both endpoints in the same one"
        )


def _listed_order(numbers: Array, others: Array) -> Array:
    """Pair the first atom of each element with the first, the second with the second."""
    order = np.empty(len(numbers), dtype=int)
    order[np.argsort(numbers, kind="stable")] = np.argsort(others, kind="stable")
    return order


def _ordered(initial: Atoms, final: Atoms, indices: Array) -> _Order:
    moves = displacement(initial, final[indices])
    drift = _drift(moves, _constraints(initial)[0])
    if drift.any():
        shifted = initial.copy()
        shifted.set_positions(initial.positions + drift, apply_constraint=False)
        moves = displacement(shifted, final[indices])
    return _Order(indices, drift, moves)


def _nearest(initial: Atoms, final: Atoms) -> _Order:
    """Find order and drift together: each is found where the other is known."""
    drift = np.zeros(3)
    for _ in range(_ROUNDS):
        found = _ordered(initial, final, least_movement(initial, final.numbers, final.positions - drift))
        if np.linalg.norm(found.drift - drift) < ROUNDING:
            break
        drift = found.drift
    return found


def _distances(ones: Array, others: Array, cell: Array) -> Array:
    """Return the distances of all pairs by the minimum image, angstrom, shape (m, n).

    In a reduced cell two wrapped points are nearest within two cells; ASE's own search takes half a minute for a
    thousand atoms.
    """
    reduced, _ = minkowski_reduce(cell)
    first, second = (places - np.floor(places @ np.linalg.inv(reduced)) @ reduced for places in (ones, others))
    nearest: Array = np.full((len(ones), len(others)), np.inf)
    for shift in (np.indices((5, 5, 5)).reshape(3, -1).T - 2) @ reduced:
        np.minimum(nearest, cdist(first, second + shift), out=nearest)
    return nearest


def _drift(moves: Array, fixed: list[int]) -> Array:
    """Return the move that most atoms share, that of the fixed ones where there are any; zero where they share none."""
    drift: Array = np.median(moves[fixed] if fixed else moves, axis=0)
    shared = np.linalg.norm(drift) > SAME_FIXED and _typical(moves - drift) < _typical(moves) / 2
    return drift if shared else np.zeros(3)


def _typical(moves: Array) -> float:
    """Return the length that half of the moves do not exceed, angstrom."""
    return float(np.quantile(np.linalg.norm(moves, axis=1), 0.5, method="lower"))


def _order_in_words(pairing: Pairing, chosen: _Order, listed: _Order, nearest: _Order) -> str:
    in_place = np.arange(len(chosen.indices))
    if pairing == "as-given":
        other = int(np.count_nonzero(chosen.indices != nearest.indices))
        if not other or chosen.cost <= nearest.cost + ROUNDING:
            return "atoms as given"
        least = f"the pairing of least movement differs in {other}: {_far(nearest)}"
        return f"atoms as given, as asked ({_far(chosen)}; {least})"
    moved = int(np.count_nonzero(chosen.indices != in_place))
    if not moved:
        return "atoms as given"
    words = f"atoms of the second endpoint reordered: {moved} atoms"
    if (listed.indices == chosen.indices).all():
        return words
    return f"{words} ({_far(chosen)}; as given {listed.far})"


def _far(order: _Order) -> str:
    return f"{order.far} {'atom moves' if order.far == 1 else 'atoms move'} more than {_FAR:g} angstrom"


def _nothing_moves(between: str, most: float, listed: _Order) -> str:
    words = f"{between} are one structure: no atom moves more than {most:.3f} angstrom"
    if np.linalg.norm(listed.moves, axis=1).max() < _STILL:
        return words
    return f"{words} once like atoms are paired; for a path on which they change places say pairing: as-given"


def _constraints_in_words(atoms: Atoms) -> str:
    fixed, others = _constraints(atoms)
    kinds = sorted({type(c).__name__ for c in atoms.constraints} - {"FixAtoms"})
    return " and ".join([f"{len(fixed)} fixed atoms", *(kinds if others else [])])


def _constraints(atoms: Atoms) -> tuple[list[int], list[object]]:
    """Return the indices of fixed atoms, and all other constraints as data."""
    from ase.constraints import FixAtoms

    fixed = sorted({int(i) for c in atoms.constraints if isinstance(c, FixAtoms) for i in c.index})
    return fixed, [c.todict() for c in atoms.constraints if not isinstance(c, FixAtoms)]
