"""Bonds between a film and its support, found by covalent radii, and what bridges them: V-O-C, V-O-Ti, V-O-Ru."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ase.data import covalent_radii
from ase.neighborlist import primitive_neighbor_list

from ...errors import StructureError
from ..connectivity import STRETCH, is_metal
from ..coordination import ANIONS

if TYPE_CHECKING:
    from ase import Atoms

SUPPORT_TAG, FILM_TAG = 1, 2
"""ASE tags by which the atoms of a heterostructure tell where they belong; anything else, inserted zinc say, has 0."""

_FAR = 3.0
"""Covalent radii within which the nearest pair is looked for when nothing is bonded."""


@dataclass(frozen=True)
class InterfaceBond:
    """A bond across the interface.

    Attributes:
        film: index of the film's atom.
        support: index of the support's atom.
        image: cell vectors to add to the support's atom.
        symbols: of the film's and of the support's atom.
        length: angstrom.
        pattern: the bond with what its anion holds on the other side, film first: "V-O-C" for O of the film on C,
            "V-O-Ti" for V of the film on O of the support; the two symbols alone where no anion bridges.
    """

    film: int
    support: int
    image: tuple[int, int, int]
    symbols: tuple[str, str]
    length: float
    pattern: str


def interface_bonds(
    atoms: Atoms, film: Sequence[int], support: Sequence[int], *, stretch: float = STRETCH
) -> list[InterfaceBond]:
    """List the bonds between two groups of atoms; two metal atoms are never bonded to each other.

    Args:
        atoms: the whole structure; periodic images are looked at where it is periodic.
        film: indices of the atoms of one side.
        support: indices of the atoms of the other side.
        stretch: longest bond as a multiple of the sum of the covalent radii (Cordero et al., Dalton Trans. 2008, 2832,
            10.1039/b801115j).

    Returns:
        Bonds in the order of film, support and image.
    """
    first, second, images, lengths = _pairs(atoms, stretch)
    sides = np.zeros(len(atoms), dtype=int)
    sides[list(film)], sides[list(support)] = FILM_TAG, SUPPORT_TAG
    held: dict[int, list[int]] = {}
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        if sides[i] == sides[j]:
            held.setdefault(i, []).append(j)
    found = []
    for k in np.flatnonzero((sides[first] == FILM_TAG) & (sides[second] == SUPPORT_TAG)):
        i, j = int(first[k]), int(second[k])
        if not (is_metal(atoms, i) and is_metal(atoms, j)):
            symbols = (str(atoms.symbols[i]), str(atoms.symbols[j]))
            image = (int(images[k][0]), int(images[k][1]), int(images[k][2]))
            found.append(InterfaceBond(i, j, image, symbols, float(lengths[k]), _pattern(atoms, i, j, held)))
    return sorted(found, key=lambda bond: (bond.film, bond.support, bond.image))


def require_bonds(
    atoms: Atoms, film: Sequence[int], support: Sequence[int], *, stretch: float = STRETCH
) -> list[InterfaceBond]:
    """Return the interface bonds of a structure that is no use without any.

    Raises:
        StructureError: there are none; the message names the pair that comes nearest to one.
    """
    bonds = interface_bonds(atoms, film, support, stretch=stretch)
    if bonds:
        return bonds
    name = atoms.info.get("label") or atoms.get_chemical_formula()
    first, second, _, lengths = _pairs(atoms, _FAR)
    across = np.isin(first, list(film)) & np.isin(second, list(support))
    first, second, lengths = first[across], second[across], lengths[across]
    radii = covalent_radii[atoms.numbers]
    bondable = [not (is_metal(atoms, i) and is_metal(atoms, j)) for i, j in zip(first, second, strict=True)]
    ratios = np.where(bondable, lengths / (radii[first] + radii[second]), np.inf)
    nearest = ""
    if len(ratios) and np.isfinite(ratios.min()):
        k = int(ratios.argmin())
        nearest = (
            f": the nearest pair, {atoms.symbols[first[k]]}{first[k]} and {atoms.symbols[second[k]]}{second[k]}, is "
            f"{lengths[k]:.2f} angstrom apart and would be bonded below {stretch * lengths[k] / ratios[k]:.2f}"
        )
    raise StructureError(f"{name} has no interface bonds{nearest}; choose a bonded contact, a smaller gap or a partner")


def count_patterns(bonds: Iterable[InterfaceBond]) -> dict[str, int]:
    """Count the bonds of each pattern, the most frequent first."""
    return dict(Counter(bond.pattern for bond in bonds).most_common())


def film_and_support(atoms: Atoms) -> tuple[list[int], list[int]]:
    """Return the indices of the film's and of the support's atoms from their tags.

    Raises:
        StructureError: no atom is tagged as film, or none as support.
    """
    tags = atoms.get_tags()
    film, support = np.flatnonzero(tags == FILM_TAG).tolist(), np.flatnonzero(tags == SUPPORT_TAG).tolist()
    if not film or not support:
        name = atoms.info.get("label") or atoms.get_chemical_formula()
        raise StructureError(
            f"{name} does not say which atoms are film and which support: tag the support {SUPPORT_TAG} and the film "
            f"{FILM_TAG}, as heterostructures built by name have it (.xyz, .traj and stored documents keep tags)"
        )
    return film, support


def both_sides(atoms: Atoms) -> tuple[list[int], list[int]]:
    """Return the indices of all atoms of the film's side and of the support's side.

    What has no tag of either, such as an ion or a group that was added, is on the side of its nearest tagged atom, in
    units of the sum of covalent radii.

    Raises:
        StructureError: as for [`film_and_support`][].
    """
    film, support = film_and_support(atoms)
    tagged = [*film, *support]
    for atom in sorted(set(range(len(atoms))) - set(tagged)):
        radii = covalent_radii[atoms.numbers[atom]] + covalent_radii[atoms.numbers[tagged]]
        nearest = tagged[int((atoms.get_distances(atom, tagged, mic=True) / radii).argmin())]
        (film if atoms.get_tags()[nearest] == FILM_TAG else support).append(atom)
    return sorted(film), sorted(support)


def _pairs(atoms: Atoms, stretch: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return first and second atoms, images and lengths of all pairs closer than ``stretch`` covalent radii."""
    cutoffs = list(stretch * covalent_radii[atoms.numbers])
    first, second, images, lengths = primitive_neighbor_list(
        "ijSd", atoms.pbc, atoms.cell.complete().array, atoms.positions, cutoffs
    )
    return first, second, images, lengths


def _pattern(atoms: Atoms, i: int, j: int, held: Mapping[int, list[int]]) -> str:
    """Name a bond by its anion and what this holds on its own side: the metals there, else whatever it is bonded to."""
    first, second = str(atoms.symbols[i]), str(atoms.symbols[j])
    if (first in ANIONS) == (second in ANIONS):
        return f"{first}-{second}"
    bridge = i if first in ANIONS else j
    partners = held.get(bridge, [])
    metals = [k for k in partners if is_metal(atoms, k)]
    names = "/".join(sorted({str(atoms.symbols[k]) for k in metals or partners}))
    parts = [names, first, second] if bridge == i else [first, second, names]
    return "-".join(part for part in parts if part)
