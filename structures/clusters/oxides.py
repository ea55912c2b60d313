"""Vanadium oxide molecules and clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

TERMINAL = 1.57
"""V=O, angstrom."""
BRIDGE = 1.79
"""V-O in V-O-V, angstrom; both as computed and seen in V4O10, 10.1021/ja00240a005."""

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
    half_edge = np.linalg.norm(vanadium[0] - vanadium[1]) / 2
    out = np.sqrt(max(BRIDGE**2 - half_edge**2, 0.0))
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
    atoms.info = {"charge": 0, "spin": 1}
    return atoms


def v2o5_layer_cluster() -> Atoms:
    """Cut V2O9H8 from a layer of alpha-V2O5: two vanadyls on a common oxygen, the cut bonds closed by hydrogen.

    The smallest of the models of the V2O5(001) surface of K. Hermann, M. Witko and coworkers
    (10.1016/S0368-2048(98)00414-1). Oxygen atoms that lost two neighbours get hydrogen atoms in their directions: one,
    or two where their remaining bond is the long one, which makes the cluster neutral with V(5+).
    """
    from ase import Atoms
    from ase.neighborlist import neighbor_list

    from ..prototypes import prototype

    crystal = prototype("alpha-V2O5").repeat((3, 3, 1))
    first, second, _ = neighbor_list("ijd", crystal, 2.1)
    bonded = [set(second[first == i].tolist()) for i in range(len(crystal))]
    vanadium = {i for i in range(len(crystal)) if crystal.symbols[i] == "V"}
    centre = crystal.positions[list(vanadium)].mean(axis=0)
    # The bridge nearest to the middle whose two vanadium atoms lie in the cell without crossing its border.
    bridges = [i for i in range(len(crystal)) if i not in vanadium and len(bonded[i]) == 2]
    bridge = min(bridges, key=lambda i: float(np.linalg.norm(crystal.positions[i] - centre)))
    metals = sorted(bonded[bridge])
    oxygens = sorted({o for metal in metals for o in bonded[metal]})
    atoms = Atoms(["V"] * 2 + ["O"] * len(oxygens), positions=crystal.positions[metals + oxygens])
    for oxygen in oxygens:
        lost = sorted(bonded[oxygen] - set(metals), key=lambda v, o=oxygen: float(crystal.get_distance(o, v, mic=True)))
        kept = min(float(crystal.get_distance(oxygen, metal, mic=True)) for metal in metals)
        for neighbour in lost if kept > LONG_BOND else lost[:1]:
            vector = crystal.get_distance(oxygen, neighbour, mic=True, vector=True)
            atoms += Atoms("H", positions=[crystal.positions[oxygen] + 0.97 * vector / np.linalg.norm(vector)])
    atoms.info = {"charge": 0, "spin": 1}
    return atoms
