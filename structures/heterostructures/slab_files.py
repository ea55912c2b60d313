"""A user's own slab as a layer of a heterostructure: whole, vacuum along c, c along z."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...errors import StructureError
from ..vacuum import LEAST_VACUUM, widest_gap

if TYPE_CHECKING:
    from ase import Atoms


def as_layer(atoms: Atoms, name: str) -> Atoms:
    """Turn a slab so that its surface lies in the xy plane, its first vector along x, and make it whole along z.

    Args:
        atoms: slab with a cell of three vectors, surface vectors first; c may lean, as nothing repeats along it.
        name: what to call it in messages.

    Returns:
        A copy, c along z, the atoms in the middle of the vacuum, without constraints and tags.

    Raises:
        StructureError: no cell, a charge, a multiplicity above 2, or no vacuum along c.
    """
    if atoms.cell.rank < 3 or not atoms.pbc[:2].all():
        raise StructureError(f"{name}: a slab needs a cell and to be periodic along its first two vectors")
    check_state(atoms, name)
    gaps = [widest_gap(atoms, axis) for axis in range(3)]
    if gaps[2][0] < LEAST_VACUUM:
        elsewhere = [f"along {'abc'[axis]}" for axis in range(2) if gaps[axis][0] >= LEAST_VACUUM]
        found = (
            f"its vacuum lies {elsewhere[0]}: exchange the vectors"
            if elsewhere
            else f"the widest gap between its atoms along c is {gaps[2][0]:.1f} angstrom, {LEAST_VACUUM:g} are needed: "
            "cut a slab first, as with `azibflow build --slab`"
        )
        raise StructureError(f"{name} is no slab with vacuum along c; {found}")
    whole = atoms.copy()
    whole.set_constraint(None)
    whole.set_tags(0)
    whole.pbc = True
    fractions = whole.get_scaled_positions(wrap=False)
    if atoms.pbc[2]:
        fractions[:, 2] = (fractions[:, 2] - gaps[2][1]) % 1.0
    whole.set_scaled_positions(fractions)
    _stand_upright(whole)
    return whole


def check_state(atoms: Atoms, name: str) -> None:
    """Refuse a charge or unpaired electrons, which a heterostructure would not keep.

    Args:
        atoms: film or support.
        name: what to call it in messages.

    Raises:
        StructureError: there are some.
    """
    charge, spin = atoms.info.get("charge", 0), atoms.info.get("spin") or 1
    if charge:
        raise StructureError(f"{name} has charge {charge:+d}; give a neutral part")
    if spin > 2:
        raise StructureError(
            f"{name} has multiplicity {spin}, which is not kept; state spin for the whole system instead"
        )


def _stand_upright(atoms: Atoms) -> None:
    """Rotate a along x and the normal along z, mirror nothing, and let c stand on the surface."""
    a, b, c = atoms.cell.array
    if np.cross(a, b) @ c < 0:  # in a left-handed cell the normal of a and b would turn the slab upside down
        a, b = b, a
    normal = np.cross(a, b) / np.linalg.norm(np.cross(a, b))
    x = a / np.linalg.norm(a)
    turn = np.array([x, np.cross(normal, x), normal]).T
    atoms.positions = atoms.positions @ turn
    height = float(c @ normal)
    atoms.set_cell([a @ turn, b @ turn, (0.0, 0.0, height)])
    middle = (atoms.positions[:, 2].min() + atoms.positions[:, 2].max()) / 2
    atoms.positions[:, 2] += height / 2 - middle
    fractions = atoms.get_scaled_positions(wrap=False)
    fractions[:, :2] -= np.floor(fractions[:, :2] + 1e-6)
    atoms.set_scaled_positions(fractions)
