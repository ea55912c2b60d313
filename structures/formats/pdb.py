"""Files of the Protein Data Bank; columns as in its format 3.30."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING

from ...errors import StructureError

if TYPE_CHECKING:
    from ase import Atoms

_CHARGE = re.compile(r"(\d)([+-])|([+-])(\d)")
_COORDINATES = re.compile(r".   ( *-?\d+\.\d{3}){3}")


def read(text: str) -> Atoms:
    """Read the last model.

    Args:
        text: the file.

    Returns:
        Atoms with the sum of the formal charges (columns 79-80) and the number of models in ``info``; without a cell
        where the file has the unit cube that stands for none.

    Raises:
        StructureError: alternate places, partly occupied sites, a symmetry that makes more atoms, coordinates of
            another frame than the cell, or an element that is not stated.
    """
    import ase.io

    models = _models(text.split("\n"))
    if len({tuple(row[12:16] + row[76:78] for row in rows) for rows in models}) > 1:
        raise StructureError(f"it holds {len(models)} models of different atoms; keep one")
    rows = models[-1]
    for row in rows:
        _check_row(row)
    cell = [line for line in text.split("\n") if line.startswith("CRYST1")]
    _check_frame(text, cell)
    kept = [] if not cell or _stands_for_none(cell[-1]) else [cell[-1]]
    atoms: Atoms = ase.io.read(StringIO("\n".join([*kept, *rows, "END"]) + "\n"), index=0, format="proteindatabank")
    atoms.info = {"charge": sum(_charge(row) for row in rows), "frames": len(models)}
    return atoms


def _models(lines: list[str]) -> list[list[str]]:
    """Return the rows of atoms of each model; without MODEL records END ends one, as some programs write frames."""
    models: list[list[str]] = [[]]
    opened = False
    for line in lines:
        record = line[:6].strip()
        if record in ("MODEL", "ENDMDL"):
            if opened == (record == "MODEL") or (record == "MODEL" and models[-1]):
                raise StructureError(f"{record} in an unexpected place: each model stands between MODEL and ENDMDL")
            opened = record == "MODEL"
        if record in ("ATOM", "HETATM"):
            models[-1].append(line)
        elif record in ("ENDMDL", "END") and models[-1]:
            models.append([])
    found = [rows for rows in models if rows]
    if opened or not found:
        raise StructureError("a model does not end (ENDMDL)" if opened else "there are no ATOM or HETATM records")
    return found


def _check_row(row: str) -> None:
    from ase.data import atomic_numbers

    where = f"atom {row[6:11].strip()} ({row[12:16].strip()})"
    if not row.isascii():
        raise StructureError(f"{where}: {row.strip()!r} holds characters that shift its columns")
    if row[16:17].strip():
        raise StructureError(f"{where} has alternate places ({row[16]}); keep one of them and clear column 17")
    occupancy = row[54:60].strip()
    if occupancy and _number(occupancy, where) not in (0.0, 1.0):  # some programs write 0 for not stated
        raise StructureError(f"{where} is partly occupied ({occupancy}); order the structure first")
    if not _COORDINATES.fullmatch(row[26:54]):
        raise StructureError(f"{where}: columns 31-54 are no three coordinates with three digits after the point")
    element = row[76:78].strip().capitalize()
    if element == "D":
        raise StructureError(f"{where} is deuterium, which is computed as hydrogen; write H")
    if not element:
        name = row[12:16].strip()[:2]  # as ASE does, whatever the column
        if len(name) == 2 and name.isupper() and name.capitalize() in atomic_numbers:
            raise StructureError(
                f"{where}: columns 77-78 name no element, and {name} may be one or {name[0]} in a place"
            )
    elif element not in atomic_numbers or element == "X":
        raise StructureError(f"{where}: {row[76:78].strip()!r} in columns 77-78 is no element")


def _check_frame(text: str, cell: list[str]) -> None:
    group = cell[-1][55:66].strip() if cell else ""
    if group not in ("", "P 1", "P1", "1"):
        raise StructureError(
            f"its space group {group!r} makes more atoms than the file lists; write all of them, with the group P 1"
        )
    for match in re.finditer(r"^ORIGX([123])(.*)$", text, re.M):
        row = [float(word) for word in match[2].split()[:4]]
        if row != [float(column == int(match[1]) - 1) for column in range(4)]:
            raise StructureError("ORIGX says that the coordinates are not those of the cell; transform them first")


def _stands_for_none(line: str) -> bool:
    """Tell the unit cube, which the format prescribes for structures without a crystal."""
    try:
        return [float(line[start : start + 9]) for start in (6, 15, 24)] == [1.0, 1.0, 1.0]
    except ValueError:
        return False


def _charge(row: str) -> int:
    written = row[78:80].strip()
    if not written or written in ("0", "00"):
        return 0
    match = _CHARGE.fullmatch(written)
    if match is None:
        raise StructureError(f"atom {row[6:11].strip()}: the charge {written!r} in columns 79-80 is not as 2+ or 1-")
    sign = match[2] or match[3]
    return int(sign + (match[1] or match[4]))


def _number(written: str, where: str) -> float:
    from .text import number

    return number(written, f"a number of {where}")
