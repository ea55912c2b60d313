"""Ions in water: hydrates with one or two shells, and the hydrated vanadyl ion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

IONS: dict[tuple[str, int], tuple[int, float]] = {
    ("Li", 1): (1, 2.08),
    ("Na", 1): (1, 2.40),
    ("K", 1): (1, 2.75),
    ("Mg", 2): (1, 2.09),
    ("Ca", 2): (1, 2.39),
    ("Al", 3): (1, 1.90),
    ("Mn", 2): (6, 2.18),
    ("Fe", 2): (5, 2.12),
    ("Fe", 3): (6, 2.00),
    ("Co", 2): (4, 2.09),
    ("Ni", 2): (3, 2.06),
    ("Cu", 2): (2, 2.06),
    ("Zn", 2): (1, 2.11),
}
"""Ions by symbol and charge: multiplicity 2S+1 of the hydrate (high spin), distance to the oxygen atoms of six waters,
angstrom (H. Ohtaki, T. Radnai, Chem. Rev. 1993, 93, 1157, rounded). Fewer waters come nearer as to Zn2+."""
ZINC_OXYGEN = {1: 1.87, 2: 1.90, 3: 1.94, 4: 1.99, 5: 2.05, 6: 2.11}
"""Distance from Zn2+ to the oxygen atoms of n waters, angstrom: starting values of the kind computed in
10.1021/jp972072r; a relaxation decides."""
OXYGEN_HYDROGEN = 0.97
HALF_ANGLE = np.radians(53.0)
"""Half of H-O-H, a little wider than 104.5 degrees as next to a cation."""
HYDROGEN_BOND = 2.70
"""O-O between the first shell and the second, angstrom."""
VANADYL = 1.58
"""V=O in vanadyl, angstrom; the four waters beside it stand at 2.06, the one opposite, pushed away, at 2.20."""
RANDOM_TURNS = 4
"""Random turns of a water about its axis of which the one with most room is taken."""
SHAKE = 0.02
"""Standard deviation, angstrom, of the displacements that every start gets: a perfectly symmetric one can hold an
optimiser on a saddle point, where all forces that lead off it vanish."""

_HALF, _ROOT = 0.5, np.sqrt(0.75)
_LINE = [[0.0, 0, 1], [0, 0, -1]]
_TRIANGLE = [[1, 0, 0], [-_HALF, _ROOT, 0], [-_HALF, -_ROOT, 0]]
_SQUARE = [[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]]
TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
SHELLS: dict[int, np.ndarray] = {
    0: np.zeros((0, 3)),
    1: np.array(_LINE[:1]),
    2: np.array(_LINE),
    3: np.array(_TRIANGLE),
    4: TETRAHEDRON,
    5: np.array([*_TRIANGLE, *_LINE]),
    6: np.array([*_SQUARE, *_LINE]),
}
"""Directions from an ion to its n waters: line, triangle, tetrahedron, trigonal bipyramid, octahedron."""
SQUARE_PYRAMID = np.array([*_SQUARE, _LINE[0]])
"""The other shape of five, which odd seeds start from."""


def hydrate(ion: str, waters: int, charge: int, seed: int = 0) -> Atoms:
    """Build an ion with its first shell of water, hydrogen atoms pointing away from it.

    Args:
        ion: symbol.
        waters: 0 to 6.
        charge: of the ion; one of [`IONS`][].
        seed: of the turns of the waters about their axes and of the small displacements.

    Returns:
        Atoms: the ion, then O, H, H of each water.
    """
    generator = np.random.default_rng(seed)
    return finished(_shell(ion, waters, charge, seed, generator), charge, IONS[ion, charge][0], generator)


def second_shell(ion: str, waters: int, charge: int, outer: int, seed: int = 0) -> Atoms:
    """Build a hydrate whose first-shell hydrogen atoms give hydrogen bonds to outer waters.

    Args:
        ion: symbol.
        waters: in the first shell, 1 to 6.
        charge: of the ion; one of [`IONS`][].
        outer: waters in the second shell, up to two per first-shell water.
        seed: as for [`hydrate`][].

    Returns:
        Atoms: the hydrate, then O, H, H of each outer water.
    """
    generator = np.random.default_rng(seed)
    atoms = _shell(ion, waters, charge, seed, generator)
    hydrogens = [i for i in range(len(atoms)) if atoms.symbols[i] == "H"]
    # One hydrogen of every water first, so that the outer waters spread over the shell.
    for i in [*hydrogens[::2], *hydrogens[1::2]][:outer]:
        oxygen = atoms.positions[i - 1 if atoms.symbols[i - 1] == "O" else i - 2]
        atoms += water_towards(oxygen, atoms.positions[i] - oxygen, HYDROGEN_BOND, 0.4 * i)
    return finished(atoms, charge, IONS[ion, charge][0], generator)


def vanadyl_hydrate(seed: int = 0) -> Atoms:
    """Build [VO(H2O)5]2+: the oxo ligand on +z, four waters bent away from it, a distant one opposite; a doublet."""
    from ase import Atoms

    generator = np.random.default_rng(seed)
    atoms = Atoms("VO", positions=[(0, 0, 0), (0, 0, VANADYL)])
    for side in _SQUARE:
        atoms += water_towards(np.zeros(3), np.array(side) - (0, 0, 0.15), 2.06, generator.uniform(0, np.pi))
    atoms += water_towards(np.zeros(3), np.array([0, 0, -1.0]), 2.20, 0.3)
    return finished(atoms, 2, 2, generator)


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

    axis, across, normal = frame(direction)
    side = np.cos(turn) * across + np.sin(turn) * normal
    oxygen = ion + distance * axis
    along, aside = OXYGEN_HYDROGEN * np.cos(HALF_ANGLE) * axis, OXYGEN_HYDROGEN * np.sin(HALF_ANGLE) * side
    return Atoms("OHH", positions=[oxygen, oxygen + along + aside, oxygen + along - aside])


def roomiest_water(ion: np.ndarray, place: np.ndarray, turns: np.ndarray, rest: np.ndarray) -> Atoms:
    """Build a water molecule that faces an ion, turned so that its hydrogen atoms have most room.

    Args:
        ion: position of the ion, angstrom.
        place: from there to the oxygen atom, angstrom.
        turns: angles to choose from, radians.
        rest: positions of other atoms, angstrom, shape (n, 3).

    Returns:
        Atoms O, H, H.
    """
    turned = [water_towards(ion, place, float(np.linalg.norm(place)), turn) for turn in turns]
    return turned[int(np.argmax([room(water.positions[1:], rest) for water in turned]))]


def room(places: np.ndarray, rest: np.ndarray) -> float:
    """Return the shortest distance from one or several positions to any of the rest, angstrom."""
    apart = np.atleast_2d(places)[:, None, :] - rest[None, :, :]
    return float(np.linalg.norm(apart, axis=2).min())


def finished(atoms: Atoms, charge: int, spin: int, generator: np.random.Generator) -> Atoms:
    """Shake every atom but the first and write charge and multiplicity down."""
    if len(atoms) > 1:
        # Cut off at two standard deviations, so that no bond starts far from its length.
        shifts = np.clip(generator.normal(scale=SHAKE, size=(len(atoms) - 1, 3)), -2 * SHAKE, 2 * SHAKE)
        atoms.positions[1:] += shifts
    atoms.info = {"charge": charge, "spin": spin}
    return atoms


def frame(direction: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return an orthonormal frame whose first axis is a direction."""
    axis = direction / np.linalg.norm(direction)
    helper = np.eye(3)[int(np.argmin(np.abs(axis)))]
    across = np.cross(axis, helper)
    across /= np.linalg.norm(across)
    return axis, across, np.cross(axis, across)


def _shell(ion: str, waters: int, charge: int, seed: int, generator: np.random.Generator) -> Atoms:
    from ase import Atoms

    directions = SQUARE_PYRAMID if waters == 5 and seed % 2 else SHELLS[waters]
    atoms = Atoms([ion], positions=[(0, 0, 0)])
    if waters == 0:
        return atoms
    oxygens = (ZINC_OXYGEN[waters] + IONS[ion, charge][1] - ZINC_OXYGEN[6]) * directions
    for number, oxygen in enumerate(oxygens):
        # Waters opposite each other have their planes turned alike, those on other axes otherwise: close to the Th
        # symmetry of hexahydrates. Other seeds turn them at random.
        turns = np.array([np.pi / 2 * (number // 2)]) if seed == 0 else generator.uniform(0, np.pi, RANDOM_TURNS)
        rest = np.array([*atoms.positions, *np.delete(oxygens, number, axis=0)])
        atoms += roomiest_water(np.zeros(3), oxygen, turns, rest)
    return atoms
