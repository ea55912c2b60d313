"""Files of quantum-chemistry programs whose charge and multiplicity can be read."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING

from ...errors import StructureError

if TYPE_CHECKING:
    from ase import Atoms

_STATED = {
    "gaussian-in": re.compile(r"^\s*(?P<charge>[+-]?\d+)\s*[,\s]\s*(?P<spin>\d+)\s*$", re.M),
    "gaussian-out": re.compile(r"Charge\s*=\s*(?P<charge>[+-]?\d+)\s+Multiplicity\s*=\s*(?P<spin>\d+)"),
    "orca-output": re.compile(
        r"Total Charge\s+Charge\s+\.*\s*(?P<charge>[+-]?\d+)\s+Multiplicity\s+Mult\s+\.*\s*(?P<spin>\d+)"
    ),
}
READ = frozenset(_STATED)


def read(text: str, name: str) -> Atoms:
    """Read the last geometry with its charge and multiplicity.

    Args:
        text: the file.
        name: ASE's name of the format, one of ``READ``.

    Returns:
        Atoms with charge and multiplicity in ``info``.

    Raises:
        StructureError: charge and multiplicity are stated nowhere, or differ within the file.
    """
    import ase.io

    stated = {(int(match["charge"]), int(match["spin"])) for match in _STATED[name].finditer(text)}
    if len(stated) != 1:
        found = "several charges or multiplicities" if stated else "no charge and multiplicity"
        raise StructureError(f"this {name} file states {found}; write the geometry to .xyz with charge= and spin=")
    atoms: Atoms = ase.io.read(StringIO(text), index=-1, format=name)
    charge, spin = stated.pop()
    atoms.info = {"charge": charge, "spin": spin}
    return atoms
