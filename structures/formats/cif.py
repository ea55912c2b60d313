"""Crystallographic information files, through ASE's reader, with what it would drop refused."""

from __future__ import annotations

import re
import warnings
from io import StringIO
from typing import TYPE_CHECKING, Any

from ...errors import StructureError

if TYPE_CHECKING:
    from ase import Atoms
    from ase.io.cif import CIFBlock

_TYPES, _LABELS, _OCCUPANCIES = "_atom_site_type_symbol", "_atom_site_label", "_atom_site_occupancy"
_OPERATIONS = ("_space_group_symop_operation_xyz", "_space_group_symop.operation_xyz", "_symmetry_equiv_pos_as_xyz")
_NOT_STATED = (".", "?")
_HARMLESS = re.compile("crystal system|CIF v2|are equivalent")
"""Warnings of ASE that cost nothing: the operations of the file decide about the setting, and where there are none it
is refused; what stands on one place is looked at here."""


def read(text: str) -> Atoms:
    """Read the only structure, expanded by its symmetry operations.

    Oxidation numbers are formal and name no charge of the crystal, which is neutral.

    Args:
        text: the file.

    Returns:
        Atoms of the whole cell.

    Raises:
        StructureError: no or several structures, a line that does not fit its columns, a site that is partly occupied
            or shared by two elements, an element that is not clear or not listed, or symmetry that is not clear.
    """
    from ase.io.cif import parse_cif

    if not re.search(r"^\s*data_", text, re.I | re.M):
        raise StructureError("there is no line data_..., with which every CIF begins")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        blocks = [block for block in parse_cif(StringIO(text)) if block.has_structure()]
        if not blocks:
            raise StructureError("it lists no atoms with elements and coordinates")
        if len(blocks) > 1:
            names = ", ".join(block.name for block in blocks)
            raise StructureError(f"it holds {len(blocks)} structures ({names}); keep one")
        block = _normalised(blocks[0])
        atoms: Atoms = block.get_atoms()
    for warning in caught:
        if not _HARMLESS.search(str(warning.message)):
            raise StructureError(str(warning.message))
    _check_places(block, atoms)
    _check_formula(block, atoms)
    atoms.info = {}
    return atoms


def _normalised(block: CIFBlock) -> CIFBlock:
    """Return a block with its elements as symbols, every occupancy stated, and symmetry that can mean one thing."""
    from ase.io.cif import CIFBlock

    tags: dict[str, Any] = dict(block)
    if block.get_cellpar() is None:
        raise StructureError("there is no cell: of _cell_length_a to _cell_angle_gamma one is missing")
    symbols = [_element(str(written), _TYPES in tags) for written in tags.get(_TYPES) or tags[_LABELS]]
    tags[_TYPES] = symbols
    for label, occupancy in zip(_labels(tags), _column(tags, _OCCUPANCIES), strict=False):
        if occupancy not in _NOT_STATED and not (isinstance(occupancy, (int, float)) and abs(occupancy - 1) <= 1e-3):
            raise StructureError(f"{label} is partly occupied ({occupancy}); order the structure first")
    tags.pop(_OCCUPANCIES, None)
    if not any(key in tags for key in _OPERATIONS):
        _check_group(block)
    return CIFBlock(block.name, tags)


def _column(tags: dict[str, Any], key: str) -> list[Any]:
    values = tags.get(key, [])
    return values if isinstance(values, list) else [values]


def _labels(tags: dict[str, Any]) -> list[str]:
    """Return a name for each site."""
    return [str(label) for label in _column(tags, _LABELS) or _column(tags, _TYPES)]


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
        symbol = next((name[:n] for n in (2, 1) if name[:n] in atomic_numbers), "")
        if len(name) > 1 and name[:2].isupper() and name[:2].capitalize() in atomic_numbers:
            raise StructureError(
                f"the label {written} may mean {name[:2].capitalize()} or {name[0]}; add a column {_TYPES}"
            )
    if symbol == "D":
        raise StructureError(f"{written} is deuterium, which is computed as hydrogen; write H")
    if symbol not in atomic_numbers or symbol == "X":
        raise StructureError(f"{written!r} names no element")
    return symbol


def _check_group(block: CIFBlock) -> None:
    """Refuse a space group that is named but not spelled out, where its name leaves the origin or the axes open."""
    from ase.spacegroup import Spacegroup
    from ase.spacegroup.spacegroup import SpacegroupNotFoundError

    group = block.get_spacegroup(subtrans_included=True)
    if group.no == 1:
        return
    try:
        Spacegroup(group.no, setting=2)
    except SpacegroupNotFoundError:
        return
    raise StructureError(
        f"the space group {group.symbol} has several settings and the file lists no symmetry operations; add them, or "
        "write all atoms in P 1"
    )


def _check_places(block: CIFBlock, atoms: Atoms) -> None:
    """Refuse two elements on one place; ASE keeps the first and drops the other."""
    import numpy as np

    sites = block.get_unsymmetrized_structure()
    labels = _labels(dict(block))
    places = atoms.get_scaled_positions()
    for index, place in enumerate(sites.get_scaled_positions()):
        apart = places - place
        distances = np.linalg.norm((apart - np.rint(apart)) @ atoms.cell.array, axis=1)
        nearest = int(distances.argmin())
        if atoms.symbols[nearest] != sites.symbols[index]:
            raise StructureError(f"{labels[index]} stands on the place of another atom, of {atoms.symbols[nearest]}")


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
