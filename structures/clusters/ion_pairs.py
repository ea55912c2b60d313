"""Zn2+ and VO2+ with sulfate: contact and solvent-separated pairs, and both cations on one sulfate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .solvation import TETRAHEDRON, VANADYL, finished, frame, hydrate, room, roomiest_water, water_towards

if TYPE_CHECKING:
    from ase import Atoms

SULFUR_OXYGEN = 1.50
METAL_SULFATE = 2.02
"""From Zn or V to an oxygen atom of sulfate, angstrom."""
BEND = np.radians(50.0)
METAL_WATER = 2.10
SEPARATION = 4.6
"""Zn-S of the separated pair, angstrom: hydrogen bonds of about 1.8 from three waters to three sulfate oxygen atoms."""
TURNS = 12
"""Ways in which each water of a pair is turned about its axis, of which the one with most room is taken."""


def sulfate() -> Atoms:
    """Build SO4(2-), sulfur at the origin."""
    from ase import Atoms

    atoms = Atoms("SO4", positions=[(0, 0, 0), *(SULFUR_OXYGEN * TETRAHEDRON)])
    atoms.info = {"charge": -2, "spin": 1}
    return atoms


def contact_pair(seed: int = 0) -> Atoms:
    """Build [Zn(H2O)5SO4]: sulfate as a sixth ligand through one oxygen atom."""
    return finished(_sulfate_bound(("Zn",), seed), 0, 1, np.random.default_rng(seed))


def vanadyl_contact_pair(seed: int = 0) -> Atoms:
    """Build [VO(H2O)4SO4]: sulfate beside the oxo ligand, in the place of one of the four near waters; a doublet."""
    return finished(_sulfate_bound(("V",), seed), 0, 2, np.random.default_rng(seed))


def bridged_pair(seed: int = 0) -> Atoms:
    """Build [Zn(H2O)5SO4VO(H2O)4]2+: one sulfate between Zn2+ and VO2+; a doublet."""
    return finished(_sulfate_bound(("Zn", "V"), seed), 2, 2, np.random.default_rng(seed))


def chelated_pair(seed: int = 0) -> Atoms:
    """Build [Zn(H2O)4SO4]: sulfate through two oxygen atoms, four waters in the other corners of an octahedron."""
    from ase import Atoms

    atoms = sulfate()
    axis = (atoms.positions[1] + atoms.positions[2]) / np.linalg.norm(atoms.positions[1] + atoms.positions[2])
    in_plane = (atoms.positions[1] - atoms.positions[2]) / np.linalg.norm(atoms.positions[1] - atoms.positions[2])
    bite = float(np.linalg.norm(atoms.positions[1] - atoms.positions[2])) / 2
    ion = (atoms.positions[1] @ axis + np.sqrt(2.10**2 - bite**2)) * axis
    atoms += Atoms("Zn", positions=[ion])
    normal = np.cross(axis, in_plane)
    opposite = [(axis + in_plane) / np.sqrt(2), (axis - in_plane) / np.sqrt(2)]
    _add_waters(atoms, ion, [*opposite, normal, -normal], seed)
    return finished(atoms, 0, 1, np.random.default_rng(seed))


def separated_pair(seed: int = 0) -> Atoms:
    """Build [Zn(H2O)6]SO4: the hydrate whole, the sulfate in its second shell over a face of the octahedron.

    Each of the three waters of that face is turned to give one hydrogen bond to the sulfate. In the gas phase a proton
    can follow it: relax in a solvent.
    """
    generator = np.random.default_rng(seed)
    atoms = hydrate("Zn", 6, 2, seed)
    direction = np.ones(3) / np.sqrt(3)
    anion = sulfate()
    # Three oxygen atoms face the hydrate, staggered or, for other seeds, turned.
    anion.rotate(anion.positions[1].copy(), direction, center=(0, 0, 0))
    anion.rotate(60 + 20 * seed, direction, center=(0, 0, 0))
    anion.positions += SEPARATION * direction
    corners = [i for i in range(1, len(atoms), 3) if atoms.positions[i] @ direction > 0]
    keep = [0, *(i + k for i in range(1, len(atoms), 3) if i not in corners for k in range(3))]
    ligands = atoms.positions[corners]
    atoms = atoms[keep] + anion
    facing = anion.positions[2:]
    for oxygen in ligands:
        nearest = facing[int(np.argmin(np.linalg.norm(facing - oxygen, axis=1)))]
        atoms += _donating_water(oxygen, nearest)
    return finished(atoms, 0, 1, generator)


def _donating_water(oxygen: np.ndarray, acceptor: np.ndarray) -> Atoms:
    """Build a water molecule on an ion at the origin, one hydrogen atom turned towards an acceptor."""
    towards = acceptor - oxygen
    _, across, normal = frame(oxygen)
    turn = float(np.arctan2(towards @ normal, towards @ across))
    return water_towards(np.zeros(3), oxygen, float(np.linalg.norm(oxygen)), turn)


def _sulfate_bound(metals: tuple[str, ...], seed: int) -> Atoms:
    """Put a metal ion with its waters on each of the first oxygen atoms of a sulfate."""
    from ase import Atoms

    atoms = sulfate()
    for number, metal in enumerate(metals):
        # Outward along S-O, bent to S-O-metal of about 130 degrees, away from the oxygen atom of the other metal.
        oxygen = atoms.positions[1 + number].copy()
        outward, other = oxygen / SULFUR_OXYGEN, atoms.positions[2 - number] / SULFUR_OXYGEN
        away = (other @ outward) * outward - other
        towards = np.cos(BEND) * outward + np.sin(BEND) * away / np.linalg.norm(away)
        ion = oxygen + METAL_SULFATE * towards
        axis, across, normal = frame(towards)
        atoms += Atoms(metal, positions=[ion])
        places = [axis, across, -across, normal, -normal]
        if metal == "V":
            rooms = [room(ion + VANADYL * place, atoms.positions[:-1]) for place in places[1:]]
            oxo = places[1 + int(np.argmax(rooms))]
            atoms += Atoms("O", positions=[ion + VANADYL * oxo])
            # The water opposite the oxo ligand is pushed away by it.
            places = [
                place * (2.20 / METAL_WATER if place @ oxo < -0.5 else 1) for place in places if place @ oxo < 0.5
            ]
        _add_waters(atoms, ion, places, seed)
    return atoms


def _add_waters(atoms: Atoms, ion: np.ndarray, places: list[np.ndarray], seed: int) -> None:
    """Add waters around an ion, each turned to where its hydrogen atoms have most room.

    Args:
        atoms: they are added to.
        ion: its position.
        places: directions from there, of length 1 for a water at ``METAL_WATER``.
        seed: of the angle that the turns are counted from.
    """
    first = np.random.default_rng(seed).uniform(0, np.pi / TURNS) if seed else 0.0
    oxygens = [ion + METAL_WATER * place for place in places]
    for number, place in enumerate(places):
        rest = np.array([*atoms.positions, *oxygens[:number], *oxygens[number + 1 :]])
        atoms += roomiest_water(ion, METAL_WATER * place, first + np.pi * np.arange(TURNS) / TURNS, rest)
