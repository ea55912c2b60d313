"""Complexes of an ion with ligands of one sort or several: water, ammonia, anions, solvents; and hydrated hydronium."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...errors import StructureError
from ..connectivity import covalent_bonds
from .ion_pairs import sulfate
from .organic import MOLECULES, from_smiles
from .solvation import IONS, SHELLS, SQUARE_PYRAMID, ZINC_OXYGEN, finished, frame, water_towards

if TYPE_CHECKING:
    from ase import Atoms

HYDRONIUM = "H3O"
"""What stands for the ion in the names of hydrated hydronium."""
MOST_LIGANDS = 6
OF_ANIONS = {"Cl-": 0, "OTf-": 7, "TFSI-": 5, "acetate-": 3, "OH-": 0}
"""Anions that are ligands, and index of their donor atom in the SMILES."""
LONGER = {"O": 0.0, "N": 0.03, "F": -0.1, "S": 0.25, "Cl": 0.25}
"""By how much a bond from an ion to this donor is longer than to oxygen, angstrom: starting values; a relaxation
decides."""
BEND = np.radians(45.0)
"""A donor with one neighbour binds through a lone pair, at neighbour-donor-ion of 135 degrees; not so a nitrile."""
TURNS, SPINS = 12, 6
"""Turns about the line from the ion to the donor, and about the ligand's own axis, that are tried for room."""
LEAST_ROOM = 1.45
"""Atoms of different ligands are no nearer than this, angstrom, or they do not fit."""
STRONG_BOND = 2.55
"""O-O from hydronium to each of its waters, angstrom; 2.42 in H5O2+, whose proton is halfway."""
ZUNDEL = 2.42

_COUNT = re.compile(r"[1-9]?")


@dataclass(frozen=True)
class Ligand:
    """What binds to an ion.

    Attributes:
        name: as molecules are named.
        donor: index of the atom that binds.
        charge: elementary charges.
        build: makes its geometry.
    """

    name: str
    donor: int
    charge: int
    build: Callable[[], Atoms]

    @property
    def written(self) -> str:
        """Its name within a formula, without charge."""
        return re.sub(r"\d?[+-]$", "", self.name)


def find_ligand(name: str) -> Ligand | None:
    """Return a ligand by its name, or by that without its charge; none when it is unknown or has no donor atom.

    Args:
        name: ``H2O``, ``NH3``, ``SO42-`` or ``SO4``, an anion of ``OF_ANIONS``, a molecule with a donor atom; upper and
            lower case alike.
    """
    from ase.build import molecule

    asked = name.strip().casefold()
    if asked in ("h2o", "nh3"):
        return Ligand(asked.upper(), 0, 0, partial(molecule, asked.upper()))
    if asked in ("so42-", "so4", "so4 2-", "[so4]2-"):
        return Ligand("SO42-", 1, -2, sulfate)
    for known, entry in MOLECULES.items():
        donor = OF_ANIONS.get(known, entry.donor)
        names = {known, *entry.aliases, *((known.rstrip("-"),) if known in OF_ANIONS else ())}
        if donor is not None and entry.charge <= 0 and asked in {one.casefold() for one in names}:
            return Ligand(known, donor, entry.charge, partial(from_smiles, entry.smiles))
    return None


def require_ligand(name: str) -> Ligand:
    """Return a ligand by its name.

    Raises:
        StructureError: it is unknown, or nobody has said which of its atoms binds an ion.
    """
    found = find_ligand(name)
    if found is None:
        raise StructureError(
            f"{name!r} is no ligand: nobody knows it, or which of its atoms binds an ion; ligands are "
            f"{', '.join(ligand_names())}"
        )
    return found


def ligand_names() -> list[str]:
    """Return the names of all ligands."""
    return ["H2O", "NH3", "SO42-", *(n for n, m in MOLECULES.items() if n in OF_ANIONS or m.donor is not None)]


