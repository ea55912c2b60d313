"""POSCAR and CONTCAR files of VASP."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING

from ...errors import StructureError
from .text import number

if TYPE_CHECKING:
    from ase import Atoms


def read(text: str) -> Atoms:
    """Read a POSCAR file; velocities and predictor coordinates that follow the positions are left out.

    Args:
        text: the file.

    Returns:
        Atoms; fixed where selective dynamics says F.

    Raises:
        StructureError: elements are named nowhere, there are more or fewer atoms than stated, the kind of coordinates
            is not stated, or a flag of selective dynamics is neither T nor F.
    """
    import ase.io

    lines = text.rstrip().split("\n")
    if len(lines) < 8:
        raise StructureError(f"a POSCAR file has at least 8 lines; this one has {len(lines)}")
    for line in lines[2:5]:
        _check_vector(line, "cell vector")
    header = 6 if _counts(lines[5]) is None else 5
    counts = _counts(lines[header])
    if counts is None or sum(counts) == 0:
        raise StructureError(f"line {header + 1} should give the number of atoms of each element: {lines[header]!r}")
    _check_elements(lines, counts, header)
    rows = header + 1
    selective = lines[rows].strip()[:1].lower() == "s"
    rows += selective
    if rows >= len(lines) or lines[rows].strip()[:1].lower() not in ("d", "c", "k"):
        raise StructureError(f"line {rows + 1} should say Direct or Cartesian")
    _check_rows(lines[rows + 1 :], sum(counts), selective)
    atoms: Atoms = ase.io.read(StringIO("\n".join(lines) + "\n"), format="vasp")
    atoms.info = {}
    return atoms


def _counts(line: str) -> list[int] | None:
    words = line.split("!")[0].split()
    return [int(word) for word in words] if words and all(word.isdecimal() for word in words) else None


def _check_elements(lines: list[str], counts: list[int], header: int) -> None:
    """Refuse a file whose elements have to be guessed; files of VASP 4 may name them in the first line."""
    from ase.data import atomic_numbers

    named = lines[5 if header == 6 else 0].split()
    elements = [re.split(r"[/_]", word)[0] for word in named]
    if len(elements) != len(counts) or not all(element in atomic_numbers for element in elements):
        place = "line 6 names" if header == 6 else "there is no line of elements before the numbers of atoms, line 1 is"
        raise StructureError(
            f"{place} {' '.join(named)[:60]!r}, but there are {len(counts)} number(s) of atoms; name one element for "
            "each in line 6"
        )


def _check_rows(rows: list[str], count: int, selective: bool) -> None:
    if len(rows) < count or not all(row.split() for row in rows[:count]):
        raise StructureError(f"{count} atoms are stated; fewer lines of coordinates follow")
    for row in rows[:count]:
        words = row.split()
        _check_vector(row, "place")
        if selective and (len(words) < 6 or not {"T", "F"}.issuperset(words[3:6])):
            raise StructureError(f"selective dynamics needs T or F for each of three directions: {row.strip()!r}")
    if len(rows) > count and re.match(r"\s*[+-]?(\d|\.\d)", rows[count]):
        raise StructureError(f"{count} atoms are stated; more lines of coordinates follow: {rows[count].strip()!r}")


def _check_vector(line: str, what: str) -> None:
    """Refuse anything but three numbers, perhaps followed by words."""
    words = line.split()
    for word in words[:3]:
        number(word, f"a component of the {what} {line.strip()!r}")
    if len(words) < 3 or re.match(r"[+-]?\.?\d", " ".join(words[3:])):
        raise StructureError(f"the {what} {line.strip()!r} should be three numbers")
