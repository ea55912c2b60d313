"""Molfiles and SD files (V2000 and V3000), through RDKit: their charges and radicals are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...errors import StructureError
from .text import number

if TYPE_CHECKING:
    from ase import Atoms

_SINGLET = re.compile(r"^M  RAD(?=.{3})...(?: *\d+ +[123])* *\d+ +1\b|\bRAD=1\b", re.M)
"""Two electrons of an atom marked as paired, which RDKit counts as it does those of a triplet."""
_FIELDS = re.compile(r" [A-Za-z]{1,2}[ *]*([ -]?\d)?([ \d]{2}\d)*\s*")
_PROPERTY = re.compile(r"^M  (CHG|RAD)", re.M)


def read(text: str) -> Atoms:
    """Read the only molecule.

    Args:
        text: the file.

    Returns:
        Atoms with the sum of the formal charges (``M  CHG``, else the column of the atom block) and, where radical
        electrons are stated (``M  RAD``), the multiplicity in ``info``.

    Raises:
        StructureError: several molecules, a drawing in two dimensions, an atom that is no element, or not readable.
    """
    from ase import Atoms

    records = [record for record in text.split("$$$$\n") if record.strip().strip("$")]
    if len(records) != 1:
        raise StructureError(f"it holds {len(records)} molecules; keep one")
    if _dimension(records[0]) == "2D":
        raise StructureError("this is a drawing (2D), not a geometry; make one, or give the molecule as smiles:STRING")
    _check_columns(records[0].split("\n"))
    _check_properties(records[0])
    molecule = _parsed(records[0])
    for atom in molecule.GetAtoms():
        if atom.GetAtomicNum() == 0:
            raise StructureError(f"atom {atom.GetIdx() + 1} is no element")
        if atom.GetIsotope():
            raise StructureError(
                f"atom {atom.GetIdx() + 1} is an isotope; which one it is changes nothing: leave it out"
            )
    atoms = Atoms([atom.GetSymbol() for atom in molecule.GetAtoms()], positions=molecule.GetConformer().GetPositions())
    atoms.info = {"charge": sum(atom.GetFormalCharge() for atom in molecule.GetAtoms())}
    radicals = sum(atom.GetNumRadicalElectrons() for atom in molecule.GetAtoms())
    if radicals and not _SINGLET.search(records[0]):
        atoms.info["spin"] = radicals + 1
    return atoms


def _dimension(record: str) -> str:
    """Return the code of dimensions in the line after the title."""
    lines = record.split("\n")
    return lines[1][20:22].upper() if len(lines) > 1 else ""


def _check_columns(lines: list[str]) -> None:
    """Refuse atoms of a V2000 file that are not in their columns; RDKit reads 0.5 out of ``0.5,58``."""
    if len(lines) < 4 or "V2000" not in lines[3]:
        return
    count = int(number(lines[3][:3].strip(), "the number of atoms"))
    for row in lines[4 : 4 + count]:
        for start in (0, 10, 20):
            number(row[start : start + 10].strip(), f"a coordinate of {row.strip()!r}")
        if not _FIELDS.fullmatch(row[30:]):
            raise StructureError(f"{row.strip()!r} is damaged: its element or its fields are not in their columns")


def _check_properties(record: str) -> None:
    """Refuse charges and radicals out of their place or columns: RDKit skips them, or reads another number."""
    block, _, rest = "\n".join(record.split("\n")[3:]).partition("\nM  END")
    for line in re.findall(r"^.*(?:CHG|RAD).*$", block, re.M):
        words = line[6:].split()
        columns = [line[6:9], *(line[start : start + 4] for start in range(9, len(line.rstrip()), 4))]
        sound = words == [column.strip() for column in columns] and words[0] == str(len(words) // 2)
        if not line.startswith("M  V30 ") and not (_PROPERTY.match(line) and len(words) % 2 and sound):
            raise StructureError(f"{line.strip()!r} is damaged: numbers are missing or not in their columns")
    if _PROPERTY.search(rest):
        raise StructureError("charges or radicals follow the end of the molecule (M  END)")


def _parsed(record: str) -> Any:
    from ..clusters.organic import rdkit_modules

    chemistry, _, log = rdkit_modules()
    log.DisableLog("rdApp.*")  # what matters is raised
    try:
        molecule = chemistry.MolFromMolBlock(record, sanitize=False, removeHs=False, strictParsing=True)
    finally:
        log.EnableLog("rdApp.*")
    if molecule is None or molecule.GetNumAtoms() == 0:
        raise StructureError("this is no molfile that RDKit can read")
    return molecule