def formula(ion: str, charge: int, ligands: Sequence[tuple[Ligand, int]]) -> str:
    """Write a complex as its name: [Zn(NH3)4]2+, [Zn(Cl)2(H2O)2], Zn2+.

    Args:
        ion: symbol.
        charge: of the bare ion; those of the ligands are added.
        ligands: each with its count; one of none is left out.
    """
    total = charge + sum(ligand.charge * count for ligand, count in ligands)
    shell = "".join(f"({ligand.written}){count if count > 1 else ''}" for ligand, count in ligands if count)
    inside = f"[{ion}{shell}]" if shell else ion
    size = str(abs(total)) if abs(total) > 1 else ""
    return f"{inside}{size}{'+' if total > 0 else '-'}" if total else inside


def parse(name: str) -> tuple[str, int, list[tuple[Ligand, int]]] | None:
    """Read a name that [`formula`][] writes.

    Args:
        name: such as ``[Zn(NH3)2(H2O)4]2+``.

    Returns:
        Ion, its charge and the ligands with their counts; none when the name is no such formula of a known ion.
    """
    match = re.fullmatch(r"\[([A-Z][a-z]?)(\(.+\)[1-9]?)\](?:(\d{1,2})?([+-]))?", name.strip())
    if match is None:
        return None
    found = [(find_ligand(inside), count) for inside, count in _groups(match[2])]
    ligands = [(ligand, count) for ligand, count in found if ligand is not None]
    if not ligands or len(ligands) < len(found) or not 1 <= sum(count for _, count in found) <= MOST_LIGANDS:
        return None
    total = (int(match[3] or 1) if match[4] else 0) * (-1 if match[4] == "-" else 1)
    charge = total - sum(ligand.charge * count for ligand, count in ligands)
    return (match[1], charge, ligands) if (match[1], charge) in IONS else None


def _groups(shell: str) -> list[tuple[str, int]]:
    """Split ``(NH3)2(H2O)4`` at its outer parentheses."""
    groups: list[tuple[str, int]] = []
    depth, start, i = 0, 0, 0
    while i < len(shell):
        depth += {"(": 1, ")": -1}.get(shell[i], 0)
        if shell[i] == "(" and depth == 1:
            start = i + 1
        if shell[i] == ")" and depth == 0:
            count = _COUNT.match(shell, i + 1)
            written = count.group() if count else ""
            groups.append((shell[start:i], int(written or 1)))
            i += len(written)
        i += 1
    return groups


def coordinated(ion: str, charge: int, ligands: Sequence[tuple[Ligand, int]], number: int = 0) -> Atoms:
    """Build an ion with its ligands, each turned to where it has most room.

    Args:
        ion: symbol.
        charge: of the bare ion; one of [`IONS`][azibflow.structures.clusters.solvation.IONS] with it.
        ligands: each with its count; six at most together.
        number: which start: seed of the turns and of the small displacements; five ligands stand on a square pyramid in
            odd ones.

    Returns:
        Atoms: the ion, then each ligand; charges added in ``info``.

    Raises:
        StructureError: there are more than six, or they do not fit.
    """
    from ase import Atoms

    one_by_one = [ligand for ligand, count in ligands for _ in range(count)]
    label = formula(ion, charge, ligands)
    if len(one_by_one) > MOST_LIGANDS:
        raise StructureError(f"{label}: {len(one_by_one)} ligands; a first shell is built of {MOST_LIGANDS} at most")
    generator = np.random.default_rng(number)
    count = len(one_by_one)
    directions = SQUARE_PYRAMID if count == 5 and number % 2 else SHELLS[count]
    shell_radius = ZINC_OXYGEN[max(count, 1)] + IONS[ion, charge][1] - ZINC_OXYGEN[MOST_LIGANDS]
    built = {ligand.name: ligand.build() for ligand, _ in ligands}
    shapes = [built[ligand.name] for ligand in one_by_one]
    donors = [
        (shell_radius + LONGER.get(str(shape.symbols[ligand.donor]), 0.1)) * direction
        for ligand, shape, direction in zip(one_by_one, shapes, directions, strict=True)
    ]
    placed: dict[int, Atoms] = {}
    for k in sorted(range(count), key=lambda k: -len(shapes[k])):
        others = [donors[j] for j in range(count) if j != k and j not in placed]
        rest = np.array([np.zeros(3), *others, *(place for atoms in placed.values() for place in atoms.positions)])
        placed[k] = _roomiest(shapes[k], one_by_one[k].donor, donors[k], rest, generator if number else None)
    together = Atoms([ion], positions=[(0, 0, 0)])
    for k in range(count):
        together.extend(placed[k])
    _check_room([placed[k] for k in range(count)], label)
    total = charge + sum(ligand.charge for ligand in one_by_one)
    return finished(together, total, IONS[ion, charge][0], generator)


