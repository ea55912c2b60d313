"""What a heterostructure is made of: a layer by name, a user's structure file, atoms or a document."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ase import Atoms

from ...paths import expanded, is_file
from ..documents import StructureDocument
from ..files import check_structure, read_structure
from ..molecules import FILE_ENDINGS
from .doping import Doping
from .layers import Faces, find_layer, layer
from .own_frame import in_own_frame
from .slab_files import as_layer, check_state

if TYPE_CHECKING:
    import numpy as np

FILE_NAMES = frozenset({"POSCAR", "CONTCAR"})

Source: TypeAlias = str | Path | Atoms | StructureDocument


@dataclass(frozen=True)
class Part:
    """A film or a support.

    Attributes:
        name: for people.
        atoms: one cell, the surface in the xy plane; a cluster has no cell.
        faces: whether it holds by van der Waals forces or forms bonds.
        doping: what replaces carbon once the supercell is known.
        hydroxyl: O-H of the upper face, angstrom, whose protons it has lost and is given back once the film is there;
            none where it keeps them.
    """

    name: str
    atoms: Atoms
    faces: Faces
    doping: Doping | None = None
    hydroxyl: float | None = None

    @property
    def finite(self) -> bool:
        """Whether it is a cluster."""
        return not self.atoms.pbc.any()

    @property
    def cell(self) -> np.ndarray:
        """In-plane vectors, rows, angstrom."""
        plane: np.ndarray = self.atoms.cell.array[:2, :2]
        return plane


def part(source: Source) -> Part:
    """Make a part from whatever a user names.

    Args:
        source: name of a layer, path of a structure file, atoms or a document. A periodic one is a slab with vacuum
            along c, one without a cell a cluster. The faces of a user's own are taken for saturated: state the contact
            where they are not.

    Raises:
        StructureError: nobody knows the name, the file cannot be read, or it is no slab.
    """
    if isinstance(source, str) and find_layer(source) is not None:
        name = str(find_layer(source))
        known = layer(name)
        atoms = known.build()
        return Part(name, as_layer(atoms, name) if atoms.pbc.any() else atoms, known.faces, known.doping)
    if isinstance(source, str) and not names_file(source):
        layer(source)  # says which names are near
    if isinstance(source, StructureDocument):
        atoms = source.to_atoms()
    elif isinstance(source, Atoms):
        atoms = source.copy()
    else:
        atoms = read_structure(source)
    name = str(atoms.info.get("label") or atoms.get_chemical_formula())
    check_structure(atoms, name, periodic=bool(atoms.pbc.any()))
    if atoms.pbc.any():
        return Part(name, in_own_frame(as_layer(atoms, name)), "saturated")
    check_state(atoms, name)
    return Part(name, atoms, "saturated")


def names_pair(text: str) -> tuple[str, str] | None:
    """Split "V8O16/graphene" into film and support; none unless both are names of layers."""
    film, slash, support = text.partition("/")
    first, second = find_layer(film), find_layer(support)
    return (first, second) if slash and first and second else None


def names_file(source: str, folder: Path = Path()) -> bool:
    """Tell the path of a structure file from the name of a layer; a relative one is relative to ``folder``."""
    if find_layer(source) is not None:
        return False
    path = expanded(source)
    return (
        path.is_absolute() or is_file(folder / path) or path.suffix.lower() in FILE_ENDINGS or path.name in FILE_NAMES
    )
