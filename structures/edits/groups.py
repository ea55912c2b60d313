"""What is put on a surface as part of it: atoms and molecules by name, and groups with one open bond."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ...errors import StructureError

if TYPE_CHECKING:
    from ase import Atoms


def check_name(name: str) -> None:
    """Check that a name is that of an atom, a group or a molecule.

    Raises:
        ValueError: nobody knows it, or it is that of a file.
    """
    from ..molecules import adsorbate, is_known, names_file

    if name in GROUPS or is_known(name):
        return
    if names_file(name):
        raise ValueError(f"{name!r} is a file; name an element, a molecule or smiles:STRING")
    try:
        adsorbate(name)
    except StructureError as error:
        raise ValueError(str(error)) from error


def oriented(name: str, facing: str | None, what: str) -> Atoms:
    """Build an atom, a group or a molecule, turned to a surface below it.

    Args:
        name: a group of ``GROUPS``, or what [`adsorbate`][azibflow.structures.molecules.adsorbate] knows.
        facing: label of its orientation; the first when none.
        what: structure and key, for messages.

    Raises:
        StructureError: nobody knows it, or it has no such orientation.
    """
    from ..molecules import Orientation, adsorbate, orientations

    if name in GROUPS:
        known = [Orientation(f"{name[0]}-down", GROUPS[name]())]
    else:
        try:
            known = orientations(adsorbate(name))
        except StructureError as error:
            raise StructureError(f"{what}: {error}") from error
    for one in known:
        if facing in (None, one.label):
            return one.atoms
    labels = ", ".join(one.label for one in known)
    raise StructureError(f"{what}: facing: {name} cannot be turned {facing}; it can be turned {labels}")


def bonded(molecule: Atoms) -> bool:
    """Tell whether something makes a bond to what it stands on: a single atom, or a group with an unpaired electron."""
    return len(molecule) == 1 or molecule.info.get("spin", 1) > 1


def _carboxyl() -> Atoms:
    """COOH upright on its carbon: C=O 1.21, C-O 1.34, O-H 0.97 angstrom, as in formic acid, all angles near 120."""
    from ase import Atoms

    angle = np.radians(60)
    carbonyl = 1.21 * np.array([-np.sin(angle), 0.0, np.cos(angle)])
    hydroxyl = 1.34 * np.array([np.sin(angle), 0.0, np.cos(angle)])
    atoms = Atoms("COOH", positions=[(0, 0, 0), carbonyl, hydroxyl, hydroxyl + np.array([0.0, 0.0, 0.97])])
    atoms.info = {"charge": 0, "spin": 2, "label": "COOH"}
    return atoms


GROUPS: dict[str, Callable[[], Atoms]] = {"COOH": _carboxyl}
"""Groups that have no name as molecules."""
