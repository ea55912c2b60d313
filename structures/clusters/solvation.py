"""Ions in water: hydrates, ion pairs, and the sulfate-bridged cluster of Zn2+ and VO2+."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

ION_OXYGEN = {0: 2.1, 1: 1.87, 2: 1.90, 3: 1.94, 4: 1.99, 5: 2.05, 6: 2.11}
"""Distance from Zn2+ to the oxygen atoms of n waters, angstrom: starting values; a relaxation decides."""
OXYGEN_HYDROGEN = 0.97
HALF_ANGLE = np.radians(53.0)
"""Half of H-O-H, a little wider than 104.5 degrees as next to a cation."""
VANADYL = 1.58
"""V=O in vanadyl, angstrom."""
SULFUR_OXYGEN = 1.50
SHAKE = 0.02
"""Standard deviation, angstrom, of the displacements that every start gets: a perfectly symmetric one can hold an
optimiser on a saddle point, where all forces that lead off it vanish."""

_TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
_HALF, _ROOT = 0.5, np.sqrt(0.75)
_TRIGONAL = [[1, 0, 0], [-_HALF, _ROOT, 0], [-_HALF, -_ROOT, 0]]
SHELLS: dict[int, np.ndarray] = {
    0: np.zeros((0, 3)),
    1: np.array([[0.0, 0, 1]]),
    2: np.array([[0.0, 0, 1], [0, 0, -1]]),
    3: np.array(_TRIGONAL),
    4: _TETRAHEDRON,
    5: np.array([*_TRIGONAL, [0, 0, 1], [0, 0, -1]]),
    6: np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]),
}
"""Directions from an ion to its n waters: line, triangle, tetrahedron, trigonal bipyramid, octahedron."""


def hydrate(ion: str, waters: int, charge: int, seed: int = 0) -> Atoms:
    """Build an ion with its first shell of water, hydrogen atoms pointing away from it.

    Args:
        ion: symbol.
        waters: 0 to 6.
        charge: of the ion.
        seed: of the turns of the waters about their axes and of the small displacements.

    Returns:
        Atoms: the ion, then O, H, H of each water.
    """
    from ase import Atoms

    generator = np.random.default_rng(seed)
    atoms = Atoms([ion], positions=[(0, 0, 0)])
    for number, direction in enumerate(SHELLS[waters]):
        # Waters opposite each other have their planes turned alike, those on other axes otherwise: close to the Th
        # symmetry of hexahydrates. Other seeds turn them at random.
        turn = np.pi / 2 * (number // 2) if seed == 0 else generator.uniform(0, np.pi)
        atoms += water_towards(np.zeros(3), direction, ION_OXYGEN[waters], turn)
    return finished(atoms, charge, 1, generator)


def second_shell(waters: int, outer: int, seed: int = 0) -> Atoms:
    """Build a zinc hydrate whose first-shell hydrogen atoms give hydrogen bonds to outer waters.

    Args:
        waters: in the first shell, 1 to 6.
        outer: in the second, up to two per first-shell water.
        seed: as for :func:`hydrate`.
    """
    atoms = hydrate("Zn", waters, 2, seed)
    hydrogens = [i for i in range(len(atoms)) if atoms.symbols[i] == "H"]
    # Every other hydrogen first, so that the outer waters spread over the shell.
    for i in [*hydrogens[::2], *hydrogens[1::2]][:outer]:
        oxygen = atoms.positions[i - 1 if atoms.symbols[i - 1] == "O" else i - 2]
        direction = atoms.positions[i] - oxygen
        atoms += water_towards(oxygen, direction, 2.70, 0.4 * i)
    return finished(atoms, 2, 1, np.random.default_rng(seed))


def vanadyl_hydrate(seed: int = 0) -> Atoms:
    """Build [VO(H2O)5]2+: the oxo ligand on +z, four waters bent away from it, a distant one opposite; a doublet."""
    from ase import Atoms

    generator = np.random.default_rng(seed)
    atoms = Atoms("VO", positions=[(0, 0, 0), (0, 0, VANADYL)])
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        atoms += water_towards(np.zeros(3), np.array([x, y, -0.15]), 2.06, generator.uniform(0, np.pi))
    atoms += water_towards(np.zeros(3), np.array([0, 0, -1.0]), 2.20, 0.3)
    return finished(atoms, 2, 2, generator)


def contact_pair(seed: int = 0) -> Atoms:
    """Build [Zn(H2O)5SO4]: sulfate as a sixth ligand through one oxygen atom."""
    atoms = _sulfate_bound(("Zn",), seed)
    return finished(atoms, 0, 1, np.random.default_rng(seed))


def separated_pair(seed: int = 0) -> Atoms:
    """Build [Zn(H2O)6]SO4: the hydrate whole, the sulfate held by hydrogen bonds to three of its waters."""
    atoms = hydrate("Zn", 6, 2, seed)
    direction = np.ones(3) / np.sqrt(3)
    anion = sulfate()
    anion.rotate(anion.positions[1].copy(), direction, center=(0, 0, 0))
    anion.rotate(60 + 25 * seed, direction, center=(0, 0, 0))
    anion.positions += 4.4 * direction
    atoms += anion
    return finished(atoms, 0, 1, np.random.default_rng(seed))


def bridged_pair(seed: int = 0) -> Atoms:
    """Build [Zn(H2O)5SO4VO(H2O)4]2+: one sulfate between Zn2+ and VO2+; a doublet."""
    return finished(_sulfate_bound(("Zn", "V"), seed), 2, 2, np.random.default_rng(seed))


def sulfate() -> Atoms:
    """Build SO4(2-), sulfur at the origin."""
    from ase import Atoms

    atoms = Atoms("SO4", positions=[(0, 0, 0), *(SULFUR_OXYGEN * _TETRAHEDRON)])
    atoms.info = {"charge": -2, "spin": 1}
    return atoms


def water_towards(ion: np.ndarray, direction: np.ndarray, distance: float, turn: float) -> Atoms:
    """Build a water molecule whose oxygen atom faces an ion.

    Args:
        ion: position of what it faces, angstrom.
        direction: from there to the oxygen atom.
        distance: angstrom.
        turn: angle by which its plane is turned about the direction, radians.

    Returns:
        Atoms O, H, H.
    """
    from ase import Atoms

    axis, across, normal = _frame(direction)
    side = np.cos(turn) * across + np.sin(turn) * normal
    oxygen = ion + distance * axis
    along, aside = OXYGEN_HYDROGEN * np.cos(HALF_ANGLE) * axis, OXYGEN_HYDROGEN * np.sin(HALF_ANGLE) * side
    return Atoms("OHH", positions=[oxygen, oxygen + along + aside, oxygen + along - aside])


def finished(atoms: Atoms, charge: int, spin: int, generator: np.random.Generator) -> Atoms:
    """Shake every atom but the first and write charge and multiplicity down."""
    if len(atoms) > 1:
        atoms.positions[1:] += generator.normal(scale=SHAKE, size=(len(atoms) - 1, 3))
    atoms.info = {"charge": charge, "spin": spin}
    return atoms


def _sulfate_bound(metals: tuple[str, ...], seed: int) -> Atoms:
    """Put a metal ion with its waters on each of the first oxygen atoms of a sulfate."""
    from ase import Atoms

    generator = np.random.default_rng(seed)
    atoms = sulfate()
    # Outward along S-O, bent to the S-O-metal angle of about 130 degrees, the two metals bent away from each other.
    bends = {"Zn": np.array([0.3, 1.0, 0.6]), "V": np.array([0.4, -0.5, -1.0])}
    for number, metal in enumerate(metals):
        oxygen = atoms.positions[1 + number].copy()
        towards = 0.6 * oxygen / np.linalg.norm(oxygen) + 0.8 * bends[metal] / np.linalg.norm(bends[metal])
        towards /= np.linalg.norm(towards)
        ion = oxygen + 2.02 * towards
        axis, across, normal = _frame(towards)
        atoms += Atoms(metal, positions=[ion])
        places = [axis, across, -across, normal, -normal]
        if metal == "V":
            atoms += Atoms("O", positions=[ion + VANADYL * across])
            places = [axis, -across, normal, -normal]
        for place in places:
            atoms += water_towards(ion, place, 2.1, generator.uniform(0, np.pi))
    return atoms


def _frame(direction: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return an orthonormal frame whose first axis is a direction."""
    axis = direction / np.linalg.norm(direction)
    helper = np.eye(3)[int(np.argmin(np.abs(axis)))]
    across = np.cross(axis, helper)
    across /= np.linalg.norm(across)
    return axis, across, np.cross(axis, across)
