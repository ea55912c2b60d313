"""Structures from and to files, checked before anything is computed with them."""

from __future__ import annotations

import logging
import os
import tempfile
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from ase.data import chemical_symbols, covalent_radii
from ase.neighborlist import neighbor_list

from ..errors import StructureError
from ..paths import expanded, is_file
from .electrons import check_electrons
from .formats import cif, comments, molfile, pdb, poscar, programs, xyz
from .formats.names import BY_ENDING, BY_NAME, UNCHARGED, WRITTEN, format_of, named_format
from .formats.text import decoded

if TYPE_CHECKING:
    from ase import Atoms

LONGEST = 1e5
"""Longest cell vector, angstrom, and farthest coordinate; beyond, files are damaged, and numbers lose their digits."""
OVERLAP = 0.5
"""Two atoms closer than this fraction of the sum of their covalent radii overlap; no chemical bond is below 0.75."""
LARGEST = 512 * 2**20
"""Bytes of the largest file that is read."""

MAX_ATOMS = 20_000
"""More atoms than this in one structure are a slip of the pen: no calculator here could treat them."""

_READERS = {
    "cif": cif.read,
    "extxyz": xyz.read,
    "mol": molfile.read,
    "proteindatabank": pdb.read,
    "sdf": molfile.read,
    "vasp": poscar.read,
}
_BINARY = ("json", "traj")
_HOLD_CHARGE = ("extxyz", "traj")
_HOLD_FIXED = ("extxyz", "json", "traj", "vasp")
_HOLD_OPEN = ("extxyz", "json", "traj", "xsf")

logger = logging.getLogger(__name__)


def read_structure(path: Path | str) -> Atoms:
    """Read a structure; of several frames the last, which is said.

    Args:
        path: the file; the name decides its format, else its contents do. A total charge and a multiplicity 2S+1 are
            taken from ``charge=`` and ``spin=`` of an XYZ comment line, from ASE's .traj, from the charges and radicals
            of .mol, .sdf and .pdb, and from Gaussian and ORCA files. CIF, POSCAR and other formats of crystals mean a
            neutral structure. Formats of programs that keep the charge elsewhere are refused.

    Returns:
        Atoms without calculator; in ``info`` only ``charge`` (default 0), ``spin`` when given, and ``label``, the
        stem of the file's name; of constraints only ``FixAtoms``.

    Raises:
        StructureError: no such file, not readable, or of no known format; sites partly occupied or shared; a charge or
            multiplicity that is not read or impossible; atoms fixed in some directions only; or refused by
            ``check_structure``.
    """
    path = expanded(path)
    if not is_file(path):
        raise StructureError(f"structure file {path} does not exist")
    try:
        found = _read(path)
        atoms = _plain(found)
    except StructureError as error:
        raise StructureError(f"{path}: {error}") from error
    except Exception as error:  # ASE's readers raise whatever their parser stumbles over
        said = " ".join(str(error).split()) or "its reader gives no reason"
        raise StructureError(f"{path} cannot be read as a structure: {type(error).__name__}: {said[:200]}") from error
    if found.info.get("frames", 1) > 1:
        logger.warning("%s holds %d structures; the last is read", path, found.info["frames"])
    atoms.info["label"] = path.stem
    check_structure(atoms, str(path), periodic=bool(atoms.pbc.any()))
    check_electrons(atoms, str(path))
    return atoms


