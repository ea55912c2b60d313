"""Atoms as places of edits: those of one plane, in which order they are taken, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ...errors import StructureError
from ..rounding import rounded
from ..vacuum import widest_gap
from .arrangements import SAME, Arrangement, Places, images_of
from .draft import GROUP, SITE, Draft

if TYPE_CHECKING:
    from ase import Atoms

Array = np.ndarray

PLANE = 0.3
"""Atoms of one element whose heights differ by more lie in different planes, angstrom."""
_SHELL = 1.25
_REACH = 2.0


def atoms_of(draft: Draft, symbol: str, at: str | int | None, key: str) -> list[int]:
    """Return the atoms of an element, all of them or those of one plane.

    Args:
        draft: where they are.
        symbol: chemical symbol.
        at: ``surface`` for the uppermost plane of that element, ``subsurface`` for the next, or its number from 1.
        key: of the recipe, with its value, for messages.

    Raises:
        StructureError: there are none, or no such plane.
    """
    found = [i for i, own in enumerate(draft.built.symbols) if own == symbol and not draft.built.arrays[GROUP][i]]
    if not found:
        there = ", ".join(dict.fromkeys(draft.built.get_chemical_symbols()))
        raise StructureError(f"{draft.name}: {key}: there is no {symbol} in it, only {there}")
    if at is None:
        return found
    planes = _planes(upright_heights(draft, f"{key}: at: {at}"), found)
    number = {"surface": 1, "subsurface": 2}.get(str(at), at)
    if not 1 <= int(number) <= len(planes):
        raise StructureError(
            f"{draft.name}: {key}: at: {at}: {symbol} lies in {len(planes)} plane(s), counted from 1 at the surface"
        )
    return planes[int(number) - 1]


def upright_heights(draft: Draft, key: str) -> Array:
    """Return the heights of the atoms along c, one piece above the vacuum, angstrom.

    Raises:
        StructureError: there is no vacuum along c.
    """
    if not draft.is_open:
        raise StructureError(
            f"{draft.name}: {key}: only slabs and sheets have a surface, and this has no vacuum along c; cut a slab"
        )
    return _heights(draft.built)


def places_of_atoms(draft: Draft, indices: Sequence[int]) -> Places:
    """Take atoms as places: the higher first, then those of which there are more, then the more crowded."""
    fractional = draft.built.get_scaled_positions()[list(indices)]
    images, _ = images_of(fractional, draft.built.cell.array, draft.symmetry)
    heights = _heights(draft.built)[list(indices)] if draft.is_open else np.zeros(len(indices))
    crowds = _crowds(draft.built, indices)
    keys = []
    for place in range(len(indices)):
        equal = np.unique(images[:, place])
        keys.append((-rounded(heights[equal].max(), 2), -len(equal), -rounded(crowds[equal].mean(), 2)))
    order = np.array([sorted(set(keys)).index(key) for key in keys])
    return Places.of(fractional, draft.built.cell.array, draft.symmetry, order)


def described_atoms(draft: Draft, indices: Sequence[int], arrangement: Arrangement, places: Places) -> str:
    """Say where atoms are: coordinates, site symmetry, how many such choices there are, nearest distances."""
    where = described_places(places, arrangement)
    if len(indices) == 1:
        site = draft.built.arrays[SITE][indices[0]].replace(".", "")
        where += f", site {site}" if site else ""
        where += f", {_nearest(draft.built, indices[0])}"
    return where


def described_places(places: Places, arrangement: Arrangement) -> str:
    """Say where places are, how many such choices there are, and how far apart they lie."""
    at = " ".join("({:.3f} {:.3f} {:.3f})".format(*(all_positive(places.fractional[i]))) for i in arrangement.members)
    apart = "" if arrangement.shortest is None else f", {arrangement.shortest:.2f} angstrom apart"
    return f"at {at}, {arrangement.multiplicity} such{apart}"


def all_positive(fractional: Array) -> list[float]:
    """Wrap fractional coordinates into the cell as people write them: 0 and not 1.000."""
    return [float(value) for value in np.round(fractional, 4) % 1.0]


def _heights(atoms: Atoms) -> Array:
    """Return the heights of the atoms over the vacuum along c, angstrom."""
    _, bottom = widest_gap(atoms, 2)
    fractions = (atoms.get_scaled_positions(wrap=False)[:, 2] - bottom) % 1.0
    return np.asarray(fractions / np.linalg.norm(atoms.cell.reciprocal()[2]))


def _planes(heights: Array, indices: Sequence[int]) -> list[list[int]]:
    """Sort atoms into planes, the uppermost first."""
    downwards = sorted(indices, key=lambda i: -heights[i])
    planes = [[downwards[0]]]
    for above, atom in pairwise(downwards):
        if heights[above] - heights[atom] > PLANE:
            planes.append([])
        planes[-1].append(atom)
    return [sorted(plane) for plane in planes]


def _crowds(atoms: Atoms, indices: Sequence[int]) -> Array:
    """Count the protons around each atom, the less the farther."""
    weights = np.exp(-((_lengths(atoms, indices, 3 * _REACH) / _REACH) ** 2))
    return np.asarray((weights * atoms.numbers[:, None]).sum(axis=(1, 2)))


def _lengths(atoms: Atoms, indices: Sequence[int], reach: float) -> Array:
    """Return the distances from atoms to all atoms and their images up to a reach, shape (indices, atoms, images)."""
    heights = 1 / np.linalg.norm(atoms.cell.reciprocal().array, axis=1)
    images = [np.arange(-n, n + 1) for n in np.ceil(reach / heights).astype(int)]
    shifts = np.stack(np.meshgrid(*images, indexing="ij"), axis=-1).reshape(-1, 3) @ atoms.cell.array
    positions = atoms.get_positions(wrap=True)
    ways = positions[None, :, None] + shifts - positions[list(indices), None, None]
    return np.asarray(np.linalg.norm(ways, axis=-1))


def _nearest(atoms: Atoms, index: int) -> str:
    """Name the nearest atoms with their distances."""
    (lengths,) = _lengths(atoms, [index], 3 * _REACH)
    own = sorted(
        (rounded(lengths[other, image], 2), str(atoms.symbols[other]))
        for other, image in np.argwhere((lengths > SAME) & (lengths < 3 * _REACH))
    )
    if not own:
        return "nothing within 6 angstrom"
    near = [(length, symbol) for length, symbol in own if length < _SHELL * own[0][0]]
    counted = {pair: near.count(pair) for pair in near}
    return "nearest " + ", ".join(
        f"{f'{times} ' if times > 1 else ''}{symbol} {length:.2f}" for (length, symbol), times in counted.items()
    )
