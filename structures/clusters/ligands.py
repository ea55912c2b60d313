"""A molecule on a zinc ion in the place of water, and hydrogen-bonded pairs with water."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..connectivity import covalent_bonds
from .organic import MOLECULES, from_smiles
from .solvation import OXYGEN_HYDROGEN, ZINC_OXYGEN, finished, frame, hydrate

if TYPE_CHECKING:
    from ase import Atoms

HYDROGEN_BOND = 2.85
"""From the donor atom of a molecule to the oxygen atom of a water molecule bound to it, angstrom."""
BEND = {"O": np.radians(45.0), "N": 0.0}
"""How far a guest stands off the line through the donor atom and its neighbour: oxygen binds through a lone pair, at
C-O-Zn of about 135 degrees."""
BENDS_ABOUT, TURNS = 6, 12
"""Directions around that line, and turns of the guest about its own axis, that are tried for room."""


def zinc_complex(ligand: str, waters: int, number: int = 0) -> Atoms:
    """Bind a molecule to Zn2+ in the place of one water of its shell.

    Args:
        ligand: name among [`MOLECULES`][], neutral and with a donor atom.
        waters: beside the molecule, 0 to 5.
        number: which start: the conformers of the molecule one after the other, each with more and more crowded
            places of the ion.

    Returns:
        Atoms: the molecule, Zn, then O, H, H of each water.
    """
    host = from_smiles(MOLECULES[ligand].smiles, number // 2)
    ion = hydrate("Zn", waters + 1, 2)
    # The last water of the hydrate makes room; its place points down the axis from the ion to the molecule.
    gone = ion.positions[-3].copy()
    ion = ion[: len(ion) - 3]
    ion.rotate(gone, "-z", center=(0, 0, 0))
    ion.positions += (0, 0, ZINC_OXYGEN[waters + 1])
    together = _roomiest(host, _donor(ligand), ion, number % 2)
    return finished(together, 2, 1, np.random.default_rng(number))


def water_pair(ligand: str, number: int = 0) -> Atoms:
    """Let a water molecule give a hydrogen bond to the donor atom of a molecule.

    Args:
        ligand: as for [`zinc_complex`][].
        number: which start, likewise.

    Returns:
        Atoms: the molecule, then O, H, H.
    """
    host = from_smiles(MOLECULES[ligand].smiles, number // 2)
    together = _roomiest(host, _donor(ligand), _donating_water(), number % 2)
    return finished(together, 0, 1, np.random.default_rng(number))


def water_dimer(number: int = 0) -> Atoms:
    """Build the water dimer, one molecule giving a hydrogen bond to the other."""
    from ase.build import molecule

    host = molecule("H2O")
    together = _roomiest(host, int(np.argmax(host.numbers)), _donating_water(), number)
    return finished(together, 0, 1, np.random.default_rng(number))


def _donor(ligand: str) -> int:
    donor = MOLECULES[ligand].donor
    assert donor is not None  # names without one are not known as ligands
    return donor


def _donating_water() -> Atoms:
    """Build a water molecule above the origin, one hydrogen atom pointing down to it."""
    from ase import Atoms

    oxygen = np.array([0, 0, HYDROGEN_BOND])
    angle = np.radians(104.5)
    away = OXYGEN_HYDROGEN * np.array([np.sin(angle), 0, -np.cos(angle)])
    return Atoms("OHH", positions=[oxygen, oxygen - (0, 0, OXYGEN_HYDROGEN), oxygen + away])


def _roomiest(host: Atoms, donor: int, guest: Atoms, rank: int) -> Atoms:
    """Bind a guest to the donor atom of a molecule where it has most room.

    Args:
        host: the molecule.
        donor: index of its atom at which the guest sits.
        guest: atoms as they stand above a donor atom at the origin.
        rank: 0 takes the place with most room, higher ones the next.
    """
    bonded = [i + j - donor for i, j in covalent_bonds(host) if donor in (i, j)]
    outward = host.positions[donor] - host.positions[bonded].mean(axis=0)
    axis, across, normal = frame(outward)
    # Two neighbours leave the line between them for the guest, as one does with the bend of a lone pair.
    bend = BEND[host.symbols[donor]] if len(bonded) == 1 else 0.0
    rest = np.delete(host.positions, donor, axis=0)
    places = []
    for about in 2 * np.pi * np.arange(BENDS_ABOUT if bend else 1) / BENDS_ABOUT:
        towards = np.cos(bend) * axis + np.sin(bend) * (np.cos(about) * across + np.sin(about) * normal)
        turned = [_turned(guest, 360 / TURNS * k, towards, host.positions[donor]) for k in range(TURNS)]
        places.append(max(turned, key=lambda atoms: _room(atoms, rest)))
    places.sort(key=lambda atoms: _room(atoms, rest), reverse=True)
    together: Atoms = host.copy() + places[min(rank, len(places) - 1)]
    return together


def _turned(guest: Atoms, turn: float, towards: np.ndarray, origin: np.ndarray) -> Atoms:
    """Turn a guest about its axis z, point that axis into a direction and move it from the origin to another one."""
    atoms = guest.copy()
    atoms.rotate(turn, "z", center=(0, 0, 0))
    atoms.rotate("z", towards, center=(0, 0, 0))
    atoms.positions += origin
    return atoms


def _room(guest: Atoms, rest: np.ndarray) -> float:
    """Return the shortest distance from a guest to positions, angstrom, rounded so that equals keep their order."""
    return round(float(np.linalg.norm(guest.positions[:, None] - rest[None], axis=2).min()), 3)
