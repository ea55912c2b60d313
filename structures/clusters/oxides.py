"""Vanadium oxide molecules and clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .solvation import OXYGEN_HYDROGEN, finished

if TYPE_CHECKING:
    from ase import Atoms

TERMINAL = 1.57
"""V=O, angstrom."""
BRIDGE = 1.79
"""V-O in V-O-V, angstrom; both as in V4O10 (S. F. Vyboishchikov, J. Sauer, J. Phys. Chem. A 2001, 105, 8588)."""

LONG_BOND = 1.95
"""Of the three bonds of a chain oxygen atom of alpha-V2O5 two are shorter than this, angstrom, one is longer."""


def v4o10() -> Atoms:
    """Build the V4O10 cage: four VO on a tetrahedron, an oxygen bridge over each of its six edges (Td, like P4O10)."""
    from ase import Atoms

    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], dtype=float)
    edges = [(i, j) for i in range(4) for j in range(i)]
    radius = 1.90
    vanadium = radius / np.sqrt(3) * corners
    middles = np.array([vanadium[i] + vanadium[j] for i, j in edges]) / 2
    # Along each twofold axis, as far out as the bridging bond is long.
    half_edge = float(np.linalg.norm(vanadium[0] - vanadium[1])) / 2
    out = np.sqrt(BRIDGE**2 - half_edge**2)
    bridges = middles * (1 + out / np.linalg.norm(middles, axis=1, keepdims=True))
    terminal = vanadium * (1 + TERMINAL / radius)
    atoms = Atoms("V4O10", positions=[*vanadium, *bridges, *terminal])
    atoms.info = {"charge": 0, "spin": 1}
    return atoms


def v2o5_molecule() -> Atoms:
    """Build O2V-O-VO2, bent at its bridge."""
    from ase import Atoms

    half = np.radians(65.0)
    first, second = (BRIDGE * np.array([s * np.sin(half), 0, -np.cos(half)]) for s in (1, -1))
    atoms = Atoms("OVV", positions=[(0, 0, 0), first, second])
    for vanadium in (first, second):
        axis = vanadium / np.linalg.norm(vanadium)
        for side in (1, -1):
            direction = 0.5 * axis + side * np.array([0, np.sqrt(0.75), 0])
            atoms += Atoms("O", positions=[vanadium + 1.60 * direction])
    return finished(atoms, 0, 1, np.random.default_rng(0))


def v2o5_ring() -> Atoms:
    """Build OV-O2-VO2, the isomer with two bridges that lies lowest (J. Phys. Chem. A 2001, 105, 8588)."""
    from ase import Atoms

    half = 1.27
    out = np.sqrt(BRIDGE**2 - half**2)
    atoms = Atoms("V2O2", positions=[(half, 0, 0), (-half, 0, 0), (0, out, 0), (0, -out, 0)])
    # One VO2 group, and one V=O bent out of the plane of the ring: planar it sits on a saddle.
    directions = np.array([(0.5, 0, np.sqrt(0.75)), (0.5, 0, -np.sqrt(0.75)), (-0.5, 0, np.sqrt(0.75))])
    atoms += Atoms("O3", positions=atoms.positions[[0, 0, 1]] + 1.60 * directions)
    return finished(atoms, 0, 1, np.random.default_rng(0))


def v2o5_layer_cluster() -> Atoms:
    """Cut V2O9H8 from a layer of alpha-V2O5: two vanadyls on a common oxygen, the cut bonds closed by hydrogen.

    The smallest of the models of the V2O5(001) surface of K. Hermann, M. Witko et al. (J. Electron Spectrosc. Relat.
    Phenom. 1999, 98-99, 245). Oxygen atoms that lost two neighbours get hydrogen atoms in their directions: one, or two
    where their remaining bond is the long one, which makes the cluster neutral with V(5+). Hold its outer oxygen and
    hydrogen atoms where the layer has them: relaxed freely it lets the two long-bonded waters go.
    """
    from ase import Atoms
    from ase.neighborlist import neighbor_list

    from ..prototypes import prototype

    # Vectors of bonds, not positions: neighbours may lie across the border of the cell, which is repeated so far that
    # no atom is bonded to two images of another.
    crystal = prototype("alpha-V2O5").repeat((1, 3, 2))
    bonds: dict[int, dict[int, np.ndarray]] = {i: {} for i in range(len(crystal))}
    for i, j, vector in zip(*neighbor_list("ijD", crystal, 2.1), strict=True):
        bonds[int(i)][int(j)] = vector
    bridge = next(i for i in bonds if crystal.symbols[i] == "O" and len(bonds[i]) == 2)
    atoms = Atoms("O", positions=[(0, 0, 0)])
    for metal, place in bonds[bridge].items():
        atoms += Atoms("V", positions=[place])
        for oxygen, arm in bonds[metal].items():
            if oxygen != bridge:
                atoms += Atoms("O", positions=[place + arm])
                atoms += _closing_hydrogens(place + arm, metal, bonds[oxygen])
    atoms.info = {"charge": 0, "spin": 1}
    return atoms


def _closing_hydrogens(oxygen: np.ndarray, kept: int, bonds: dict[int, np.ndarray]) -> Atoms:
    """Return hydrogen atoms on an oxygen atom in the directions of the neighbours that it lost."""
    from ase import Atoms

    lost = sorted((vector for metal, vector in bonds.items() if metal != kept), key=np.linalg.norm)
    wanted = lost if np.linalg.norm(bonds[kept]) > LONG_BOND else lost[:1]
    places = [oxygen + OXYGEN_HYDROGEN * vector / np.linalg.norm(vector) for vector in wanted]
    return Atoms("H" * len(places), positions=np.reshape(places, (-1, 3)))
