"""Structures from and to files, checked before anything is computed with them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.data import chemical_symbols, covalent_radii
from ase.neighborlist import neighbor_list

from ..errors import StructureError

if TYPE_CHECKING:
    from ase import Atoms

OVERLAP = 0.5
"""Two atoms closer than this fraction of the sum of their covalent radii overlap; no chemical bond is below 0.75."""

_FORMATS = {
    ".cif": "cif",
    ".vasp": "vasp",
    ".poscar": "vasp",
    ".xsf": "xsf",
    ".pdb": "proteindatabank",
    ".json": "json",  # ASE's database format: it drops what stands in info
}
_FORMATS_WITH_CHARGE = {".xyz": "extxyz", ".extxyz": "extxyz", ".traj": "traj"}
_NAMES = {"POSCAR": "vasp", "CONTCAR": "vasp"}


def read_structure(path: Path | str) -> Atoms:
    """Read a structure in any format that ASE reads; of several frames the last.

    Args:
        path: the file. A total charge and a multiplicity 2S+1 are taken from ``charge=`` and ``spin=`` of an extended
            XYZ comment line (and from ASE's .traj); every other format means a neutral structure.

    Returns:
        Atoms without calculator; in ``info`` only ``charge`` (default 0), ``spin`` when given, and ``label``, the
        stem of the file's name.

    Raises:
        StructureError: no such file, not readable, sites partly occupied, or refused by ``check_structure``.
    """
    import ase.io

    path = Path(path).expanduser()
    if not path.is_file():
        raise StructureError(f"structure file {path} does not exist")
    try:
        found = ase.io.read(path, index=-1)
    except Exception as error:  # ASE's readers raise whatever their parser stumbles over
        raise StructureError(f"{path} cannot be read as a structure: {type(error).__name__}: {error}") from error
    if any(abs(share - 1) > 1e-3 for site in found.info.get("occupancy", {}).values() for share in site.values()):
        raise StructureError(f"{path}: sites are partly occupied; order the structure first")
    atoms = found.copy()
    for name in set(atoms.arrays) - {"numbers", "positions", "tags", "initial_magmoms"}:
        del atoms.arrays[name]
    atoms.info = {"charge": _integer(found.info.get("charge", 0), "charge", path)}
    if "spin" in found.info:
        atoms.info["spin"] = _integer(found.info["spin"], "spin", path)
    atoms.info["label"] = path.stem
    check_structure(atoms, str(path), periodic=bool(atoms.pbc.any()))
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
            of their covalent radii.
    """
    if len(atoms) == 0:
        raise StructureError(f"{source}: there are no atoms")
    for index, number in enumerate(atoms.numbers):
        if not 0 < number < len(chemical_symbols):
            raise StructureError(f"{source}: atom {index} is of no known element")
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise StructureError(f"{source}: a coordinate or a cell vector is not a finite number")
    if periodic or atoms.pbc.any():
        _check_cell(atoms, source)
    _check_overlap(atoms, source)


def write_structure(atoms: Atoms, path: Path | str) -> None:
    """Write a structure; the file appears whole or not at all.

    Args:
        atoms: the structure; ``charge``, ``spin`` and ``label`` of its ``info`` go along where the format has a place.
        path: the name decides the format: .cif, .vasp, .poscar, POSCAR, CONTCAR, .xsf, .pdb, .xyz and .extxyz (both
            extended XYZ), .json, .traj.

    Raises:
        StructureError: a name of no known format, a charged structure in a format without a place for the charge,
            a structure the format cannot hold, or a folder or disk that cannot be written.
    """
    import ase.io

    path = Path(path).expanduser()
    suffix = path.suffix.lower()
    name = _NAMES.get(path.name) or (_FORMATS | _FORMATS_WITH_CHARGE).get(suffix)
    if name is None:
        known = ", ".join([*_FORMATS, *_FORMATS_WITH_CHARGE, *_NAMES])
        raise StructureError(f"cannot tell the format of {path} from its name; known are {known}")
    if atoms.info.get("charge", 0) and suffix not in _FORMATS_WITH_CHARGE:
        raise StructureError(f"{path}: {name} has no place for the charge {atoms.info['charge']:+d}; write .extxyz")
    plain = atoms.copy()
    plain.info = {key: atoms.info[key] for key in ("charge", "spin", "label") if key in atoms.info}
    temporary: Path | None = None
    try:
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix)
        os.close(handle)
        temporary = Path(partial)
        ase.io.write(temporary, plain, format=name)
        temporary.chmod(0o644)
        temporary.replace(path)
    except Exception as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise StructureError(f"{path} cannot be written: {type(error).__name__}: {error}") from error


def _integer(value: Any, name: str, path: Path) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not number.is_integer():
        raise StructureError(f"{path}: {name} is {value}, not an integer")
    return int(number)


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
