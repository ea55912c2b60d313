"""Putting one molecule against another in many ways: starting geometries of pairs and of adsorption on flakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

CONTACT = 0.75
"""Two molecules touch when a pair of atoms is this fraction of its van der Waals radii apart: the length of a short
hydrogen bond, and of a metal-oxygen contact that a relaxation still has to close."""
DIRECTIONS = 12
"""Directions from which one molecule comes to the other."""
FACES = 6
"""Ways in which it is turned at each."""


def docked(first: Atoms, second: Atoms) -> list[Atoms]:
    """Bring a molecule into contact with another one from many directions, turned in many ways.

    Args:
        first: stays where it is.
        second: is brought to it.

    Returns:
        Deterministic list of complexes, atoms of ``first`` first, charges added, multiplicity the highest of the two
        combined with the lowest of the other, in ``info``. None is relaxed: most are far from any minimum.
    """
    complexes = []
    for direction in _sphere(DIRECTIONS):
        for face in _sphere(FACES if len(second) > 1 else 1):
            guest = second.copy()
            guest.positions -= guest.get_center_of_mass()
            if len(guest) > 1:
                guest.rotate(face, direction, center=(0, 0, 0))
            complexes.append(_touching(first, guest, direction))
    return complexes


def _touching(host: Atoms, guest: Atoms, direction: np.ndarray) -> Atoms:
    """Move the guest in along a direction until the first pair of atoms touches."""
    from ase.data.vdw_alvarez import vdw_radii

    reach = CONTACT * (vdw_radii[host.numbers][:, None] + vdw_radii[guest.numbers][None, :])
    centre = host.get_center_of_mass()
    separations = guest.positions[None, :, :] + centre - host.positions[:, None, :]
    along = separations @ direction
    across = np.sum(separations**2, axis=2) - along**2
    # The pair touches where |separation + t direction| = reach: the larger root; pairs that pass by never touch.
    passing = reach**2 - across
    roots = np.where(passing > 0, -along + np.sqrt(np.maximum(passing, 0.0)), -np.inf)
    guest.positions += centre + direction * (float(roots.max()) if np.isfinite(roots.max()) else float(-along.min()))
    together: Atoms = host.copy() + guest
    together.set_constraint(None)
    together.info = {
        "charge": int(host.info.get("charge", 0)) + int(guest.info.get("charge", 0)),
        "spin": max(_spin(host), _spin(guest)) + min(_spin(host), _spin(guest)) - 1,
        "label": f"{host.info.get('label', 'host')} + {guest.info.get('label', 'guest')}",
    }
    return together


def _spin(atoms: Atoms) -> int:
    """Return the multiplicity, the lowest possible when none is stated."""
    electrons = int(atoms.numbers.sum()) - int(atoms.info.get("charge", 0))
    return int(atoms.info.get("spin") or electrons % 2 + 1)


def _sphere(count: int) -> np.ndarray:
    """Return directions spread evenly over the sphere (Fibonacci lattice), shape (count, 3)."""
    index = np.arange(count) + 0.5
    polar, azimuth = np.arccos(1 - 2 * index / count), np.pi * (1 + 5**0.5) * index
    return np.column_stack([np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)])
