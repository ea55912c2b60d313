"""Plain and extended XYZ files."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING

from ...errors import StructureError
from .comments import check_keys, stated
from .text import number

if TYPE_CHECKING:
    from ase import Atoms


def read(text: str) -> Atoms:
    """Read the last frame.

    Args:
        text: the file.

    Returns:
        Atoms with charge, multiplicity when stated, and the number of frames in ``info``.

    Raises:
        StructureError: a frame has more or fewer atoms than its first line says, an atom is no element, a coordinate is
            no number, or the comment line states charge or lattice in a way that is not read.
    """
    import ase.io

    frames = _frames(text.rstrip().split("\n"))
    if len({tuple(sorted(line.split()[0] for line in frame[2:] if line.split())) for frame in frames}) > 1:
        raise StructureError(f"it holds {len(frames)} structures of different atoms; keep one")
    last = frames[-1]
    try:
        atoms: Atoms = ase.io.read(StringIO("\n".join(last) + "\n"), index=0, format="extxyz")
    except KeyError as error:  # of its table of elements
        name = str(error.args[0])
        deuterium = "deuterium, which is computed as hydrogen; write H"
        raise StructureError(f"{name!r} is {deuterium if name == 'D' else 'no element'}") from error
    comment = last[1] if len(last) > 1 else ""
    _check_columns(last, comment)
    check_keys(comment, overlooked=atoms.cell.rank == 0)
    atoms.info = {**stated(atoms.info, comment), "frames": len(frames)}
    return atoms


def _frames(lines: list[str]) -> list[list[str]]:
    """Split a file into frames by the number of atoms that each declares."""
    frames: list[list[str]] = []
    start = 0
    while start < len(lines):
        count = lines[start].strip()
        if not (count.isascii() and count.isdigit()):
            follows = f"after {len(frames)} structure(s) " if frames else ""
            raise StructureError(f"{follows}line {start + 1} should be a number of atoms, not {count[:40]!r}")
        end = start + 2 + int(count)
        if end > len(lines):
            rows = max(len(lines) - start - 2, 0)
            raise StructureError(f"line {start + 1} says {count} atoms; only {rows} lines of atoms follow")
        while end < len(lines) and lines[end].lstrip().startswith("VEC"):
            end += 1
        frames.append(lines[start:end])
        start = end
    return frames


def _check_columns(frame: list[str], comment: str) -> None:
    """Look at the numbers once more: ASE's reader finds some where a person sees none."""
    widths = {len(line.split()) for line in frame[2 : 2 + int(frame[0])]}
    if len(widths) > 1:
        raise StructureError(f"its lines of atoms have {' or '.join(str(n) for n in sorted(widths))} columns")
    for line in frame[2 : 2 + int(frame[0])]:
        if re.search(r"\d_\d", line):
            raise StructureError(f"{line.strip()!r} holds a number with an underscore")
        for word in line.split()[1:4] if "Properties" not in comment else []:
            number(word, f"a coordinate of {line.strip()!r}")