def hydronium_hydrate(waters: int, number: int = 0) -> Atoms:
    """Build H3O+ with up to three waters on its hydrogen atoms: H5O2+, H7O3+, H9O4+.

    Args:
        waters: 1 to 3.
        number: which start: seed of the turns of the waters.

    Returns:
        Atoms: O, three H, then O, H, H of each water. In H5O2+ the shared proton starts halfway.
    """
    generator = np.random.default_rng(number)
    atoms = from_smiles(MOLECULES["H3O+"].smiles)
    atoms.positions -= atoms.positions[0]
    apart = ZUNDEL if waters == 1 else STRONG_BOND
    for k in range(1, waters + 1):
        outward = atoms.positions[k] / np.linalg.norm(atoms.positions[k])
        turn = np.pi / 2 * k if number == 0 else generator.uniform(0, np.pi)
        atoms += water_towards(np.zeros(3), outward, apart, turn)
    if waters == 1:
        atoms.positions[1] = atoms.positions[4] / 2
    return finished(atoms, 1, 1, generator)


def _roomiest(
    shape: Atoms, donor: int, place: np.ndarray, rest: np.ndarray, generator: np.random.Generator | None
) -> Atoms:
    """Put a ligand with its donor atom on its place, turned to where it is farthest from the rest."""
    bonded = [i + j - donor for i, j in covalent_bonds(shape) if donor in (i, j)]
    start = shape.copy()
    start.info = {}
    start.positions -= start.positions[donor].copy()
    away, across, _ = frame(place)
    if bonded:
        # Frame to frame: ASE's rotate between parallel vectors is no rotation.
        start.positions = (
            start.positions @ np.array(frame(start.positions[bonded].mean(axis=0))).T @ np.array(frame(place))
        )
    bent = len(bonded) == 1 and shape.symbols[donor] != "N"
    first = 0.0 if generator is None else float(generator.uniform(0, 2 * np.pi))
    ways = []
    for spin in 360 / SPINS * np.arange(SPINS if bent else 1):
        for turn in np.degrees(first) + 360 / TURNS * np.arange(TURNS):
            tried = start.copy()
            tried.rotate(spin, away, center=(0, 0, 0))
            tried.rotate(np.degrees(BEND) if bent else 0.0, across, center=(0, 0, 0))
            tried.rotate(turn, away, center=(0, 0, 0))
            tried.positions += place
            ways.append(tried)
    return max(ways, key=lambda atoms: _room(np.delete(atoms.positions, donor, axis=0), rest))


def _room(places: np.ndarray, rest: np.ndarray) -> float:
    """Return the shortest distance from places to the rest, angstrom, rounded so that equals keep their order."""
    return round(float(np.linalg.norm(places[:, None] - rest[None], axis=2).min(initial=99.0)), 3)


def _check_room(placed: list[Atoms], label: str) -> None:
    for k, one in enumerate(placed):
        for other in placed[:k]:
            if np.linalg.norm(one.positions[:, None] - other.positions[None], axis=2).min() < LEAST_ROOM:
                raise StructureError(f"{label}: its ligands do not fit around the ion; ask for fewer")
