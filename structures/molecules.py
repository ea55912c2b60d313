"""Adsorbates: atoms and molecules by name or from a file, and the ways in which they can face a surface."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from ase.data import atomic_numbers, ground_state_magnetic_moments

from ..errors import StructureError
from ..paths import expanded, is_file
from .clusters import cluster, find_cluster, names
from .documents import StructureDocument
from .files import read_structure
from .formats.names import BY_ENDING
from .labels import numbered

if TYPE_CHECKING:
    from ase import Atoms

TILT = 5.0
"""Degrees by which molecules lean, so that a symmetric start cannot hold a relaxation on a saddle point."""

FILE_ENDINGS = frozenset(BY_ENDING)
"""Endings by which a file is recognised that does not exist (yet)."""

_LEAN_AXIS = (np.cos(0.3), np.sin(0.3), 0.0)  # along no symmetry direction of a square or a hexagonal surface
_SAME_HEIGHT = 0.3
_SAME_PLACE = 0.1
_AS_FAR = 1e-3
_ON_AXIS = 0.01
_MARKED = 0.1
_TO_ONE_SIDE = (-0.4, -0.9, 0.2)  # 1/angstrom, along no symmetry direction of a molecule turned to its axis


@dataclass(frozen=True)
class Orientation:
    """One way in which a molecule faces a surface below it.

    Attributes:
        label: the atoms nearest to the surface ("O-down", "H2-down"), "flat", or the symbol of a single atom.
        atoms: the molecule, the surface normal along +z, the centre of mass of its lowest atoms at the origin.
    """

    label: str
    atoms: Atoms


def adsorbate(source: str | StructureDocument) -> Atoms:
    """Build an atom or a molecule.

    Args:
        source: an element ("Zn", "H"), a molecule of ASE's G2 collection ("OH", "H2O", "CO2"; MP2(full)/6-31G*
            geometries of Curtiss et al., J. Chem. Phys. 1997, 106, 1063, 10.1063/1.473182), a name or SMILES that
            `structures.clusters` knows ("[Zn(H2O)6]2+", "NMP", "smiles:CCO"), the path of a file, or the
            molecule itself as data.

    Returns:
        Atoms without cell; in ``info`` charge, spin (2S+1 of the ground state) and label.

    Raises:
        StructureError: no such element, molecule or file, or the file holds a periodic structure.
    """
    from ase import Atoms
    from ase.build import molecule
    from ase.collections import g2

    if isinstance(source, StructureDocument):
        return _without_cell(source.to_atoms(), source.label or source.formula)
    name = source
    if name in atomic_numbers and name != "X":
        atoms = Atoms([name], positions=[(0, 0, 0)])
        unpaired = float(ground_state_magnetic_moments[atomic_numbers[name]])
    elif name in g2.names:
        atoms = molecule(name)
        unpaired = float(atoms.get_initial_magnetic_moments().sum())
        atoms.set_initial_magnetic_moments(None)
    elif find_cluster(name) is not None:
        return cluster(name)
    elif names_file(name):
        return _without_cell(read_structure(name), name)
    else:
        near = difflib.get_close_matches(name, [*names(), *g2.names, *atomic_numbers], n=5, cutoff=0.5)
        hint = f"; near names: {', '.join(near)}" if near else ""
        raise StructureError(
            f"nobody knows the molecule {name!r}: it is no element, no named molecule or cluster, no smiles:STRING and "
            f"no file{hint}"
        )
    atoms.info = {"charge": 0, "spin": round(unpaired) + 1, "label": name}
    return atoms


def is_known(name: str) -> bool:
    """Tell whether a name stands for an element, a molecule or a cluster; such a name is never that of a file."""
    from ase.collections import g2

    try:
        return name in atomic_numbers or name in g2.names or find_cluster(name) is not None
    except StructureError:  # a pattern that is known, of what cannot be built
        return True


def names_file(name: str, folder: Path = Path()) -> bool:
    """Tell the path of a molecule file from the name of a molecule, which may hold dots too.

    Args:
        name: the text.
        folder: what a relative path is relative to.
    """
    path = expanded(name)
    if is_known(name):
        return False
    return path.is_absolute() or is_file(folder / path) or path.suffix.lower() in FILE_ENDINGS


def embedded(source: str | StructureDocument) -> str | StructureDocument:
    """Read a molecule that is named by its file, so that it can be built where the file is not; names stay names.

    Raises:
        StructureError: the file cannot be read, or holds a periodic structure.
    """
    if isinstance(source, StructureDocument) or not names_file(source):
        return source
    return StructureDocument.from_atoms(adsorbate(source))


def molecule_label(source: str | StructureDocument) -> str:
    """Return a short name for people: that of a file without folder and ending, any other as it is."""
    if isinstance(source, StructureDocument):
        return source.label or source.formula
    return Path(source).stem if names_file(source) else source


def orientations(molecule: Atoms) -> list[Orientation]:
    """Turn a molecule to every distinct one of a small set of directions towards the surface.

    A single atom has one. A molecule has: the outermost atom of each element pointing down; that of the heaviest
    element pointing up; lying flat. Those that agree up to a rotation about the normal count once, which leaves O-down,
    H-down, H2-down and flat for water. Hydroxyl binds through its oxygen alone and is given O-down only. Each molecule
    leans by ``TILT``, about an axis that belongs to the molecule: neither where it lies in its file, the order of its
    atoms, nor a mirror image (of a molecule that is its own) makes another start.

    Args:
        molecule: atoms in any position.

    Returns:
        Orientations in the order above.
    """
    if len(molecule) == 1:
        atoms = molecule.copy()
        atoms.positions[:] = 0.0
        return [Orientation(str(atoms.symbols[0]), atoms)]
    centred = molecule.positions - molecule.get_center_of_mass()
    downs = _outermost(molecule, centred)
    if sorted(molecule.get_chemical_symbols()) == ["H", "O"]:
        return [_leaning(_upright(molecule, downs[0]))]
    uprights = [_upright(molecule, directions) for directions in [*downs, -downs[0]]]
    normals = _flat_normals(molecule, centred)
    if len(normals):
        uprights.append(Orientation("flat", _upright(molecule, normals).atoms))
    distinct = _distinct(uprights)
    labels = numbered([upright.label for upright in distinct])
    return [_leaning(Orientation(label, upright.atoms)) for label, upright in zip(labels, distinct, strict=True)]


def in_box(molecule: Atoms, vacuum: float = 7.5) -> Atoms:
    """Put a molecule into a periodic box, so that whatever computes surfaces can compute it too.

    Args:
        molecule: atoms without a cell.
        vacuum: empty space on every side, angstrom; images are at least twice this apart.

    Returns:
        A copy in the middle of its box, charge, spin and label kept.
    """
    boxed = molecule.copy()
    boxed.center(vacuum=vacuum)
    boxed.pbc = True
    return boxed


def _without_cell(atoms: Atoms, name: str) -> Atoms:
    if atoms.pbc.any():
        raise StructureError(f"{name} is periodic; give the molecule without a cell, as .xyz say")
    atoms.set_cell(None)
    return atoms


def _outermost(molecule: Atoms, centred: np.ndarray) -> list[np.ndarray]:
    """Return for each element, heaviest first, the directions of its atoms farthest from the centre of mass."""
    distances = np.linalg.norm(centred, axis=1)
    directions = []
    for number in sorted(set(molecule.numbers.tolist()), reverse=True):
        own = molecule.numbers == number
        farthest = distances[own].max()
        if farthest > _AS_FAR:
            directions.append(centred[own & (distances > farthest - _AS_FAR)])
    return directions


def _upright(molecule: Atoms, downs: np.ndarray) -> Orientation:
    """Rotate one of some directions to -z and put the centre of mass of the lowest atoms at the origin.

    Which of the directions, and which way the molecule is turned about the normal, follows from the molecule alone.
    """
    turned = []
    for down in downs:
        atoms = molecule.copy()
        atoms.positions -= atoms.get_center_of_mass()
        atoms.rotate(down, "-z")
        turned += _turned_to_axis(atoms)
    atoms = max(turned, key=_sidedness)
    lowest = _lowest(atoms)
    atoms.positions -= atoms[lowest].get_center_of_mass()
    return Orientation(f"{atoms.symbols[lowest].get_chemical_formula()}-down", atoms)


def _turned_to_axis(atoms: Atoms) -> list[Atoms]:
    """Turn a molecule about z until it is longest along y: in two ways unless it is round, the smaller turn first.

    What looks alike after less than half a turn is as long in all directions: there a moment of that symmetry is
    brought to -y.
    """
    plane = atoms.positions[:, 0] + 1j * atoms.positions[:, 1]
    weights = atoms.get_masses() * np.abs(plane) ** 2
    if weights.sum() < _ON_AXIS**2 * atoms.get_masses().sum():
        return [atoms]
    moments = {fold: complex(weights @ np.exp(1j * fold * np.angle(plane))) for fold in (2, 1, 3, 4, 5, 6)}
    marked = (fold for fold in moments if abs(moments[fold]) > _MARKED * weights.sum())
    fold = next(marked, max(moments, key=lambda fold: abs(moments[fold])))
    turns = -90.0 - np.degrees(np.angle(moments[fold])) / fold - 360.0 * np.arange(fold) / fold
    found = []
    for turn in sorted((turns + 180.0) % 360.0 - 180.0, key=abs):
        other = atoms.copy()
        other.rotate(turn, "z")
        found.append(other)
    return found


def _sidedness(atoms: Atoms) -> float:
    """Return a number that tells a molecule from what a rotation or a mirror makes of it, unless it is the same."""
    return round(float(np.log(atoms.numbers @ np.exp(atoms.positions @ _TO_ONE_SIDE))), 6)


def _lowest(atoms: Atoms) -> np.ndarray:
    heights = atoms.positions[:, 2]
    return np.flatnonzero(heights < heights.min() + _SAME_HEIGHT)


def _leaning(upright: Orientation) -> Orientation:
    atoms = upright.atoms.copy()
    atoms.rotate(TILT, _LEAN_AXIS)
    return Orientation(upright.label, atoms)


def _flat_normals(molecule: Atoms, centred: np.ndarray) -> np.ndarray:
    """Return directions that may point down when flat: along the axis of largest inertia; none for a ball."""
    moments, axes = molecule.get_moments_of_inertia(vectors=True)
    scale = moments[2]
    if moments[2] - moments[0] < 1e-2 * scale:
        return np.empty((0, 3))
    if moments[2] - moments[1] > 1e-2 * scale:
        return np.array([axes[2], -axes[2]])
    off_axis: np.ndarray = centred - np.outer(centred @ axes[0], axes[0])
    lengths = np.linalg.norm(off_axis, axis=1)
    if lengths.max() > 0.1:
        outermost: np.ndarray = off_axis[lengths > lengths.max() - _AS_FAR]
        return outermost
    normals: np.ndarray = np.cross(axes[0], np.eye(3)[[int(np.argmin(np.abs(axes[0])))]])
    return normals


def _distinct(uprights: list[Orientation]) -> list[Orientation]:
    """Keep the first of those whose atoms stand at the same heights and the same distances from the normal."""
    kept: list[Orientation] = []
    for upright in uprights:
        if not any(_alike(upright.atoms, other.atoms) for other in kept):
            kept.append(upright)
    return kept


def _alike(one: Atoms, other: Atoms) -> bool:
    """Tell whether atoms can be paired so that all pairs agree in element, height and distance from the normal."""
    from scipy.optimize import linear_sum_assignment

    tables = [np.column_stack([np.hypot(*atoms.positions.T[:2]), atoms.positions[:, 2]]) for atoms in (one, other)]
    apart = np.abs(tables[0][:, None] - tables[1]).max(axis=2)
    fits = (apart < _SAME_PLACE) & (one.numbers[:, None] == other.numbers)
    return bool(fits[linear_sum_assignment(~fits)].all())
