"""Which format a file has, by its name or else by its contents."""

from __future__ import annotations

from pathlib import Path

from ...errors import StructureError

BY_ENDING = {
    ".cif": "cif",
    ".vasp": "vasp",
    ".poscar": "vasp",
    ".contcar": "vasp",
    ".xsf": "xsf",
    ".pdb": "proteindatabank",
    ".json": "json",
    ".xyz": "extxyz",
    ".extxyz": "extxyz",
    ".traj": "traj",
    ".sdf": "sdf",
    ".mol": "mol",
    ".gen": "gen",
}
"""ASE's name of a format by the ending of a file's name, which says more than POSCAR elsewhere in the name."""
BY_NAME = ("POSCAR", "CONTCAR")

WRITTEN = ("cif", "vasp", "xsf", "proteindatabank", "json", "extxyz", "traj")
"""Formats that are written."""
UNCHARGED = frozenset(
    {"aims", "cfg", "cube", "dmol-car", "eon", "gen", "json", "traj", "turbomole", "vasp-xdatcar", "xsf"}
)
"""Formats without a place for charge and multiplicity, or whose charges ASE keeps, that ASE reads as they are."""


def format_of(path: Path) -> str:
    """Return ASE's name for the format of an existing file.

    Raises:
        StructureError: nobody knows it.
    """
    from ase.io.formats import UnknownFileTypeError, filetype, get_compression

    uncompressed = Path(get_compression(path.name)[0])
    known = named_format(uncompressed)
    if known is not None:
        return known
    if any(name in uncompressed.name.upper() for name in BY_NAME):
        return "vasp"
    try:
        # An absolute path: ASE takes names that begin with "mysql" or "postgres" for databases.
        return str(filetype(str(path.absolute())))
    except UnknownFileTypeError as error:
        raise StructureError(
            "its format cannot be told from its name or its contents; known endings are " + ", ".join(BY_ENDING)
        ) from error


def named_format(path: Path) -> str | None:
    """Return ASE's name for the format by the name of a file alone; none when the name does not say."""
    if path.name in BY_NAME:
        return "vasp"
    return BY_ENDING.get(path.suffix.lower())