def check_structure(atoms: Atoms, source: str, *, periodic: bool) -> None:
    """Refuse atoms that no calculation can mean.

    Args:
        atoms: the structure.
        source: where it comes from (a file, a label), for the message.
        periodic: whether a cell is needed.

    Raises:
        StructureError: no atoms, an unknown element, a coordinate that is not a finite number, no cell (or one without
            volume) where one is needed, or two atoms, periodic images included, closer than ``OVERLAP`` times the sum
            of their covalent radii, or lengths beyond ``LONGEST``.
    """
    if len(atoms) == 0:
        raise StructureError(f"{source}: there are no atoms")
    for index, number in enumerate(atoms.numbers):
        if not 0 < number < len(chemical_symbols):
            raise StructureError(f"{source}: atom {index} is of no known element")
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise StructureError(f"{source}: a coordinate or a cell vector is not a finite number")
    for what, vectors in (("cell vector", atoms.cell.array), ("coordinate", atoms.positions)):
        largest = float(np.abs(vectors).max())
        if largest > LONGEST:
            raise StructureError(f"{source}: it has a {what} of {largest:.3g} angstrom")
    if periodic or atoms.pbc.any():
        _check_cell(atoms, source)
    _check_overlap(atoms, source)


def check_size(count: int, source: str) -> None:
    """Refuse a structure before it is built that would have more than ``MAX_ATOMS`` atoms.

    Args:
        count: atoms it would have.
        source: what it is made from, for the message.

    Raises:
        StructureError: there would be too many.
    """
    if count > MAX_ATOMS:
        raise StructureError(f"{source}: would have {count:.3g} atoms, more than {MAX_ATOMS}; repeat it less often")


def write_structure(atoms: Atoms, path: Path | str) -> None:
    """Write a structure; the file appears whole or not at all.

    Args:
        atoms: the structure; ``charge``, ``spin`` and ``label`` of its ``info`` go along where the format has a place.
        path: the name decides the format: .cif, .vasp, .poscar, POSCAR, CONTCAR, .xsf, .pdb, .xyz and .extxyz (both
            extended XYZ), .json, .traj.

    Raises:
        StructureError: a name of no known format, a structure whose charge, multiplicity, fixed atoms or periodicity
            the format cannot hold, or a folder or disk that cannot be written.
    """
    import ase.io

    path = expanded(path)
    name = named_format(path)
    if name not in WRITTEN:
        known = ", ".join([*(ending for ending, name in BY_ENDING.items() if name in WRITTEN), *BY_NAME])
        raise StructureError(f"cannot tell the format of {path} from its name; known are {known}")
    _check_place(atoms, name, path)
    plain = atoms.copy()
    plain.info = {key: atoms.info[key] for key in ("charge", "spin", "label") if key in atoms.info}
    temporary: Path | None = None
    try:
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".structure.", suffix=".part")
        os.close(handle)
        temporary = Path(partial)
        ase.io.write(temporary, plain, format=name)
        temporary.chmod(0o644)
        temporary.replace(path)
    except Exception as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise StructureError(f"{path} cannot be written: {type(error).__name__}: {error}") from error


def _read(path: Path) -> Atoms:
    """Read the last frame of a file by what knows its format."""
    name = format_of(path)
    if name not in UNCHARGED and name not in _READERS and name not in programs.READ:
        raise StructureError(
            f"the charge and multiplicity of {name} files are not read; write the structure to .xyz with charge= and "
            "spin= in its second line, or to .cif or POSCAR when it is neutral"
        )
    if name in _BINARY:
        return _last_frame(str(path.absolute()), name)
    text = decoded(_contents(path))
    if name in programs.READ:
        return programs.read(text, name)
    if name in _READERS:
        return _READERS[name](text)
    return _last_frame(StringIO(text), name)


