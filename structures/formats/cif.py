"""Crystallographic information files: ASE's parser, and what it would drop or guess refused."""

from __future__ import annotations

import re
import warnings
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import StructureError
from .cif_operations import expanded, operations

if TYPE_CHECKING:
    from ase import Atoms
    from ase.io.cif import CIFBlock

_TYPES, _LABELS, _OCCUPANCIES = "_atom_site_type_symbol", "_atom_site_label", "_atom_site_occupancy"
_FRACTIONS = tuple(f"_atom_site_fract_{axis}" for axis in "xyz")
_CARTESIAN = tuple(f"_atom_site_cartn_{axis}" for axis in "xyz")
_NOT_STATED = (".", "?")


def read(text: str) -> Atoms:
    """Read the only structure, expanded by its symmetry operations.

    Oxidation numbers are formal and name no charge of the crystal, which is neutral.

    Args:
        text: the file.

    Returns:
        Atoms of the whole cell; without a cell where the file has none and the coordinates are Cartesian.

    Raises:
        StructureError: no or several structures, a line that does not fit its columns, a site that is partly occupied
            or shared by two elements, an element that is not clear or not listed, or symmetry that is not clear.
    """
    from ase import Atoms

    block = _only_block(text)
    tags = dict(block)
    symbols, labels = _elements(tags), _labels(tags)
    _check_occupancies(tags, labels)
    stated = [tag for tag in block.cell_tags if tag in block]
    if not stated and all(key in tags for key in _CARTESIAN):
        atoms = Atoms(symbols, positions=_coordinates(tags, _CARTESIAN, labels))
    elif len(stated) < len(block.cell_tags):
        raise StructureError("there is no cell: of _cell_length_a to _cell_angle_gamma one is missing")
    else:
        cell = block.get_cell()
        if not (np.isfinite(cell.array).all() and cell.rank == 3):
            raise StructureError("lengths and angles of the cell do not make a cell")
        if all(key in tags for key in _FRACTIONS):
            places = _coordinates(tags, _FRACTIONS, labels)
        else:
            places = cell.scaled_positions(_coordinates(tags, _CARTESIAN, labels))
        sites = Atoms(symbols, scaled_positions=places, cell=cell, pbc=True)
        atoms = expanded(sites, labels, operations(block))
    _check_formula(block, atoms)
    return atoms


def _only_block(text: str) -> CIFBlock:
    from ase.io.cif import parse_cif

    if not re.search(r"^\s*data_", text, re.I | re.M):
        raise StructureError("there is no line data_..., with which every CIF begins")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # each of the parser's warnings is about something that it drops
        warnings.filterwarnings("ignore", "CIF v2")
        try:
            blocks = [block for block in parse_cif(StringIO(text)) if _lists_atoms(block)]
        except UserWarning as warning:
            raise StructureError(" ".join(str(warning).split())) from warning
    if not blocks:
        raise StructureError("it lists no atoms with elements and coordinates")
    if len(blocks) > 1:
        names = ", ".join(block.name for block in blocks)
        raise StructureError(f"it holds {len(blocks)} structures ({names}); keep one")
    return blocks[0]


def _lists_atoms(block: CIFBlock) -> bool:
    named = any(key in block for key in (_TYPES, _LABELS))
    return named and any(all(key in block for key in keys) for keys in (_FRACTIONS, _CARTESIAN))


def _column(tags: dict[str, Any], key: str) -> list[Any]:
    values = tags.get(key, [])
    return values if isinstance(values, list) else [values]


def _labels(tags: dict[str, Any]) -> list[str]:
    """Return a name for each site."""
    return [str(label) for label in _column(tags, _LABELS) or _column(tags, _TYPES)]


def _coordinates(tags: dict[str, Any], keys: tuple[str, ...], labels: list[str]) -> np.ndarray:
    columns = [_column(tags, key) for key in keys]
    if any(len(column) != len(labels) for column in columns):
        raise StructureError("its atoms have more or fewer coordinates than names")
    for label, *place in zip(labels, *columns, strict=True):
        if not all(isinstance(value, (int, float)) for value in place):
            raise StructureError(
                f"{label} has no numbers for coordinates, but {' '.join(str(value) for value in place)}"
            )
    return np.array(columns, dtype=float).T


def _check_occupancies(tags: dict[str, Any], labels: list[str]) -> None:
    for label, occupancy in zip(labels, _column(tags, _OCCUPANCIES), strict=False):
        full = isinstance(occupancy, (int, float)) and abs(occupancy - 1) <= 1e-3
        if occupancy not in _NOT_STATED and not full:
            raise StructureError(f"{label} is partly occupied ({occupancy}); order the structure first")


def _elements(tags: dict[str, Any]) -> list[str]:
    written = _column(tags, _TYPES) or _column(tags, _LABELS)
    return [_element(str(word), _TYPES in tags) for word in written]


def _element(written: str, is_type: bool) -> str:
    """Return the symbol that a type (Zn2+) or a label (Zn1) begins with.

    Args:
        written: the type or label.
        is_type: a type is an element whatever its case; a label such as CA1 may be carbon or calcium.
    """
    from ase.data import atomic_numbers

    letters = re.match(r"[A-Za-z]*", written)
    name = letters[0] if letters else ""
    if is_type:
        symbol = name.capitalize()
    else:
        symbol = next((name[:n] for n in (2, 1) if name[:n] in atomic_numbers), "D" if name[:1] == "D" else "")
        if len(name) > 1 and name[:2].isupper() and name[:2].capitalize() in atomic_numbers:
            raise StructureError(
                f"the label {written} may mean {name[:2].capitalize()} or {name[0]}; add a column {_TYPES}"
            )
    if symbol == "D":
        raise StructureError(f"{written} is deuterium, which is computed as hydrogen; write H")
    if symbol not in atomic_numbers or symbol == "X":
        raise StructureError(f"{written!r} names no element")
    return symbol


def _check_formula(block: CIFBlock, atoms: Atoms) -> None:
    """Refuse elements that the file's own formula has and its list of atoms has not, as hydrogen nobody located."""
    from ase.data import atomic_numbers

    formula = block.get("_chemical_formula_sum")
    if not isinstance(formula, str):
        return
    stated = {symbol for symbol in re.findall(r"[A-Z][a-z]?", formula) if symbol in atomic_numbers}
    missing = stated - set(atoms.symbols)
    if missing:
        raise StructureError(
            f"the formula {formula} has {', '.join(sorted(missing))}, the list of atoms has not; add the atoms, or "
            "correct the formula"
        )
