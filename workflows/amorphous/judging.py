"""Whether a melt held together, and what it was quenched to is amorphous."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list

from ...structures.bond_criteria import BondCriteria
from ...structures.bonds import Bonds, follow_bonds
from ...structures.coordination import ANIONS
from ...structures.packing import shortest_distances
from ...structures.symmetry import symmetry_operations
from ..common.results import Outcome

if TYPE_CHECKING:
    from ase import Atoms

FUSED = 0.5
"""Atoms closer than this multiple of the sum of their covalent radii are no solid; no bond is below 0.75."""
ORDERED = 0.1
"""Atoms of a crystal that was not amorphised are where its symmetry wants them within this, angstrom."""
LOW = (1, 2)
"""Numbers of the space groups that a few atoms may have by chance."""

Verdict = tuple[Outcome, str]


def fallen_apart(atoms: Atoms, bath: float) -> str:
    """Say why dynamics are worth no further step; empty while they are.

    Args:
        atoms: as they move.
        bath: highest temperature of the thermostat, K.
    """
    if not np.isfinite(atoms.positions).all():
        return "positions are not finite"
    temperature = atoms.get_temperature()
    if temperature > 10 * bath:
        return (
            f"{temperature:.0f} K in a bath of {bath:.0f} K at the most; take a shorter timestep or another potential"
        )
    share, words = closest_contact(atoms)
    return f"{words}: atoms fused" if share < FUSED else ""


def closest_contact(atoms: Atoms) -> tuple[float, str]:
    """Return the shortest distance of two atoms as a multiple of the sum of their covalent radii, and which they are.

    Args:
        atoms: periodic.
    """
    radii = covalent_radii[atoms.numbers]
    first, second, lengths = neighbor_list("ijd", atoms, list(2.0 * radii))
    if len(lengths) == 0:
        return float("inf"), "no two atoms are near each other"
    shares = lengths / (radii[first] + radii[second])
    place = int(np.argmin(shares))
    pair = "-".join(sorted((str(atoms.symbols[first[place]]), str(atoms.symbols[second[place]]))))
    return float(shares[place]), f"{pair} {lengths[place]:.2f} angstrom"


def moved(before: np.ndarray, after: np.ndarray) -> float:
    """Return the root mean square of what atoms moved, angstrom, whatever all of them drifted."""
    moves = after - before
    return float(np.sqrt(((moves - moves.mean(axis=0)) ** 2).sum(axis=1).mean()))


def judge(atoms: Atoms, crystal: Atoms, melted: float | None, flowed: float) -> Verdict:
    """Say whether a quenched structure is an amorphous solid of the crystal's bonds.

    Args:
        atoms: quenched and relaxed.
        crystal: of the same atoms.
        melted: what the atoms of the crystal moved in the melt, angstrom; none where they were packed at random.
        flowed: what they moved at the temperature they were cooled to, angstrom.

    Returns:
        Outcome and reason.
    """
    near = min(shortest_distances(crystal).values())
    if melted is not None and melted < near:
        return Outcome.CRYSTALLINE, (
            f"in the melt the atoms moved {melted:.2f} angstrom, less than to a neighbour ({near:.2f}): it did not "
            "melt; raise melt or melt_time"
        )
    if flowed > near:
        return Outcome.UNCONVERGED, (
            f"at the end the atoms still moved {flowed:.2f} angstrom, farther than to a neighbour ({near:.2f}): it is "
            "no solid; lower final or rate"
        )
    group = symmetry_operations(atoms, ORDERED).number
    if group not in LOW:
        return (
            Outcome.CRYSTALLINE,
            f"it has space group {group} within {ORDERED:g} angstrom; take more atoms or cool faster",
        )
    return _bonds_kept(atoms, crystal)


def _bonds_kept(atoms: Atoms, crystal: Atoms) -> Verdict:
    usual, found = _bonds_of(crystal), _bonds_of(atoms)
    if odd := {pair: lengths for pair, lengths in found.items() if pair not in usual}:
        words = ", ".join(
            f"{len(lengths)} {'-'.join(pair)} ({min(lengths):.2f} angstrom)" for pair, lengths in odd.items()
        )
        return Outcome.REARRANGED, f"bonds that the crystal has none of: {words}"
    bonded = {index for bond in _bonds(atoms) for index in (bond.first, bond.second)}
    lone = Counter(str(symbol) for index, symbol in enumerate(atoms.symbols) if index not in bonded)
    if usual and lone:
        words = ", ".join(f"{count} {symbol}" for symbol, count in sorted(lone.items()))
        return Outcome.DISSOCIATED, f"atoms without a bond: {words}"
    return Outcome.OK, ""


def _anions_around(bonds: Bonds) -> dict[int, set[int]]:
    """Return the anions that every atom is bonded to."""
    around: dict[int, set[int]] = defaultdict(set)
    for bond in bonds:
        if bond.symbols[1] in ANIONS:
            around[bond.first].add(bond.second)
        if bond.symbols[0] in ANIONS:
            around[bond.second].add(bond.first)
    return around


def _bonds(atoms: Atoms) -> Bonds:
    (state,) = follow_bonds([atoms], BondCriteria())
    return state.intact


def _bonds_of(atoms: Atoms) -> dict[tuple[str, ...], list[float]]:
    """Return the lengths of the bonds between each two elements, angstrom."""
    bonds = _bonds(atoms)
    anions = _anions_around(bonds)
    found: dict[tuple[str, ...], list[float]] = {}
    for bond in bonds:
        if anions[bond.first] & anions[bond.second] and not set(ANIONS).intersection(bond.symbols):
            continue  # two cations that share an anion: polyhedra with a common edge bring them as near as a bond would
        vector = atoms.positions[bond.second] + np.array(bond.offset) @ atoms.cell.array - atoms.positions[bond.first]
        found.setdefault(tuple(sorted(bond.symbols)), []).append(float(np.linalg.norm(vector)))
    return found