def _contents(path: Path) -> bytes:
    from ase.io.formats import open_with_compression

    with open_with_compression(str(path.absolute()), "rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise StructureError(f"the file is larger than {LARGEST // 2**20} MiB; cut out the structure that is meant")
    return bytes(data)


def _last_frame(source: str | StringIO, name: str) -> Atoms:
    """Read all frames by ASE's own reader and keep the last."""
    import ase.io

    atoms, frames = None, 0
    for frame in ase.io.iread(source, index=":", format=name, do_not_split_by_at_sign=True):
        atoms, frames = frame, frames + 1
    if atoms is None:
        raise StructureError("there are no structures in it")
    atoms.info = {**comments.stated(atoms.info), "frames": frames}
    return atoms


def _plain(found: Atoms) -> Atoms:
    """Copy what a calculation needs: atoms, cell, charge, multiplicity, fixed atoms, moments and tags."""
    from ase.constraints import FixAtoms

    charges = float(found.get_initial_charges().sum())
    if not found.info.get("charge") and abs(charges) > 0.5:
        raise StructureError(f"the charges of its atoms add up to {charges:+.2f}, but no total charge is stated")
    atoms = found.copy()
    for name in set(atoms.arrays) - {"numbers", "positions", "tags", "initial_magmoms"}:
        del atoms.arrays[name]
    fixed = _fixed(found)
    atoms.set_constraint(FixAtoms(fixed) if fixed else None)
    atoms.info = {"charge": found.info.get("charge", 0)}
    if "spin" in found.info:
        atoms.info["spin"] = found.info["spin"]
    return atoms


def _fixed(atoms: Atoms) -> list[int]:
    """Return the indices of fixed atoms; refuse any constraint that a document cannot hold."""
    from ase.constraints import FixAtoms, FixCartesian, FixScaled

    fixed: set[int] = set()
    for constraint in atoms.constraints:
        if isinstance(constraint, FixAtoms):
            fixed.update(int(i) for i in constraint.index)
        elif not isinstance(constraint, (FixCartesian, FixScaled)):
            raise StructureError(f"its constraint {type(constraint).__name__} cannot be kept; only fixed atoms can")
        elif np.all(constraint.mask):
            fixed.update(int(i) for i in np.atleast_1d(constraint.index))
        elif np.any(constraint.mask):
            raise StructureError(
                f"atom {int(np.atleast_1d(constraint.index)[0])} is fixed in some directions only (selective dynamics "
                "such as F F T, or a move_mask); here an atom is fixed whole or not at all: write F F F or T T T"
            )
    return sorted(fixed)


def _check_place(atoms: Atoms, name: str, path: Path) -> None:
    """Refuse to write what would not come back."""
    charge, spin = atoms.info.get("charge", 0), atoms.info.get("spin")
    lost = ""
    if charge and name not in _HOLD_CHARGE:
        lost = f"the charge {charge:+d}"
    elif spin is not None and spin > 2 and name not in _HOLD_CHARGE:
        lost = f"the multiplicity {spin}"
    elif atoms.constraints and name not in _HOLD_FIXED:
        lost = "fixed atoms"
    elif atoms.pbc.any() and not atoms.pbc.all() and name not in _HOLD_OPEN:
        lost = "a direction that is not periodic"
    if lost:
        raise StructureError(f"{path}: {name} has no place for {lost}; write .extxyz")


def _check_cell(atoms: Atoms, source: str) -> None:
    if atoms.cell.rank < 3 or atoms.cell.volume < 1e-3:
        raise StructureError(f"{source}: a cell with three independent vectors is needed")
    heights = 1 / np.linalg.norm(atoms.cell.reciprocal().array, axis=1)
    if heights.min() < OVERLAP:
        axis = "abc"[int(heights.argmin())]
        raise StructureError(f"{source}: the cell is only {heights.min():.3g} angstrom thick along {axis}")


def _check_overlap(atoms: Atoms, source: str) -> None:
    radii = covalent_radii[atoms.numbers]
    first, second, distances = neighbor_list("ijd", atoms, list(OVERLAP * radii))
    if len(distances):
        worst = int(np.argmin(distances / (radii[first] + radii[second])))
        i, j = sorted((int(first[worst]), int(second[worst])))
        names = (
            f"{atoms.symbols[i]} (atom {i}) and {atoms.symbols[j]} (atom {j}{', its periodic image' if i == j else ''})"
        )
        raise StructureError(f"{source}: {names} overlap: they are {distances[worst]:.3f} angstrom apart")
