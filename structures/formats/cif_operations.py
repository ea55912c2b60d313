"""The atoms of a whole cell from those that a CIF lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ...errors import StructureError

if TYPE_CHECKING:
    from ase import Atoms
    from ase.io.cif import CIFBlock

SAME_PLACE = 0.05
"""Images of a site closer than this are one atom, angstrom: coordinates such as 0.333 are rounded."""

_LISTED = ("_space_group_symop_operation_xyz", "_space_group_symop.operation_xyz", "_symmetry_equiv_pos_as_xyz")
_NUMBER = ("_space_group_it_number", "_space_group.it_number", "_symmetry_int_tables_number")
_NAME = ("_space_group_name_h-m_alt", "_symmetry_space_group_name_h-m")
_HALL = ("_space_group_name_hall", "_symmetry_space_group_name_hall")

_PART = re.compile(r"([+-]?([xyz]|\d*\.\d+|\d+(/[1-9]\d*)?)(?=[+-]|$))+")

Operations = tuple[np.ndarray, np.ndarray]
"""Rotations, shape (n, 3, 3), and translations, shape (n, 3), in fractions of the cell."""


def operations(block: CIFBlock) -> Operations:
    """Return the symmetry operations that a CIF lists, or those of the space group that it names.

    Args:
        block: of the file.

    Raises:
        StructureError: an operation cannot be read, or the operations of a group have to be guessed.
    """
    from ase.spacegroup.spacegroup import parse_sitesym

    listed = _first(block, _LISTED)
    if listed is None:
        return _of_group(block)
    written = [str(value).strip("'\" ") for value in (listed if isinstance(listed, list) else [listed])]
    for operation in written:
        parts = "".join(operation.split()).lower().split(",")
        if len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
            raise StructureError(f"{operation!r} is no symmetry operation")
    rotations, translations = parse_sitesym(written)
    if np.abs(24 * translations - (24 * translations).round()).max(initial=0) > 0.02:
        raise StructureError("a translation of its symmetry operations is none that space groups have")
    translations = (24 * translations).round() / 24  # 0.333 is 1/3
    if not np.all(np.abs(np.linalg.det(rotations).round(6)) == 1) or not written:
        raise StructureError("its symmetry operations are no rotations")
    if not _is_group(rotations, translations):
        raise StructureError("its symmetry operations are no group: one of them is missing or damaged")
    number = _first(block, _NUMBER)
    if len(written) == 1 and number is not None and str(number) not in ("1", ".", "?"):
        raise StructureError(
            f"the space group has the number {number}, but the only symmetry operation is {written[0]}; list all of "
            "them, or write the group as number 1 when all atoms are there"
        )
    return rotations, translations


def _is_group(rotations: np.ndarray, translations: np.ndarray) -> bool:
    """Tell whether one operation after another is always an operation of the list, up to whole cells."""
    known = np.column_stack([rotations.reshape(-1, 9), translations % 1.0])
    products = np.einsum("aij,bjk->abik", rotations, rotations).reshape(-1, 9)
    shifts = np.einsum("aij,bj->abi", rotations, translations) + translations[:, None]
    made = np.column_stack([products, shifts.reshape(-1, 3) % 1.0])
    return {_rounded(row) for row in made} == {_rounded(row) for row in known}


def _rounded(row: np.ndarray) -> tuple[int, ...]:
    """Return an operation as integers: translations in 24ths of the cell, which all space groups have."""
    return (*(int(value) for value in row[:9]), *(round(24 * value) % 24 for value in row[9:]))


def expanded(sites: Atoms, labels: list[str], symmetry: Operations) -> Atoms:
    """Make all atoms of the cell.

    Args:
        sites: what the file lists, with its cell.
        labels: what the file calls them.
        symmetry: see [`operations`][].

    Returns:
        Atoms, the images of each site together; a site listed beside its own image counts once.

    Raises:
        StructureError: two elements stand on one place.
    """
    from ase import Atoms

    rotations, translations = symmetry
    cell = sites.cell.array
    places = np.empty((0, 3))
    symbols: list[str] = []
    for label, symbol, site in zip(labels, sites.symbols, sites.get_scaled_positions(), strict=True):
        own = np.empty((0, 3))
        for image in rotations @ site + translations:
            if _nearest(own, image, cell)[1] > SAME_PLACE:
                own = np.vstack([own, image % 1.0])
        there, apart = _nearest(places, own[0], cell)
        if apart > SAME_PLACE:
            places = np.vstack([places, own])
            symbols += [symbol] * len(own)
        elif symbols[there] != symbol:
            raise StructureError(f"{label} stands on the place of another atom, of {symbols[there]}")
    return Atoms(symbols, scaled_positions=places, cell=sites.cell, pbc=True)


def _nearest(places: np.ndarray, place: np.ndarray, cell: np.ndarray) -> tuple[int, float]:
    """Return which place is nearest, and how far it is, angstrom."""
    if not len(places):
        return -1, np.inf
    apart = places - place
    distances = np.linalg.norm((apart - np.rint(apart)) @ cell, axis=1)
    nearest = int(distances.argmin())
    return nearest, float(distances[nearest])


def _of_group(block: CIFBlock) -> Operations:
    """Return the operations of a group by its name, where that leaves neither axes nor origin open."""
    from ase.spacegroup import Spacegroup
    from ase.spacegroup.spacegroup import SpacegroupNotFoundError

    name, number, hall = (_first(block, keys) for keys in (_NAME, _NUMBER, _HALL))
    if str(number) in ("None", "1") and _spelled(name if name is not None else hall) in ("", "P1"):
        return np.eye(3, dtype=int)[None], np.zeros((1, 3))
    try:
        group = Spacegroup(str(name))
        clear = _spelled(group.symbol) == _spelled(name) and str(number) in ("None", str(group.no))
    except SpacegroupNotFoundError:
        clear = False
    if clear:
        try:
            Spacegroup(group.no, setting=2)
        except SpacegroupNotFoundError:
            rotations, translations = zip(*group.get_symop(), strict=True)
            return np.array(rotations), np.array(translations)
    raise StructureError(
        f"the space group {name if name is not None else number or hall} leaves the setting of its axes or its origin "
        "open, and the file lists no symmetry operations; add them, or write all atoms in P 1"
    )


def _first(block: CIFBlock, keys: tuple[str, ...]) -> object:
    """Return the first of these values that is stated."""
    return next((block[key] for key in keys if key in block and block[key] not in (".", "?", "", [])), None)


def _spelled(name: object) -> str:
    return "" if name is None else "".join(str(name).split()).upper()
