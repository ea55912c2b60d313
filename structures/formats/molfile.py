"""Molfiles and SD files (V2000 and V3000), through RDKit: their charges and radicals are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...errors import StructureError

if TYPE_CHECKING:
    from ase import Atoms

_SINGLET = re.compile(r"^M  RAD(?=.{3})...(?: *\d+ +[123])* *\d+ +1\b|\bRAD=1\b", re.M)
"""Two electrons of an atom marked as paired, which RDKit counts as it does those of a triplet."""


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
